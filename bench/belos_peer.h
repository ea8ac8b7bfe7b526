/* SPDX-License-Identifier: BSD-3-Clause
 * Belos' GCRO-DR behind a C interface. It solves with our products and preconditioners, so that
 * only the method differs, or with matrices of Epetra and factors of Ifpack, as users of Trilinos
 * do. */
#ifndef RITZ_BENCH_BELOS_PEER_H
#define RITZ_BENCH_BELOS_PEER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* y = A x or z = M r, as ritz_krylov_map. */
typedef int belos_map(void *user, const void *x, void *y);

typedef struct belos_peer belos_peer;
typedef struct belos_system belos_system; /* a matrix and its preconditioner */

typedef struct belos_report {
  int converged, iterations;
  int products; /* with the operator */
} belos_report;

/** @param orthogonalization  "DGKS", "ICGS" or "IMGS". @param left  Side of the preconditioner.
 * @return  NULL after a failure, told on stderr; likewise below. */
belos_peer *belos_peer_create(int n, int restart, int recycle, double rtol, int left,
                              const char *orthogonalization);
void belos_peer_destroy(belos_peer *peer);

/** A system of callbacks. */
belos_system *belos_system_borrow(int n, belos_map *apply, void *matrix, belos_map *precondition,
                                  void *m);
/** Whether this program was built with Ifpack. */
int belos_has_ifpack(void);
/** A copy of a matrix by rows as Epetra_CrsMatrix, and ILU(0) of it by Ifpack. */
belos_system *belos_system_create(int n, const ptrdiff_t *start, const int *column,
                                  const double *values);
void belos_system_destroy(belos_system *system);

/** Solves from zero, with the recycle space of the solve before.  @return  0, or 1: failed. */
int belos_peer_solve(belos_peer *peer, belos_system *system, double *b, double *x,
                     belos_report *report);

#ifdef __cplusplus
}
#endif
#endif
