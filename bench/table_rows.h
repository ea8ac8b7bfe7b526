/* SPDX-License-Identifier: BSD-3-Clause
 * A table of methods that solve the same samples: each is run once, which checks it and says how
 * long it takes; quick ones are then timed in turn, slow ones keep the time of that run. */
#ifndef RITZ_BENCH_TABLE_ROWS_H
#define RITZ_BENCH_TABLE_ROWS_H

#include <ritz/solve.h>

#include "bench/bench.h"

enum { table_rows_most = 20 };

/** @return  Seconds a method may spend on the run that checks it, else it solves fewer samples. */
double table_seconds_most(const bench_call *call);

/** One method. */
typedef struct table_row {
  char name[64];
  bench_job job; /* solves `samples` samples */
  ritz_index samples;
  bool chosen; /* what `auto` takes */
  /* Of the run that checks it. */
  double trial; /* seconds */
  int converged;
  double iterations, residual; /* mean; largest, true */
  bench_times times;
} table_row;

/** What its check has found. @param report  Of `samples` samples. */
void table_row_count(table_row *row, const ritz_solve_report *report);

/** @param method  What `auto` says of itself, "multigrid, by the model: ...". @return  Whether that
 * is the row of this name. */
bool table_is_taken(const char *method, const char *name);

/** What stands in every line. */
typedef struct table_head {
  const bench_case *of;
  const char *options;  /* of the samples */
  const char *method;   /* what `auto` says of itself */
  const char *left_out; /* methods that are not there, and why */
} table_head;

/**
 * Times the rows and prints a line of each: "method", "samples", "converged", "iterations",
 * "largest_residual", "ms_per_sample", "times", which is over the fastest row whose samples have
 * all converged, and "auto", at the row that it takes why it does so.
 *
 * RITZ_ERR_NUMERIC  no row is chosen, or a sample of that has not converged
 */
ritz_status table_print(const bench_call *call, const table_head *head, int count, table_row *rows);

#endif
