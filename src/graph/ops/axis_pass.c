/* SPDX-License-Identifier: BSD-3-Clause
 * A task is a run of columns of one slab, out = T from; where slabs have one column only, a run of
 * slabs, whose lines are then the rows of out = from T^T. */
#include "graph/ops/axis_pass.h"

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"

enum { task_columns = 512, task_lines = 64 };

static void plan_products(ritz_axis_pass *p) {
  const ritz_index m = p->modes, n = p->points, inner = p->inner;
  for (int last = 0; last < 2; last++) {
    const ritz_index count = last ? p->lines - (p->chunks - 1) * p->step : p->step;
    for (int add = 0; add < 2; add++) {
      if (inner == 1) {
        p->to[last][add] = ritz_gemm_plan(p->dtype, false, add, count, m, n, n, m, m);
        p->from[last][add] = ritz_gemm_plan(p->dtype, false, add, count, n, m, m, n, n);
      } else {
        p->to[last][add] = ritz_gemm_plan(p->dtype, false, add, m, count, n, n, inner, inner);
        p->from[last][add] = ritz_gemm_plan(p->dtype, true, add, n, count, m, n, inner, inner);
      }
    }
  }
}

ritz_status ritz_axis_pass_plan(ritz_dtype dtype, ritz_axis_entry *entry, const void *user,
                                ritz_axis_pass *p) {
  const bool rows = p->inner == 1;
  p->dtype = dtype;
  p->lines = rows ? p->slabs : p->inner;
  p->step = rows ? task_lines : task_columns;
  p->chunks = (p->lines + p->step - 1) / p->step;
  if (p->point_sample == 0) p->point_sample = p->slabs * p->points * p->inner;
  if (p->mode_sample == 0) p->mode_sample = p->slabs * p->modes * p->inner;
  plan_products(p);
  RITZ_TRY(ritz_calloc(p->modes * p->points, ritz_dtype_size(dtype), &p->matrix));
  if (rows) RITZ_TRY(ritz_calloc(p->modes * p->points, ritz_dtype_size(dtype), &p->transposed));
  for (ritz_index k = 0; k < p->modes; k++)
    for (ritz_index n = 0; n < p->points; n++) {
      const double value = entry(user, k, n);
      ritz_number_set(dtype, p->matrix, k * p->points + n, value);
      if (rows) ritz_number_set(dtype, p->transposed, n * p->modes + k, value);
    }
  return RITZ_OK;
}

void ritz_axis_pass_clear(ritz_axis_pass *pass) {
  ritz_free(pass->matrix);
  ritz_free(pass->transposed);
}

typedef struct job {
  const ritz_axis_pass *pass;
  bool to, add;
  const char *from;
  char *out;
} job;

static void pass_task(void *arg, ritz_index task, int thread) {
  const job *j = arg;
  const ritz_axis_pass *p = j->pass;
  const bool rows = p->inner == 1;
  const ritz_index slabs = rows ? 1 : p->slabs;
  const ritz_index chunk = task % p->chunks, slab = task / p->chunks % slabs;
  const ritz_index sample = task / p->chunks / slabs, first = chunk * p->step;
  const ritz_index points =
      sample * p->point_sample + slab * p->points * p->inner + first * (rows ? p->points : 1);
  const ritz_index modes =
      sample * p->mode_sample + slab * p->modes * p->inner + first * (rows ? p->modes : 1);
  const size_t size = ritz_dtype_size(p->dtype);
  const char *from = j->from + (size_t)(j->to ? points : modes) * size;
  char *out = j->out + (size_t)(j->to ? modes : points) * size;
  const bool last = chunk == p->chunks - 1;
  const ritz_gemm *product = j->to ? &p->to[last][j->add] : &p->from[last][j->add];
  if (rows)
    ritz_gemm_run(product, from, j->to ? p->transposed : p->matrix, out);
  else
    ritz_gemm_run(product, p->matrix, from, out);
}

void ritz_axis_pass_run(const ritz_axis_pass *p, int threads, bool to, bool add, const void *from,
                        void *out) {
  job j = {p, to, add, from, out};
  const ritz_index slabs = p->inner == 1 ? 1 : p->slabs;
  ritz_parallel(threads, p->samples * slabs * p->chunks, pass_task, &j);
}

double ritz_axis_pass_flops(const ritz_axis_pass *p) {
  return 2.0 * (double)(p->samples * p->slabs * p->inner) * (double)(p->points * p->modes);
}
