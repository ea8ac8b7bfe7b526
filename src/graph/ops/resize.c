/* SPDX-License-Identifier: BSD-3-Clause
 * A field on another grid by interpolation, axis by axis (kernels/resize.h): as PyTorch's
 * `interpolate`, and as neuraloperator's skip connections resample, 1-D linear and 2-D bicubic with
 * aligned corners; their 3-D fields go through their spectrum (spectral_resize.c). */
#include "core/fail.h"
#include "graph/ops/ops.h"
#include "graph/ops/regrid.h"

typedef struct resize_attr {
  ritz_regrid_grid grid;
  ritz_interpolation kind;
  ritz_alignment alignment;
} resize_attr;

static ritz_status resize_infer(ritz_node *node) {
  const resize_attr *attr = node->attr;
  RITZ_REQUIRE(attr->kind >= RITZ_INTERPOLATE_NEAREST && attr->kind <= RITZ_INTERPOLATE_SMOOTH,
               RITZ_ERR_ARGUMENT, "resize: no interpolation %d", (int)attr->kind);
  return ritz_regrid_infer(node, &attr->grid);
}

static ritz_status resize_axis(const ritz_node *node, int axis, ritz_index from, ritz_index to,
                               ritz_resampling *out) {
  static const ritz_resampling_kind kinds[] = {[RITZ_INTERPOLATE_NEAREST] = RITZ_RESIZE_NEAREST,
                                               [RITZ_INTERPOLATE_LINEAR] = RITZ_RESIZE_LINEAR,
                                               [RITZ_INTERPOLATE_CUBIC] = RITZ_RESIZE_CUBIC,
                                               [RITZ_INTERPOLATE_SMOOTH] = RITZ_RESIZE_SMOOTH};
  const resize_attr *attr = node->attr;
  return ritz_resampling_init(kinds[attr->kind], attr->alignment, from, to, out);
}

static ritz_status resize_plan(ritz_node *node, bool gradients) {
  return ritz_regrid_plan(node, resize_axis);
}

static ritz_var resize_add_split(const ritz_addition *addition) {
  return ritz_regrid_add_split(addition, resize_axis);
}

const ritz_op ritz_op_resize = {
    .name = "resize",
    .distribution = RITZ_REGRID,
    .meets_halo = true,
    .infer = resize_infer,
    .add_split = resize_add_split,
    .plan = resize_plan,
    .destroy = ritz_regrid_destroy,
    .forward = ritz_regrid_forward,
    .vjp = ritz_regrid_vjp,
    .flops = ritz_regrid_flops,
};

ritz_var ritz_interpolate(ritz_graph *graph, ritz_var x, const ritz_index *grid,
                          ritz_interpolation kind, bool align_corners) {
  const resize_attr attr = {.grid = ritz_regrid_copy(x, grid),
                            .kind = kind,
                            .alignment = align_corners ? RITZ_ALIGN_ENDS : RITZ_ALIGN_CELLS};
  return ritz_graph_add(graph, &ritz_op_resize, 1, &x, &attr, sizeof attr);
}

ritz_var ritz_resize(ritz_graph *graph, ritz_var x, const ritz_index *grid) {
  const int d = x ? ritz_grid_dim(x) : 0;
  if (d == 3) return ritz_spectral_resize(graph, x, grid);
  return ritz_interpolate(graph, x, grid, d == 2 ? RITZ_INTERPOLATE_CUBIC : RITZ_INTERPOLATE_LINEAR,
                          true);
}
