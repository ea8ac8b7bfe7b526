/* SPDX-License-Identifier: BSD-3-Clause
 * Times are those of the generator: drawing the fields and making the matrices included, the same
 * in all rows. */
#include "bench/table_auto.h"

#include <stdio.h>
#include <string.h>

#include "bench/generation.h"
#include "bench/table_rows.h"
#include "core/clock.h"
#include "core/memory.h"
#include "core/shape.h"

static ritz_status create(const bench_call *call, const table_auto_case *c, const char *solver,
                          ritz_generator **out) {
  char options[256];
  snprintf(options, sizeof options, "{%s, %s}", c->options, solver);
  return ritz_generator_create(call->context, c->generator, options, out);
}

/* As many samples as it makes together, then all, or as many as there is time for. */
static ritz_status check(const bench_call *call, generation *r, ritz_index most, table_row *row) {
  const ritz_index run = ritz_generator_describe(r->generator)->run;
  r->samples = run;
  for (;;) {
    const double start = ritz_clock_seconds();
    generation_run(r);
    RITZ_TRY(r->status);
    row->trial = ritz_clock_seconds() - start;
    const double fit = table_seconds_most(call) / row->trial * (double)r->samples;
    const ritz_index more = fit < (double)most ? (ritz_index)fit / run * run : most / run * run;
    if (r->samples == more || more <= run || r->samples > run) break;
    r->samples = more;
  }
  row->samples = r->samples;
  row->job = (bench_job){generation_run, r};
  table_row_count(row, r->reports);
  return RITZ_OK;
}

/* "gmres, poisson, as asked for" without its end. */
static void name_row(const char *method, table_row *row) {
  snprintf(row->name, sizeof row->name, "%s", method);
  char *end = strstr(row->name, ", as asked for");
  if (end) *end = 0;
}

static ritz_status make_rows(const bench_call *call, const table_auto_case *c, const char *taken,
                             generation *rivals, table_row *rows, int *count) {
  for (*count = 0; c->solvers[*count]; (*count)++) {
    generation *r = &rivals[*count];
    RITZ_TRY(create(call, c, c->solvers[*count], &r->generator));
    r->dtype = RITZ_FLOAT64;
    r->x = rivals->x, r->y = rivals->y; /* shared */
    RITZ_TRY(RITZ_NEW(c->samples, &r->reports));
    name_row(ritz_generator_describe(r->generator)->method, &rows[*count]);
    RITZ_TRY(check(call, r, c->samples, &rows[*count]));
    rows[*count].chosen = table_is_taken(taken, rows[*count].name);
  }
  return RITZ_OK;
}

static ritz_status compare(const bench_call *call, const table_auto_case *c, generation *rivals) {
  ritz_generator *by_itself;
  table_row rows[table_rows_most] = {{.trial = 0}};
  char taken[320];
  int count;
  RITZ_TRY(create(call, c, "solver: auto", &by_itself));
  const ritz_generator_info *info = ritz_generator_describe(by_itself);
  const ritz_index x = ritz_shape_count(&info->x.shape), y = ritz_shape_count(&info->y.shape);
  snprintf(taken, sizeof taken, "%s", info->method);
  ritz_generator_destroy(&by_itself);
  RITZ_TRY(ritz_calloc(c->samples * x, sizeof(double), &rivals->x));
  RITZ_TRY(ritz_calloc(c->samples * y, sizeof(double), &rivals->y));
  RITZ_TRY(make_rows(call, c, taken, rivals, rows, &count));
  return table_print(call, &(table_head){&c->base, c->options, taken, ""}, count, rows);
}

ritz_status table_auto_run(const bench_case *self, const bench_call *call) {
  generation rivals[table_rows_most] = {{0}};
  if (call->threads > 1) return RITZ_OK; /* samples share no work: one thread says it all */
  const ritz_status status = compare(call, (const table_auto_case *)self, rivals);
  for (int i = 0; i < table_rows_most; i++) {
    ritz_generator_destroy(&rivals[i].generator);
    ritz_free(rivals[i].reports);
  }
  ritz_free(rivals->x);
  ritz_free(rivals->y);
  return status;
}
