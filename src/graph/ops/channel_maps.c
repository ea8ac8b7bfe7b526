/* SPDX-License-Identifier: BSD-3-Clause
 * Both channel axes of a spectral weight mapped, w[m] = A t[m] C for each mode m; t a matrix or a
 * diagonal. Real products in kernels/channel_maps.c. */
#include "kernels/channel_maps.h"

#include "core/context.h"
#include "core/fail.h"
#include "graph/ops/ops.h"

static bool is_map(const ritz_node *map) { return map->shape.rank == 3 && map->shape.n[0] == 2; }

static ritz_status infer(ritz_node *node) {
  const bool diagonal = *(const bool *)node->attr;
  const ritz_shape *a = &node->in[0]->shape, *t = &node->in[1]->shape;
  const ritz_node *c = node->arity == 3 ? node->in[2] : NULL;
  const int planes = t->rank - (diagonal ? 2 : 3);
  char left[128], have[128], right[128] = "missing";
  if (c) ritz_shape_text(&c->shape, right);
  RITZ_REQUIRE(
      is_map(node->in[0]) && planes >= 0 && t->n[planes] == 2 && a->n[2] == t->n[planes + 1] &&
          (c || !diagonal) && (!c || (is_map(c) && c->shape.n[1] == t->n[t->rank - 1])),
      RITZ_ERR_SHAPE, "channel_maps: A is %s, the %s %s, C is %s", ritz_shape_text(a, left),
      diagonal ? "diagonal" : "tensor", ritz_shape_text(t, have), right);
  ritz_shape *w = &node->shape;
  *w = *t;
  w->rank = planes + 3;
  w->n[planes + 1] = a->n[1];
  w->n[planes + 2] = c ? c->shape.n[2] : t->n[t->rank - 1];
  return RITZ_OK;
}

static ritz_status plan(ritz_node *node, bool gradients) {
  const bool diagonal = *(const bool *)node->attr;
  const ritz_shape *t = &node->in[1]->shape;
  ritz_channel_maps_shape shape = {.dtype = node->graph->dtype,
                                   .modes = 1,
                                   .ci = node->in[0]->shape.n[1],
                                   .ri = node->in[0]->shape.n[2],
                                   .ro = t->n[t->rank - 1],
                                   .co = node->arity == 3 ? node->in[2]->shape.n[2] : 0,
                                   .diagonal = diagonal};
  for (int i = 0; i < t->rank - (diagonal ? 2 : 3); i++) shape.modes *= t->n[i];
  ritz_channel_maps *maps;
  RITZ_TRY(ritz_channel_maps_create(&shape, node->graph->context->threads, &maps));
  node->state = maps;
  node->need.scratch = ritz_channel_maps_scratch(maps);
  return RITZ_OK;
}

static void destroy(ritz_node *node) {
  ritz_channel_maps *maps = node->state;
  if (maps) ritz_channel_maps_destroy(&maps);
}

static const void *third(const ritz_node *node) {
  return node->arity == 3 ? ritz_in(node, 2) : NULL;
}

static void forward(const ritz_node *node) {
  ritz_channel_maps_forward(node->state, ritz_in(node, 0), ritz_in(node, 1), third(node),
                            node->value.data, node->scratch.data);
}

static void vjp(const ritz_node *node) {
  const ritz_channel_maps_gradients gradients = {.a = ritz_gin(node, 0),
                                                 .t = ritz_gin(node, 1),
                                                 .c = ritz_gin(node, 2),
                                                 .add_a = node->add[0],
                                                 .add_t = node->add[1],
                                                 .add_c = node->add[2]};
  ritz_channel_maps_vjp(node->state, ritz_in(node, 0), ritz_in(node, 1), third(node),
                        node->gradient.data, &gradients, node->scratch.data);
}

static double flops(const ritz_node *node) { return ritz_channel_maps_flops(node->state); }

const ritz_op ritz_op_channel_maps = {
    .name = "channel_maps",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1 | 1u << 2,
    .infer = infer,
    .plan = plan,
    .destroy = destroy,
    .forward = forward,
    .vjp = vjp,
    .flops = flops,
};

ritz_var ritz_map_channels(ritz_graph *graph, ritz_var a, ritz_var t, ritz_var c, bool diagonal) {
  return ritz_graph_add(graph, &ritz_op_channel_maps, c ? 3 : 2, (ritz_var[]){a, t, c}, &diagonal,
                        sizeof diagonal);
}
