/* SPDX-License-Identifier: BSD-3-Clause
 * Zeros around a grid, and their removal. The two are adjoint: pad's vjp crops, crop's vjp pads. */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/threads.h"
#include "graph/distribute.h"
#include "graph/ops/ops.h"

typedef struct pad_attr {
  ritz_index before[3], after[3];
} pad_attr;

static ritz_status check_field(const ritz_node *x, const char *name) {
  char text[128];
  const int d = ritz_grid_dim(x);
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_SHAPE, "%s: x is %s, wanted [B, 1 to 3 grid axes, C]",
               name, ritz_shape_text(&x->shape, text));
  return RITZ_OK;
}

static ritz_status change_grid(ritz_node *node, int sign) {
  const pad_attr *attr = node->attr;
  RITZ_TRY(check_field(node->in[0], node->op->name));
  node->shape = node->in[0]->shape;
  for (int a = 0; a < ritz_grid_dim(node); a++) {
    RITZ_REQUIRE(attr->before[a] >= 0 && attr->after[a] >= 0, RITZ_ERR_ARGUMENT,
                 "%s: axis %d has a negative width", node->op->name, a);
    node->shape.n[a + 1] += sign * (attr->before[a] + attr->after[a]);
    RITZ_REQUIRE(node->shape.n[a + 1] >= 1, RITZ_ERR_SHAPE, "%s: nothing is left of axis %d",
                 node->op->name, a);
  }
  return RITZ_OK;
}

static ritz_status pad_infer(ritz_node *node) { return change_grid(node, 1); }
static ritz_status crop_infer(ritz_node *node) { return change_grid(node, -1); }

/* Extents of the small and the large grid, missing leading axes being 1. */
typedef struct frame {
  const ritz_kernels *kernels;
  size_t size;
  ritz_index small[3], large[3], before[3], channels;
  const char *from;
  char *to;
  bool embed, add; /* from the small grid into the large one, or back */
} frame;

static frame frame_of(const ritz_node *node, const ritz_node *small, const ritz_node *large) {
  const pad_attr *attr = node->attr;
  const int d = ritz_grid_dim(node);
  frame f = {.kernels = node->graph->kernels,
             .size = ritz_number_size(node),
             .small = {1, 1, 1},
             .large = {1, 1, 1},
             .channels = ritz_channels(node)};
  for (int a = 0; a < d; a++) {
    f.small[3 - d + a] = small->shape.n[a + 1];
    f.large[3 - d + a] = large->shape.n[a + 1];
    f.before[3 - d + a] = attr->before[a];
  }
  return f;
}

/* Numbers before line (i, j) of sample b on a grid. */
static ritz_index line(const ritz_index grid[3], ritz_index b, ritz_index i, ritz_index j,
                       ritz_index channels) {
  return ((b * grid[0] + i) * grid[1] + j) * grid[2] * channels;
}

/* Line by line between the small grid of a sample and its place in the large one. */
static void move_sample(void *arg, ritz_index b, int thread) {
  const frame *f = arg;
  const ritz_index c = f->channels, width = f->small[2] * c;
  char *sample = f->to + (size_t)line(f->large, b, 0, 0, c) * f->size;
  if (f->embed && !f->add) memset(sample, 0, (size_t)line(f->large, 1, 0, 0, c) * f->size);
  for (ritz_index i = 0; i < f->small[0]; i++)
    for (ritz_index j = 0; j < f->small[1]; j++) {
      const ritz_index small = line(f->small, b, i, j, c);
      const ritz_index large =
          line(f->large, b, i + f->before[0], j + f->before[1], c) + f->before[2] * c;
      f->kernels->row_copy(1, width, f->from + (size_t)(f->embed ? small : large) * f->size, width,
                           f->to + (size_t)(f->embed ? large : small) * f->size, width, f->add);
    }
}

static void move(const ritz_node *node, bool embed, const void *from, void *to, bool add) {
  const bool pads = node->op == &ritz_op_pad;
  frame f = frame_of(node, pads ? node->in[0] : node, pads ? node : node->in[0]);
  f.from = from;
  f.to = to;
  f.embed = embed;
  f.add = add;
  ritz_parallel(node->graph->context->threads, node->shape.n[0], move_sample, &f);
}

static void pad_forward(const ritz_node *node) {
  move(node, true, ritz_in(node, 0), node->value.data, false);
}
static void pad_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0)) move(node, false, node->gradient.data, ritz_gin(node, 0), node->add[0]);
}
static void crop_forward(const ritz_node *node) {
  move(node, false, ritz_in(node, 0), node->value.data, false);
}
static void crop_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0)) move(node, true, node->gradient.data, ritz_gin(node, 0), node->add[0]);
}

/* Other parts of another grid: each rank fetches its own, zeros beyond the ends. */
static ritz_var frame_add_split(const ritz_addition *a) {
  const pad_attr *attr = a->attr;
  const ritz_index sign = a->op == &ritz_op_pad ? -1 : 1;
  ritz_layout *out = NULL;
  ritz_node whole;
  ritz_reach reach[3];
  ritz_status status;
  RITZ_TRY_DONE(ritz_infer_whole(a, &whole));
  RITZ_TRY_DONE(ritz_layout_for(a->graph, a->in[0]->layout, &whole.shape, &out));
  RITZ_TRY_DONE(ritz_reach_all(a->graph, out, reach));
done:
  if (status != RITZ_OK) ritz_layout_destroy(&out);
  if (status != RITZ_OK) return ritz_graph_latch(a->graph, status);
  for (int i = 0; i < out->dim; i++)
    for (int r = 0; r < out->ranks[i]; r++) {
      reach[i].first[r] = out->offset[i][r] + sign * attr->before[i];
      reach[i].count[r] = out->offset[i][r + 1] - out->offset[i][r];
    }
  ritz_var y = ritz_fetch(a->graph, a->in[0], reach);
  if (y) y->moves = false; /* counts as the op it is */
  y = ritz_boxes_as_parts(y, out, whole.shape);
  ritz_layout_destroy(&out);
  return y;
}

const ritz_op ritz_op_pad = {
    .name = "pad",
    .distribution = RITZ_REGRID,
    .infer = pad_infer,
    .add_split = frame_add_split,
    .forward = pad_forward,
    .vjp = pad_vjp,
};

const ritz_op ritz_op_crop = {
    .name = "crop",
    .distribution = RITZ_REGRID,
    .infer = crop_infer,
    .add_split = frame_add_split,
    .forward = crop_forward,
    .vjp = crop_vjp,
};

static ritz_var add_frame(ritz_graph *graph, const ritz_op *op, ritz_var x,
                          const ritz_index *before, const ritz_index *after) {
  pad_attr attr = {0};
  for (int a = 0; x && a < 3 && a < ritz_grid_dim(x); a++) {
    attr.before[a] = before[a];
    attr.after[a] = after[a];
  }
  return ritz_graph_add(graph, op, 1, &x, &attr, sizeof attr);
}

ritz_var ritz_pad(ritz_graph *graph, ritz_var x, const ritz_index *before,
                  const ritz_index *after) {
  return add_frame(graph, &ritz_op_pad, x, before, after);
}

ritz_var ritz_crop(ritz_graph *graph, ritz_var x, const ritz_index *before,
                   const ritz_index *after) {
  return add_frame(graph, &ritz_op_crop, x, before, after);
}
