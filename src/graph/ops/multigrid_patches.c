/* SPDX-License-Identifier: BSD-3-Clause
 * A periodic plane cut into 4^L patches that see their surroundings, and patches put together
 * again. Kossaifi et al. 2023, arXiv:2310.00120, Sec. 4.
 *
 * With s = N / 2^L points of a patch along an axis and p around it, level l of patch i is
 *
 *     y_l[i, r] = x[ 2^l ((i t_l + r - P_l) mod N / 2^l) ],    t_l = floor(s / 2^l),
 *     P_l = ceil((s + (2^L - 1) t_l - N / 2^l) / 2) + p,       t_0 = s, P_0 = p,
 *
 * in both axes: every 2^l-th point around the same place. Channels are levels, fine first. */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/threads.h"
#include "graph/ops/ops.h"

typedef struct patch_attr {
  int levels;
  ritz_index padding[2];
} patch_attr;

static ritz_index across(const ritz_node *node) {
  return (ritz_index)1 << ((const patch_attr *)node->attr)->levels;
}

/* The whole plane [B, N0, N1, C] and the patches of it. */
static const ritz_node *plane(const ritz_node *node) {
  return node->op == &ritz_op_multigrid_patches ? node->in[0] : node;
}

static ritz_status check(const ritz_node *node) {
  const patch_attr *attr = node->attr;
  const ritz_node *x = node->in[0];
  char text[128];
  RITZ_REQUIRE(
      attr->levels >= 0 && attr->levels <= 8 && attr->padding[0] >= 0 && attr->padding[1] >= 0,
      RITZ_ERR_ARGUMENT, "%s: %d levels and padding of %td x %td points", node->op->name,
      attr->levels, attr->padding[0], attr->padding[1]);
  RITZ_REQUIRE(x->shape.rank == 4, RITZ_ERR_SHAPE, "%s: x is %s, wanted [B, N0, N1, C]",
               node->op->name, ritz_shape_text(&x->shape, text));
  return RITZ_OK;
}

static ritz_status patches_infer(ritz_node *node) {
  const patch_attr *attr = node->attr;
  const ritz_node *x = node->in[0];
  RITZ_TRY(check(node));
  const ritz_index n = across(node);
  node->shape = x->shape;
  node->shape.n[0] *= n * n;
  node->shape.n[3] *= attr->levels + 1;
  for (int a = 0; a < 2; a++) {
    const ritz_index extent = x->shape.n[a + 1];
    RITZ_REQUIRE(extent % n == 0 && extent / n >= n, RITZ_ERR_SHAPE,
                 "multigrid_patches: %td points along axis %d for %td patches with levels down to "
                 "every %td-th point",
                 extent, a, n, n);
    node->shape.n[a + 1] = extent / n + 2 * attr->padding[a];
  }
  return RITZ_OK;
}

static ritz_status stitch_infer(ritz_node *node) {
  const patch_attr *attr = node->attr;
  const ritz_node *x = node->in[0];
  char text[128];
  RITZ_TRY(check(node));
  const ritz_index n = across(node);
  node->shape = x->shape;
  RITZ_REQUIRE(x->shape.n[0] % (n * n) == 0 && x->shape.n[1] > 2 * attr->padding[0] &&
                   x->shape.n[2] > 2 * attr->padding[1],
               RITZ_ERR_SHAPE,
               "stitch_patches: x is %s, wanted %td patches a sample with %td x %td "
               "points of padding on each side",
               ritz_shape_text(&x->shape, text), n * n, attr->padding[0], attr->padding[1]);
  node->shape.n[0] /= n * n;
  for (int a = 0; a < 2; a++) node->shape.n[a + 1] = (x->shape.n[a + 1] - 2 * attr->padding[a]) * n;
  return RITZ_OK;
}

/* Point of axis `a` in the plane that point r of patch i shows on a level. */
static ritz_index source(const ritz_node *node, int a, int level, ritz_index i, ritz_index r) {
  const patch_attr *attr = node->attr;
  const ritz_index n = across(node), whole = plane(node)->shape.n[a + 1] >> level;
  const ritz_index size = plane(node)->shape.n[a + 1] / n, step = size >> level;
  const ritz_index over = size + (n - 1) * step - whole; /* 0 on level 0 */
  const ritz_index margin = (over + (over > 0)) / 2 + attr->padding[a];
  const ritz_index at = (i * step + r - margin) % whole;
  return (at < 0 ? at + whole : at) << level;
}

/* Patch number `patch` of all, forward or the adjoint. */
static void exchange(const ritz_node *node, ritz_index patch, bool adjoint) {
  const patch_attr *attr = node->attr;
  const ritz_index n = across(node), b = patch / (n * n), i = patch / n % n, j = patch % n;
  const ritz_index *shape = node->shape.n, *x = node->in[0]->shape.n, c = x[3];
  const size_t size = ritz_number_size(node);
  for (ritz_index r = 0; r < shape[1]; r++)
    for (ritz_index q = 0; q < shape[2]; q++)
      for (int l = 0; l <= attr->levels; l++) {
        const ritz_index p0 = source(node, 0, l, i, r), p1 = source(node, 1, l, j, q);
        const size_t from = (size_t)(((b * x[1] + p0) * x[2] + p1) * c) * size;
        const size_t to = (size_t)(((patch * shape[1] + r) * shape[2] + q) * shape[3] + l * c);
        if (adjoint)
          node->graph->kernels->scale(c, 1, (char *)node->gradient.data + to * size,
                                      (char *)ritz_gin(node, 0) + from, true);
        else
          memcpy((char *)node->value.data + to * size, (const char *)ritz_in(node, 0) + from,
                 (size_t)c * size);
      }
}

static void patch_task(void *arg, ritz_index patch, int thread) { exchange(arg, patch, false); }

/* Patches of a sample overlap: one after the other. */
static void patches_vjp_task(void *arg, ritz_index b, int thread) {
  const ritz_node *node = arg;
  const ritz_index n = across(node), *x = node->in[0]->shape.n;
  const size_t bytes = (size_t)(x[1] * x[2] * x[3]) * ritz_number_size(node);
  if (!node->add[0]) memset((char *)ritz_gin(node, 0) + (size_t)b * bytes, 0, bytes);
  for (ritz_index k = 0; k < n * n; k++) exchange(node, b * n * n + k, true);
}

static void patches_forward(const ritz_node *node) {
  ritz_parallel(node->graph->context->threads, node->shape.n[0], patch_task, (void *)node);
}
static void patches_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0))
    ritz_parallel(node->graph->context->threads, node->in[0]->shape.n[0], patches_vjp_task,
                  (void *)node);
}

/* Row r, without its padding, of a patch and its place in the plane, in numbers. */
static void places(const ritz_node *node, ritz_index patch, ritz_index r, size_t *inside,
                   size_t *whole) {
  const patch_attr *attr = node->attr;
  const ritz_index n = across(node), b = patch / (n * n), i = patch / n % n, j = patch % n;
  const ritz_index *y = node->shape.n, *x = node->in[0]->shape.n, c = x[3];
  *inside = (size_t)(((patch * x[1] + r + attr->padding[0]) * x[2] + attr->padding[1]) * c);
  *whole = (size_t)(((b * y[1] + i * (y[1] / n) + r) * y[2] + j * (y[2] / n)) * c);
}

static void stitch_task(void *arg, ritz_index patch, int thread) {
  const ritz_node *node = arg;
  const ritz_index rows = node->shape.n[1] / across(node);
  const size_t size = ritz_number_size(node);
  const size_t line = (size_t)(node->shape.n[2] / across(node) * node->shape.n[3]) * size;
  size_t inside, whole;
  for (ritz_index r = 0; r < rows; r++) {
    places(node, patch, r, &inside, &whole);
    memcpy((char *)node->value.data + whole * size, (const char *)ritz_in(node, 0) + inside * size,
           line);
  }
}

static void stitch_vjp_task(void *arg, ritz_index patch, int thread) {
  const ritz_node *node = arg;
  const ritz_index rows = node->shape.n[1] / across(node), *x = node->in[0]->shape.n;
  const ritz_index line = node->shape.n[2] / across(node) * node->shape.n[3];
  const size_t size = ritz_number_size(node), bytes = (size_t)(x[1] * x[2] * x[3]) * size;
  size_t inside, whole;
  if (!node->add[0]) memset((char *)ritz_gin(node, 0) + (size_t)patch * bytes, 0, bytes);
  for (ritz_index r = 0; r < rows; r++) {
    places(node, patch, r, &inside, &whole);
    node->graph->kernels->scale(line, 1, (const char *)node->gradient.data + whole * size,
                                (char *)ritz_gin(node, 0) + inside * size, true);
  }
}

static void stitch_forward(const ritz_node *node) {
  ritz_parallel(node->graph->context->threads, node->in[0]->shape.n[0], stitch_task, (void *)node);
}
static void stitch_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0))
    ritz_parallel(node->graph->context->threads, node->in[0]->shape.n[0], stitch_vjp_task,
                  (void *)node);
}

const ritz_op ritz_op_multigrid_patches = {
    .name = "multigrid_patches",
    .distribution = RITZ_REGRID,
    .infer = patches_infer,
    .forward = patches_forward,
    .vjp = patches_vjp,
};
const ritz_op ritz_op_stitch_patches = {
    .name = "stitch_patches",
    .distribution = RITZ_REGRID,
    .infer = stitch_infer,
    .forward = stitch_forward,
    .vjp = stitch_vjp,
};

static ritz_var add(ritz_graph *graph, const ritz_op *op, ritz_var x, int levels,
                    const ritz_index *padding) {
  const patch_attr attr = {.levels = levels, .padding = {padding[0], padding[1]}};
  return ritz_graph_add(graph, op, 1, &x, &attr, sizeof attr);
}
ritz_var ritz_multigrid_patches(ritz_graph *graph, ritz_var x, int levels,
                                const ritz_index *padding) {
  return add(graph, &ritz_op_multigrid_patches, x, levels, padding);
}
ritz_var ritz_stitch_patches(ritz_graph *graph, ritz_var x, int levels, const ritz_index *padding) {
  return add(graph, &ritz_op_stitch_patches, x, levels, padding);
}
