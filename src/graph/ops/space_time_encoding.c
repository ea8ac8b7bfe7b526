/* SPDX-License-Identifier: BSD-3-Clause
 * A scalar field in space and time with its place encoded, y[b, x, y, t, c] = v[b, x, y, t] +
 * e_c(x, y, t): e_0, e_1 the coordinates i / (N - 1) in space, e_2 the time
 * tau = (t + 1) / 100 and behind it exp(beta tau) sin(pi tau), exp(beta tau) cos(2 pi tau), ...
 * in turns. Cao, Brarda, Li & Xi 2024, arXiv:2405.17211, as in the authors' code.
 *
 * vjp: gv += sum over c of gy[..., c]. */
#include <math.h>

#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"

static const double pi = 3.14159265358979323846;

enum { coordinates = 3, time_unit = 100 };

typedef struct encoding_attr {
  ritz_index channels;
  double beta;
} encoding_attr;

static ritz_status encoding_infer(ritz_node *node) {
  const encoding_attr *attr = node->attr;
  const ritz_node *x = node->in[0];
  char text[128];
  RITZ_REQUIRE(ritz_grid_dim(x) == 3 && ritz_channels(x) == 1, RITZ_ERR_SHAPE,
               "space_time_encoding: x is %s, wanted [B, X, Y, T, 1]",
               ritz_shape_text(&x->shape, text));
  RITZ_REQUIRE(attr->channels >= coordinates && isfinite(attr->beta), RITZ_ERR_ARGUMENT,
               "space_time_encoding: %td channels, wanted 3 or more", attr->channels);
  node->shape = x->shape;
  node->shape.n[4] = attr->channels;
  return RITZ_OK;
}

/* Channels from the third on, for each time: state = [T][channels - 2]. */
static ritz_status encoding_plan(ritz_node *node, bool gradients) {
  const encoding_attr *attr = node->attr;
  const ritz_index steps = node->shape.n[3], first = ritz_first_point(node, 2);
  double *table;
  RITZ_TRY(RITZ_NEW(steps * (attr->channels - 2), &table));
  node->state = table;
  for (ritz_index t = 0; t < steps; t++) {
    const double tau = (double)(first + t + 1) / time_unit, scale = exp(attr->beta * tau);
    *table++ = tau;
    for (ritz_index k = 0; k < attr->channels - coordinates; k++) {
      const double turn = pi * (double)(k + 1) * tau;
      *table++ = scale * (k % 2 == 0 ? sin(turn) : cos(turn));
    }
  }
  return RITZ_OK;
}

static void encoding_destroy(ritz_node *node) { ritz_free(node->state); }

static double place(const ritz_node *node, int axis, ritz_index i) {
  const ritz_index n = ritz_extent(node, axis);
  return n > 1 ? (double)(ritz_first_point(node, axis) + i) / (double)(n - 1) : 0;
}

static void encoding_rows(const ritz_node *node, const ritz_tile *tile) {
  const ritz_dtype dtype = node->graph->dtype;
  const ritz_index c = ritz_channels(node), *n = node->shape.n;
  for (ritz_index r = 0; r < tile->count; r++) {
    const ritz_index row = tile->first + r, t = row % n[3];
    const double v = ritz_number_get(dtype, tile->in[0], r);
    const double *table = (const double *)node->state + t * (c - 2);
    ritz_number_set(dtype, tile->out, r * c, v + place(node, 0, row / (n[2] * n[3]) % n[1]));
    ritz_number_set(dtype, tile->out, r * c + 1, v + place(node, 1, row / n[3] % n[2]));
    for (ritz_index k = 2; k < c; k++)
      ritz_number_set(dtype, tile->out, r * c + k, v + table[k - 2]);
  }
}

static void encoding_vjp(const ritz_node *node, const ritz_tile *tile) {
  const ritz_dtype dtype = node->graph->dtype;
  const ritz_index c = ritz_channels(node);
  if (!tile->gin[0]) return;
  for (ritz_index r = 0; r < tile->count; r++) {
    double sum = tile->add[0] ? ritz_number_get(dtype, tile->gin[0], r) : 0;
    for (ritz_index k = 0; k < c; k++) sum += ritz_number_get(dtype, tile->gout, r * c + k);
    ritz_number_set(dtype, tile->gin[0], r, sum);
  }
}

const ritz_op ritz_op_space_time_encoding = {
    .name = "space_time_encoding",
    .distribution = RITZ_LOCAL,
    .infer = encoding_infer,
    .plan = encoding_plan,
    .destroy = encoding_destroy,
    .rows = encoding_rows,
    .rows_vjp = encoding_vjp,
};

ritz_var ritz_space_time_encoding(ritz_graph *graph, ritz_var x, ritz_index channels, double beta) {
  const encoding_attr attr = {channels, beta};
  return ritz_graph_add(graph, &ritz_op_space_time_encoding, 1, &x, &attr, sizeof attr);
}
