/* SPDX-License-Identifier: BSD-3-Clause
 * What programs share that mpirun starts. */
#ifndef RITZ_BENCH_RANKS_MAIN_H
#define RITZ_BENCH_RANKS_MAIN_H

#include <ritz/mpi.h>

/** main() of a program. @param run  Of all ranks, one thread each; where it fails on one, that rank
 * says why and all end with status 1. */
int ranks_main(int argc, char **argv, const char *program,
               ritz_status (*run)(ritz_context *ranks, int argc, char **argv));

#endif
