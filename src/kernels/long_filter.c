/* SPDX-License-Identifier: BSD-3-Clause
 * Long convolutions: both forms, and which of them.
 *
 *   forward    X = F x,  W = n F k,  y = F^-1 (X W)
 *   vjp        G = (F^-1)^T gy,  gk = F^T (n sum over lines of conj(X) G),  gx = F^T (G conj(W)) */
#include "kernels/long_filter.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "kernels/depthwise.h"
#include "kernels/kernels.h"
#include "kernels/spectral.h"

struct ritz_long_filter {
  ritz_long_filter_shape shape;
  const ritz_kernels *kernels;
  size_t size; /* of a number */
  int threads;
  bool gradients;
  ritz_depthwise *sum;          /* or: */
  ritz_transform *lines, *taps; /* on a grid of n points */
  ritz_mixing *mixing;
  ritz_index n, modes;
  size_t block, row; /* bytes of one of a mode's row blocks in all modes, of lines and of taps */
  size_t padded;     /* bytes of a line of n points */
};

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/* The first number from n on without a prime factor beyond 7. */
static ritz_index smooth(ritz_index n) {
  for (;; n++) {
    ritz_index rest = n;
    for (ritz_index p = 2; p <= 7; p++)
      while (rest % p == 0) rest /= p;
    if (rest == 1) return n;
  }
}

static ritz_status plan_sum(ritz_long_filter *p, int threads) {
  const ritz_long_filter_shape *s = &p->shape;
  ritz_depthwise_shape shape = {
      .dtype = s->dtype, .batch = s->lines, .channels = s->channels, .direct = true};
  const ritz_window_options options = {
      .low = {s->taps - 1}, .boundary = {s->causal ? RITZ_BOUNDARY_ZERO : RITZ_BOUNDARY_PERIODIC}};
  RITZ_TRY(ritz_window_make("long_conv", 1, &s->points, &s->taps, &options, &shape.window));
  return ritz_depthwise_create(&shape, p->gradients, threads, &p->sum);
}

static ritz_status plan_transform(const ritz_long_filter *p, ritz_index batch,
                                  const ritz_index *frequency, int threads, ritz_transform **out) {
  const ritz_transform_shape shape = {.dtype = p->shape.dtype,
                                      .dim = 1,
                                      .batch = batch,
                                      .channels = p->shape.channels,
                                      .grid = {p->n},
                                      .modes = {p->modes},
                                      .frequency = {frequency}};
  return ritz_transform_create(&shape, RITZ_SPECTRAL_AUTO, threads, out);
}

static void clear_spectral(ritz_long_filter *p) {
  ritz_transform_destroy(&p->lines);
  ritz_transform_destroy(&p->taps);
  ritz_mixing_destroy(&p->mixing);
}

static ritz_status plan_spectral(ritz_long_filter *p, int threads) {
  const ritz_long_filter_shape *s = &p->shape;
  ritz_index *list; /* 0, 1, 2 ...: frequencies, and rows of the weight */
  RITZ_TRY(RITZ_NEW(p->modes, &list));
  for (ritz_index m = 0; m < p->modes; m++) list[m] = m;
  const ritz_mixing_shape mixing = {.dtype = s->dtype,
                                    .modes = p->modes,
                                    .batch = s->lines,
                                    .channels_in = s->channels,
                                    .channels_out = s->channels,
                                    .separable = true,
                                    .weight_row = list};
  p->padded = (size_t)(p->n * s->channels) * p->size;
  ritz_status status;
  RITZ_TRY_DONE(plan_transform(p, s->lines, list, threads, &p->lines));
  RITZ_TRY_DONE(plan_transform(p, 1, list, threads, &p->taps));
  RITZ_TRY_DONE(ritz_mixing_create(&mixing, threads, &p->mixing));
  p->row = (size_t)(p->modes * s->channels) * p->size;
  p->block = p->row * (size_t)s->lines;
done:
  ritz_free(list);
  return status;
}

/* Flops of a sum in the time of one of a transform, of the products' and of FFTW's. Measured on one
 * core with AVX-512, single precision, 32 channels, lines of 128 to 4096 points: sums of 32 and
 * more taps run at 85 to 150 GFLOP/s, the products at 50 to 75 with all that goes with them, FFTW
 * at 6. */
static double sum_per_transform(const ritz_transform *t) {
  return ritz_transform_algorithm(t) == RITZ_SPECTRAL_GEMM ? 2 : 20;
}

static bool sum_is_cheaper(const ritz_long_filter *p) {
  const ritz_long_filter_shape *s = &p->shape;
  const double sum = 2 * (double)(s->points * s->taps * s->lines * s->channels);
  return sum < 2 * sum_per_transform(p->lines) * ritz_transform_flops(p->lines) +
                   sum_per_transform(p->taps) * ritz_transform_flops(p->taps);
}

static ritz_status check(const ritz_long_filter_shape *s) {
  RITZ_REQUIRE(
      s->lines >= 0 && s->points >= 1 && s->channels >= 1 && s->taps >= 1 && s->taps <= s->points,
      RITZ_ERR_ARGUMENT,
      "long convolution of %td lines of %td points and %td channels with %td taps", s->lines,
      s->points, s->channels, s->taps);
  RITZ_REQUIRE(s->modes >= 0 && (s->modes == 0 || s->form != RITZ_LONG_SUM), RITZ_ERR_ARGUMENT,
               "a sum has all modes, not %td", s->modes);
  return RITZ_OK;
}

ritz_status ritz_long_filter_create(const ritz_long_filter_shape *shape, bool gradients,
                                    int threads, ritz_long_filter **out) {
  *out = NULL;
  RITZ_TRY(check(shape));
  ritz_long_filter *p;
  RITZ_TRY(RITZ_NEW(1, &p));
  p->shape = *shape;
  p->kernels = ritz_kernels_get(shape->dtype);
  p->size = ritz_dtype_size(shape->dtype);
  p->threads = threads;
  p->gradients = gradients;
  p->n = shape->causal ? smooth(shape->points + shape->taps - 1) : shape->points;
  p->modes = p->n / 2 + 1;
  if (shape->modes > 0 && shape->modes < p->modes) p->modes = shape->modes;
  ritz_status status = RITZ_OK;
  if (shape->form != RITZ_LONG_SUM) RITZ_TRY_DONE(plan_spectral(p, threads));
  const bool may_sum = shape->form == RITZ_LONG_AUTO && shape->modes == 0;
  if (shape->form == RITZ_LONG_SUM || (may_sum && sum_is_cheaper(p))) {
    clear_spectral(p);
    RITZ_TRY_DONE(plan_sum(p, threads));
  }
done:
  if (status == RITZ_OK)
    *out = p;
  else
    ritz_long_filter_destroy(&p);
  return status;
}

void ritz_long_filter_destroy(ritz_long_filter **plan) {
  ritz_long_filter *p = *plan;
  if (!p) return;
  ritz_depthwise_destroy(&p->sum);
  clear_spectral(p);
  ritz_free(p);
  *plan = NULL;
}

bool ritz_long_filter_is_sum(const ritz_long_filter *p) { return p->sum != NULL; }

/* X [modes, 3, lines, C], then W [modes, 2, C]. */
size_t ritz_long_filter_saved(const ritz_long_filter *p) {
  return p->sum ? 0 : ritz_aligned(3 * p->block) + 2 * p->row;
}

static size_t taps_bytes(const ritz_long_filter *p) {
  return ritz_aligned((size_t)(p->shape.taps * p->shape.channels) * p->size);
}

/* A sum: the taps in the other order. Else spectra G and GX, or Y; those of taps; lines and taps of
 * n points; and work. */
size_t ritz_long_filter_scratch(const ritz_long_filter *p) {
  if (p->sum) return 2 * taps_bytes(p) + ritz_depthwise_scratch(p->sum);
  const size_t work =
      larger(larger(ritz_transform_scratch(p->lines), ritz_transform_scratch(p->taps)),
             ritz_mixing_scratch(p->mixing));
  return ritz_aligned(3 * p->block) + ritz_aligned(2 * p->block) + ritz_aligned(3 * p->row) +
         ritz_aligned((size_t)(p->shape.lines + 1) * p->padded) + work;
}

double ritz_long_filter_flops(const ritz_long_filter *p) {
  const ritz_long_filter_shape *s = &p->shape;
  if (p->sum) return ritz_depthwise_flops(p->sum);
  return 2 * ritz_transform_flops(p->lines) + ritz_transform_flops(p->taps) +
         8 * (double)(p->modes * s->lines * s->channels);
}

/* k the other way round: windows do not flip their taps. */
static void reverse(const ritz_long_filter *p, const char *k, char *out) {
  const ritz_index c = p->shape.channels;
  const size_t row = (size_t)c * p->size;
  for (ritz_index t = 0; t < p->shape.taps; t++)
    p->kernels->scale(c, 1, k + (size_t)(p->shape.taps - 1 - t) * row, out + (size_t)t * row,
                      false);
}

static void *weights_in(const ritz_long_filter *p, const void *saved) {
  return (char *)saved + ritz_aligned(3 * p->block);
}

/* Lines of some points and the same of n, zeros behind: one of the two is where the other goes. */
typedef struct padding {
  const ritz_long_filter *filter;
  ritz_index points;
  char *lines, *padded;
  bool add;
} padding;

static void pad_task(void *arg, ritz_index line, int thread) {
  const padding *a = arg;
  const ritz_long_filter *p = a->filter;
  const size_t bytes = (size_t)(a->points * p->shape.channels) * p->size;
  char *to = a->padded + (size_t)line * p->padded;
  memcpy(to, a->lines + (size_t)line * bytes, bytes);
  memset(to + bytes, 0, p->padded - bytes);
}

static void crop_task(void *arg, ritz_index line, int thread) {
  const padding *a = arg;
  const ritz_long_filter *p = a->filter;
  const ritz_index c = p->shape.channels;
  p->kernels->row_copy(a->points, c, a->padded + (size_t)line * p->padded, c,
                       a->lines + (size_t)(line * a->points * c) * p->size, c, a->add);
}

/* To modes of `lines` lines of some points, from modes to such lines; `padded`: room for n. */
static void to_modes(const ritz_long_filter *p, const ritz_transform *t, bool gradient,
                     ritz_index lines, ritz_index points, const void *x, void *spectrum,
                     char *padded, char *work) {
  padding a = {.filter = p, .points = points, .lines = (char *)x, .padded = padded};
  if (points < p->n) ritz_parallel(p->threads, lines, pad_task, &a);
  ritz_transform_to_modes(t, gradient, gradient, points < p->n ? padded : x, spectrum, work);
}

static void from_modes(const ritz_long_filter *p, const ritz_transform *t, bool gradient, bool add,
                       ritz_index lines, ritz_index points, const void *spectrum, void *x,
                       char *padded, char *work) {
  padding a = {.filter = p, .points = points, .lines = x, .padded = padded, .add = add};
  const bool pads = points < p->n;
  ritz_transform_from_modes(t, gradient, add && !pads, spectrum, pads ? padded : x, work);
  if (pads) ritz_parallel(p->threads, lines, crop_task, &a);
}

void ritz_long_filter_forward(const ritz_long_filter *p, const void *x, const void *k, void *saved,
                              void *y, void *scratch) {
  const ritz_index c = p->shape.channels;
  if (p->sum) {
    reverse(p, k, scratch);
    ritz_depthwise_forward(p->sum, false, x, scratch, NULL, y, (char *)scratch + 2 * taps_bytes(p),
                           NULL);
    return;
  }
  char *spectrum = scratch;
  char *taps = spectrum + ritz_aligned(3 * p->block) + ritz_aligned(2 * p->block);
  char *padded = taps + ritz_aligned(3 * p->row), *w = weights_in(p, saved);
  char *work = padded + ritz_aligned((size_t)(p->shape.lines + 1) * p->padded);
  const ritz_long_filter_shape *s = &p->shape;
  to_modes(p, p->taps, false, 1, s->taps, k, taps, padded, work);
  p->kernels->row_copy(p->modes, 2 * c, taps + (size_t)c * p->size, 3 * c, w, 2 * c, false);
  p->kernels->scale(2 * p->modes * c, (double)p->n, w, w, false);
  to_modes(p, p->lines, false, s->lines, s->points, x, saved, padded, work);
  ritz_mixing_forward(p->mixing, saved, w, spectrum, work);
  from_modes(p, p->lines, false, false, s->lines, s->points, spectrum, y, padded, work);
}

static void sum_vjp(const ritz_long_filter *p, const void *x, const void *k, const void *gy,
                    void *gx, bool add_x, char *gk, bool add_k, char *scratch) {
  const ritz_index c = p->shape.channels;
  const size_t row = (size_t)c * p->size;
  char *turned = scratch + taps_bytes(p), *work = turned + taps_bytes(p);
  if (gx) {
    reverse(p, k, scratch);
    ritz_depthwise_adjoint(p->sum, add_x, gy, scratch, NULL, gx, work, NULL);
  }
  if (!gk) return;
  ritz_depthwise_weight_gradient(p->sum, x, gy, turned, false, NULL, false, work);
  for (ritz_index t = 0; t < p->shape.taps; t++)
    p->kernels->scale(c, 1, turned + (size_t)(p->shape.taps - 1 - t) * row, gk + (size_t)t * row,
                      add_k);
}

void ritz_long_filter_vjp(const ritz_long_filter *p, const void *x, const void *k,
                          const void *saved, const void *gy, void *gx, bool add_x, void *gk,
                          bool add_k, void *scratch) {
  if (p->sum) {
    sum_vjp(p, x, k, gy, gx, add_x, gk, add_k, scratch);
    return;
  }
  char *g = scratch, *other = g + ritz_aligned(3 * p->block);
  char *taps = other + ritz_aligned(2 * p->block);
  char *padded = taps + ritz_aligned(3 * p->row);
  char *work = padded + ritz_aligned((size_t)(p->shape.lines + 1) * p->padded);
  const ritz_long_filter_shape *s = &p->shape;
  to_modes(p, p->lines, true, s->lines, s->points, gy, g, padded, work);
  if (gk) {
    ritz_mixing_vjp_weight(p->mixing, saved, g, p->modes, false, taps, work);
    p->kernels->scale(2 * p->modes * p->shape.channels, (double)p->n, taps, taps, false);
    from_modes(p, p->taps, true, add_k, 1, s->taps, taps, gk, padded, work);
  }
  if (!gx) return;
  ritz_mixing_vjp_input(p->mixing, g, weights_in(p, saved), other, work);
  from_modes(p, p->lines, true, add_x, s->lines, s->points, other, gx, padded, work);
}
