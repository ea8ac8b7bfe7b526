/* SPDX-License-Identifier: BSD-3-Clause
 * Keeps the threads of OpenBLAS out of ours.
 *
 * OpenBLAS has threads of its own, as many as processors whatever a context allows, and those that
 * wait for work spin. Called from several of our threads at once, each small product then costs
 * more in waiting than in arithmetic: sequences by GCRO-DR on two threads took half as long again.
 */
#ifndef RITZ_CORE_BLAS_H
#define RITZ_CORE_BLAS_H

/** Until ritz_blas_release() OpenBLAS works in the threads that call it and wakes none of its own.
 * Holds are counted: the setting found by the first comes back with the release of the last. From
 * any thread; a lock and a counter, some 20 ns. */
void ritz_blas_hold(void);
void ritz_blas_release(void);

#endif
