/* SPDX-License-Identifier: BSD-3-Clause
 * Belos' GCRO-DR behind a C interface: it works with our products and preconditioners, so that
 * only the method differs. */
#ifndef RITZ_BENCH_BELOS_PEER_H
#define RITZ_BENCH_BELOS_PEER_H

#ifdef __cplusplus
extern "C" {
#endif

/* y = A x or z = M r, as ritz_krylov_map. */
typedef int belos_map(void *user, const void *x, void *y);

typedef struct belos_peer belos_peer;

typedef struct belos_report {
  int converged, iterations;
  int products; /* with the operator */
} belos_report;

/** @param orthogonalization  "DGKS", "ICGS" or "IMGS". @param left  Side of the preconditioner.
 * @return  NULL after a failure, told on stderr. */
belos_peer *belos_peer_create(int n, int restart, int recycle, double rtol, int left,
                              const char *orthogonalization);
void belos_peer_destroy(belos_peer *peer);
/** Solves from zero, with the recycle space of the solve before.  @return  0, or 1: failed. */
int belos_peer_solve(belos_peer *peer, belos_map *apply, void *matrix, belos_map *precondition,
                     void *m, double *b, double *x, belos_report *report);

#ifdef __cplusplus
}
#endif
#endif
