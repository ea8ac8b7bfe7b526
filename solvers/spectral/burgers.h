/* SPDX-License-Identifier: BSD-3-Clause
 * Burgers' equation u_t + (u^2 / 2)_x = nu u_xx on a periodic interval, several fields at once. */
#ifndef RITZ_SOLVERS_SPECTRAL_BURGERS_H
#define RITZ_SOLVERS_SPECTRAL_BURGERS_H

#include "solvers/spectral/periodic_box.h"

typedef struct ritz_burgers ritz_burgers;

/** @param box  One axis; lent. @param fields  Fields side by side. One thread at a time. */
ritz_status ritz_burgers_create(const ritz_periodic_box *box, ritz_index fields,
                                ritz_burgers **out);
void ritz_burgers_destroy(ritz_burgers **burgers);

/** A ritz_stepper_rhs: f = -(u^2 / 2)_x, exact for the kept modes. @param user  A ritz_burgers. */
void ritz_burgers_transport(void *user, const double *u, double *f);

/** Values of spectra u on the grid, [nodes][fields]. */
void ritz_burgers_field(ritz_burgers *burgers, const double *u, double *field);

#endif
