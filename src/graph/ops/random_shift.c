/* SPDX-License-Identifier: BSD-3-Clause
 * A periodic field at a random place, y[(i + s) mod N] = x[i] with s uniform for each axis and
 * sample, or the way back. vjp: the other way.
 *
 * s is a function of (seed, run, key, sample of the whole batch): both ways meet the same numbers,
 * and no split of the work over threads or ranks changes them. */
#include <ritz/random.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/threads.h"
#include "graph/ops/ops.h"

typedef struct shift_attr {
  uint32_t key;
  bool back;
} shift_attr;

static ritz_status shift_infer(ritz_node *node) {
  const int d = ritz_grid_dim(node->in[0]);
  char text[128];
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_SHAPE,
               "random_shift: x is %s, wanted [B, 1 to 3 grid axes, C]",
               ritz_shape_text(&node->in[0]->shape, text));
  return ritz_infer_same(node);
}

/* Extents, 1 in front of those that are not there, and the points to move by along them. */
static void places(const ritz_node *node, ritz_index sample, bool back, ritz_index *n,
                   ritz_index *s) {
  const shift_attr *attr = node->attr;
  const int d = ritz_grid_dim(node);
  const ritz_random stream = {.seed = node->graph->seed ^ node->graph->step << 32,
                              .purpose = RITZ_RANDOM_SHIFT,
                              .sample = attr->key};
  uint32_t words[4];
  ritz_random_words(stream, (uint64_t)(node->graph->first_sample + sample), words);
  for (int a = 0; a < 3; a++) {
    n[a] = a < 3 - d ? 1 : node->shape.n[a + d - 2];
    s[a] = (ritz_index)((uint64_t)words[a] * (uint64_t)n[a] >> 32);
    if (back && s[a] > 0) s[a] = n[a] - s[a];
  }
}

/* to (+)= from, moved: the lines of one slab, an index of the sample and of the first axis. */
typedef struct move {
  const ritz_node *node;
  const char *from;
  char *to;
  bool back, add;
} move;

static void move_slab(void *arg, ritz_index slab, int thread) {
  const move *m = arg;
  const ritz_node *node = m->node;
  const ritz_index c = ritz_channels(node), first = ritz_grid_dim(node) == 3 ? node->shape.n[1] : 1;
  const ritz_index b = slab / first, i = slab % first;
  const size_t size = ritz_number_size(node);
  ritz_index n[3], s[3];
  places(node, b, m->back, n, s);
  for (ritz_index j = 0; j < n[1]; j++) {
    const ritz_index from = ((b * n[0] + i) * n[1] + j) * n[2] * c;
    const ritz_index to = ((b * n[0] + (i + s[0]) % n[0]) * n[1] + (j + s[1]) % n[1]) * n[2] * c;
    const ritz_index head = (n[2] - s[2]) * c, tail = s[2] * c;
    node->graph->kernels->scale(head, 1, m->from + (size_t)from * size,
                                m->to + (size_t)(to + tail) * size, m->add);
    node->graph->kernels->scale(tail, 1, m->from + (size_t)(from + head) * size,
                                m->to + (size_t)to * size, m->add);
  }
}

static void run(const ritz_node *node, const void *from, void *to, bool back, bool add) {
  const ritz_index slabs = ritz_grid_dim(node) == 3 ? node->shape.n[1] : 1;
  const move m = {.node = node, .from = from, .to = to, .back = back, .add = add};
  ritz_parallel(node->graph->context->threads, node->shape.n[0] * slabs, move_slab, (void *)&m);
}

static void shift_forward(const ritz_node *node) {
  const shift_attr *attr = node->attr;
  run(node, ritz_in(node, 0), node->value.data, attr->back, false);
}

static void shift_vjp(const ritz_node *node) {
  const shift_attr *attr = node->attr;
  if (ritz_gin(node, 0))
    run(node, node->gradient.data, ritz_gin(node, 0), !attr->back, node->add[0]);
}

const ritz_op ritz_op_random_shift = {
    .name = "random_shift",
    .distribution = RITZ_REGRID,
    .infer = shift_infer,
    .forward = shift_forward,
    .vjp = shift_vjp,
};

ritz_var ritz_random_shift(ritz_graph *graph, ritz_var x, uint32_t key, bool back) {
  const shift_attr attr = {.key = key, .back = back};
  if (!graph->training) return x;
  return ritz_graph_add(graph, &ritz_op_random_shift, 1, &x, &attr, sizeof attr);
}
