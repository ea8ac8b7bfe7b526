/* SPDX-License-Identifier: BSD-3-Clause
 * What the benchmark programs share. A program is a table of cases and a job for each:
 *
 *   ritz-bench-NAME [--list] [--threads N] [--seconds S] [CASE]...
 *
 * --list prints one line per case, its name and what it is; `ritz bench` finds them by that.
 * Without CASE all run, without --threads each on one thread and on all. A case checks its answer,
 * is timed, and prints lines of JSON; a wrong answer ends the program with status 1, a wrong
 * command line with 2. */
#ifndef RITZ_BENCH_H
#define RITZ_BENCH_H

#include <ritz/context.h>

#include "core/fail.h"

/** What a run of a case is told. */
typedef struct bench_call {
  int threads;
  double seconds;        /* to spend on a measurement */
  ritz_context *context; /* of that many threads */
} bench_call;

/** One case; programs put their own fields behind it. */
typedef struct bench_case {
  const char *name;  /* "train/fno2d-64" */
  const char *about; /* one line */
  /* Checks the answer, measures, prints. */
  ritz_status (*run)(const struct bench_case *self, const bench_call *call);
} bench_case;

/** main() of a program. @param cases  @p count structs of @p size bytes that begin with a
 * bench_case. */
int bench_main(int argc, char **argv, const char *program, int count, size_t size,
               const void *cases);

/** Seconds of one run of a job. */
typedef struct bench_times {
  double median, least, p99;
  double peak;      /* flops per second of all threads, read in turn with the runs; the median */
  int count;        /* runs that were timed */
  long allocations; /* asked of the heap meanwhile, by any thread */
} bench_times;

typedef struct bench_job {
  void (*run)(void *arg);
  void *arg;
} bench_job;

/**
 * Warms up, then times whole runs for the seconds of the call, at least five (with 0 seconds: one).
 * Short jobs are repeated within one reading of the clock.
 *
 * @param dtype  Of the peak.
 * @param jobs   Rivals, which run in turn, and the peak with them, so that all meet the same state
 *               of the machine: at the clock of sustained vector arithmetic, if they cause it.
 * @param times  [count]
 */
ritz_status bench_measure(const bench_call *call, ritz_dtype dtype, int count,
                          const bench_job *jobs, bench_times *times);

/** One line of JSON. */
typedef struct bench_line {
  const bench_case *of;
  ritz_dtype dtype;
  const char *isa; /* NULL: what runs by itself */
  bench_times times;
  double flops; /* of one run; 0: null in the line, for work that is not counted in flops */
  double bytes; /* of one run, whole arrays read and written */
} bench_line;

/**
 * Prints the fields every line has: case, threads, isa, dtype, median_ms, min_ms, p99_ms, runs,
 * gflops, gbytes_per_s, peak_fraction, peak_gflops, allocations; all rates by the median,
 * peak_fraction and peak_gflops by the peak of these threads together, measured in turn.
 *
 * @param format  printf-style text of further fields, "\"kind\": %d"; NULL: none.
 */
void bench_print(const bench_call *call, const bench_line *line, const char *format, ...)
    RITZ_PRINTF(3, 4);

#endif
