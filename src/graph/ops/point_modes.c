/* SPDX-License-Identifier: BSD-3-Clause
 * Fourier sums over scattered points x_n of the plane, and fields there from coefficients
 * (Li et al. 2022, arXiv:2207.05209, Sec. 3.3), with e_k(x) as in kernels/variants/points.c:
 *
 *     points_to_modes: z_k = sum over n of conj(e_k(x_n)) u_n
 *     modes_to_points: u_n = Re sum over k of e_k(x_n) z_k
 *
 * With A + i B the exponentials of some points, products of matrices: Re z = A^T u, Im z = -B^T u
 * and u = A Re z - B Im z; either is the adjoint of the other. The slopes in x_n need
 * P = u (Re z)^T and Q = u (Im z)^T, with the cotangent in place of the result.
 *
 * A task is a sample; its sums run over the points in order. */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "graph/ops/ops.h"
#include "kernels/gemm.h"
#include "kernels/points.h"

enum { tile = 64 }; /* points at a time */

typedef struct sum_state {
  ritz_point_modes modes;
  ritz_index batch, points, count, channels; /* count: modes in all */
  size_t size, room;                         /* room: bytes of scratch of a thread */
  /* Of a whole tile and of the last one. */
  ritz_gemm to_modes[2], to_points[2][2], slope[2]; /* to_points: [last][add] */
} sum_state;

static bool to_modes(const ritz_node *node) { return node->op == &ritz_op_points_to_modes; }

static ritz_status sum_infer(ritz_node *node) {
  const ritz_point_modes *m = node->attr;
  const ritz_shape *u = &node->in[0]->shape, *x = &node->in[1]->shape;
  char have[128], with[128];
  const bool fits = to_modes(node) ? u->rank == 3 && u->n[1] == x->n[1]
                                   : u->rank == 4 && ritz_channels(node->in[0]) % 2 == 0;
  RITZ_REQUIRE(fits && x->rank == 3 && x->n[2] == 2 && u->n[0] == x->n[0], RITZ_ERR_SHAPE,
               "%s: operand is %s, points are %s; wanted %s and [B, N, 2]", node->op->name,
               ritz_shape_text(u, have), ritz_shape_text(x, with),
               to_modes(node) ? "[B, N, C]" : "[B, K0, K1, 2 C]");
  const ritz_index *k = to_modes(node) ? m->modes : u->n + 1;
  for (int a = 0; a < 2; a++)
    RITZ_REQUIRE(k[a] >= 1 && k[a] <= RITZ_POINT_MODES, RITZ_ERR_SHAPE,
                 "%s: %td modes along axis %d, wanted 1 to %d", node->op->name, k[a], a,
                 RITZ_POINT_MODES);
  const ritz_index c = ritz_channels(node->in[0]);
  node->shape =
      to_modes(node) ? RITZ_SHAPE(u->n[0], k[0], k[1], 2 * c) : RITZ_SHAPE(u->n[0], x->n[1], c / 2);
  return RITZ_OK;
}

static ritz_status sum_plan(ritz_node *node, bool gradients) {
  const ritz_node *field = to_modes(node) ? node->in[0] : node;
  const ritz_node *spectrum = to_modes(node) ? node : node->in[0];
  const ritz_dtype dtype = node->graph->dtype;
  sum_state *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  node->state = s;
  s->modes = *(const ritz_point_modes *)node->attr;
  for (int a = 0; a < 2; a++) s->modes.modes[a] = spectrum->shape.n[a + 1];
  s->batch = node->shape.n[0];
  s->points = field->shape.n[1];
  s->channels = ritz_channels(field);
  s->count = s->modes.modes[0] * s->modes.modes[1];
  s->size = ritz_number_size(node);
  const ritz_index k = s->count, c = s->channels;
  for (int last = 0; last < 2; last++) {
    const ritz_index n = last ? s->points % tile : s->points < tile ? s->points : tile;
    s->to_modes[last] = ritz_gemm_plan(dtype, true, true, k, c, n, k, c, 2 * c);
    for (int add = 0; add < 2; add++)
      s->to_points[last][add] = ritz_gemm_plan(dtype, false, add, n, c, k, k, 2 * c, c);
    s->slope[last] = ritz_gemm_plan(dtype, false, false, n, k, c, c, k, k);
  }
  s->room = (size_t)(4 * tile * k + 4 * k * c) * s->size; /* A, B, P, Q; z and its transpose */
  node->need.scratch = s->room * (size_t)node->graph->context->threads;
  return RITZ_OK;
}

static void sum_destroy(ritz_node *node) { ritz_free(node->state); }

/* The scratch of a thread, and what belongs to a sample. */
typedef struct job {
  const sum_state *s;
  const ritz_kernels *kernels;
  const char *x;
  char *a, *b, *p, *q, *z, *turned;
} job;

static char *at(const sum_state *s, const void *base, ritz_index numbers) {
  return (char *)base + numbers * (ritz_index)s->size;
}

static job start(const ritz_node *node, ritz_index sample, int thread) {
  const sum_state *s = node->state;
  char *room = (char *)node->scratch.data + (size_t)thread * s->room;
  return (job){.s = s,
               .kernels = node->graph->kernels,
               .x = at(s, ritz_in(node, 1), sample * s->points * 2),
               .a = room,
               .b = at(s, room, tile * s->count),
               .p = at(s, room, 2 * tile * s->count),
               .q = at(s, room, 3 * tile * s->count),
               .z = at(s, room, 4 * tile * s->count),
               .turned = at(s, room, 4 * tile * s->count + 2 * s->count * s->channels)};
}

/* Points of the tile at `first`; `last` picks its products. */
static ritz_index tile_at(const sum_state *s, ritz_index first, bool *last) {
  const ritz_index n = s->points - first < tile ? s->points - first : tile;
  *last = n < tile && first > 0;
  return n;
}

static void negate(const job *j, ritz_index n, char *v) { j->kernels->scale(n, -1, v, v, false); }

/* z += the sums over the points of u. */
static void sums(const job *j, const char *u, char *z) {
  const sum_state *s = j->s;
  bool last;
  for (ritz_index first = 0; first < s->points; first += tile) {
    const ritz_index n = tile_at(s, first, &last);
    j->kernels->point_modes(n, &s->modes, at(s, j->x, 2 * first), j->a, j->b);
    negate(j, n * s->count, j->b);
    ritz_gemm_run(&s->to_modes[last], j->a, at(s, u, first * s->channels), z);
    ritz_gemm_run(&s->to_modes[last], j->b, at(s, u, first * s->channels), at(s, z, s->channels));
  }
}

/* u (+)= the field of z. */
static void field(const job *j, const char *z, char *u, bool add) {
  const sum_state *s = j->s;
  bool last;
  for (ritz_index first = 0; first < s->points; first += tile) {
    const ritz_index n = tile_at(s, first, &last);
    j->kernels->point_modes(n, &s->modes, at(s, j->x, 2 * first), j->a, j->b);
    negate(j, n * s->count, j->b);
    ritz_gemm_run(&s->to_points[last][add], j->a, z, at(s, u, first * s->channels));
    ritz_gemm_run(&s->to_points[last][1], j->b, at(s, z, s->channels),
                  at(s, u, first * s->channels));
  }
}

/* gx (+)= the slopes of Re sum over n, k of u_n e_k(x_n) z_k. */
static void slopes(const job *j, const char *u, const char *z, char *gx, bool add) {
  const sum_state *s = j->s;
  bool last;
  j->kernels->transpose(s->count, 2 * s->channels, z, j->turned); /* Re z, then Im z, [C, K] */
  for (ritz_index first = 0; first < s->points; first += tile) {
    const ritz_index n = tile_at(s, first, &last);
    ritz_gemm_run(&s->slope[last], at(s, u, first * s->channels), j->turned, j->p);
    ritz_gemm_run(&s->slope[last], at(s, u, first * s->channels),
                  at(s, j->turned, s->channels * s->count), j->q);
    j->kernels->point_modes_slope(n, &s->modes, at(s, j->x, 2 * first), j->p, j->q,
                                  at(s, gx, 2 * first), add);
  }
}

static void forward_task(void *arg, ritz_index b, int thread) {
  const ritz_node *node = arg;
  const sum_state *s = node->state;
  const job j = start(node, b, thread);
  const ritz_index spectrum = 2 * s->count * s->channels, points = s->points * s->channels;
  if (!to_modes(node)) {
    field(&j, at(s, ritz_in(node, 0), b * spectrum), at(s, node->value.data, b * points), false);
    return;
  }
  char *z = at(s, node->value.data, b * spectrum);
  memset(z, 0, (size_t)spectrum * s->size);
  sums(&j, at(s, ritz_in(node, 0), b * points), z);
}

static void vjp_task(void *arg, ritz_index b, int thread) {
  const ritz_node *node = arg;
  const sum_state *s = node->state;
  const job j = start(node, b, thread);
  const ritz_index spectrum = 2 * s->count * s->channels, points = s->points * s->channels;
  const bool modes = to_modes(node);
  const char *u = at(s, modes ? ritz_in(node, 0) : node->gradient.data, b * points);
  const char *z = at(s, modes ? node->gradient.data : ritz_in(node, 0), b * spectrum);
  if (ritz_gin(node, 0) && modes) {
    field(&j, z, at(s, ritz_gin(node, 0), b * points), node->add[0]);
  } else if (ritz_gin(node, 0)) {
    char *gz = at(s, ritz_gin(node, 0), b * spectrum);
    if (!node->add[0]) memset(gz, 0, (size_t)spectrum * s->size);
    sums(&j, u, gz);
  }
  if (ritz_gin(node, 1))
    slopes(&j, u, z, at(s, ritz_gin(node, 1), b * s->points * 2), node->add[1]);
}

static void sum_forward(const ritz_node *node) {
  ritz_parallel(node->graph->context->threads, node->shape.n[0], forward_task, (void *)node);
}
static void sum_vjp(const ritz_node *node) {
  ritz_parallel(node->graph->context->threads, node->shape.n[0], vjp_task, (void *)node);
}

static double sum_flops(const ritz_node *node) {
  const sum_state *s = node->state;
  return 4.0 * (double)(s->batch * s->points) * (double)(s->count * s->channels);
}

#define RITZ_POINT_SUM(function)       \
  const ritz_op ritz_op_##function = { \
      .name = #function,               \
      .distribution = RITZ_REDUCE,     \
      .reads_in = 1u << 0 | 1u << 1,   \
      .infer = sum_infer,              \
      .plan = sum_plan,                \
      .destroy = sum_destroy,          \
      .forward = sum_forward,          \
      .vjp = sum_vjp,                  \
      .flops = sum_flops,              \
  };
RITZ_POINT_SUM(points_to_modes)
RITZ_POINT_SUM(modes_to_points)

ritz_var ritz_points_to_modes(ritz_graph *graph, ritz_var u, ritz_var x, const ritz_index *modes) {
  const ritz_point_modes attr = {.modes = {modes[0], modes[1]}, .weight = {{1, 1}, {0, 0}}};
  return ritz_graph_add(graph, &ritz_op_points_to_modes, 2, (ritz_var[]){u, x}, &attr, sizeof attr);
}

ritz_var ritz_modes_to_points(ritz_graph *graph, ritz_var z, ritz_var x, ritz_mirror mirror) {
  ritz_point_modes attr = {.weight = {{1, 2}, {0, 0}}};
  if (mirror == RITZ_MIRROR_SHIFTED) attr.weight[0][1] = attr.weight[1][1] = 1;
  return ritz_graph_add(graph, &ritz_op_modes_to_points, 2, (ritz_var[]){z, x}, &attr, sizeof attr);
}
