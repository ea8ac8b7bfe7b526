/* SPDX-License-Identifier: BSD-3-Clause
 * Coefficients of a field in the lowest functions of an orthonormal basis along every grid axis,
 * and a field from coefficients: z = scale T0 (x) T1 ... x,      x = scale T0^T (x) T1^T ... z,
 * with T_a [M_a, N_a] the first rows of an orthogonal matrix; the two are adjoint to each other.
 *
 *   cosine   DCT-II, T[k, n] = c_k sqrt(2/N) cos(pi (2 n + 1) k / (2 N)), c_0 = 1/sqrt 2, else 1
 *   fourier  1/sqrt N; then sqrt(2/N) cos and sin of 2 pi f n / N for f = 1, 2, ...; for even N at
 *            last the alternating row */
#include <math.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/axis_pass.h"
#include "graph/ops/harmonic.h"
#include "graph/ops/ops.h"

typedef struct harmonic_attr {
  ritz_basis basis;
  ritz_index extent[3];
  double scale;
} harmonic_attr;

typedef struct harmonic_state {
  int dim;
  ritz_axis_pass pass[3];
  size_t between; /* bytes of the largest field between two passes */
} harmonic_state;

static bool is_analysis(const ritz_node *node) { return node->op == &ritz_op_harmonic_analysis; }

static ritz_status harmonic_infer(ritz_node *node) {
  const harmonic_attr *attr = node->attr;
  const ritz_node *x = node->in[0];
  const int d = ritz_grid_dim(x);
  char text[128];
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_SHAPE, "%s: x is %s, wanted [B, 1 to 3 grid axes, C]",
               node->op->name, ritz_shape_text(&x->shape, text));
  node->shape = x->shape;
  for (int a = 0; a < d; a++) {
    const ritz_index points = is_analysis(node) ? x->shape.n[a + 1] : attr->extent[a];
    const ritz_index modes = is_analysis(node) ? attr->extent[a] : x->shape.n[a + 1];
    RITZ_REQUIRE(modes >= 1 && modes <= points, RITZ_ERR_SHAPE,
                 "%s: axis %d has %td points and %td functions", node->op->name, a, points, modes);
    node->shape.n[a + 1] = attr->extent[a];
  }
  return RITZ_OK;
}

double ritz_basis_value(ritz_basis basis, ritz_index k, ritz_index n, ritz_index points) {
  const double pi = 3.14159265358979323846, count = (double)points;
  if (k == 0) return sqrt(1 / count);
  if (basis == RITZ_BASIS_COSINE) { /* the angle modulo 2 pi, exactly */
    const ritz_index angle = (2 * n + 1) * k % (4 * points);
    return sqrt(2 / count) * cos(pi * (double)angle / (2 * count));
  }
  const ritz_index f = (k + 1) / 2, angle = f * n % points;
  if (2 * f == points) return sqrt(1 / count) * (n % 2 ? -1 : 1);
  const double t = 2 * pi * (double)angle / count;
  return sqrt(2 / count) * (k % 2 ? cos(t) : sin(t));
}

/* What the entries of an axis' matrix depend on. */
typedef struct rows {
  ritz_basis basis;
  ritz_index points;
  double scale;
} rows;

static double entry(const void *user, ritz_index mode, ritz_index point) {
  const rows *r = user;
  return r->scale * ritz_basis_value(r->basis, mode, point, r->points);
}

static ritz_status plan_pass(const ritz_node *node, int axis, ritz_axis_pass *p) {
  const harmonic_attr *attr = node->attr;
  const ritz_node *field = is_analysis(node) ? node->in[0] : node;
  const ritz_node *spectrum = is_analysis(node) ? node : node->in[0];
  *p = (ritz_axis_pass){.samples = node->shape.n[0],
                        .slabs = 1,
                        .inner = ritz_channels(node),
                        .points = field->shape.n[axis + 1],
                        .modes = spectrum->shape.n[axis + 1]};
  /* axis 0 first: long rows for the large product */
  for (int a = 0; a < axis; a++) p->slabs *= spectrum->shape.n[a + 1];
  for (int a = axis + 1; a < ritz_grid_dim(node); a++) p->inner *= field->shape.n[a + 1];
  const rows user = {attr->basis, p->points, axis == 0 ? attr->scale : 1};
  return ritz_axis_pass_plan(node->graph->dtype, entry, &user, p);
}

static ritz_status harmonic_plan(ritz_node *node, bool gradients) {
  harmonic_state *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  node->state = s;
  s->dim = ritz_grid_dim(node);
  for (int a = 0; a < s->dim; a++) {
    RITZ_TRY(plan_pass(node, a, &s->pass[a]));
    const size_t bytes =
        (size_t)(s->pass[a].samples * s->pass[a].mode_sample) * ritz_number_size(node);
    if (a < s->dim - 1 && bytes > s->between) s->between = bytes;
  }
  s->between = ritz_aligned(s->between);
  node->need.scratch = 2 * s->between;
  return RITZ_OK;
}

static void harmonic_destroy(ritz_node *node) {
  harmonic_state *s = node->state;
  if (!s) return;
  for (int a = 0; a < 3; a++) ritz_axis_pass_clear(&s->pass[a]);
  ritz_free(s);
}

/* All axes, to the coefficients or back from them. */
static void run(const ritz_node *node, bool to, bool add, const void *from, void *out) {
  const harmonic_state *s = node->state;
  for (int step = 0; step < s->dim; step++) {
    const int axis = to ? step : s->dim - 1 - step;
    const bool last = step == s->dim - 1;
    char *between = (char *)node->scratch.data + (size_t)(step % 2) * s->between;
    void *next = last ? out : between;
    ritz_axis_pass_run(&s->pass[axis], node->graph->context->threads, to, last && add, from, next);
    from = next;
  }
}

static void harmonic_forward(const ritz_node *node) {
  run(node, is_analysis(node), false, ritz_in(node, 0), node->value.data);
}

static void harmonic_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0))
    run(node, !is_analysis(node), node->add[0], node->gradient.data, ritz_gin(node, 0));
}

static double harmonic_flops(const ritz_node *node) {
  const harmonic_state *s = node->state;
  double flops = 0;
  for (int a = 0; a < s->dim; a++) flops += ritz_axis_pass_flops(&s->pass[a]);
  return flops;
}

#define RITZ_HARMONIC(function)                                                          \
  const ritz_op ritz_op_##function = {                                                   \
      .name = #function,                                                                 \
      .distribution = RITZ_SPECTRAL,                                                     \
      .infer = harmonic_infer,                                                           \
      .plan = harmonic_plan,                                                             \
      .destroy = harmonic_destroy,                                                       \
      .forward = harmonic_forward,                                                       \
      .vjp = harmonic_vjp,                                                               \
      .flops = harmonic_flops,                                                           \
  };                                                                                     \
  ritz_var ritz_##function(ritz_graph *graph, ritz_var x, ritz_basis basis,              \
                           const ritz_index *extent, double scale) {                     \
    harmonic_attr attr = {.basis = basis, .scale = scale};                               \
    for (int a = 0; x && a < 3 && a < ritz_grid_dim(x); a++) attr.extent[a] = extent[a]; \
    return ritz_graph_add(graph, &ritz_op_##function, 1, &x, &attr, sizeof attr);        \
  }

RITZ_HARMONIC(harmonic_analysis)
RITZ_HARMONIC(harmonic_synthesis)
