/* SPDX-License-Identifier: BSD-3-Clause
 * Two-dimensional incompressible flow on a periodic box by its vorticity w = v_x - u_y,
 *
 *   w_t + u . grad w = nu Laplace w - drag w + f,   (u, v) = (psi_y, -psi_x),   -Laplace psi = w,
 *
 * several fields at once. The mean of w stays zero. */
#ifndef RITZ_SOLVERS_SPECTRAL_VORTICITY_H
#define RITZ_SOLVERS_SPECTRAL_VORTICITY_H

#include "solvers/spectral/periodic_box.h"

typedef struct ritz_vorticity ritz_vorticity;

/**
 * @param box      Two axes; lent.
 * @param fields   Fields side by side. One thread at a time.
 * @param forcing  [modes][2] spectrum of f, copied; NULL: none.
 */
ritz_status ritz_vorticity_create(const ritz_periodic_box *box, ritz_index fields,
                                  const double *forcing, ritz_vorticity **out);
void ritz_vorticity_destroy(ritz_vorticity **vorticity);

/** A ritz_stepper_rhs: -u . grad w + f, exact for the kept modes. @param user  A ritz_vorticity. */
void ritz_vorticity_transport(void *user, const double *w, double *f);

/** Values of spectra w on the grid, [n0][n1][fields]. */
void ritz_vorticity_field(ritz_vorticity *vorticity, const double *w, double *field);

/** Kinetic energy, mean of (u^2 + v^2) / 2, and enstrophy, mean of w^2 / 2, of field @p field. */
void ritz_vorticity_energy(const ritz_vorticity *vorticity, const double *w, ritz_index field,
                           double *energy, double *enstrophy);

#endif
