/* SPDX-License-Identifier: BSD-3-Clause
 * What networks take instead of bare coordinates: sines and cosines of their multiples, and polar
 * coordinates.
 *
 *     harmonics: y = sin(pi f_j x_c), then cos(pi f_j x_c);   gx_c += sum over j of
 *                pi f_j (gs_cj cos(pi f_j x_c) - gc_cj sin(pi f_j x_c))
 *     polar:     y = (x_0, x_1, a, r), a the angle and r the length of d = x - centre;
 *                gx += (g_0, g_1) + g_a (-d_1, d_0) / r^2 + g_r d / r, the last two 0 at r = 0. */
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "graph/ops/ops.h"

typedef struct harmonics_attr {
  int count;
  double f[RITZ_HARMONICS];
} harmonics_attr;

static ritz_status harmonics_infer(ritz_node *node) {
  const harmonics_attr *attr = node->attr;
  node->shape = node->in[0]->shape;
  node->shape.n[node->shape.rank - 1] *= 2 * attr->count;
  return RITZ_OK;
}

static void harmonics_rows(const ritz_node *node, const ritz_tile *tile) {
  const harmonics_attr *attr = node->attr;
  node->graph->kernels->harmonics(tile->count, ritz_channels(node->in[0]), attr->count, attr->f,
                                  tile->in[0], tile->out);
}

static void harmonics_vjp(const ritz_node *node, const ritz_tile *tile) {
  const harmonics_attr *attr = node->attr;
  if (tile->gin[0])
    node->graph->kernels->harmonics_vjp(tile->count, ritz_channels(node->in[0]), attr->count,
                                        attr->f, tile->in[0], tile->gout, tile->gin[0],
                                        tile->add[0]);
}

const ritz_op ritz_op_harmonics = {
    .name = "harmonics",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0,
    .infer = harmonics_infer,
    .rows = harmonics_rows,
    .rows_vjp = harmonics_vjp,
};

ritz_var ritz_harmonics(ritz_graph *graph, ritz_var x, int count, const double *frequency) {
  harmonics_attr attr = {.count = count};
  if (count < 1 || count > RITZ_HARMONICS)
    return ritz_graph_latch(
        graph, RITZ_FAIL(RITZ_ERR_ARGUMENT, "harmonics: %d frequencies, wanted 1 to %d", count,
                         RITZ_HARMONICS));
  memcpy(attr.f, frequency, (size_t)count * sizeof *frequency);
  return ritz_graph_add(graph, &ritz_op_harmonics, 1, &x, &attr, sizeof attr);
}

static ritz_status polar_infer(ritz_node *node) {
  const ritz_node *x = node->in[0];
  char text[128];
  RITZ_REQUIRE(ritz_channels(x) == 2, RITZ_ERR_SHAPE, "polar: x is %s, wanted 2 channels",
               ritz_shape_text(&x->shape, text));
  node->shape = x->shape;
  node->shape.n[node->shape.rank - 1] = 4;
  return RITZ_OK;
}

static void polar_rows(const ritz_node *node, const ritz_tile *tile) {
  const double *centre = node->attr;
  const ritz_dtype dtype = node->graph->dtype;
  for (ritz_index r = 0; r < tile->count; r++) {
    const double x = ritz_number_get(dtype, tile->in[0], 2 * r);
    const double y = ritz_number_get(dtype, tile->in[0], 2 * r + 1);
    const double d0 = x - centre[0], d1 = y - centre[1];
    const double out[4] = {x, y, atan2(d1, d0), hypot(d0, d1)};
    for (int c = 0; c < 4; c++) ritz_number_set(dtype, tile->out, 4 * r + c, out[c]);
  }
}

static void polar_vjp(const ritz_node *node, const ritz_tile *tile) {
  const double *centre = node->attr;
  const ritz_dtype dtype = node->graph->dtype;
  for (ritz_index r = 0; tile->gin[0] && r < tile->count; r++) {
    double g[4], gx[2];
    for (int c = 0; c < 4; c++) g[c] = ritz_number_get(dtype, tile->gout, 4 * r + c);
    const double d0 = ritz_number_get(dtype, tile->in[0], 2 * r) - centre[0];
    const double d1 = ritz_number_get(dtype, tile->in[0], 2 * r + 1) - centre[1];
    const double length = hypot(d0, d1), inverse = length > 0 ? 1 / length : 0;
    gx[0] = g[0] - g[2] * d1 * inverse * inverse + g[3] * d0 * inverse;
    gx[1] = g[1] + g[2] * d0 * inverse * inverse + g[3] * d1 * inverse;
    for (int c = 0; c < 2; c++) {
      const double before = tile->add[0] ? ritz_number_get(dtype, tile->gin[0], 2 * r + c) : 0;
      ritz_number_set(dtype, tile->gin[0], 2 * r + c, before + gx[c]);
    }
  }
}

const ritz_op ritz_op_polar = {
    .name = "polar",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0,
    .infer = polar_infer,
    .rows = polar_rows,
    .rows_vjp = polar_vjp,
};

ritz_var ritz_polar(ritz_graph *graph, ritz_var x, double centre0, double centre1) {
  const double centre[2] = {centre0, centre1};
  return ritz_graph_add(graph, &ritz_op_polar, 1, &x, centre, sizeof centre);
}
