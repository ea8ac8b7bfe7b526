/* SPDX-License-Identifier: BSD-3-Clause
 * Sum of a field and a smaller one, z[..., i] = x[..., i] + y[i], where i runs over the trailing
 * axes that y has. vjp: gx += gz, gy[i] += sum over the leading axes of gz[..., i]. */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/threads.h"
#include "graph/distribute.h"
#include "graph/ops/ops.h"

/* Numbers that one call treats, about. */
enum { chunk = 4096 };

static ritz_status broadcast_infer(ritz_node *node) {
  const ritz_shape *x = &node->in[0]->shape, *y = &node->in[1]->shape;
  char a[128], b[128];
  bool fits = y->rank <= x->rank;
  for (int i = 1; fits && i <= y->rank; i++) fits = y->n[y->rank - i] == x->n[x->rank - i];
  RITZ_REQUIRE(fits, RITZ_ERR_SHAPE, "add_broadcast: x is %s, y is %s, wanted its trailing axes",
               ritz_shape_text(x, a), ritz_shape_text(y, b));
  return ritz_infer_same(node);
}

typedef struct sweep {
  const ritz_node *node;
  ritz_index period, count, repeats; /* numbers of y and x; y fits so often into a chunk of x */
  const char *x, *y;
  char *z;
} sweep;

static sweep sweep_of(const ritz_node *node) {
  sweep s = {.node = node,
             .period = ritz_shape_count(&node->in[1]->shape),
             .count = ritz_shape_count(&node->shape)};
  s.repeats = s.period < chunk ? chunk / s.period : 1;
  return s;
}

static size_t bytes(const sweep *s, ritz_index numbers) {
  return (size_t)numbers * ritz_number_size(s->node);
}

static void add_chunk(void *arg, ritz_index index, int thread) {
  const sweep *s = arg;
  const ritz_index first = index * s->repeats, blocks = s->count / s->period;
  const ritz_index rows = blocks - first < s->repeats ? blocks - first : s->repeats;
  const size_t at = bytes(s, first * s->period);
  s->node->graph->kernels->row_add(rows, s->period, s->x + at, s->y, s->z + at);
}

static void broadcast_forward(const ritz_node *node) {
  sweep s = sweep_of(node);
  s.x = ritz_in(node, 0);
  s.y = ritz_in(node, 1);
  s.z = node->value.data;
  const ritz_index blocks = s.count / s.period;
  ritz_parallel(node->graph->context->threads, (blocks + s.repeats - 1) / s.repeats, add_chunk, &s);
}

static void pass_chunk(void *arg, ritz_index index, int thread) {
  const sweep *s = arg;
  const ritz_index first = index * chunk, left = s->count - first;
  s->node->graph->kernels->scale(left < chunk ? left : chunk, 1, s->x + bytes(s, first),
                                 s->z + bytes(s, first), s->node->add[0]);
}

/* Some numbers of gy: their sum over all blocks of gz, block by block. */
static void sum_chunk(void *arg, ritz_index index, int thread) {
  const sweep *s = arg;
  const ritz_kernels *k = s->node->graph->kernels;
  const ritz_index first = index * chunk, left = s->period - first;
  const ritz_index numbers = left < chunk ? left : chunk;
  if (!s->node->add[1]) memset(s->z + bytes(s, first), 0, bytes(s, numbers));
  for (ritz_index block = 0; block < s->count / s->period; block++)
    k->scale(numbers, 1, s->x + bytes(s, block * s->period + first), s->z + bytes(s, first), true);
}

static void broadcast_vjp(const ritz_node *node) {
  const int threads = node->graph->context->threads;
  sweep s = sweep_of(node);
  s.x = node->gradient.data;
  s.z = ritz_gin(node, 0);
  if (s.z && s.z != s.x) ritz_parallel(threads, (s.count + chunk - 1) / chunk, pass_chunk, &s);
  s.z = ritz_gin(node, 1);
  if (s.z) ritz_parallel(threads, (s.period + chunk - 1) / chunk, sum_chunk, &s);
}

/* Of y each rank wants what belongs to its points, if y has axes of the grid. */
static ritz_var broadcast_add_split(const ritz_addition *a) {
  ritz_layout *layout = ritz_layout_of_operands(a->arity, a->in);
  ritz_var in[] = {a->in[0], a->in[1]};
  if (ritz_layout_has_empty(layout)) return ritz_add_gathered(a);
  in[0] = ritz_split_like(a->graph, in[0], layout);
  if (in[1] && in[1]->layout)
    in[1] = ritz_split_like(a->graph, in[1], layout);
  else if (in[0] && in[1] && 1 + in[1]->shape.rank - in[0]->shape.rank + layout->dim > 0)
    in[1] = ritz_split(a->graph, in[1], layout, 1 + in[1]->shape.rank - in[0]->shape.rank);
  return ritz_split_node(ritz_add_as(a, in, a->attr), layout, 1);
}

const ritz_op ritz_op_add_broadcast = {
    .name = "add_broadcast",
    .distribution = RITZ_REDUCE,
    .passes = 1u << 0,
    .infer = broadcast_infer,
    .add_split = broadcast_add_split,
    .forward = broadcast_forward,
    .vjp = broadcast_vjp,
};

ritz_var ritz_add_broadcast(ritz_graph *graph, ritz_var x, ritz_var y) {
  return ritz_graph_add(graph, &ritz_op_add_broadcast, 2, (ritz_var[]){x, y}, NULL, 0);
}
