/* SPDX-License-Identifier: BSD-3-Clause
 * Filters as large as the grid: global ones over all frequencies and long convolutions, forward,
 * single precision.
 *
 * The rival is the filter by FFTW alone: slices of 16 channels copied into cache, a measured
 * real-to-complex transform, the product with a spectrum made beforehand, and back. "ratio" is its
 * median over ours, null in a build without FFTW. Checked before anything is timed: some numbers of
 * the result, summed in double. */
#include <math.h>
#include <ritz/ops.h>
#include <stdio.h>
#include <string.h>

#include "bench/fields.h"
#include "bench/one_op.h"
#include "core/memory.h"
#include "core/threads.h"
#include "graph/op.h"
#if RITZ_WITH_FFTW
#include <fftw3.h>
#endif

typedef struct filter_case {
  bench_case base;
  int dim;
  ritz_index n, taps, channels, batch; /* n points along each axis, as many taps or fewer */
  bool causal;
} filter_case;

enum { SLICE = 16 };

typedef struct problem {
  const filter_case *c;
  int threads;
  one_op op;
  float *kernel; /* [points, C], zeros behind the taps */
  ritz_index points;
  /* FFTW's: on grids of `extent`, kernels' spectra [C / SLICE][half][SLICE]. */
  int extent[2];
  ritz_index grid, half;
  void *to, *from;
  float *spectra, *fields, *halves; /* complex numbers count twice; per thread */
} problem;

static const float *x_of(const problem *p) { return ritz_plan_value(p->op.plan, p->op.in[0]); }
static float *y_of(const problem *p) { return ritz_plan_value(p->op.plan, p->op.out); }

/* -- FFTW alone -------------------------------------------------------------------------------- */

#if RITZ_WITH_FFTW
static ritz_status plan_fftw(problem *p) {
  const int d = p->c->dim;
  p->grid = p->half = 1;
  for (int a = 0; a < d; a++) {
    p->extent[a] = (int)(p->c->causal ? 2 * p->c->n : p->c->n);
    p->grid *= p->extent[a];
    p->half *= a == d - 1 ? p->extent[a] / 2 + 1 : p->extent[a];
  }
  const ritz_index slices = p->c->channels / SLICE;
  RITZ_TRY(RITZ_NEW(2 * p->half * SLICE * slices, &p->spectra));
  RITZ_TRY(RITZ_NEW(p->grid * SLICE * p->threads, &p->fields));
  RITZ_TRY(RITZ_NEW(2 * p->half * SLICE * p->threads, &p->halves));
  p->to = fftwf_plan_many_dft_r2c(d, p->extent, SLICE, p->fields, NULL, SLICE, 1,
                                  (fftwf_complex *)p->halves, NULL, SLICE, 1, FFTW_MEASURE);
  p->from = fftwf_plan_many_dft_c2r(d, p->extent, SLICE, (fftwf_complex *)p->halves, NULL, SLICE, 1,
                                    p->fields, NULL, SLICE, 1, FFTW_MEASURE);
  return RITZ_OK;
}

static void load(const problem *p, const float *x, float *field) {
  for (ritz_index i = 0; i < p->points; i++)
    memcpy(field + i * SLICE, x + i * p->c->channels, SLICE * sizeof *x);
  memset(field + p->points * SLICE, 0, (size_t)((p->grid - p->points) * SLICE) * sizeof *x);
}

static void make_spectra(problem *p) {
  for (ritz_index s = 0; s < p->c->channels / SLICE; s++) {
    float *spectrum = p->spectra + 2 * s * p->half * SLICE;
    load(p, p->kernel + s * SLICE, p->fields);
    fftwf_execute_dft_r2c(p->to, p->fields, (fftwf_complex *)spectrum);
    for (ritz_index i = 0; i < 2 * p->half * SLICE; i++) spectrum[i] /= (float)p->grid;
  }
}

static void slice_task(void *arg, ritz_index chunk, int thread) {
  const problem *p = arg;
  const ritz_index slices = p->c->channels / SLICE, b = chunk / slices, s = chunk % slices;
  const ritz_index at = b * p->points * p->c->channels + s * SLICE;
  float *field = p->fields + thread * p->grid * SLICE;
  float *half = p->halves + 2 * thread * p->half * SLICE;
  const float *w = p->spectra + 2 * s * p->half * SLICE;
  load(p, x_of(p) + at, field);
  fftwf_execute_dft_r2c(p->to, field, (fftwf_complex *)half);
  for (ritz_index i = 0; i < 2 * p->half * SLICE; i += 2) {
    const float re = half[i], im = half[i + 1];
    half[i] = re * w[i] - im * w[i + 1];
    half[i + 1] = re * w[i + 1] + im * w[i];
  }
  fftwf_execute_dft_c2r(p->from, (fftwf_complex *)half, field);
  for (ritz_index i = 0; i < p->points; i++)
    memcpy(y_of(p) + at + i * p->c->channels, field + i * SLICE, SLICE * sizeof *field);
}

static void run_fftw(void *arg) {
  const problem *p = arg;
  ritz_parallel(p->threads, p->c->batch * (p->c->channels / SLICE), slice_task, arg);
}

static void clear_fftw(problem *p) {
  if (p->to) fftwf_destroy_plan(p->to);
  if (p->from) fftwf_destroy_plan(p->from);
  ritz_free(p->spectra);
  ritz_free(p->fields);
  ritz_free(p->halves);
}
#endif

/* -- Ours -------------------------------------------------------------------------------------- */

/* The spectrum of a kernel of one tap, (3, 5): the phases of a shift, times a number per channel.
 */
static void fill_global(const problem *p, float *w) {
  const ritz_index n = p->c->n, c = p->c->channels, columns = n / 2 + 1;
  const double step = 2 * acos(-1.0) / (double)n;
  for (ritz_index r = 0; r < n; r++)
    for (ritz_index k = 0; k < columns; k++)
      for (ritz_index i = 0; i < c; i++) {
        const double angle = step * (double)((r - n / 2) * 3 + k * 5);
        w[((r * columns + k) * 2) * c + i] = (float)(cos(angle) * (double)(i + 1));
        w[((r * columns + k) * 2 + 1) * c + i] = (float)(-sin(angle) * (double)(i + 1));
      }
  for (ritz_index i = 0; i < c; i++) p->kernel[(3 * n + 5) * c + i] = (float)(i + 1);
}

static ritz_status build(problem *p, ritz_context *context) {
  const filter_case *c = p->c;
  one_op *op = &p->op;
  RITZ_TRY(one_op_begin(context, op));
  const ritz_init init = {RITZ_INIT_UNIFORM, 1};
  op->inputs = 1;
  if (c->dim == 2) {
    op->in[0] = ritz_input(op->graph, "x", RITZ_SHAPE(c->batch, c->n, c->n, c->channels));
    ritz_var w = ritz_parameter(op->graph, op->params, init,
                                RITZ_SHAPE(c->n, c->n / 2 + 1, 2, c->channels), 2, "w");
    op->out = ritz_global_filter(op->graph, op->in[0], w);
  } else {
    const ritz_long_conv_options options = {.causal = c->causal};
    op->in[0] = ritz_input(op->graph, "x", RITZ_SHAPE(c->batch, c->n, c->channels));
    ritz_var k =
        ritz_parameter(op->graph, op->params, init, RITZ_SHAPE(c->taps, c->channels), -1, "k");
    op->out = ritz_long_conv(op->graph, op->in[0], k, &options);
  }
  RITZ_TRY(one_op_plan(op));
  p->points = c->dim == 2 ? c->n * c->n : c->n;
  RITZ_TRY(RITZ_NEW(p->points * c->channels, &p->kernel));
  float *w = ritz_params_data(op->params);
  if (c->dim == 2)
    fill_global(p, w);
  else
    memcpy(p->kernel, w, (size_t)(c->taps * c->channels) * sizeof *w);
  return RITZ_OK;
}

/* Numbers of the result against sums over the kernel: the largest difference over the largest. */
static double error_of(const problem *p) {
  const filter_case *c = p->c;
  const float *x = x_of(p), *y = y_of(p);
  double worst = 0, largest = 1e-30;
  for (ritz_index i = 0; i < p->points; i += p->points / 37 + 1)
    for (ritz_index q = 0; q < c->channels; q += 7) {
      double sum = 0;
      for (ritz_index j = 0; j < p->points; j++) {
        const double k = (double)p->kernel[j * c->channels + q];
        if (k == 0 || (c->causal && j > i)) continue;
        const ritz_index n = c->n, last = (i % n - j % n + n) % n;
        const ritz_index from = c->dim == 2 ? (i / n - j / n + n) % n * n + last : last;
        sum += k * (double)x[from * c->channels + q];
      }
      worst = fmax(worst, fabs(sum - (double)y[i * c->channels + q]));
      largest = fmax(largest, fabs(sum));
    }
  return worst / largest;
}

static void run_ours(void *arg) { ritz_plan_forward(((problem *)arg)->op.plan); }

static ritz_status measure(problem *p, const bench_call *call) {
  bench_job jobs[2] = {{run_ours, p}};
  bench_times times[2];
  int count = 1;
  char text[2][32];
  run_ours(p);
  double error = error_of(p);
#if RITZ_WITH_FFTW
  RITZ_TRY(plan_fftw(p));
  make_spectra(p);
  run_fftw(p);
  error = fmax(error, error_of(p));
  jobs[count++] = (bench_job){run_fftw, p};
#endif
  RITZ_REQUIRE(error < 1e-5, RITZ_ERR_NUMERIC, "off by %.1e", error);
  RITZ_TRY(bench_measure(call, RITZ_FLOAT32, count, jobs, times));
  const double fields = 2 * (double)(p->c->batch * p->points * p->c->channels);
  const bench_line line = {
      .of = &p->c->base,
      .dtype = RITZ_FLOAT32,
      .times = times[0],
      .flops = p->op.out->op->flops(p->op.out),
      .bytes = sizeof(float) * (fields + (double)ritz_params_numbers(p->op.params))};
  const double fftw = count > 1 ? 1e3 * times[1].median : 0;
  bench_print(call, &line, "\"fftw_ms\": %s, \"ratio\": %s, \"error\": %.1e",
              bench_or_null(fftw, text[0]), bench_or_null(fftw / (1e3 * times[0].median), text[1]),
              error);
  return RITZ_OK;
}

static ritz_status run(const bench_case *self, const bench_call *call) {
  problem p = {.c = (const filter_case *)self, .threads = call->threads};
  ritz_status status = build(&p, call->context);
  if (status == RITZ_OK) status = measure(&p, call);
#if RITZ_WITH_FFTW
  clear_fftw(&p);
#endif
  ritz_free(p.kernel);
  one_op_end(&p.op);
  return status;
}

static const filter_case cases[] = {
    {{"filter/global-64", "64^2, 32 channels, batch 8", run}, 2, 64, 64, 32, 8, false},
    {{"filter/global-128", "128^2, 32 channels, batch 4", run}, 2, 128, 128, 32, 4, false},
    {{"filter/long-256", "256 points, 32 channels, periodic", run}, 1, 256, 256, 32, 16, false},
    {{"filter/long-1024", "1024 points, 32 channels, periodic", run}, 1, 1024, 1024, 32, 8, false},
    {{"filter/causal-1024", "1024 points, 32 channels", run}, 1, 1024, 1024, 32, 8, true},
    {{"filter/causal-4096", "4096 points, 32 channels", run}, 1, 4096, 4096, 32, 4, true},
    {{"filter/partial-4096", "4096 points, 256 taps", run}, 1, 4096, 256, 32, 4, true},
};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-filter", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
