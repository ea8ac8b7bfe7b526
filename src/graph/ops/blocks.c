/* SPDX-License-Identifier: BSD-3-Clause
 * Blocks of points become channels and back: y[h, w, s] of a coarse grid holds the block
 * x[h p + i, w q + j, c] of a fine one. Two orders of the channels s:
 *
 *     patchify       s = (i q + j) C + c     whole points, one after the other
 *     pixel shuffle  s = c p q + i q + j     Shi et al. 2016, arXiv:1609.05158, as in PyTorch
 *
 * Each map is a permutation; its vjp is the way back. */
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "graph/distribute.h"
#include "graph/ops/ops.h"

typedef struct blocks_attr {
  ritz_index size[3];
} blocks_attr;

static bool to_coarse(const ritz_op *op) {
  return op == &ritz_op_patchify || op == &ritz_op_pixel_unshuffle;
}
static bool by_channel(const ritz_op *op) {
  return op == &ritz_op_pixel_shuffle || op == &ritz_op_pixel_unshuffle;
}

static ritz_status blocks_infer(ritz_node *node) {
  const blocks_attr *attr = node->attr;
  const ritz_node *x = node->in[0];
  const int d = ritz_grid_dim(x);
  const char *name = node->op->name;
  char text[128];
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_SHAPE, "%s: x is %s, wanted [B, 1 to 3 grid axes, C]",
               name, ritz_shape_text(&x->shape, text));
  node->shape = x->shape;
  ritz_index points = 1;
  for (int a = 0; a < d; a++) {
    ritz_index *n = &node->shape.n[a + 1];
    const ritz_index size = attr->size[a];
    RITZ_REQUIRE(size >= 1, RITZ_ERR_ARGUMENT, "%s: blocks of %td points along axis %d", name, size,
                 a);
    RITZ_REQUIRE(!to_coarse(node->op) || *n % size == 0, RITZ_ERR_SHAPE,
                 "%s: axis %d has %td points, not a multiple of %td", name, a, *n, size);
    *n = to_coarse(node->op) ? *n / size : *n * size;
    points *= size;
  }
  ritz_index *c = &node->shape.n[d + 1];
  RITZ_REQUIRE(to_coarse(node->op) || *c % points == 0, RITZ_ERR_SHAPE,
               "%s: x has %td channels, not a multiple of the %td points of a block", name, *c,
               points);
  *c = to_coarse(node->op) ? *c * points : *c / points;
  return RITZ_OK;
}

typedef struct move {
  const ritz_kernels *kernels;
  size_t size;
  ritz_index coarse[3], block[3], c, points; /* channels of the fine grid, points of a block */
  bool by_channel, to_coarse, add;
  const char *from;
  char *to;
} move;

/* One line of the fine grid: `at_fine` and `at_coarse` count numbers. */
static void move_line(const move *m, ritz_index at_fine, ritz_index at_coarse) {
  const ritz_index q = m->block[2], wide = m->points * m->c;
  const char *from = m->from + (size_t)(m->to_coarse ? at_fine : at_coarse) * m->size;
  char *to = m->to + (size_t)(m->to_coarse ? at_coarse : at_fine) * m->size;
  if (!m->by_channel)
    m->kernels->row_copy(m->coarse[2], q * m->c, from, m->to_coarse ? q * m->c : wide, to,
                         m->to_coarse ? wide : q * m->c, m->add);
  else if (m->to_coarse)
    m->kernels->channels_comb(m->coarse[2], q, m->c, m->points, from, to, m->add);
  else
    m->kernels->channels_uncomb(m->coarse[2], q, m->c, m->points, from, to, m->add);
}

/* One line of the coarse grid. */
static void move_lines(void *arg, ritz_index line, int thread) {
  const move *m = arg;
  const ritz_index h1 = line % m->coarse[1], plane = line / m->coarse[1];
  const ritz_index fine_line = m->coarse[2] * m->block[2] * m->c;
  for (ritz_index i = 0; i < m->block[0]; i++)
    for (ritz_index j = 0; j < m->block[1]; j++) {
      const ritz_index fine =
          (plane * m->block[0] + i) * m->coarse[1] * m->block[1] + h1 * m->block[1] + j;
      const ritz_index tap = (i * m->block[1] + j) * m->block[2];
      move_line(m, fine * fine_line,
                line * m->coarse[2] * m->points * m->c + (m->by_channel ? tap : tap * m->c));
    }
}

static void run(const ritz_node *node, bool forward, bool add, const void *from, void *to) {
  const blocks_attr *attr = node->attr;
  const ritz_node *coarse = to_coarse(node->op) ? node : node->in[0];
  const ritz_node *fine = to_coarse(node->op) ? node->in[0] : node;
  const int d = ritz_grid_dim(node);
  move m = {.kernels = node->graph->kernels,
            .size = ritz_number_size(node),
            .coarse = {1, 1, 1},
            .block = {1, 1, 1},
            .c = ritz_channels(fine),
            .points = 1,
            .by_channel = by_channel(node->op),
            .to_coarse = to_coarse(node->op) == forward,
            .add = add,
            .from = from,
            .to = to};
  for (int a = 0; a < d; a++) {
    m.coarse[3 - d + a] = coarse->shape.n[a + 1];
    m.block[3 - d + a] = attr->size[a];
    m.points *= attr->size[a];
  }
  ritz_parallel(node->graph->context->threads, node->shape.n[0] * m.coarse[0] * m.coarse[1],
                move_lines, &m);
}

static void blocks_forward(const ritz_node *node) {
  run(node, true, false, ritz_in(node, 0), node->value.data);
}
static void blocks_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0)) run(node, false, node->add[0], node->gradient.data, ritz_gin(node, 0));
}

/* The fine grid is cut where the coarse one is: blocks through which cuts go are fetched. */
static ritz_var blocks_add_split(const ritz_addition *a) {
  ritz_layout *coarse = NULL, *fine = NULL;
  ritz_node whole;
  ritz_status status;
  const bool down = to_coarse(a->op);
  RITZ_TRY_DONE(ritz_infer_whole(a, &whole));
  if (down)
    RITZ_TRY_DONE(ritz_layout_for(a->graph, a->in[0]->layout, &whole.shape, &coarse));
  else
    coarse = ritz_layout_retain(a->in[0]->layout);
  RITZ_TRY_DONE(ritz_layout_scale(coarse, (down ? &a->in[0]->shape : &whole.shape)->n + 1, &fine));
done:;
  ritz_var x = RITZ_NO_VAR, y = RITZ_NO_VAR;
  if (status == RITZ_OK) {
    x = down ? ritz_split_like(a->graph, a->in[0], fine) : a->in[0];
    y = ritz_split_node(ritz_add_as(a, &x, a->attr), down ? coarse : fine, 1);
  }
  ritz_layout_destroy(&coarse);
  ritz_layout_destroy(&fine);
  return status == RITZ_OK ? y : ritz_graph_latch(a->graph, status);
}

#define RITZ_BLOCKS(function)                                                        \
  const ritz_op ritz_op_##function = {                                               \
      .name = #function,                                                             \
      .distribution = RITZ_REGRID,                                                   \
      .infer = blocks_infer,                                                         \
      .add_split = blocks_add_split,                                                 \
      .forward = blocks_forward,                                                     \
      .vjp = blocks_vjp,                                                             \
  };                                                                                 \
  ritz_var ritz_##function(ritz_graph *graph, ritz_var x, const ritz_index *size) {  \
    blocks_attr attr = {{0}};                                                        \
    for (int a = 0; x && a < 3 && a < ritz_grid_dim(x); a++) attr.size[a] = size[a]; \
    return ritz_graph_add(graph, &ritz_op_##function, 1, &x, &attr, sizeof attr);    \
  }

RITZ_BLOCKS(patchify)
RITZ_BLOCKS(unpatchify)
RITZ_BLOCKS(pixel_shuffle)
RITZ_BLOCKS(pixel_unshuffle)
