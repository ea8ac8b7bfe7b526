/* SPDX-License-Identifier: BSD-3-Clause
 * A field on another grid, as neuraloperator's skip connections resample: 1-D linear and 2-D
 * bicubic with aligned corners, axis by axis (kernels/resize.h). 3-D fields go through their
 * spectrum (spectral_resize.c). */
#include "kernels/resize.h"
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"

typedef struct resize_attr {
  ritz_index grid[3];
} resize_attr;

/* Axis 0 is resampled last: x -> (axis 1) -> middle -> (axis 0) -> y. */
typedef struct resize_state {
  ritz_resampling axis[2];
} resize_state;

static ritz_status resize_infer(ritz_node *node) {
  const resize_attr *attr = node->attr;
  const int d = ritz_grid_dim(node->in[0]);
  char text[128];
  RITZ_REQUIRE(d >= 1 && d <= 2, RITZ_ERR_SHAPE, "resize: x is %s, wanted [B, 1 or 2 axes, C]",
               ritz_shape_text(&node->in[0]->shape, text));
  node->shape = node->in[0]->shape;
  for (int a = 0; a < d; a++) {
    RITZ_REQUIRE(attr->grid[a] >= 1, RITZ_ERR_SHAPE, "resize: axis %d would have %td points", a,
                 attr->grid[a]);
    node->shape.n[a + 1] = attr->grid[a];
  }
  return RITZ_OK;
}

static ritz_status resize_plan(ritz_node *node, bool gradients) {
  const int d = ritz_grid_dim(node);
  resize_state *state;
  RITZ_TRY(RITZ_NEW(1, &state));
  node->state = state;
  for (int a = 0; a < d; a++)
    RITZ_TRY(ritz_resampling_init(d == 1 ? RITZ_RESIZE_LINEAR : RITZ_RESIZE_CUBIC,
                                  node->in[0]->shape.n[a + 1], node->shape.n[a + 1],
                                  &state->axis[a]));
  if (d == 2) { /* the field between the two axes */
    const ritz_shape *x = &node->in[0]->shape, *y = &node->shape;
    node->need.scratch = (size_t)(x->n[0] * x->n[1] * y->n[2] * y->n[3]) * ritz_number_size(node);
  }
  return RITZ_OK;
}

static void resize_destroy(ritz_node *node) {
  resize_state *state = node->state;
  if (!state) return;
  for (int a = 0; a < 2; a++) ritz_resampling_release(&state->axis[a]);
  ritz_free(state);
}

static void along(const ritz_node *node, int axis, bool adjoint, bool add, ritz_index outer,
                  ritz_index inner, const void *from, void *to) {
  const resize_state *state = node->state;
  ritz_resampling_run(&state->axis[axis], adjoint, add, node->graph->dtype, outer, inner, from, to,
                      node->graph->context->threads);
}

static void resize_forward(const ritz_node *node) {
  const ritz_shape *x = &node->in[0]->shape, *y = &node->shape;
  if (ritz_grid_dim(node) == 1) {
    along(node, 0, false, false, y->n[0], y->n[2], ritz_in(node, 0), node->value.data);
    return;
  }
  along(node, 1, false, false, x->n[0] * x->n[1], y->n[3], ritz_in(node, 0), node->scratch.data);
  along(node, 0, false, false, x->n[0], y->n[2] * y->n[3], node->scratch.data, node->value.data);
}

static void resize_vjp(const ritz_node *node) {
  const ritz_shape *x = &node->in[0]->shape, *y = &node->shape;
  if (!ritz_gin(node, 0)) return;
  if (ritz_grid_dim(node) == 1) {
    along(node, 0, true, node->add[0], y->n[0], y->n[2], node->gradient.data, ritz_gin(node, 0));
    return;
  }
  along(node, 0, true, false, x->n[0], y->n[2] * y->n[3], node->gradient.data, node->scratch.data);
  along(node, 1, true, node->add[0], x->n[0] * x->n[1], y->n[3], node->scratch.data,
        ritz_gin(node, 0));
}

static double resize_flops(const ritz_node *node) {
  return 16.0 * (double)ritz_shape_count(&node->shape);
}

const ritz_op ritz_op_resize = {
    .name = "resize",
    .distribution = RITZ_REGRID,
    .infer = resize_infer,
    .plan = resize_plan,
    .destroy = resize_destroy,
    .forward = resize_forward,
    .vjp = resize_vjp,
    .flops = resize_flops,
};

ritz_var ritz_resize(ritz_graph *graph, ritz_var x, const ritz_index *grid) {
  if (x && ritz_grid_dim(x) == 3) return ritz_spectral_resize(graph, x, grid);
  resize_attr attr = {0};
  for (int a = 0; x && a < 3 && a < ritz_grid_dim(x); a++) attr.grid[a] = grid[a];
  return ritz_graph_add(graph, &ritz_op_resize, 1, &x, &attr, sizeof attr);
}
