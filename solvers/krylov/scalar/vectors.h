/* SPDX-License-Identifier: BSD-3-Clause
 * Vectors and bases of a solver. A basis is [columns][ld]; inner products conjugate their first
 * argument. Sums run over chunks of rows fixed by the length, then over ranks: one reduction per
 * call, the same bits with any number of threads. */
#ifndef RITZ_SOLVERS_KRYLOV_VECTORS_H
#define RITZ_SOLVERS_KRYLOV_VECTORS_H

#include "solvers/krylov/scalar/scalar.h"

#define ritz_vectors_create          RITZ_SCALAR_NAME(vectors_create)
#define ritz_vectors_work            RITZ_SCALAR_NAME(vectors_work)
#define ritz_vectors_work_free       RITZ_SCALAR_NAME(vectors_work_free)
#define ritz_vectors_copy            RITZ_SCALAR_NAME(vectors_copy)
#define ritz_vectors_scale           RITZ_SCALAR_NAME(vectors_scale)
#define ritz_vectors_add             RITZ_SCALAR_NAME(vectors_add)
#define ritz_vectors_dot             RITZ_SCALAR_NAME(vectors_dot)
#define ritz_vectors_norm            RITZ_SCALAR_NAME(vectors_norm)
#define ritz_vectors_gram            RITZ_SCALAR_NAME(vectors_gram)
#define ritz_vectors_gram_upper      RITZ_SCALAR_NAME(vectors_gram_upper)
#define ritz_vectors_combine         RITZ_SCALAR_NAME(vectors_combine)
#define ritz_vectors_combine_block   RITZ_SCALAR_NAME(vectors_combine_block)
#define ritz_vectors_recombine       RITZ_SCALAR_NAME(vectors_recombine)
#define ritz_vectors_multiply_upper  RITZ_SCALAR_NAME(vectors_multiply_upper)
#define ritz_vectors_replace         RITZ_SCALAR_NAME(vectors_replace)
#define ritz_vectors_lengths         RITZ_SCALAR_NAME(vectors_lengths)
#define ritz_vectors_correct         RITZ_SCALAR_NAME(vectors_correct)
#define ritz_vectors_correct_lengths RITZ_SCALAR_NAME(vectors_correct_lengths)
#define ritz_vectors_apply           RITZ_SCALAR_NAME(vectors_apply)
#define ritz_vectors_precondition    RITZ_SCALAR_NAME(vectors_precondition)

/** Scratch of all functions below, for grams of up to @p most columns in all times @p most and for
 * @p most columns made of up to @p columns. */
ritz_status ritz_vectors_create(ritz_krylov *solver, int most, int columns);

/** For methods of few vectors: solver->work becomes a basis of @p count of them, beside the
 * scratch. */
ritz_status ritz_vectors_work(ritz_krylov *solver, int count);
void ritz_vectors_work_free(ritz_krylov *solver);

/** Column j of a basis. */
static inline scalar *ritz_vectors_column(const ritz_krylov *solver, void *basis, int j) {
  return (scalar *)basis + j * solver->ld;
}

void ritz_vectors_copy(const ritz_krylov *solver, const scalar *x, scalar *y);
/** x = a x */
void ritz_vectors_scale(const ritz_krylov *solver, wide a, scalar *x);
/** y += a x */
void ritz_vectors_add(const ritz_krylov *solver, wide a, const scalar *x, scalar *y);
/** @return  x . y */
wide ritz_vectors_dot(ritz_krylov *solver, const scalar *x, const scalar *y);
double ritz_vectors_norm(ritz_krylov *solver, const scalar *x);

/** sums[j a + i] = v_i . w_j, of a columns v and b columns w. */
void ritz_vectors_gram(ritz_krylov *solver, int a, const scalar *v, int b, const scalar *w,
                       wide *sums);
/** The upper triangle of V* V, [a][a] by columns; below it is whatever comes cheap. */
void ritz_vectors_gram_upper(ritz_krylov *solver, int a, const scalar *v, wide *sums);
/** y += V c, of a columns v and coefficients c[a]. */
void ritz_vectors_combine(const ritz_krylov *solver, int a, const scalar *v, const wide *c,
                          scalar *y);
/** Y += V C, of @p b columns Y and C [b][ldc] by columns. */
void ritz_vectors_combine_block(const ritz_krylov *solver, int a, const scalar *v, int b,
                                const wide *c, int ldc, scalar *y);
/** sums[a_v + a_w + 1] = V* x, W* x and x . x, in one reduction. */
void ritz_vectors_lengths(ritz_krylov *solver, int av, const scalar *v, int aw, const scalar *w,
                          const scalar *x, wide *sums);
/** x = factor (x + [V W] c). */
void ritz_vectors_correct(const ritz_krylov *solver, int av, const scalar *v, int aw,
                          const scalar *w, const wide *c, double factor, scalar *x);
/** x += [V W] c without the columns before @p first, then c becomes the sums of
 * ritz_vectors_lengths() of that x, reading the bases once. */
void ritz_vectors_correct_lengths(ritz_krylov *solver, int av, const scalar *v, int aw,
                                  const scalar *w, int first, wide *c, scalar *x);
/** Y = [V W] C with Y of @p b columns and C [b][a_v + a_w] by columns; Y may be V or W. */
void ritz_vectors_recombine(const ritz_krylov *solver, int av, const scalar *v, int aw,
                            const scalar *w, int b, const wide *c, scalar *y);

/** V = V t, t [a][a] an upper triangle with zeros below. */
void ritz_vectors_multiply_upper(const ritz_krylov *solver, int a, scalar *v, const wide *t);

/** V that becomes [V W] C with C [b][a + aw] by columns; with @p chosen [b] C is the identity in
 * these rows, c [b][a + aw - b] the others, @p rest: half of the work where b is half of the
 * columns. */
typedef struct ritz_replacement {
  int a, aw, b; /* columns of V and W; new ones */
  scalar *v;
  const scalar *w;
  const int *chosen, *rest; /* NULL: c is all of C */
  const wide *c;
} ritz_replacement;

/** Up to three bases with the same b, none of which is the W of another. */
void ritz_vectors_replace(const ritz_krylov *solver, int count, const ritz_replacement *all);

/** y = A x, z = M r by the callbacks; a failure is kept in solver->failure. */
void ritz_vectors_apply(ritz_krylov *solver, const scalar *x, scalar *y);
void ritz_vectors_precondition(ritz_krylov *solver, const scalar *r, scalar *z);

#endif
