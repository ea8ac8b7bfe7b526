/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers of nested dissection. The matrix of a front
 *
 *     [ P  U ]   pivots                    J = (-P)^-1,   up = J U,   rest = R + L up = R - L P^-1
 * U [ L  R ]   those around them
 *
 * keeps J, L and up and adds the rest to its parent's matrix. With t = J b_p, forward:
 * b_r += L t; backward: x_p = up x_r - t. The minus sign is in J, for products only add. */
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/gemm.h"
#include "kernels/solver_kernels.h"
#include "solvers/sparse/dissection_plan.h"

/* Inverses of that order are made by elimination, larger ones by halves. */
enum { BLOCK = 16 };

struct ritz_dissection_factors {
  const ritz_dissection *plan;
  const ritz_solver_kernels *kernels;
  double *numbers;       /* of all fronts */
  double *frame, *stack; /* a front's matrix; rests on their way up */
  double *work;          /* three blocks of half an inverse */
  double *x, *gather;    /* [n] by position; [widest] twice */
};

ritz_status ritz_dissection_factors_create(const ritz_dissection *d,
                                           ritz_dissection_factors **out) {
  *out = NULL;
  ritz_status status;
  ritz_dissection_factors *f;
  RITZ_TRY(RITZ_NEW(1, &f));
  f->plan = d;
  f->kernels = ritz_solver_kernels_get(RITZ_FLOAT64);
  RITZ_TRY_DONE(RITZ_NEW(d->numbers, &f->numbers));
  RITZ_TRY_DONE(RITZ_NEW(d->frame, &f->frame));
  RITZ_TRY_DONE(RITZ_NEW(d->stack, &f->stack));
  RITZ_TRY_DONE(RITZ_NEW((d->widest + 16) * (d->widest + 16), &f->work));
  RITZ_TRY_DONE(RITZ_NEW(d->n, &f->x));
  RITZ_TRY_DONE(RITZ_NEW(2 * d->widest, &f->gather));
  *out = f;
  return RITZ_OK;
done:
  ritz_dissection_factors_destroy(&f);
  return status;
}

void ritz_dissection_factors_destroy(ritz_dissection_factors **factors) {
  if (!factors || !*factors) return;
  ritz_dissection_factors *f = *factors;
  ritz_free(f->numbers);
  ritz_free(f->frame);
  ritz_free(f->stack);
  ritz_free(f->work);
  ritz_free(f->x);
  ritz_free(f->gather);
  ritz_free(f);
  *factors = NULL;
}

/* Inverses ------------------------------------------------------------------------------------ */

/* C (+)= A B; finding the product of a known shape takes tens of nanoseconds. */
static void product(bool add, ritz_index m, ritz_index n, ritz_index k, const double *a,
                    ritz_index lda, const double *b, ritz_index ldb, double *c, ritz_index ldc) {
  const ritz_gemm g = ritz_gemm_plan(RITZ_FLOAT64, false, add, m, n, k, lda, ldb, ldc);
  ritz_gemm_run(&g, a, b, c);
}

static void negate(ritz_index m, ritz_index n, double *a, ritz_index ld) {
  for (ritz_index i = 0; i < m; i++)
    for (ritz_index j = 0; j < n; j++) a[i * ld + j] = -a[i * ld + j];
}

/* In place, by halves [A B; C D] with T = A^-1 B and S = D - C T:
 * D' = S^-1, C' = -S^-1 C A^-1, B' = -T S^-1, A' = A^-1 - B' C A^-1. */
static bool invert(const ritz_solver_kernels *kernels, ritz_index n, double *a, ritz_index ld,
                   double *work) {
  if (n <= BLOCK) {
    int regular;
    kernels->invert(n, a, ld, &regular);
    return regular != 0;
  }
  const ritz_index p = n / 2 / 8 * 8, q = n - p;
  double *b = a + p, *c = a + p * ld, *d = c + p;
  double *t = work, *u = t + p * q, *rest = u + p * q;
  if (!invert(kernels, p, a, ld, work)) return false;
  product(false, p, q, p, a, ld, b, ld, t, q);
  negate(q, p, c, ld);
  product(true, q, q, p, c, ld, t, q, d, ld);
  if (!invert(kernels, q, d, ld, rest)) return false;
  product(false, q, p, p, c, ld, a, ld, u, p); /* -C A^-1 */
  product(false, q, p, q, d, ld, u, p, c, ld);
  product(false, p, q, q, t, q, d, ld, b, ld);
  negate(p, q, b, ld);
  product(true, p, p, q, b, ld, u, p, a, ld);
  return true;
}

/* Factors ------------------------------------------------------------------------------------- */

static ritz_index rest_numbers(const ritz_front *f) { return f->around * ritz_front_ld(f->around); }

/* A front's matrix, from A and from its children's rests, the last of which ends at `top`.
 * @return  Where the first of them begins. */
static double *assemble(ritz_dissection_factors *f, const ritz_front *front, const double *values,
                        double *top) {
  const ritz_dissection *d = f->plan;
  const ritz_index m = front->pivots + front->around, ld = ritz_front_ld(m);
  memset(f->frame, 0, (size_t)(m * ld) * sizeof *f->frame);
  for (ritz_index e = front->entry; e < front->end; e++) f->frame[d->to[e]] = values[d->from[e]];
  for (int c = 1; c >= 0; c--) {
    if (front->child[c] < 0) continue;
    const ritz_front *child = &d->front[front->child[c]];
    top -= rest_numbers(child);
    f->kernels->front_add(child->runs, d->run + child->run, top, ritz_front_ld(child->around),
                          f->frame, ld);
  }
  return top;
}

static void copy(ritz_index m, ritz_index n, const double *from, ritz_index ldf, double *to,
                 ritz_index ldt) {
  for (ritz_index i = 0; i < m; i++) memcpy(to + i * ldt, from + i * ldf, (size_t)n * sizeof *to);
}

/* Eliminates the pivots of the frame; the rest goes to `rest`. */
static bool eliminate(ritz_dissection_factors *f, const ritz_front *front, double *rest) {
  const ritz_index p = front->pivots, b = front->around, ld = ritz_front_ld(p + b);
  const ritz_index ldp = ritz_front_ld(p), ldb = ritz_front_ld(b);
  double *inverse = f->numbers + front->numbers, *low = inverse + p * ldp, *up = low + b * ldp;
  copy(p, p, f->frame, ld, inverse, ldp);
  copy(b, p, f->frame + p * ld, ld, low, ldp);
  copy(b, b, f->frame + p * ld + p, ld, rest, ldb);
  negate(p, p, inverse, ldp);
  if (!invert(f->kernels, p, inverse, ldp, f->work)) return false;
  product(false, p, b, p, inverse, ldp, f->frame + p, ld, up, ldb);
  product(true, b, b, p, low, ldp, up, ldb, rest, ldb);
  return true;
}

bool ritz_dissection_factor(ritz_dissection_factors *f, const double *values) {
  const ritz_dissection *d = f->plan;
  double *top = f->stack;
  for (int i = 0; i < d->fronts; i++) {
    double *const bottom = assemble(f, &d->front[i], values, top);
    /* The children's rests have been read: this one may take their place. */
    if (!eliminate(f, &d->front[i], bottom)) return false;
    top = bottom + rest_numbers(&d->front[i]);
  }
  return true;
}

/* Solutions ----------------------------------------------------------------------------------- */

/* Positions around a front; without any there may be no boundary at all. */
static const int32_t *around_of(const ritz_dissection *d, const ritz_front *front) {
  return front->around ? d->boundary + front->boundary : NULL;
}

static void forward(const ritz_dissection_factors *f, const ritz_front *front) {
  const ritz_index p = front->pivots, b = front->around, ldp = ritz_front_ld(p);
  const double *inverse = f->numbers + front->numbers, *low = inverse + p * ldp;
  const int32_t *around = around_of(f->plan, front);
  double *t = f->gather, *change = t + f->plan->widest;
  f->kernels->front_product(p, p, inverse, ldp, f->x + front->first, t);
  f->kernels->front_product(b, p, low, ldp, t, change);
  memcpy(f->x + front->first, t, (size_t)p * sizeof *t);
  for (ritz_index k = 0; k < b; k++) f->x[around[k]] += change[k];
}

static void backward(const ritz_dissection_factors *f, const ritz_front *front) {
  const ritz_index p = front->pivots, b = front->around, ldp = ritz_front_ld(p);
  const double *up = f->numbers + front->numbers + (p + b) * ldp;
  const int32_t *around = around_of(f->plan, front);
  double *known = f->gather, *change = known + f->plan->widest;
  for (ritz_index k = 0; k < b; k++) known[k] = f->x[around[k]];
  f->kernels->front_product(p, b, up, ritz_front_ld(b), known, change);
  for (ritz_index k = 0; k < p; k++) f->x[front->first + k] = change[k] - f->x[front->first + k];
}

int ritz_dissection_solve(void *factors, const void *bv, void *xv) {
  const ritz_dissection_factors *f = factors;
  const ritz_dissection *d = f->plan;
  const double *b = bv;
  double *x = xv;
  for (ritz_index i = 0; i < d->n; i++) f->x[d->position[i]] = b[i];
  for (int i = 0; i < d->fronts; i++) forward(f, &d->front[i]);
  for (int i = d->fronts - 1; i >= 0; i--) backward(f, &d->front[i]);
  for (ritz_index i = 0; i < d->n; i++) x[i] = f->x[d->position[i]];
  return 0;
}
