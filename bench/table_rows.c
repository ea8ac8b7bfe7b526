/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table_rows.h"

#include <math.h>
#include <string.h>

#include "kernels/machine.h"

double table_seconds_most(const bench_call *call) { return fmax(0.1, 2 * call->seconds); }

/* Longer runs are not made again: the least number of them would take some three times the seconds
 * of the call. */
static bool is_slow(const bench_call *call, const table_row *row) {
  return row->trial > fmax(0.02, 0.4 * call->seconds);
}

void table_row_count(table_row *row, const ritz_solve_report *report) {
  row->converged = 0;
  row->iterations = row->residual = 0;
  for (ritz_index s = 0; s < row->samples; s++) {
    row->converged += report[s].reason > 0;
    row->iterations += report[s].iterations / (double)row->samples;
    row->residual = fmax(row->residual, report[s].residual);
  }
}

bool table_is_taken(const char *method, const char *name) {
  const size_t length = strlen(name);
  return strncmp(method, name, length) == 0 && method[length] == ',';
}

static ritz_status measure(const bench_call *call, int count, table_row *rows) {
  bench_job jobs[table_rows_most];
  bench_times times[table_rows_most];
  int quick = 0;
  for (int i = 0; i < count; i++)
    if (!is_slow(call, &rows[i])) jobs[quick++] = rows[i].job;
  if (quick > 0) RITZ_TRY(bench_measure(call, RITZ_FLOAT64, quick, jobs, times));
  const double peak = quick > 0 ? times[0].peak : ritz_machine_peak_now(RITZ_FLOAT64, 1);
  for (int i = 0, k = 0; i < count; i++) {
    const double t = rows[i].trial;
    rows[i].times = is_slow(call, &rows[i]) ? (bench_times){t, t, t, peak, 1, 0} : times[k++];
  }
  return RITZ_OK;
}

static double per_sample(const table_row *row) { return row->times.median / (double)row->samples; }

static double fastest(int count, const table_row *rows) {
  double least = INFINITY;
  for (int i = 0; i < count; i++)
    if (rows[i].converged == rows[i].samples) least = fmin(least, per_sample(&rows[i]));
  return least;
}

static ritz_status check(int count, const table_row *rows) {
  for (int i = 0; i < count; i++)
    if (rows[i].chosen) {
      RITZ_REQUIRE(rows[i].converged == rows[i].samples, RITZ_ERR_NUMERIC,
                   "%s: %d of %td samples have converged, the largest residual is %.2e",
                   rows[i].name, rows[i].converged, rows[i].samples, rows[i].residual);
      return RITZ_OK;
    }
  return RITZ_FAIL(RITZ_ERR_NUMERIC, "no row is what `auto` takes");
}

ritz_status table_print(const bench_call *call, const table_head *head, int count,
                        table_row *rows) {
  RITZ_TRY(check(count, rows));
  RITZ_TRY(measure(call, count, rows));
  const double least = fastest(count, rows);
  for (int i = 0; i < count; i++) {
    const table_row *row = &rows[i];
    const bench_line line = {.of = head->of, .dtype = RITZ_FLOAT64, .times = row->times};
    bench_print(call, &line,
                "\"options\": \"%s\", \"method\": \"%s\", \"samples\": %td, \"converged\": %d, "
                "\"iterations\": %.1f, \"largest_residual\": %.2e, \"ms_per_sample\": %.4g, "
                "\"times\": %.3g, \"auto\": \"%s\", \"left_out\": \"%s\"",
                head->options, row->name, row->samples, row->converged, row->iterations,
                row->residual, 1e3 * per_sample(row), per_sample(row) / least,
                row->chosen ? head->method : "", head->left_out);
  }
  return RITZ_OK;
}
