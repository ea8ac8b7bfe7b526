/* SPDX-License-Identifier: BSD-3-Clause
 * Depthwise convolution by transforms of tiles. Chunks are pairs of tiles in one bundle of
 * channels; the transformed windows of a bundle stay in cache while its tiles pass by. */
#include "kernels/depthwise_tiles.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "kernels/kernels.h"

enum {
  number_bytes = 128, /* a complex number: two times 64 bytes of channels */
  wanted_sums = 8     /* of the gradient, at the least: chunks for a few threads */
};

struct ritz_depthwise_tiles {
  ritz_depthwise_shape shape;
  const ritz_kernels *kernels;
  size_t size; /* bytes of a number */
  int threads;
  bool adjoint;
  ritz_index n;                                  /* T */
  ritz_index in[2], out[2], valid[2], kernel[2]; /* of the last two axes; outputs of a tile */
  ritz_index planes;                             /* samples and points of the leading axis */
  ritz_index *source[2]; /* input point at place j of the extended grid, for all tiles; -1: zero */
  ritz_index *point;     /* [columns][T] outputs of a tile, and -1 */
  ritz_index rows, columns, tiles, pairs;
  ritz_index width, bundles; /* channels of a bundle */
  ritz_index sums;           /* of the gradient: pairs fall into that many shares */
  ritz_index *tap;           /* [T] of a row of the window in the order of the map, and -1 */
  void *angles;              /* [3 n / 4][2] cosine and sine of 2 pi k / n */
};

static ritz_index least(ritz_index a, ritz_index b) { return a < b ? a : b; }
static ritz_index quotient_up(ritz_index a, ritz_index b) { return (a + b - 1) / b; }

/* -- Plan -------------------------------------------------------------------------------------- */

static ritz_status list_sources(ritz_depthwise_tiles *t) {
  const ritz_index count[2] = {t->rows, t->columns};
  for (int i = 0; i < 2; i++) {
    const ritz_window_axis *axis = &t->shape.window.axis[1 + i];
    const ritz_window_axis seen = t->adjoint ? ritz_window_adjoint(axis) : *axis;
    const ritz_index places = (count[i] - 1) * t->valid[i] + t->n;
    RITZ_TRY(RITZ_NEW(places, &t->source[i]));
    for (ritz_index j = 0; j < places; j++) /* nothing needs what lies beyond the last output */
      t->source[i][j] =
          j < t->out[i] + t->kernel[i] - 1 ? ritz_window_source(&seen, j - seen.low) : -1;
  }
  RITZ_TRY(RITZ_NEW(t->n, &t->tap));
  for (ritz_index j = 0; j < t->n; j++)
    t->tap[j] = j >= t->kernel[1] ? -1 : t->adjoint ? t->kernel[1] - 1 - j : j;
  RITZ_TRY(RITZ_NEW(t->columns * t->n, &t->point));
  for (ritz_index j = 0; j < t->columns * t->n; j++) {
    const ritz_index o = j / t->n * t->valid[1] + j % t->n;
    t->point[j] = j % t->n < t->valid[1] && o < t->out[1] ? o : -1;
  }
  return RITZ_OK;
}

static ritz_status list_angles(ritz_depthwise_tiles *t) {
  RITZ_TRY(ritz_calloc(3 * t->n / 2, t->size, &t->angles));
  for (ritz_index k = 0; k < 3 * t->n / 4; k++) {
    const double angle = 2 * 3.14159265358979323846 * (double)k / (double)t->n;
    ritz_number_set(t->shape.dtype, t->angles, 2 * k, cos(angle));
    ritz_number_set(t->shape.dtype, t->angles, 2 * k + 1, sin(angle));
  }
  return RITZ_OK;
}

ritz_status ritz_depthwise_tiles_create(const ritz_depthwise_shape *shape, ritz_index tile,
                                        bool adjoint, int threads, ritz_depthwise_tiles **out) {
  ritz_depthwise_tiles *t;
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, &t));
  t->shape = *shape;
  t->kernels = ritz_kernels_get(shape->dtype);
  t->size = ritz_dtype_size(shape->dtype);
  t->threads = threads;
  t->adjoint = adjoint;
  t->n = tile;
  t->planes = shape->batch * shape->window.axis[0].in;
  for (int i = 0; i < 2; i++) {
    const ritz_window_axis *a = &shape->window.axis[1 + i];
    t->in[i] = adjoint ? a->out : a->in;
    t->out[i] = adjoint ? a->in : a->out;
    t->kernel[i] = a->kernel;
    t->valid[i] = tile - a->kernel + 1;
  }
  t->rows = quotient_up(t->out[0], t->valid[0]);
  t->columns = quotient_up(t->out[1], t->valid[1]);
  t->tiles = t->planes * t->rows * t->columns;
  t->pairs = quotient_up(t->tiles, 2);
  t->width = 64 / (ritz_index)t->size;
  t->bundles = quotient_up(shape->channels, t->width);
  t->sums = least(t->pairs, quotient_up(wanted_sums, t->bundles));
  ritz_status status;
  RITZ_TRY_DONE(list_sources(t));
  RITZ_TRY_DONE(list_angles(t));
  *out = t;
  return RITZ_OK;
done:
  ritz_depthwise_tiles_destroy(&t);
  return status;
}

void ritz_depthwise_tiles_destroy(ritz_depthwise_tiles **tiles) {
  if (!tiles || !*tiles) return;
  for (int i = 0; i < 2; i++) ritz_free((*tiles)->source[i]);
  ritz_free((*tiles)->point);
  ritz_free((*tiles)->tap);
  ritz_free((*tiles)->angles);
  ritz_free(*tiles);
  *tiles = NULL;
}

static size_t field_bytes(const ritz_depthwise_tiles *t) {
  return (size_t)(t->n * t->n) * number_bytes;
}

size_t ritz_depthwise_tiles_scratch(const ritz_depthwise_tiles *t, bool gradient) {
  const size_t threads = (size_t)t->threads;
  if (!gradient) return ((size_t)t->bundles + threads) * field_bytes(t);
  const size_t sums = (size_t)(t->bundles * t->sums);
  return (2 * threads + sums) * field_bytes(t) + sums * (size_t)t->width * sizeof(double);
}

/* -- The map ----------------------------------------------------------------------------------- */

typedef struct job {
  const ritz_depthwise_tiles *t;
  const char *x, *w, *bias;
  char *y; /* the gradient: the cotangent, only read */
  bool add;
  char *spectra; /* [bundles] of the windows; the gradient: [bundles][sums] of the sums */
  char *fields;  /* per thread */
  char *gw;
  double *bias_sums; /* [bundles][sums][width] */
} job;

/* Where tile number `index` begins on the grid of outputs; false behind the last one. */
typedef struct place {
  ritz_index plane, row, column;
} place;
static bool find_place(const ritz_depthwise_tiles *t, ritz_index index, place *out) {
  if (index >= t->tiles) return false;
  out->column = index % t->columns * t->valid[1];
  index /= t->columns;
  out->row = index % t->rows * t->valid[0];
  out->plane = index / t->rows;
  return true;
}

static ritz_index width_of(const ritz_depthwise_tiles *t, ritz_index bundle) {
  return least(t->width, t->shape.channels - bundle * t->width);
}

/* Row of a field [planes, extent...] in the channels of a bundle; NULL where row is -1. */
static char *row_of(const ritz_depthwise_tiles *t, const char *field, const ritz_index *extent,
                    ritz_index plane, ritz_index row, ritz_index bundle) {
  if (row < 0) return NULL;
  const ritz_index point = (plane * extent[0] + row) * extent[1];
  return (char *)field + (size_t)(point * t->shape.channels + bundle * t->width) * t->size;
}

static char *line_of(const ritz_depthwise_tiles *t, char *field, ritz_index row) {
  return field + (size_t)(row * t->n) * number_bytes;
}

/* One row of two tiles, transformed. */
static void load_line(const ritz_depthwise_tiles *t, const ritz_index *const source[2],
                      char *const from[2], ritz_index bundle, char *line) {
  t->kernels->fourier_take(t->n, source[0], source[1], t->shape.channels, width_of(t, bundle),
                           from[0], from[1], line);
  if (from[0] || from[1]) t->kernels->fourier_transform(t->n, false, t->angles, line);
}

/* What two tiles see, transformed along the rows. */
static void load_inputs(const job *j, const place p[2], int count, ritz_index bundle, char *field) {
  const ritz_depthwise_tiles *t = j->t;
  for (ritz_index r = 0; r < t->n; r++) {
    char *from[2] = {NULL, NULL};
    const ritz_index *source[2] = {NULL, NULL};
    for (int i = 0; i < count; i++) {
      source[i] = t->source[1] + p[i].column;
      from[i] = row_of(t, j->x, t->in, p[i].plane, t->source[0][p[i].row + r], bundle);
    }
    load_line(t, source, from, bundle, line_of(t, field, r));
  }
}

static void store_outputs(const job *j, const place p[2], int count, ritz_index bundle,
                          char *field) {
  const ritz_depthwise_tiles *t = j->t;
  const char *bias = j->bias ? j->bias + (size_t)(bundle * t->width) * t->size : NULL;
  for (ritz_index r = 0; r < t->valid[0]; r++) {
    char *line = line_of(t, field, r);
    t->kernels->fourier_transform(t->n, true, t->angles, line);
    for (int i = 0; i < count; i++) {
      if (p[i].row + r >= t->out[0]) continue;
      char *to = row_of(t, j->y, t->out, p[i].plane, p[i].row + r, bundle) +
                 (size_t)(p[i].column * t->shape.channels) * t->size;
      t->kernels->fourier_put(least(t->valid[1], t->out[1] - p[i].column), t->shape.channels,
                              width_of(t, bundle), line, bias, j->add, i == 0 ? to : NULL,
                              i == 1 ? to : NULL);
    }
  }
}

static void map_pair(void *arg, ritz_index chunk, int thread) {
  const job *j = arg;
  const ritz_depthwise_tiles *t = j->t;
  const ritz_index bundle = chunk / t->pairs, first = chunk % t->pairs * 2;
  char *field = j->fields + (size_t)thread * field_bytes(t);
  const char *spectrum = j->spectra + (size_t)bundle * field_bytes(t);
  place p[2] = {0};
  const int count = find_place(t, first, &p[0]) + find_place(t, first + 1, &p[1]);
  load_inputs(j, p, count, bundle, field);
  for (ritz_index c = 0; c < t->n; c++)
    t->kernels->fourier_filter(t->n, t->angles, spectrum + (size_t)(c * t->n) * number_bytes,
                               t->valid[0], field + (size_t)c * number_bytes);
  store_outputs(j, p, count, bundle, field);
}

/* The window of a bundle, backwards for the transpose, in all frequencies. */
static void transform_window(void *arg, ritz_index bundle, int thread) {
  const job *j = arg;
  const ritz_depthwise_tiles *t = j->t;
  char *field = j->fields + (size_t)thread * field_bytes(t);
  char *spectrum = j->spectra + (size_t)bundle * field_bytes(t);
  const ritz_index *const source[2] = {t->tap, NULL};
  memset(field, 0, field_bytes(t));
  for (ritz_index r = 0; r < t->kernel[0]; r++) {
    const ritz_index row = t->adjoint ? t->kernel[0] - 1 - r : r;
    const ritz_index at = row * t->kernel[1] * t->shape.channels + bundle * t->width;
    char *const from[2] = {(char *)j->w + (size_t)at * t->size, NULL};
    load_line(t, source, from, bundle, line_of(t, field, r));
  }
  const double factor = 1 / (double)(t->n * t->n);
  for (ritz_index c = 0; c < t->n; c++)
    t->kernels->fourier_window(t->n, t->angles, factor, field + (size_t)c * number_bytes,
                               spectrum + (size_t)(c * t->n) * number_bytes);
}

static bool touches(const void *arg, const ritz_halo *halo, ritz_index chunk) {
  const ritz_depthwise_tiles *t = ((const job *)arg)->t;
  const ritz_index pair = chunk % t->pairs;
  place p;
  for (ritz_index i = 2 * pair; i < 2 * pair + 2 && find_place(t, i, &p); i++) {
    const ritz_index plane = p.plane % t->shape.window.axis[0].in;
    const ritz_index first[3] = {plane, p.row, p.column};
    const ritz_index end[3] = {plane + 1, least(p.row + t->valid[0], t->out[0]),
                               least(p.column + t->valid[1], t->out[1])};
    if (ritz_halo_touches(halo, first, end)) return true;
  }
  return false;
}

void ritz_depthwise_tiles_run(const ritz_depthwise_tiles *t, bool add, const void *x, const void *w,
                              const void *bias, void *y, void *scratch, const ritz_halo *halo) {
  job j = {.t = t,
           .x = x,
           .w = w,
           .bias = bias,
           .y = y,
           .add = add,
           .spectra = scratch,
           .fields = (char *)scratch + (size_t)t->bundles * field_bytes(t)};
  ritz_parallel(t->threads, t->bundles, transform_window, &j);
  ritz_parallel_halo(halo, touches, t->threads, t->bundles * t->pairs, map_pair, &j);
}

/* -- The gradient of the weight ---------------------------------------------------------------- */

/* Outputs of two tiles, transformed along the rows; the rows behind them stay as they are. */
static void load_outputs(const job *j, const place p[2], int count, ritz_index bundle,
                         char *field) {
  const ritz_depthwise_tiles *t = j->t;
  for (ritz_index r = 0; r < t->valid[0]; r++) {
    char *from[2] = {NULL, NULL};
    const ritz_index *source[2] = {NULL, NULL};
    for (int i = 0; i < count; i++) {
      const ritz_index row = p[i].row + r;
      source[i] = t->point + p[i].column / t->valid[1] * t->n;
      from[i] = row_of(t, j->y, t->out, p[i].plane, row < t->out[0] ? row : -1, bundle);
    }
    load_line(t, source, from, bundle, line_of(t, field, r));
  }
}

/* Frequency 0 along the rows holds their sums. */
static void add_bias_sums(const job *j, const char *field, double *sum) {
  const ritz_depthwise_tiles *t = j->t;
  for (ritz_index r = 0; r < t->valid[0]; r++)
    for (ritz_index i = 0; i < 2 * t->width; i++)
      sum[i % t->width] += ritz_number_get(t->shape.dtype, field, r * t->n * 2 * t->width + i);
}

/* A share of the pairs of a bundle: conj(F y) F x, summed. */
static void sum_share(void *arg, ritz_index chunk, int thread) {
  const job *j = arg;
  const ritz_depthwise_tiles *t = j->t;
  const ritz_index bundle = chunk / t->sums, share = chunk % t->sums;
  char *sum = j->spectra + (size_t)chunk * field_bytes(t);
  char *x = j->fields + 2 * (size_t)thread * field_bytes(t), *y = x + field_bytes(t);
  double *bias = j->bias_sums + chunk * t->width;
  memset(sum, 0, field_bytes(t));
  memset(bias, 0, (size_t)t->width * sizeof *bias);
  memset(line_of(t, y, t->valid[0]), 0, (size_t)((t->n - t->valid[0]) * t->n) * number_bytes);
  for (ritz_index pair = share * t->pairs / t->sums; pair < (share + 1) * t->pairs / t->sums;
       pair++) {
    place p[2] = {0};
    const int count = find_place(t, 2 * pair, &p[0]) + find_place(t, 2 * pair + 1, &p[1]);
    load_inputs(j, p, count, bundle, x);
    load_outputs(j, p, count, bundle, y);
    add_bias_sums(j, y, bias);
    for (ritz_index c = 0; c < t->n; c++)
      t->kernels->fourier_correlate(t->n, t->angles, x + (size_t)c * number_bytes,
                                    y + (size_t)c * number_bytes,
                                    sum + (size_t)(c * t->n) * number_bytes);
  }
}

/* Adds the shares of a bundle and brings the sum back to taps. */
static void finish_bundle(void *arg, ritz_index bundle, int thread) {
  const job *j = arg;
  const ritz_depthwise_tiles *t = j->t;
  const ritz_index numbers = t->n * t->n * 2 * t->width, channels = t->shape.channels;
  char *sum = j->spectra + (size_t)(bundle * t->sums) * field_bytes(t);
  char *line = j->fields + 2 * (size_t)thread * field_bytes(t);
  for (ritz_index s = 1; s < t->sums; s++)
    t->kernels->add(numbers, sum, sum + (size_t)s * field_bytes(t), sum);
  t->kernels->scale(numbers, 1 / (double)(t->n * t->n), sum, sum, false);
  for (ritz_index c = 0; c < t->n; c++)
    t->kernels->fourier_transform(t->n, true, t->angles, sum + (size_t)(c * t->n) * number_bytes);
  for (ritz_index r = 0; r < t->kernel[0]; r++) {
    for (ritz_index c = 0; c < t->n; c++)
      memcpy(line + (size_t)c * number_bytes, sum + (size_t)(c * t->n + r) * number_bytes,
             number_bytes);
    t->kernels->fourier_transform(t->n, true, t->angles, line);
    const ritz_index at = r * t->kernel[1] * channels + bundle * t->width;
    t->kernels->fourier_put(t->kernel[1], channels, width_of(t, bundle), line, NULL, j->add,
                            j->gw + (size_t)at * t->size, NULL);
  }
}

void ritz_depthwise_tiles_gradient(const ritz_depthwise_tiles *t, const void *x, const void *gy,
                                   void *gw, bool add_weight, void *gbias, bool add_bias,
                                   void *scratch) {
  const ritz_index sums = t->bundles * t->sums;
  char *fields = (char *)scratch + (size_t)sums * field_bytes(t);
  job j = {.t = t,
           .x = x,
           .y = (char *)gy, /* only read */
           .gw = gw,
           .add = add_weight,
           .spectra = scratch,
           .fields = fields,
           .bias_sums = (double *)(void *)(fields + 2 * (size_t)t->threads * field_bytes(t))};
  ritz_parallel(t->threads, sums, sum_share, &j);
  if (gw) ritz_parallel(t->threads, t->bundles, finish_bundle, &j);
  for (ritz_index c = 0; gbias && c < t->shape.channels; c++) {
    double total = add_bias ? ritz_number_get(t->shape.dtype, gbias, c) : 0;
    for (ritz_index s = 0; s < t->sums; s++)
      total += j.bias_sums[(c / t->width * t->sums + s) * t->width + c % t->width];
    ritz_number_set(t->shape.dtype, gbias, c, total);
  }
}
