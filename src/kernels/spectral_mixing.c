/* SPDX-License-Identifier: BSD-3-Clause
 * Complex channel mixing per mode as pairs of real products over overlapping row blocks.
 *
 *   forward   (Y_re, Y_im)   = (X_re, X_im) W_re + (-X_im, X_re) W_im
 *   input     (GX_re, GX_im) = (G_re, G_im) W_re^T + (G_im, -G_re) W_im^T
 *   weight    GW_re = (X_re, X_im)^T (G_re, G_im),  GW_im = (-X_im, X_re)^T (G_re, G_im)
 *
 * Real spectra have one block, one plane of weights and the first product of each pair. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "kernels/kernels.h"
#include "kernels/spectral.h"
#include "kernels/spectral_product.h"

/* Partial sums for the gradient of a shared weight: as many as keep some threads busy, unless they
 * take more memory than this. */
enum { MOST_PARTS = 16, PARTS_BYTES = 1 << 24 };

struct ritz_mixing {
  ritz_mixing_shape shape;
  const ritz_kernels *kernels;
  int threads;
  size_t size;            /* of a number */
  int blocks, planes;     /* of B rows that a mode comes with, and of those that go out: 3 and 2 */
  ritz_index *weight_row; /* [modes] */
  ritz_index rows;        /* 1 + largest weight row */
  ritz_index *start;      /* [rows + 1]: modes of weight row r are user[start[r]] ... */
  ritz_index *user;       /* [modes], ascending within a row */
  ritz_index together;    /* modes per chunk */
  size_t weight_bytes;    /* of one mode of the weight, up to a multiple of 64 */
  ritz_index parts;       /* partial sums of the gradient of a weight that all modes share, or 1 */
  ritz_product forward, forward_add, input, input_add, weight, weight_add;
};

static ritz_status check_mixing(const ritz_mixing_shape *shape, int threads) {
  RITZ_REQUIRE(shape->modes >= 0 && shape->batch >= 0, RITZ_ERR_ARGUMENT,
               "mixing of %td modes in batches of %td, at least 0 expected", shape->modes,
               shape->batch);
  RITZ_REQUIRE(shape->channels_in >= 1 && shape->channels_out >= 1, RITZ_ERR_ARGUMENT,
               "mixing of %td channels into %td, at least 1 expected", shape->channels_in,
               shape->channels_out);
  RITZ_REQUIRE(!shape->separable || shape->channels_in == shape->channels_out, RITZ_ERR_SHAPE,
               "separable mixing of %td channels into %td, as many expected", shape->channels_in,
               shape->channels_out);
  RITZ_REQUIRE(!shape->real || !(shape->third_in || shape->third_out), RITZ_ERR_ARGUMENT,
               "a real spectrum has no third block");
  RITZ_REQUIRE(threads >= 1, RITZ_ERR_ARGUMENT, "%d threads, at least 1 expected", threads);
  for (ritz_index m = 0; shape->weight_row && m < shape->modes; m++)
    RITZ_REQUIRE(shape->weight_row[m] >= 0, RITZ_ERR_ARGUMENT,
                 "mode %td wants weight row %td, at least 0 expected", m, shape->weight_row[m]);
  return RITZ_OK;
}

/* Lists the modes of each weight row: a counting sort, so that a row's gradient is summed in the
 * order of its modes by one thread. */
static ritz_status list_users(ritz_mixing *x) {
  const ritz_index modes = x->shape.modes;
  RITZ_TRY(RITZ_NEW(modes, &x->weight_row));
  RITZ_TRY(RITZ_NEW(modes, &x->user));
  for (ritz_index m = 0; m < modes; m++) {
    if (x->shape.weight_row) x->weight_row[m] = x->shape.weight_row[m];
    if (x->weight_row[m] >= x->rows) x->rows = x->weight_row[m] + 1;
  }
  RITZ_TRY(RITZ_NEW(x->rows + 2, &x->start));
  ritz_index *next = x->start + 1; /* next[r] ends up as start[r + 1] */
  for (ritz_index m = 0; m < modes; m++) next[x->weight_row[m] + 1]++;
  for (ritz_index r = 0; r < x->rows; r++) next[r + 1] += next[r];
  for (ritz_index m = 0; m < modes; m++) x->user[next[x->weight_row[m]]++] = m;
  return RITZ_OK;
}

static void plan_products(ritz_mixing *x) {
  const ritz_dtype dtype = x->shape.dtype;
  const ritz_index ci = x->shape.channels_in, co = x->shape.channels_out;
  const ritz_index rows = x->planes * x->shape.batch;
  x->forward = ritz_product_plan(dtype, false, false, rows, co, ci, ci, co, co);
  x->forward_add = ritz_product_plan(dtype, false, true, rows, co, ci, ci, co, co);
  x->input = ritz_product_plan(dtype, false, false, rows, ci, co, co, ci, ci);
  x->input_add = ritz_product_plan(dtype, false, true, rows, ci, co, co, ci, ci);
  x->weight = ritz_product_plan(dtype, true, false, ci, co, rows, ci, co, co);
  x->weight_add = ritz_product_plan(dtype, true, true, ci, co, rows, ci, co, co);
}

static ritz_index shared_parts(const ritz_mixing *x) {
  ritz_index parts = (ritz_index)((size_t)PARTS_BYTES / x->weight_bytes);
  if (parts > MOST_PARTS) parts = MOST_PARTS;
  if (parts > x->shape.modes) parts = x->shape.modes;
  return parts > 1 ? parts : 1;
}

ritz_status ritz_mixing_create(const ritz_mixing_shape *shape, int threads, ritz_mixing **out) {
  *out = NULL;
  RITZ_TRY(check_mixing(shape, threads));
  ritz_mixing *x;
  RITZ_TRY(RITZ_NEW(1, &x));
  x->shape = *shape;
  x->kernels = ritz_kernels_get(shape->dtype);
  x->threads = threads;
  x->size = ritz_dtype_size(shape->dtype);
  x->blocks = shape->real ? 1 : 3;
  x->planes = shape->real ? 1 : 2;
  ritz_status status;
  RITZ_TRY_DONE(list_users(x));
  x->shape.weight_row = NULL; /* the caller's */
  const ritz_index per_channel = shape->separable ? 1 : shape->channels_out;
  x->weight_bytes = ritz_aligned((size_t)(x->planes * shape->channels_in * per_channel) * x->size);
  if (!shape->separable) plan_products(x);
  x->together = shape->modes / 64 + 1;
  x->parts = shape->weight_row ? 1 : shared_parts(x);
done:
  if (status == RITZ_OK)
    *out = x;
  else
    ritz_mixing_destroy(&x);
  return status;
}

void ritz_mixing_destroy(ritz_mixing **mixing) {
  if (!*mixing) return;
  ritz_free((*mixing)->weight_row);
  ritz_free((*mixing)->start);
  ritz_free((*mixing)->user);
  ritz_free(*mixing);
  *mixing = NULL;
}

size_t ritz_mixing_scratch(const ritz_mixing *x) {
  /* A thread's transposed weight and, row by row, its gradient. */
  const size_t transposed = 2 * (size_t)x->threads * x->weight_bytes;
  const size_t sums = x->parts > 1 ? (size_t)x->parts * x->weight_bytes : 0;
  return transposed > sums ? transposed : sums;
}

/* One call's arrays; sizes in bytes. */
typedef struct mixing_run {
  const ritz_mixing *mixing;
  const char *x, *w, *gy;
  char *out, *gx, *scratch;
  ritz_mixing_taker *take;
  void *taker;
  ritz_index count, together; /* modes, or weight rows */
  bool add;
  size_t in_block, out_block, weight; /* B Ci, B Co, and one of the weight's two planes */
} mixing_run;

static mixing_run start_run(const ritz_mixing *m) {
  const ritz_mixing_shape *s = &m->shape;
  return (mixing_run){
      .mixing = m,
      .count = s->modes,
      .together = m->together,
      .in_block = (size_t)(s->batch * s->channels_in) * m->size,
      .out_block = (size_t)(s->batch * s->channels_out) * m->size,
      .weight =
          (size_t)(s->separable ? s->channels_in : s->channels_in * s->channels_out) * m->size};
}

static void spread(mixing_run *run, ritz_task *task) {
  ritz_parallel(run->mixing->threads, (run->count + run->together - 1) / run->together, task, run);
}

static ritz_index chunk_end(const mixing_run *run, ritz_index chunk) {
  const ritz_index end = (chunk + 1) * run->together;
  return end < run->count ? end : run->count;
}

static void negate(const ritz_mixing *m, size_t bytes, const void *x, void *y) {
  m->kernels->scale((ritz_index)(bytes / m->size), -1, x, y, false);
}

/* A mode's blocks (Re, Im) or Re of a signal X. */
static const char *signal_of(const mixing_run *run, ritz_index i) {
  const ritz_index block = run->mixing->shape.real ? i : 3 * i + 1;
  return run->x + (size_t)block * run->in_block;
}
static const char *gradient_of(const mixing_run *run, ritz_index i) {
  return run->gy + (size_t)(run->mixing->blocks * i) * run->out_block;
}
static const char *weight_of(const mixing_run *run, ritz_index i) {
  const ritz_mixing *m = run->mixing;
  return run->w + (size_t)(m->planes * m->weight_row[i]) * run->weight;
}

/* Y of one mode, x = (Re, Im) with -Im in front. */
static void mix(const mixing_run *run, const char *x, const char *w, char *y) {
  const ritz_mixing *m = run->mixing;
  const ritz_mixing_shape *s = &m->shape;
  if (s->separable && s->real) {
    m->kernels->row_gate(s->batch, s->channels_in, x, w, NULL, y);
  } else if (s->separable) {
    m->kernels->mode_scale(s->batch, s->channels_in, x, w, 1, y);
  } else {
    ritz_product_run(&m->forward, x, w, y);
    if (!s->real) ritz_product_run(&m->forward_add, x - run->in_block, w + run->weight, y);
  }
}

static void forward_task(void *arg, ritz_index chunk, int thread) {
  const mixing_run *run = arg;
  const ritz_mixing *m = run->mixing;
  const bool third = m->shape.third_out;
  for (ritz_index i = chunk * run->together; i < chunk_end(run, chunk); i++) {
    char *first = run->out + (size_t)((m->planes + third) * i) * run->out_block;
    char *y = third ? first + run->out_block : first; /* (Re, Im) */
    mix(run, signal_of(run, i), weight_of(run, i), y);
    if (third) negate(m, run->out_block, y + run->out_block, first);
  }
}

void ritz_mixing_forward(const ritz_mixing *mixing, const void *x, const void *w, void *y,
                         void *scratch) {
  mixing_run run = start_run(mixing);
  run.x = x, run.w = w, run.out = y;
  spread(&run, forward_task);
}

/* GX of one mode; the weight's transpose is there. */
static void mix_back(const mixing_run *run, const char *gy, const char *transposed, char *gx) {
  const ritz_mixing *m = run->mixing;
  ritz_product_run(&m->input, gy, transposed, gx);
  if (!m->shape.real)
    ritz_product_run(&m->input_add, gy + run->out_block, transposed + run->weight, gx);
}

/* GX of mode i. @param row  The weight row that is transposed in `transposed`. */
static void input_of_mode(const mixing_run *run, ritz_index i, char *transposed, ritz_index *row) {
  const ritz_mixing *m = run->mixing;
  const ritz_mixing_shape *s = &m->shape;
  const char *gy = gradient_of(run, i), *w = weight_of(run, i);
  char *gx = run->gx + (size_t)((m->planes + s->third_in) * i) * run->in_block;
  if (s->separable && s->real) {
    m->kernels->row_gate(s->batch, s->channels_in, gy, w, NULL, gx);
  } else if (s->separable) {
    m->kernels->mode_scale(s->batch, s->channels_in, gy, w, -1, gx);
  } else {
    for (int plane = 0; m->weight_row[i] != *row && plane < m->planes; plane++)
      m->kernels->mode_transpose(s->channels_in, s->channels_out, w + (size_t)plane * run->weight,
                                 transposed + (size_t)plane * run->weight);
    *row = m->weight_row[i];
    mix_back(run, gy, transposed, gx);
  }
  if (s->third_in) negate(m, run->in_block, gx, gx + 2 * run->in_block);
}

static void input_task(void *arg, ritz_index chunk, int thread) {
  const mixing_run *run = arg;
  char *transposed = run->scratch + (size_t)thread * run->mixing->weight_bytes;
  ritz_index row = -1;
  for (ritz_index i = chunk * run->together; i < chunk_end(run, chunk); i++)
    input_of_mode(run, i, transposed, &row);
}

void ritz_mixing_vjp_input(const ritz_mixing *mixing, const void *gy, const void *w, void *gx,
                           void *scratch) {
  mixing_run run = start_run(mixing);
  run.gy = gy, run.w = w, run.gx = gx, run.scratch = scratch;
  spread(&run, input_task);
}

static void weight_of_mode(const mixing_run *run, ritz_index i, bool add, char *gw) {
  const ritz_mixing *m = run->mixing;
  const char *x = signal_of(run, i), *gy = gradient_of(run, i);
  if (m->shape.separable && m->shape.real) {
    if (!add) memset(gw, 0, run->weight);
    m->kernels->row_gate_vjp(m->shape.batch, m->shape.channels_in, x, gw, gy, NULL, false, gw,
                             NULL); /* without gx any w will do */
    return;
  }
  if (m->shape.separable) {
    m->kernels->mode_scale_vjp(m->shape.batch, m->shape.channels_in, x, gy, gw, add);
    return;
  }
  const ritz_product *product = add ? &m->weight_add : &m->weight;
  ritz_product_run(product, x, gy, gw);
  if (!m->shape.real) ritz_product_run(product, x - run->in_block, gy, gw + run->weight);
}

/* GW of row r, of all its modes. */
static void weight_of_row(const mixing_run *run, ritz_index r, char *gw) {
  const ritz_mixing *m = run->mixing;
  const ritz_index begin = r < m->rows ? m->start[r] : 0;
  const ritz_index end = r < m->rows ? m->start[r + 1] : 0;
  if (begin == end && !run->add) memset(gw, 0, (size_t)m->planes * run->weight);
  for (ritz_index u = begin; u < end; u++)
    weight_of_mode(run, m->user[u], run->add || u > begin, gw);
}

static void weight_task(void *arg, ritz_index chunk, int thread) {
  const mixing_run *run = arg;
  for (ritz_index r = chunk * run->together; r < chunk_end(run, chunk); r++)
    weight_of_row(run, r, run->out + (size_t)(run->mixing->planes * r) * run->weight);
}

static void row_task(void *arg, ritz_index chunk, int thread) {
  const mixing_run *run = arg;
  const ritz_mixing *m = run->mixing;
  char *transposed = run->scratch + 2 * (size_t)thread * m->weight_bytes;
  char *gw = transposed + m->weight_bytes;
  ritz_index row = -1;
  for (ritz_index r = chunk * run->together; r < chunk_end(run, chunk); r++) {
    const bool used = run->gx && r < m->rows;
    for (ritz_index u = used ? m->start[r] : 0, end = used ? m->start[r + 1] : 0; u < end; u++)
      input_of_mode(run, m->user[u], transposed, &row);
    weight_of_row(run, r, gw);
    run->take(run->taker, r, gw);
  }
}

void ritz_mixing_vjp_rows(const ritz_mixing *mixing, const void *x, const void *gy, const void *w,
                          ritz_index weight_modes, ritz_mixing_taker *take, void *arg, void *gx,
                          void *scratch) {
  mixing_run run = start_run(mixing);
  run.x = x, run.gy = gy, run.w = w, run.gx = gx, run.scratch = scratch;
  run.take = take, run.taker = arg;
  run.count = weight_modes;
  run.together = weight_modes / 64 + 1;
  spread(&run, row_task);
}

/* A weight that all modes share: sums over parts of them, then the sum of those in order. */
static void part_task(void *arg, ritz_index part, int thread) {
  const mixing_run *run = arg;
  const ritz_mixing *m = run->mixing;
  const ritz_index modes = m->shape.modes, begin = part * modes / m->parts;
  const ritz_index end = (part + 1) * modes / m->parts;
  for (ritz_index i = begin; i < end; i++)
    weight_of_mode(run, i, i > begin, run->scratch + (size_t)part * m->weight_bytes);
}

static void sum_task(void *arg, ritz_index slice, int thread) {
  const mixing_run *run = arg;
  const ritz_mixing *m = run->mixing;
  const ritz_index n = m->planes * (ritz_index)(run->weight / m->size);
  const ritz_index begin = slice * n / MOST_PARTS, end = (slice + 1) * n / MOST_PARTS;
  const size_t at = (size_t)begin * m->size;
  for (ritz_index part = 0; part < m->parts; part++)
    m->kernels->scale(end - begin, 1, run->scratch + (size_t)part * m->weight_bytes + at,
                      run->out + at, run->add || part > 0);
}

static void vjp_shared(mixing_run *run) {
  const ritz_mixing *m = run->mixing;
  ritz_parallel(m->threads, m->parts, part_task, run);
  ritz_parallel(m->threads, MOST_PARTS, sum_task, run);
}

void ritz_mixing_vjp_weight(const ritz_mixing *mixing, const void *x, const void *gy,
                            ritz_index weight_modes, bool add, void *gw, void *scratch) {
  mixing_run run = start_run(mixing);
  run.x = x, run.gy = gy, run.out = gw, run.add = add, run.scratch = scratch;
  if (mixing->parts > 1) {
    vjp_shared(&run);
    return;
  }
  run.count = weight_modes;
  run.together = weight_modes / 64 + 1;
  spread(&run, weight_task);
}
