/* SPDX-License-Identifier: BSD-3-Clause
 * The kept Fourier coefficients of a field as a field of their own, and the field that they stand
 * for:  z = scale F x,  x = scale F^-1 z.  Coefficients of mode m lie in the channels of point m,
 * real parts and then imaginary parts: [B, k0, ..., 2 C]. Modes as in spectral_conv.c.
 *
 * vjps are the adjoint transforms, for (dS/dRe, dS/dIm). */
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"
#include "kernels/spectral.h"

typedef struct modes_attr {
  ritz_index extent[3]; /* modes, or the grid */
  double scale;
} modes_attr;

typedef struct modes_state {
  ritz_transform *transform;
  ritz_index modes, batch, channels;
  size_t rows; /* bytes of the row blocks */
} modes_state;

static bool to_modes(const ritz_node *node) { return node->op == &ritz_op_fourier_modes; }

static ritz_status modes_infer(ritz_node *node) {
  const modes_attr *attr = node->attr;
  const ritz_node *x = node->in[0];
  const int d = ritz_grid_dim(x);
  char text[128];
  RITZ_REQUIRE(d >= 1 && d <= 3 && (to_modes(node) || ritz_channels(x) % 2 == 0), RITZ_ERR_SHAPE,
               "%s: x is %s, wanted [B, 1 to 3 axes, %s]", node->op->name,
               ritz_shape_text(&x->shape, text), to_modes(node) ? "C" : "2 C");
  node->shape = x->shape;
  node->shape.n[d + 1] = to_modes(node) ? 2 * ritz_channels(x) : ritz_channels(x) / 2;
  for (int a = 0; a < d; a++) {
    const ritz_index grid = to_modes(node) ? x->shape.n[a + 1] : attr->extent[a];
    const ritz_index modes = to_modes(node) ? attr->extent[a] : x->shape.n[a + 1];
    const ritz_index most = a == d - 1 ? grid / 2 + 1 : grid;
    RITZ_REQUIRE(grid >= 1 && modes >= 1 && modes <= most, RITZ_ERR_SHAPE,
                 "%s: %td modes of %td points along axis %d, wanted 1 to %td", node->op->name,
                 modes, grid, a, most);
    node->shape.n[a + 1] = attr->extent[a];
  }
  return RITZ_OK;
}

static ritz_status plan_transform(const ritz_node *node, modes_state *s) {
  const ritz_node *field = to_modes(node) ? node->in[0] : node;
  const ritz_node *spectrum = to_modes(node) ? node : node->in[0];
  const int d = ritz_grid_dim(node);
  ritz_transform_shape shape = {
      .dtype = node->graph->dtype, .dim = d, .batch = s->batch, .channels = s->channels};
  ritz_index *f, total = 0;
  for (int a = 0; a < d; a++) total += spectrum->shape.n[a + 1];
  RITZ_TRY(RITZ_NEW(total, &f));
  ritz_index *at = f;
  for (int a = 0; a < d; a++) {
    shape.grid[a] = field->shape.n[a + 1];
    shape.modes[a] = spectrum->shape.n[a + 1];
    shape.frequency[a] = at;
    for (ritz_index i = 0; i < shape.modes[a]; i++) *at++ = a == d - 1 ? i : i - shape.modes[a] / 2;
  }
  const ritz_status status = ritz_transform_create(&shape, RITZ_SPECTRAL_AUTO,
                                                   node->graph->context->threads, &s->transform);
  ritz_free(f);
  return status;
}

static ritz_status modes_plan(ritz_node *node, bool gradients) {
  const ritz_node *spectrum = to_modes(node) ? node : node->in[0];
  modes_state *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  node->state = s;
  s->batch = node->shape.n[0];
  s->channels = ritz_channels(spectrum) / 2;
  s->modes = 1;
  for (int a = 0; a < ritz_grid_dim(node); a++) s->modes *= spectrum->shape.n[a + 1];
  RITZ_TRY(plan_transform(node, s));
  s->rows = ritz_aligned((size_t)(3 * s->modes * s->batch * s->channels) * ritz_number_size(node));
  node->need.scratch = s->rows + ritz_transform_scratch(s->transform);
  return RITZ_OK;
}

static void modes_destroy(ritz_node *node) {
  modes_state *s = node->state;
  if (!s) return;
  ritz_transform_destroy(&s->transform);
  ritz_free(s);
}

/* Row blocks of each mode, `planes` of them with Re and Im last, <-> [B, modes, 2 C]. */
static void arrange(const ritz_node *node, bool out, bool add, int planes, void *blocks,
                    void *field) {
  const modes_state *s = node->state;
  const ritz_index c = s->channels;
  const size_t size = ritz_number_size(node);
  for (ritz_index b = 0; b < s->batch; b++)
    for (int plane = 0; plane < 2; plane++) {
      char *row = (char *)blocks + (size_t)(((planes - 2 + plane) * s->batch + b) * c) * size;
      char *point = (char *)field + (size_t)((2 * b * s->modes + plane) * c) * size;
      node->graph->kernels->row_copy(s->modes, c, out ? row : point,
                                     out ? planes * s->batch * c : 2 * c, out ? point : row,
                                     out ? 2 * c : planes * s->batch * c, add);
    }
}

/* field -> coefficients by the transform or by the adjoint of its inverse. */
static void analyse(const ritz_node *node, bool adjoint, bool add, const void *x, void *z) {
  const modes_attr *attr = node->attr;
  const modes_state *s = node->state;
  char *three = node->scratch.data;
  const ritz_index count = 3 * s->modes * s->batch * s->channels;
  ritz_transform_to_modes(s->transform, adjoint, false, x, three, three + s->rows);
  node->graph->kernels->scale(count, attr->scale, three, three, false);
  arrange(node, true, add, 3, three, z);
}

static void synthesise(const ritz_node *node, bool adjoint, bool add, const void *z, void *x) {
  const modes_attr *attr = node->attr;
  const modes_state *s = node->state;
  char *two = node->scratch.data;
  const ritz_index count = 2 * s->modes * s->batch * s->channels;
  arrange(node, false, false, 2, two, (void *)z);
  node->graph->kernels->scale(count, attr->scale, two, two, false);
  ritz_transform_from_modes(s->transform, adjoint, add, two, x, two + s->rows);
}

static void modes_forward(const ritz_node *node) {
  (to_modes(node) ? analyse : synthesise)(node, false, false, ritz_in(node, 0), node->value.data);
}

static void modes_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0))
    (to_modes(node) ? synthesise : analyse)(node, true, node->add[0], node->gradient.data,
                                            ritz_gin(node, 0));
}

static double modes_flops(const ritz_node *node) {
  return ritz_transform_flops(((const modes_state *)node->state)->transform);
}

#define RITZ_FOURIER(function)                                                           \
  const ritz_op ritz_op_##function = {                                                   \
      .name = #function,                                                                 \
      .distribution = RITZ_SPECTRAL,                                                     \
      .infer = modes_infer,                                                              \
      .plan = modes_plan,                                                                \
      .destroy = modes_destroy,                                                          \
      .forward = modes_forward,                                                          \
      .vjp = modes_vjp,                                                                  \
      .flops = modes_flops,                                                              \
  };                                                                                     \
  ritz_var ritz_##function(ritz_graph *graph, ritz_var x, const ritz_index *extent,      \
                           double scale) {                                               \
    modes_attr attr = {.scale = scale};                                                  \
    for (int a = 0; x && a < 3 && a < ritz_grid_dim(x); a++) attr.extent[a] = extent[a]; \
    return ritz_graph_add(graph, &ritz_op_##function, 1, &x, &attr, sizeof attr);        \
  }

RITZ_FOURIER(fourier_modes)
RITZ_FOURIER(fourier_field)
