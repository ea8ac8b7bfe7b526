/* SPDX-License-Identifier: BSD-3-Clause
 * The adjoint of the linearised transport of vorticity (vorticity.h). With T(w) = -u . grad w,
 *
 *   T'(w)* g = u . grad g + (-Laplace)^(-1) ( d_y (g w_x) - d_x (g w_y) )
 *
 * in the inner product of the box, the mean over its points. */
#ifndef RITZ_SOLVERS_SPECTRAL_VORTICITY_ADJOINT_H
#define RITZ_SOLVERS_SPECTRAL_VORTICITY_ADJOINT_H

#include "solvers/spectral/periodic_box.h"

typedef struct ritz_vorticity_adjoint ritz_vorticity_adjoint;

/** @param box  Two axes; lent. @param fields  Fields side by side. One thread at a time. */
ritz_status ritz_vorticity_adjoint_create(const ritz_periodic_box *box, ritz_index fields,
                                          ritz_vorticity_adjoint **out);
void ritz_vorticity_adjoint_destroy(ritz_vorticity_adjoint **adjoint);

/** out = T'(w)* g, all [modes][2][fields]; exact for the kept modes. out may be g. */
void ritz_vorticity_adjoint_apply(ritz_vorticity_adjoint *adjoint, const double *w, const double *g,
                                  double *out);

#endif
