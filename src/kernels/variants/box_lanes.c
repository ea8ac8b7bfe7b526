/* SPDX-License-Identifier: BSD-3-Clause
 * The iteration around a multigrid cycle: directions and residuals in `real`, iterates in double,
 * each sample with scalars of its own. Sums are taken row by row and added up in double. */
#include "kernels/variants/box_frame.h"

#define BODY "kernels/variants/box_lanes_body.h"
#include "kernels/variants/box_packs.h"

RITZ_KERNEL_DEFINE(box_direction)
(const struct ritz_box *box, const void *z, const double *beta, void *p, void *q, double *pq) {
  EACH_PACK(box->lanes, direction, box, z, beta, p, q, pq, l);
}

RITZ_KERNEL_DEFINE(box_step)
(const struct ritz_box *box, const double *alpha, const double *size, const void *p, const void *q,
 double *x, void *r, double *rr) {
  EACH_PACK(box->lanes, step, box, alpha, size, p, q, x, r, rr, l);
}

RITZ_KERNEL_DEFINE(box_residual)
(ritz_index n1, ritz_index side, ritz_index row, const double *f, const double *east,
 const double *north, const double *south, const double *x, const double *scale, void *rv,
 double *rr) {
  real *r = rv;
  for (ritz_index j = 1; j <= n1; j++) {
#pragma omp simd
    for (ritz_index k = j * side; k < (j + 1) * side; k++) {
      const double beside = east[k - side] * (x[k] - x[k - side]) + east[k] * (x[k] - x[k + side]);
      const double rest =
          f[k] - (beside + (north[k] * (x[k] - x[k - row]) + south[k] * (x[k] - x[k + row])));
      rr[k - j * side] += rest * rest;
      r[k] = (real)(scale[k - j * side] * rest);
    }
  }
}

/* Coupling c mean(a, b); one division, and a b is never formed: it may be beyond double's range. */
static inline double face(double c, double a, double b, bool harmonic) {
  return harmonic ? 2 * c * a * (b / (a + b)) : 0.5 * c * (a + b);
}

/* The couplings between nodes of `a` and those of `b`, one or many. */
static ALWAYS_INLINE void faces(ritz_index n, double c, const double *restrict a,
                                const double *restrict b, bool harmonic, double *restrict out) {
#pragma omp simd
  for (ritz_index k = 0; k < n; k++) out[k] = face(c, a[k], b[k], harmonic);
}

RITZ_KERNEL_DEFINE(box_faces)
(ritz_index n, double c, const double *a, const double *b, bool harmonic, double *out) {
  if (harmonic)
    faces(n, c, a, b, true, out);
  else
    faces(n, c, a, b, false, out);
}

RITZ_KERNEL_DEFINE(box_round)(ritz_index n, const double *restrict x, void *out) {
  real *restrict y = out;
  for (ritz_index k = 0; k < n; k++) y[k] = (real)x[k];
}

RITZ_KERNEL_DEFINE(lanes_copy)
(ritz_index points, ritz_index side, int pairs, const struct ritz_lane_pair *pair, const void *from,
 void *to) {
  enum { block = 128 }; /* points that stay in the nearest cache from a pair to the next */
  for (ritz_index first = 0; first < points; first += block) {
    const ritz_index end = first + block < points ? first + block : points;
    for (int i = 0; i < pairs; i++) {
      const real *restrict source = (const real *)from + pair[i].from;
      real *restrict target = (real *)to + pair[i].to;
      for (ritz_index k = first * side; k < end * side; k += side) target[k] = source[k];
    }
  }
}

RITZ_KERNEL_DEFINE(box_inverse)(const struct ritz_box *box) {
  const ritz_index u = box->row, s = box->lanes;
  for (ritz_index i = 1; i <= box->n0; i++) {
    const real *restrict east = (const real *)box->east + i * u + s;
    const real *restrict south = (const real *)box->south + i * u + s;
    real *restrict inverse = (real *)box->inverse + i * u + s;
#pragma omp simd
    for (ritz_index k = 0; k < box->n1 * s; k++)
      inverse[k] = 1 / ((east[k - s] + east[k]) + (south[k - u] + south[k]));
  }
  box_frame(box, box->inverse, box->columns + 1, 1, box->n0, 0);
}

/* Where a column is: the next one is a number of the same lane until its strip ends. */
typedef struct place {
  ritz_index lane, own; /* column within the lane */
} place;

/* Columns from here to the end of the lane's strip; the last one has the boundary as well. */
static ritz_index place_run(const ritz_box *box, place at) {
  return box->n1 - at.own + (at.lane + 1 == box->lanes ? 2 : 1);
}

static place place_after(const ritz_box *box, place at, ritz_index count) {
  at.own += count;
  if (at.own <= box->n1 || at.lane + 1 == box->lanes) return at;
  return (place){at.lane + 1, 1};
}

RITZ_KERNEL_DEFINE(box_copy)
(const struct ritz_box *from, const void *source, const struct ritz_box *to, void *target) {
  const ritz_index f = from->lanes, t = to->lanes;
  const ritz_index end = (from->columns ? from->columns : from->n1) + 2;
  for (ritz_index i = 0; i <= from->n0; i++) {
    place a = {0, 0}, b = {0, 0};
    for (ritz_index c = 0, run; c < end; c += run) {
      run = place_run(from, a) < place_run(to, b) ? place_run(from, a) : place_run(to, b);
      run = run < end - c ? run : end - c;
      const real *x = (const real *)source + i * from->row + a.own * f + a.lane;
      real *y = (real *)target + i * to->row + b.own * t + b.lane;
      for (ritz_index k = 0; k < run; k++) y[k * t] = x[k * f];
      a = place_after(from, a, run);
      b = place_after(to, b, run);
    }
  }
  if (to->columns) RITZ_VARIANT_NAME(box_edges)(to, true, target);
}

RITZ_KERNEL_DEFINE(box_widest)(ritz_index *lanes_out) { *lanes_out = lanes; }

RITZ_KERNEL_DEFINE(box_edges)(const struct ritz_box *box, bool all, void *field) {
  const ritz_index s = box->lanes;
  for (ritz_index i = -ritz_box_row_before; i <= box->n0 + 2; i++) {
    real *row = (real *)field + i * box->row;
    for (ritz_index j = all ? -ritz_box_column_before : 0; j <= 0; j++)
      for (ritz_index l = 1; l < s; l++) row[j * s + l] = row[(j + box->n1) * s + l - 1];
    for (ritz_index j = 1; j <= (all ? ritz_box_columns_after : 1); j++)
      for (ritz_index l = 0; l + 1 < s; l++) row[(j + box->n1) * s + l] = row[j * s + l + 1];
  }
}
