/* SPDX-License-Identifier: BSD-3-Clause
 * A dense matrix along one grid axis, one for every channel:
 *     y[l, o, c] = sum over p of x[l, p, c] W[p, o, c],
 * l the lines along the axis: `outer` slabs of `inner` lines side by side.
 *
 * vjp: gx[l, p] += sum over o of gy[l, o] W[p, o],  gW[p, o] += sum over l of x[l, p] gy[l, o]. The
 * slabs are cut into a fixed number of parts, each with a sum of its own, added in order. */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "graph/ops/ops.h"

enum { parts = 8, task_lines = 64 };

typedef struct axis_attr {
  int axis;
} axis_attr;

typedef struct lines {
  ritz_index outer, inner, in, out,
      c;                   /* extents: slabs, lines of a slab, along the axis, channels */
  ritz_index step, chunks; /* tasks of a slab */
} lines;

static ritz_status axis_infer(ritz_node *node) {
  const axis_attr *attr = node->attr;
  const ritz_node *x = node->in[0], *w = node->in[1];
  const int d = ritz_grid_dim(x);
  char have[128], want[128];
  RITZ_REQUIRE(attr->axis >= 0 && attr->axis < d, RITZ_ERR_ARGUMENT,
               "axis_linear: x is %s, which has no grid axis %d", ritz_shape_text(&x->shape, have),
               attr->axis);
  RITZ_REQUIRE(
      w->shape.rank == 3 && w->shape.n[0] == x->shape.n[attr->axis + 1] &&
          w->shape.n[2] == ritz_channels(x),
      RITZ_ERR_SHAPE,
      "axis_linear: x is %s, weight is %s; weight wants [points of axis %d, any, channels]",
      ritz_shape_text(&x->shape, have), ritz_shape_text(&w->shape, want), attr->axis);
  node->shape = x->shape;
  node->shape.n[attr->axis + 1] = w->shape.n[1];
  return RITZ_OK;
}

/* Lines of the last axis follow each other through all slabs, so they count as lines of one. */
static lines lines_of(const ritz_node *node) {
  const axis_attr *attr = node->attr;
  const ritz_shape *w = &node->in[1]->shape;
  lines l = {.outer = node->shape.n[0], .inner = 1, .in = w->n[0], .out = w->n[1], .c = w->n[2]};
  for (int a = 0; a < ritz_grid_dim(node); a++) {
    if (a < attr->axis) l.outer *= node->shape.n[a + 1];
    if (a > attr->axis) l.inner *= node->shape.n[a + 1];
  }
  l.step = l.inner == 1 ? l.outer : l.inner;
  l.chunks = (l.step + task_lines - 1) / task_lines;
  if (l.inner == 1) l.outer = 1;
  return l;
}

/* Numbers from one line to the next and from one point of a line to the next. */
static ritz_index line_step(const lines *l, ritz_index along) {
  return l->inner == 1 ? along * l->c : l->c;
}
static ritz_index point_step(const lines *l) { return l->inner * l->c; }

typedef struct job {
  const ritz_node *node;
  lines l;
  bool adjoint, add;
  const void *from;
  void *to;
} job;

/* Some lines of one slab, from x to y or from gy to gx. */
static void lines_task(void *arg, ritz_index task, int thread) {
  const job *j = arg;
  const lines *l = &j->l;
  const size_t size = ritz_number_size(j->node);
  const ritz_index slab = task / l->chunks, first = task % l->chunks * task_lines;
  const ritz_index from = j->adjoint ? l->out : l->in, to = j->adjoint ? l->in : l->out;
  const ritz_channel_product shape = {
      .rows = l->step - first < task_lines ? l->step - first : task_lines,
      .columns = to,
      .depth = from,
      .channels = l->c,
      .x_row = line_step(l, from),
      .x_depth = point_step(l),
      .y_depth = j->adjoint ? l->c : l->out * l->c,
      .y_column = j->adjoint ? l->out * l->c : l->c,
      .z_row = line_step(l, to),
      .z_column = point_step(l)};
  const ritz_index at_from = slab * l->step * from * l->c + first * shape.x_row;
  const ritz_index at_to = slab * l->step * to * l->c + first * shape.z_row;
  j->node->graph->kernels->channel_product(&shape, (const char *)j->from + (size_t)at_from * size,
                                           ritz_in(j->node, 1),
                                           (char *)j->to + (size_t)at_to * size, j->add);
}

/* Part `part` of the gradient of W: its slabs, or its lines where there is one slab. */
static void weight_task(void *arg, ritz_index part, int thread) {
  const job *j = arg;
  const lines *l = &j->l;
  const size_t size = ritz_number_size(j->node), bytes = (size_t)(l->in * l->out * l->c) * size;
  char *sum = (char *)j->node->scratch.data + (size_t)part * bytes;
  const ritz_index units = l->inner == 1 ? l->step : l->outer;
  const ritz_index first = units * part / parts, end = units * (part + 1) / parts;
  ritz_channel_product shape = {.rows = l->in,
                                .columns = l->out,
                                .depth = l->inner == 1 ? end - first : l->step,
                                .channels = l->c,
                                .x_row = point_step(l),
                                .x_depth = line_step(l, l->in),
                                .y_depth = line_step(l, l->out),
                                .y_column = point_step(l),
                                .z_row = l->out * l->c,
                                .z_column = l->c};
  memset(sum, 0, bytes);
  for (ritz_index unit = first; unit < end; unit += l->inner == 1 ? end - first : 1) {
    const ritz_index line = l->inner == 1 ? unit : unit * l->step;
    j->node->graph->kernels->channel_product(
        &shape, (const char *)ritz_in(j->node, 0) + (size_t)(line * l->in * l->c) * size,
        (const char *)j->node->gradient.data + (size_t)(line * l->out * l->c) * size, sum, true);
  }
}

static ritz_status axis_plan(ritz_node *node, bool gradients) {
  if (gradients)
    node->need.scratch =
        parts * (size_t)ritz_shape_count(&node->in[1]->shape) * ritz_number_size(node);
  return RITZ_OK;
}

static void run_lines(const ritz_node *node, bool adjoint, bool add, const void *from, void *to) {
  job j = {node, lines_of(node), adjoint, add, from, to};
  ritz_parallel(node->graph->context->threads, j.l.outer * j.l.chunks, lines_task, &j);
}

static void axis_forward(const ritz_node *node) {
  run_lines(node, false, false, ritz_in(node, 0), node->value.data);
}

static void axis_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0))
    run_lines(node, true, node->add[0], node->gradient.data, ritz_gin(node, 0));
  if (!ritz_gin(node, 1)) return;
  job j = {.node = node, .l = lines_of(node)};
  const ritz_index count = ritz_shape_count(&node->in[1]->shape);
  ritz_parallel(node->graph->context->threads, parts, weight_task, &j);
  for (int part = 0; part < parts; part++)
    node->graph->kernels->scale(
        count, 1, (char *)node->scratch.data + (size_t)(part * count) * ritz_number_size(node),
        ritz_gin(node, 1), part > 0 || node->add[1]);
}

static double axis_flops(const ritz_node *node) {
  return 2.0 * (double)ritz_shape_count(&node->shape) * (double)node->in[1]->shape.n[0];
}

const ritz_op ritz_op_axis_linear = {
    .name = "axis_linear",
    .distribution = RITZ_REGRID,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = axis_infer,
    .plan = axis_plan,
    .forward = axis_forward,
    .vjp = axis_vjp,
    .flops = axis_flops,
};

ritz_var ritz_axis_linear(ritz_graph *graph, ritz_var x, ritz_var w, int axis) {
  const axis_attr attr = {axis};
  return ritz_graph_add(graph, &ritz_op_axis_linear, 2, (ritz_var[]){x, w}, &attr, sizeof attr);
}
