/* SPDX-License-Identifier: BSD-3-Clause
 * The programs ritz-bench-NAME and their cases. They lie beside the command in a build tree, in
 * libexec/ritz when installed; each says with --list which cases it has, one a line, "NAME what it
 * is", and runs those on its command line (bench/bench.h). */
#ifndef RITZ_TOOLS_BENCH_PROGRAMS_H
#define RITZ_TOOLS_BENCH_PROGRAMS_H

#include <ritz/status.h>
#include <stdio.h>
#include <sys/types.h>

enum { RITZ_BENCH_CASES_MOST = 512, RITZ_BENCH_PROGRAMS_MOST = 64 };

typedef struct ritz_bench_programs {
  int programs, cases;
  char *path[RITZ_BENCH_PROGRAMS_MOST];
  char *name[RITZ_BENCH_CASES_MOST], *about[RITZ_BENCH_CASES_MOST];
  int program[RITZ_BENCH_CASES_MOST]; /* of a case; cases of a program follow each other */
} ritz_bench_programs;

/** Finds all. RITZ_ERR_NOT_FOUND  there are none; RITZ_ERR_IO  one does not list its cases. Release
 * after both. */
ritz_status ritz_bench_find(ritz_bench_programs *out);
void ritz_bench_release(ritz_bench_programs *programs);

/** Runs a program in a child. @param arguments  From the program's name to NULL.
 * @param out  Its output; close it with ritz_bench_wait(). */
ritz_status ritz_bench_start(const char *path, const char *const *arguments, FILE **out,
                             pid_t *child);
/** Closes the output and waits. RITZ_ERR_NUMERIC  it did not end with status 0. */
ritz_status ritz_bench_wait(const char *path, FILE *out, pid_t child);

#endif
