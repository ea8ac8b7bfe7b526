/* SPDX-License-Identifier: BSD-3-Clause */
#include "datasets/medium.h"

#include <math.h>

#include "kernels/solver_kernels.h"

void ritz_medium_apply(int kind, double low, double high, double log_scale, ritz_index count,
                       double *a) {
  if (kind == RITZ_MEDIUM_LOGNORMAL)
    ritz_solver_kernels_get(RITZ_FLOAT64)->lognormal(count, log_scale, a);
  else
    for (ritz_index k = 0; k < count; k++) a[k] = a[k] >= 0 ? high : low;
}

double ritz_medium_jump(int kind, double low, double high) {
  return kind == RITZ_MEDIUM_PIECEWISE ? fmax(high / low, low / high) : 1;
}

ritz_face_mean ritz_medium_faces(int kind, double low, double high) {
  return ritz_medium_jump(kind, low, high) > 100 ? RITZ_FACE_HARMONIC : RITZ_FACE_ARITHMETIC;
}
