/* SPDX-License-Identifier: BSD-3-Clause
 * How the command's threads wait for one another. */
#ifndef RITZ_TOOLS_WAITING_H
#define RITZ_TOOLS_WAITING_H

/**
 * Makes waiting threads go to sleep after some ten microseconds instead of spinning for about a
 * millisecond: where other programs use the same processors, spinning takes several times as long.
 * The OpenMP run time reads its settings before main, so the program starts itself anew with the
 * setting in its environment, once; it does not where the caller has chosen OMP_WAIT_POLICY or
 * GOMP_SPINCOUNT, or where a tool watches this process (LD_PRELOAD).
 */
void ritz_wait_politely(char **argv);

#endif
