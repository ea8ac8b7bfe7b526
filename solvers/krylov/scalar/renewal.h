/* SPDX-License-Identifier: BSD-3-Clause
 * The recycle space of GCRO-DR: brought up to the operator of a system, used in a cycle, renewed
 * from it. B is the operator of sided.h; B U = C F with C* C = I and a triangle F, so that U need
 * not follow what makes C orthonormal, and may have any basis; so may C, with a small matrix beside
 * it. T is U itself, or M^{-1} U when
 * B = A stands before M. */
#ifndef RITZ_SOLVERS_KRYLOV_RENEWAL_H
#define RITZ_SOLVERS_KRYLOV_RENEWAL_H

#include "solvers/krylov/scalar/refresh.h"

#define ritz_renewal_create  RITZ_SCALAR_NAME(renewal_create)
#define ritz_renewal_clear   RITZ_SCALAR_NAME(renewal_clear)
#define ritz_renewal_begin   RITZ_SCALAR_NAME(renewal_begin)
#define ritz_renewal_settle  RITZ_SCALAR_NAME(renewal_settle)
#define ritz_renewal_deflate RITZ_SCALAR_NAME(renewal_deflate)
#define ritz_renewal_follow  RITZ_SCALAR_NAME(renewal_follow)
#define ritz_renewal_update  RITZ_SCALAR_NAME(renewal_update)

typedef struct ritz_renewal {
  wide *t, *sums;        /* [columns][recycle]: C* R that X does not have yet; scratch */
  double *length;        /* [recycle] */
  bool renewed;          /* the system under way came with another operator */
  ritz_replacement owed; /* C of the last update, where space->debtor says so */
  ritz_refresh refresh;
} ritz_renewal;

/** For options.recycle directions, cycles of @p most rows (ritz_refresh_create()) and blocks of
 * @p columns. Release with ritz_renewal_clear(), also after a failure. */
ritz_status ritz_renewal_create(ritz_krylov *solver, int most, int columns, ritz_renewal *out);
void ritz_renewal_clear(ritz_renewal *renewal);

/** Once per system: C of the operator at hand. */
void ritz_renewal_begin(ritz_krylov *solver, ritz_renewal *renewal);

/** C of the last update, from the bases of its cycle, if the space waits for it. */
void ritz_renewal_settle(ritz_krylov *solver, const ritz_renewal *renewal);

/** Takes the part C t of the @p count columns R in C out of them, exactly, and the steps to it into
 * X. @param x  NULL where t is no more than rounding: it waits in renewal->t [count][dimension]. */
void ritz_renewal_deflate(ritz_krylov *solver, ritz_renewal *renewal, int count, scalar *r,
                          scalar *x);
/** X += U F^{-1} (t + more), which takes that part of C out of the residuals of X; t = 0 then.
 * @param more  [count][dimension]; NULL: zero. */
void ritz_renewal_follow(ritz_krylov *solver, ritz_renewal *renewal, int count, const wide *more,
                         scalar *x);

/** Harmonic Ritz vectors of [U, Z] of least |theta| become the new U. @param z  [j] in the space
 * of solutions; what the relation has of C, X and F is filled in. @param last  The system may be
 * solved: where operators change, C waits for the next begin or deflation, as another operator
 * would not need it. V has to stay as it is until then. */
void ritz_renewal_update(ritz_krylov *solver, ritz_renewal *renewal, ritz_relation *relation,
                         const scalar *z, bool last);

#endif
