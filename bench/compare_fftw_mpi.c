/* SPDX-License-Identifier: BSD-3-Clause
 * One spectral convolution on a grid in slabs over ranks, single precision: the kept modes' two
 * ways, sums of all modes over the ranks and whole lines of columns, against FFTW's, which
 * transposes the grid. Answers are compared first; then one line with times and bytes that leave a
 * rank, of the form that the plan chooses, of both, and of FFTW.
 *
 *     mpirun -n 8 ritz-compare-fftw-mpi [POINTS [MODES [WIDTH [RUNS]]]]
 *
 * MODES 0: all of them, with weights channel by channel, so that little but the transforms is
 * timed. Bytes are counted where the libraries call MPI. FFTW leaves the spectrum
 * transposed, so that each way has one exchange of the grid; its plans are measured where MEASURE=1
 * is in the environment. The products with the weights between FFTW's transforms are plain loops,
 * so these are also timed alone. */
#include <complex.h>
#include <fftw3-mpi.h>
#include <math.h>
#include <ritz/ops.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/ranks_main.h"
#include "core/fail.h"
#include "core/median.h"
#include "dist/comm.h"
#include "dist/layout.h"
#include "graph/cost.h"

/* ---- bytes that leave this rank -------------------------------------------------------------- */

static double sent;

static double bytes_of(MPI_Datatype type, double count) {
  int size;
  MPI_Type_size(type, &size);
  return count * size;
}

static int others(MPI_Comm comm) {
  int size;
  MPI_Comm_size(comm, &size);
  return size - 1;
}

int MPI_Alltoall(const void *in, int n, MPI_Datatype from, void *out, int m, MPI_Datatype to,
                 MPI_Comm comm) {
  sent += bytes_of(from, n) * others(comm);
  return PMPI_Alltoall(in, n, from, out, m, to, comm);
}

int MPI_Alltoallv(const void *in, const int *n, const int *at, MPI_Datatype from, void *out,
                  const int *m, const int *to_at, MPI_Datatype to, MPI_Comm comm) {
  int rank;
  MPI_Comm_rank(comm, &rank);
  for (int r = 0; r <= others(comm); r++)
    if (r != rank) sent += bytes_of(from, n[r]);
  return PMPI_Alltoallv(in, n, at, from, out, m, to_at, to, comm);
}

int MPI_Allgather(const void *in, int n, MPI_Datatype from, void *out, int m, MPI_Datatype to,
                  MPI_Comm comm) {
  sent += bytes_of(from, n) * others(comm);
  return PMPI_Allgather(in, n, from, out, m, to, comm);
}

int MPI_Sendrecv(const void *in, int n, MPI_Datatype from, int dest, int tag, void *out, int m,
                 MPI_Datatype to, int source, int tag2, MPI_Comm comm, MPI_Status *status) {
  int rank;
  MPI_Comm_rank(comm, &rank);
  if (dest != rank) sent += bytes_of(from, n);
  return PMPI_Sendrecv(in, n, from, dest, tag, out, m, to, source, tag2, comm, status);
}

int MPI_Isend(const void *in, int n, MPI_Datatype from, int dest, int tag, MPI_Comm comm,
              MPI_Request *request) {
  sent += bytes_of(from, n);
  return PMPI_Isend(in, n, from, dest, tag, comm, request);
}

/* ---- the problem ----------------------------------------------------------------------------- */

typedef struct problem {
  int rank, ranks, runs;
  ptrdiff_t n, m, c; /* points and modes of an axis, channels */
  ptrdiff_t last;    /* modes of the last axis */
  bool separable;    /* where all modes are kept: weights channel by channel */
  const float *w;    /* [m, m, last, 2, c, c], or [..., 2, c] */
  float *x;          /* own slab [points, n, n, c] */
} problem;

/* ---- kept modes ------------------------------------------------------------------------------ */

typedef struct kept {
  ritz_plan *plan;
  ritz_var x, y;
  ritz_index first, count; /* points of axis 0 */
  bool lines;              /* its form */
  double told, bytes, seconds, error;
} kept;

static ritz_status plan_kept(ritz_context *context, ritz_params *params, const problem *p,
                             ritz_modes_way way, kept *k) {
  ritz_graph *graph;
  ritz_plan_cost *cost;
  ritz_layout *layout;
  const ritz_index grid[3] = {p->n, p->n, p->n};
  const int parts[3] = {p->ranks, 1, 1};
  RITZ_TRY(ritz_layout_create(context, 3, grid, parts, NULL, &layout));
  ritz_layout_part(layout, 0, &k->first, &k->count);
  RITZ_TRY(ritz_graph_create(context, RITZ_FLOAT32, &graph));
  graph->modes_way = way;
  k->x = ritz_input_split(graph, "x", RITZ_SHAPE(1, p->n, p->n, p->n, p->c), layout);
  const ritz_spectral_options options = {.separable = p->separable, .modes = {p->m, p->m, p->last}};
  const ritz_shape shape = {.rank = p->separable ? 5 : 6,
                            .n = {p->m, p->m, p->last, 2, p->c, p->c}};
  ritz_var w = ritz_parameter(graph, params, (ritz_init){RITZ_INIT_SYMMETRIC, 1}, shape, 3, "w");
  k->y = ritz_spectral_conv(graph, k->x, w, &options);
  RITZ_TRY(ritz_graph_plan(graph, 1, &k->y, NULL, &k->plan));
  RITZ_TRY(ritz_plan_count_cost(k->plan, NULL, &cost));
  k->lines = strcmp(cost->step[0].ops, "spectral_conv(lines)") == 0;
  k->told = cost->sent;
  ritz_plan_cost_destroy(&cost);
  ritz_layout_destroy(&layout);
  return RITZ_OK;
}

/* ---- FFTW ------------------------------------------------------------------------------------ */

typedef struct transposed {
  fftwf_plan forward, inverse;
  ptrdiff_t n0, start0, n1, start1; /* slabs of the grid and of the transposed spectrum */
  float *field;                     /* [n0, n, 2 (n/2 + 1), c], in place */
  float complex *mode;              /* [c] */
} transposed;

static transposed plan_fftw(const problem *p) {
  transposed t;
  const ptrdiff_t n[3] = {p->n, p->n, p->n}, half[3] = {p->n, p->n, p->n / 2 + 1};
  const unsigned flags = getenv("MEASURE") ? FFTW_MEASURE : FFTW_ESTIMATE;
  fftwf_mpi_init();
  const ptrdiff_t size = fftwf_mpi_local_size_many_transposed(
      3, half, p->c, FFTW_MPI_DEFAULT_BLOCK, FFTW_MPI_DEFAULT_BLOCK, MPI_COMM_WORLD, &t.n0,
      &t.start0, &t.n1, &t.start1);
  t.field = fftwf_alloc_real((size_t)(2 * size));
  t.mode = fftwf_alloc_complex((size_t)p->c);
  t.forward = fftwf_mpi_plan_many_dft_r2c(3, n, p->c, FFTW_MPI_DEFAULT_BLOCK,
                                          FFTW_MPI_DEFAULT_BLOCK, t.field, (fftwf_complex *)t.field,
                                          MPI_COMM_WORLD, flags | FFTW_MPI_TRANSPOSED_OUT);
  t.inverse = fftwf_mpi_plan_many_dft_c2r(3, n, p->c, FFTW_MPI_DEFAULT_BLOCK,
                                          FFTW_MPI_DEFAULT_BLOCK, (fftwf_complex *)t.field, t.field,
                                          MPI_COMM_WORLD, flags | FFTW_MPI_TRANSPOSED_IN);
  return t;
}

/* Row of the weight of frequency index i of n, or -1. */
static ptrdiff_t row_of(const problem *p, ptrdiff_t i) {
  const ptrdiff_t f = 2 * i >= p->n ? i - p->n : i, row = f + p->m / 2;
  return row >= 0 && row < p->m ? row : -1;
}

/* One mode by its weight. */
static void mix_mode(const problem *p, const float *re, const float *im, float *y,
                     float complex *x) {
  const ptrdiff_t c = p->c;
  const float scale = 1.0f / (float)(p->n * p->n * p->n);
  memset(y, 0, (size_t)c * sizeof *x);
  for (ptrdiff_t a = 0; a < c; a++) {
    const float xr = scale * crealf(x[a]), xi = scale * cimagf(x[a]);
    const ptrdiff_t first = p->separable ? a : 0, end = p->separable ? a + 1 : c;
    const ptrdiff_t row = p->separable ? 0 : a * c;
    for (ptrdiff_t b = first; b < end; b++) {
      y[2 * b] += xr * re[row + b] - xi * im[row + b];
      y[2 * b + 1] += xr * im[row + b] + xi * re[row + b];
    }
  }
  memcpy(x, y, (size_t)c * sizeof *x);
}

/* The spectrum [n1, n0, n/2 + 1, c]: kept modes mixed, the others zero. */
static void mix(const problem *p, transposed *t) {
  const ptrdiff_t half = p->n / 2 + 1, c = p->c, plane = p->separable ? c : c * c;
  for (ptrdiff_t i1 = 0; i1 < t->n1; i1++)
    for (ptrdiff_t i0 = 0; i0 < p->n; i0++) {
      float complex *line = (float complex *)t->field + (i1 * p->n + i0) * half * c;
      const ptrdiff_t r0 = row_of(p, i0), r1 = row_of(p, i1 + t->start1);
      const ptrdiff_t keep = r0 < 0 || r1 < 0 ? 0 : p->last;
      const float *w = p->w + (r0 * p->m + r1) * p->last * 2 * plane;
      for (ptrdiff_t k = 0; k < keep; k++)
        mix_mode(p, w + 2 * k * plane, w + (2 * k + 1) * plane, (float *)t->mode, line + k * c);
      memset(line + keep * c, 0, (size_t)((half - keep) * c) * sizeof *line);
    }
}

static void load(const problem *p, transposed *t) {
  const size_t line = (size_t)(p->n * p->c);
  for (ptrdiff_t i = 0; i < t->n0 * p->n; i++)
    memcpy(t->field + i * (p->n + 2) * p->c, p->x + (size_t)i * line, line * sizeof *p->x);
}

static void run_fftw(const problem *p, transposed *t, bool mixing) {
  fftwf_mpi_execute_dft_r2c(t->forward, t->field, (fftwf_complex *)t->field);
  if (mixing) mix(p, t);
  fftwf_mpi_execute_dft_c2r(t->inverse, (fftwf_complex *)t->field, t->field);
}

/* ---- comparison ------------------------------------------------------------------------------ */

static double largest_over_ranks(double value) {
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return value;
}

static double difference(const problem *p, const kept *k, const transposed *t) {
  const float *y = ritz_plan_value(k->plan, k->y);
  const ptrdiff_t line = p->n * p->c;
  double most = 0, off = 0;
  for (ptrdiff_t i = 0; i < k->count * p->n; i++)
    for (ptrdiff_t j = 0; j < line; j++) {
      const double a = y[i * line + j], b = t->field[i * (p->n + 2) * p->c + j];
      most = fmax(most, fabs(b)), off = fmax(off, fabs(a - b));
    }
  return largest_over_ranks(off) / largest_over_ranks(most);
}

/* What is timed. */
typedef enum timed { KEPT, FFTW_LAYER, FFTW_TRANSFORMS } timed;

/* Median time of runs that all ranks begin together; the slowest rank counts. */
static double time_runs(const problem *p, timed what, const kept *k, transposed *t, double *bytes) {
  double *seconds = malloc((size_t)p->runs * sizeof *seconds);
  for (int r = -1; r < p->runs; r++) {
    if (what != KEPT) load(p, t);
    MPI_Barrier(MPI_COMM_WORLD);
    sent = 0;
    const double start = MPI_Wtime();
    if (what == KEPT)
      ritz_plan_forward(k->plan);
    else
      run_fftw(p, t, what == FFTW_LAYER);
    const double took = largest_over_ranks(MPI_Wtime() - start);
    if (r >= 0) seconds[r] = took;
  }
  *bytes = largest_over_ranks(sent);
  const double median = ritz_median(p->runs, seconds);
  free(seconds);
  return median;
}

/* Sets x, checks the answers of both forms and times them. */
static ritz_status try_kept(const problem *p, kept *k, const transposed *t) {
  const ritz_index slab = p->n * p->n * p->c;
  memcpy(ritz_plan_value(k->plan, k->x), p->x, (size_t)(k->count * slab) * sizeof *p->x);
  ritz_plan_forward(k->plan);
  k->error = difference(p, k, t);
  RITZ_REQUIRE(k->error < 1e-4, RITZ_ERR_NUMERIC, "FFTW and %s differ by %.2g",
               k->lines ? "lines" : "sums", k->error);
  k->seconds = time_runs(p, KEPT, k, NULL, &k->bytes);
  k->told = largest_over_ranks(k->told);
  return RITZ_OK;
}

static void print(const problem *p, const kept *sums, const kept *lines, const kept *chosen,
                  transposed *t) {
  double bytes;
  const double all = time_runs(p, FFTW_LAYER, NULL, t, &bytes);
  const double transforms = time_runs(p, FFTW_TRANSFORMS, NULL, t, &bytes);
  if (p->rank > 0) return;
  printf(
      "{\"case\": \"spectral layer\", \"ranks\": %d, \"points\": %td, \"modes\": \"%tdx%tdx%td\", "
      "\"width\": %td, \"error\": %.2g, \"form\": \"%s\", \"ms\": %.4g, \"bytes\": %.0f, "
      "\"formula\": %.0f, "
      "\"sums_ms\": %.4g, \"sums_bytes\": %.0f, \"lines_ms\": %.4g, \"lines_bytes\": %.0f, "
      "\"fftw_ms\": %.4g, \"fftw_transforms_ms\": %.4g, \"fftw_bytes\": %.0f, "
      "\"faster\": %.3g, \"fewer_bytes\": %.4g}\n",
      p->ranks, p->n, p->m, p->m, p->last, p->c, fmax(sums->error, lines->error),
      chosen->lines ? "lines" : "sums", 1e3 * chosen->seconds, chosen->bytes, chosen->told,
      1e3 * sums->seconds, sums->bytes, 1e3 * lines->seconds, lines->bytes, 1e3 * all,
      1e3 * transforms, bytes, all / chosen->seconds, bytes / chosen->bytes);
}

static ritz_status compare(ritz_context *ranks, int argc, char **argv) {
  problem p = {.rank = ritz_comm_rank(ranks->comm),
               .ranks = ritz_comm_size(ranks->comm),
               .n = argc > 1 ? atoi(argv[1]) : 128,
               .m = argc > 2 ? atoi(argv[2]) : 16,
               .c = argc > 3 ? atoi(argv[3]) : 32,
               .runs = argc > 4 ? atoi(argv[4]) : 5};
  p.separable = p.m == 0;
  if (p.separable) p.m = p.n;
  p.last = p.m / 2 + 1;
  kept k[RITZ_MODES_WAYS];
  ritz_params *params;
  RITZ_TRY(ritz_params_create(ranks, RITZ_FLOAT32, 1, &params));
  for (int way = 0; way < RITZ_MODES_WAYS; way++)
    RITZ_TRY(plan_kept(ranks, params, &p, (ritz_modes_way)way, &k[way]));
  p.w = ritz_params_data(params);
  p.x = ritz_plan_value(k[RITZ_MODES_AUTO].plan, k[RITZ_MODES_AUTO].x);
  const ptrdiff_t slab = p.n * p.n * p.c;
  for (ptrdiff_t i = 0; i < k->count * slab; i++)
    p.x[i] = sinf(1e-3f * (float)((k->first * slab + i) % 9973));
  transposed t = plan_fftw(&p);
  RITZ_REQUIRE(t.n0 == k->count && t.start0 == k->first, RITZ_ERR_SHAPE,
               "FFTW gives this rank %td points from %td on, the layout %td from %td", t.n0,
               t.start0, k->count, k->first);
  load(&p, &t);
  run_fftw(&p, &t, true);
  kept *const sums = &k[RITZ_MODES_SUMS], *const lines = &k[RITZ_MODES_LINES];
  RITZ_TRY(try_kept(&p, sums, &t));
  RITZ_TRY(try_kept(&p, lines, &t));
  print(&p, sums, lines, k[RITZ_MODES_AUTO].lines ? lines : sums, &t);
  fftwf_destroy_plan(t.forward);
  fftwf_destroy_plan(t.inverse);
  fftwf_free(t.field);
  fftwf_free(t.mode);
  for (int way = 0; way < RITZ_MODES_WAYS; way++) ritz_plan_destroy(&k[way].plan);
  ritz_params_destroy(&params);
  return RITZ_OK;
}

int main(int argc, char **argv) { return ranks_main(argc, argv, "ritz-compare-fftw-mpi", compare); }
