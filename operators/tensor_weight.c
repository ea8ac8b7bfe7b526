/* SPDX-License-Identifier: BSD-3-Clause
 * Parameters of factorised weights, and the convolution with them. Axes of the factorised tensor:
 * the layer if layers share it, one or two channel axes, the modes. */
#include "operators/tensor_weight.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "graph/op.h"

/* Position of the first mode axis, of the first channel axis. */
static int first_mode(const ritz_tensor_shape *s) {
  return (s->layers > 0) + (s->separable ? 1 : 2);
}
static int first_channel(const ritz_tensor_shape *s) { return s->layers > 0; }

static int extents(const ritz_tensor_shape *s, ritz_index *n) {
  int order = 0;
  if (s->layers > 0) n[order++] = s->layers;
  n[order++] = s->in;
  if (!s->separable) n[order++] = s->out;
  for (int a = 0; a < s->dim; a++) n[order++] = s->rows[a];
  return order;
}

static ritz_status choose_ranks(const ritz_tensor_shape *s, int *order, ritz_index *rank) {
  ritz_index n[RITZ_TENSOR_AXES];
  const ritz_factorization kind = ritz_factorization_of(s->config);
  *order = extents(s, n);
  if (kind == RITZ_DENSE) return RITZ_OK;
  return ritz_tensor_ranks(kind, *order, n, &s->config->rank, &s->config->fixed_rank_modes, rank);
}

ritz_status ritz_tensor_check(const ritz_tensor_shape *shape) {
  int order;
  ritz_index rank[RITZ_TENSOR_AXES];
  return choose_ranks(shape, &order, rank);
}

/* Rank of an axis of the tensor: tucker's own, cp's only one. */
static ritz_index rank_of(const ritz_tensor_weight *w, int axis) {
  return w->rank[ritz_factorization_of(w->shape.config) == RITZ_CP ? 0 : axis];
}

/* A train's ranks before and after an axis. */
static ritz_index before(const ritz_tensor_weight *w, int axis) {
  return axis > 0 ? w->rank[axis - 1] : 1;
}
static ritz_index after(const ritz_tensor_weight *w, int axis) {
  return axis + 1 < w->order ? w->rank[axis] : 1;
}

/* Standard deviation of a factor's entries, so that entries of the product have `sigma`. */
static double factor_deviation(const ritz_tensor_weight *w, double sigma) {
  const ritz_factorization kind = ritz_factorization_of(w->shape.config);
  double product = 1;
  const int count = kind == RITZ_CP ? 1 : kind == RITZ_TT ? w->order - 1 : w->order;
  for (int i = 0; i < count; i++) product *= (double)w->rank[i];
  switch (kind) {
    case RITZ_TUCKER: return pow(sigma / sqrt(product), 1.0 / (w->order + 1));
    case RITZ_CP: return pow(sigma / sqrt(product), 1.0 / w->order);
    default: return pow(sigma / product, 1.0 / w->order); /* not its root: as in the reference */
  }
}

/* Where parameters go, and how they start. */
typedef struct target {
  ritz_graph *g;
  ritz_params *p;
  const char *name;
  ritz_init init;
} target;

static ritz_var factor(const target *t, const char *what, int rank, const ritz_index *n,
                       int planes) {
  ritz_shape shape = {.rank = rank};
  memcpy(shape.n, n, (size_t)rank * sizeof *n);
  return ritz_parameter(t->g, t->p, t->init, shape, planes, "%s.%s", t->name, what);
}

static ritz_var matrix(const target *t, const char *what, ritz_index a, ritz_index b, ritz_index c,
                       int planes) {
  return factor(t, what, 3, (ritz_index[]){a, b, c}, planes);
}

/* Matrices of the channel axes and of the modes, one rank for each axis. */
static void add_matrices(const target *t, ritz_tensor_weight *w) {
  const ritz_tensor_shape *s = &w->shape;
  const int channel = first_channel(s);
  if (s->layers > 0) w->layers = matrix(t, "layers", s->layers, 2, rank_of(w, 0), 1);
  if (s->separable) {
    w->channels = matrix(t, "channels", rank_of(w, channel), 2, s->in, 1);
  } else {
    w->in = matrix(t, "in", 2, s->in, rank_of(w, channel), 0);
    w->out = matrix(t, "out", 2, rank_of(w, channel + 1), s->out, 0);
  }
  for (int a = 0; a < s->dim; a++) {
    char what[24];
    const int axis = first_mode(s) + a;
    snprintf(what, sizeof what, "factor.%d", axis);
    w->mode[a] = matrix(t, what, s->rows[a], 2, rank_of(w, axis), 1);
  }
}

/* Core [layer, modes, 2, channels]. */
static void add_core(const target *t, ritz_tensor_weight *w) {
  const ritz_tensor_shape *s = &w->shape;
  ritz_index n[RITZ_TENSOR_AXES + 1];
  int rank = 0;
  if (s->layers > 0) n[rank++] = w->rank[0];
  for (int axis = first_mode(s); axis < w->order; axis++) n[rank++] = w->rank[axis];
  const int planes = rank;
  n[rank++] = 2;
  for (int axis = first_channel(s); axis < first_mode(s); axis++) n[rank++] = w->rank[axis];
  w->core = factor(t, "core", rank, n, planes);
}

/* Cores of a train, [behind.., 2, before]: those of the modes multiplied from the last one on, so
 * that mode[0] is [K0, K1, .., 2, R]. */
static void add_train(const target *t, ritz_tensor_weight *w) {
  const ritz_tensor_shape *s = &w->shape;
  const int channel = first_channel(s);
  const ritz_index r0 = before(w, channel), r1 = after(w, channel);
  const ritz_index with_layers[] = {r0, 2, s->in, r1};
  if (s->layers > 0) w->layers = matrix(t, "layers", s->layers, 2, r0, 1);
  if (s->separable) {
    const ritz_index n[] = {r0, r1, 2, s->in};
    const int skip = s->layers == 0;
    w->channels = factor(t, "channels", 4 - skip, n + skip, 2 - skip);
  } else {
    const int skip = s->layers == 0;
    const ritz_index r2 = after(w, channel + 1), n[] = {r2, 2, r1, s->out};
    w->in = factor(t, "in", 4 - skip, with_layers + skip, 1 - skip);
    w->core = factor(t, "train.1", 4, n, 1);
  }
  for (int a = s->dim - 1; a >= 0; a--) {
    char what[24];
    const int axis = first_mode(s) + a;
    const bool last = a == s->dim - 1;
    const ritz_index n[] = {s->rows[a], after(w, axis), 2, before(w, axis)};
    snprintf(what, sizeof what, "train.%d", axis);
    ritz_var core = last ? matrix(t, what, n[0], 2, n[3], 1) : factor(t, what, 4, n, 2);
    w->mode[0] = last ? core : ritz_mode_product(t->g, core, w->mode[0], 1, 1);
  }
}

ritz_tensor_weight ritz_tensor_weight_add(ritz_graph *g, ritz_params *p,
                                          const ritz_tensor_shape *shape) {
  ritz_tensor_weight w = {.shape = *shape};
  const ritz_factorization kind = ritz_factorization_of(shape->config);
  const ritz_status status = choose_ranks(shape, &w.order, w.rank);
  if (status != RITZ_OK) {
    ritz_graph_latch(g, status);
    return w;
  }
  const double sigma = sqrt(2.0 / (double)(shape->in + shape->out));
  target t = {g, p, shape->name, {RITZ_INIT_NORMAL, factor_deviation(&w, sigma) * sqrt(0.5)}};
  if (kind == RITZ_TT) {
    add_train(&t, &w);
    return w;
  }
  add_matrices(&t, &w);
  if (kind == RITZ_TUCKER) {
    add_core(&t, &w);
  } else {
    t.init = (ritz_init){RITZ_INIT_REAL, 1};
    w.core = factor(&t, "weights", 2, (ritz_index[]){2, w.rank[0]}, 0);
  }
  return w;
}

/* The weight of one layer out of a tensor of all: the row of the layer contracts its axis. */
static ritz_tensor_weight of_layer(ritz_graph *g, const ritz_tensor_weight *weight, int layer) {
  ritz_tensor_weight w = *weight;
  if (w.shape.layers == 0) return w;
  ritz_var row = ritz_select(g, w.layers, layer);
  switch (ritz_factorization_of(w.shape.config)) {
    case RITZ_TUCKER:
      w.core = ritz_mode_product(g, w.core, row, 0, w.shape.separable ? 1 : 2);
      break;
    case RITZ_CP: w.core = ritz_mode_scale(g, w.core, row); break;
    default:
      if (w.shape.separable)
        w.channels = ritz_mode_product(g, w.channels, row, 0, 1);
      else
        w.in = ritz_mode_product(g, w.in, row, 0, 2);
  }
  return w;
}

/* A tensor whose mode axes are ranks, with them expanded to all rows; `inner` channel axes. */
static ritz_var expand(ritz_graph *g, const ritz_tensor_weight *w, ritz_var core, int inner) {
  switch (ritz_factorization_of(w->shape.config)) {
    case RITZ_TUCKER:
      for (int a = 0; a < w->shape.dim; a++)
        core = ritz_mode_product(g, core, w->mode[a], a, inner);
      return core;
    case RITZ_CP:
      for (int a = 0; a < w->shape.dim; a++) core = ritz_mode_scale(g, core, w->mode[a]);
      return core;
    default: return ritz_mode_product(g, core, w->mode[0], 0, inner);
  }
}

static ritz_var separable_conv(ritz_graph *g, ritz_var v, const ritz_tensor_weight *w,
                               const ritz_spectral_options *options) {
  const bool train = ritz_factorization_of(w->shape.config) == RITZ_TT;
  ritz_var modes = train ? w->mode[0] : expand(g, w, w->core, 1);
  return ritz_spectral_conv(g, v, ritz_mode_product(g, w->channels, modes, 0, 1), options);
}

static bool is_cp(const ritz_tensor_weight *w) {
  return ritz_factorization_of(w->shape.config) == RITZ_CP;
}

static ritz_var factorized_conv(ritz_graph *g, ritz_var v, const ritz_tensor_weight *w,
                                const ritz_spectral_options *options) {
  ritz_spectral_options inner = *options;
  inner.separable = is_cp(w);
  return ritz_mapped_spectral_conv(g, v, w->in, expand(g, w, w->core, 2), w->out, &inner);
}

/* The channel axes first: the modes' ranks are smaller than their rows. Not for cp, whose
 * components have no matrix of channels before. */
static ritz_var reconstructed_conv(ritz_graph *g, ritz_var v, const ritz_tensor_weight *w,
                                   const ritz_spectral_options *options) {
  ritz_var dense = is_cp(w) ? ritz_map_channels(g, w->in, expand(g, w, w->core, 1), w->out, true)
                            : expand(g, w, ritz_map_channels(g, w->in, w->core, w->out, false), 2);
  return ritz_spectral_conv(g, v, dense, options);
}

/* Complex products of expanding `numbers` channel entries, of one train's or tucker's core. */
static double expansion(const ritz_tensor_weight *w, double numbers) {
  const int first = first_mode(&w->shape);
  double rows = 1, cost = 0, ranks = 1;
  if (ritz_factorization_of(w->shape.config) == RITZ_TT) {
    for (int a = 0; a < w->shape.dim; a++) rows *= (double)w->shape.rows[a];
    return rows * (double)before(w, first) * numbers;
  }
  for (int a = 0; a < w->shape.dim; a++) ranks *= (double)w->rank[first + a];
  for (int a = 0; a < w->shape.dim; a++) {
    rows *= (double)w->shape.rows[a];
    cost += rows * ranks * numbers;
    ranks /= (double)w->rank[first + a];
  }
  return cost;
}

ritz_tensor_costs ritz_tensor_cost(const ritz_tensor_weight *w, ritz_index modes,
                                   ritz_index batch) {
  const ritz_tensor_shape *s = &w->shape;
  const int channel = first_channel(s);
  const double ci = (double)s->in, co = (double)s->out, used = (double)(modes * batch);
  double rows = 1, factorized, reconstructed;
  if (s->separable) return (ritz_tensor_costs){0, 0};
  for (int a = 0; a < s->dim; a++) rows *= (double)s->rows[a];
  if (is_cp(w)) {
    const double r = (double)w->rank[0];
    factorized = used * r * (ci + 1 + co);
    reconstructed = used * ci * co + rows * ci * r * (1 + co);
  } else if (w->out) {
    const double r0 = (double)w->rank[channel], r1 = (double)w->rank[channel + 1];
    double core = 1;
    for (int axis = first_mode(s); axis < w->order; axis++) core *= (double)w->rank[axis];
    factorized = used * (ci * r0 + r0 * r1 + r1 * co) + expansion(w, r0 * r1);
    reconstructed = used * ci * co + core * ci * r1 * (r0 + co) + expansion(w, ci * co);
  } else {
    const double r1 = (double)after(w, channel), r2 = (double)after(w, channel + 1);
    factorized = used * r1 * (ci + co) + expansion(w, r1 * co);
    reconstructed = used * ci * co + r2 * ci * r1 * co + expansion(w, ci * co);
  }
  return (ritz_tensor_costs){8 * factorized, 8 * reconstructed};
}

ritz_var ritz_tensor_conv(ritz_graph *g, ritz_var v, const ritz_tensor_weight *weight, int layer,
                          const ritz_spectral_options *options) {
  if (!v || ritz_graph_status(g) != RITZ_OK) return RITZ_NO_VAR;
  const ritz_tensor_weight w = of_layer(g, weight, layer);
  if (w.shape.separable) return separable_conv(g, v, &w, options);
  ritz_index modes = 1;
  for (int a = 0; a < w.shape.dim; a++) modes *= options->modes[a];
  const ritz_tensor_costs cost = ritz_tensor_cost(&w, modes, v->shape.n[0]);
  int way = w.shape.config->implementation;
  if (way == RITZ_TENSOR_AUTO)
    way =
        cost.factorized <= cost.reconstructed ? RITZ_TENSOR_FACTORIZED : RITZ_TENSOR_RECONSTRUCTED;
  return way == RITZ_TENSOR_FACTORIZED ? factorized_conv(g, v, &w, options)
                                       : reconstructed_conv(g, v, &w, options);
}
