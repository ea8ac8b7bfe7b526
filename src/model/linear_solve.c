/* SPDX-License-Identifier: BSD-3-Clause
 * The op of sparse solves: forward with A, backward with its transpose, each with a preconditioner
 * and a Krylov solver of its own. */
#include <ritz/linear_solve.h>
#include <ritz/preconditioner.h>

#include <math.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/op.h"
#include "solvers/sparse/sparse.h"

typedef struct solve_attr {
  const ritz_sparse *matrix;
  ritz_linear_solve_options options;
} solve_attr;

/* A system that can be solved. */
typedef struct side {
  ritz_sparse *matrix;
  ritz_preconditioner *m;
  ritz_krylov *solver;
  bool ready; /* the preconditioner could be computed from the values at hand */
} side;

typedef struct solve_state {
  side forward, adjoint; /* the adjoint one only with gradients */
  ritz_index *from;      /* [entries]: where the values of the transpose stand */
  double *b, *x;         /* [rows] */
  double *sums;          /* [entries], gradients of the values */
} solve_state;

void ritz_linear_solve_options_defaults(ritz_linear_solve_options *options) {
  *options = (ritz_linear_solve_options){.preconditioner = "ilu"};
  ritz_krylov_options_defaults(&options->krylov);
  options->krylov.method = "gmres";
  options->krylov.rtol = 1e-10;
}

/* Plan ----------------------------------------------------------------------------------------*/

static ritz_status infer(ritz_node *node) {
  const ritz_sparse *a = ((const solve_attr *)node->attr)->matrix;
  const ritz_shape *f = &node->in[0]->shape;
  char have[128];
  RITZ_REQUIRE(a->scalar == RITZ_REAL_DOUBLE, RITZ_ERR_ARGUMENT,
               "linear_solve: the matrix is %s, wanted double", ritz_scalar_text(a->scalar));
  RITZ_REQUIRE(a->rows == a->columns, RITZ_ERR_SHAPE, "linear_solve: the matrix is [%td, %td]",
               a->rows, a->columns);
  RITZ_REQUIRE(f->rank >= 3 && ritz_rows(node->in[0]) == f->n[0] * a->rows, RITZ_ERR_SHAPE,
               "linear_solve: f is %s, wanted [B, X0, ..., C] with %td grid points",
               ritz_shape_text(f, have), a->rows);
  if (node->arity > 1)
    RITZ_REQUIRE(ritz_shape_count(&node->in[1]->shape) == a->entries, RITZ_ERR_SHAPE,
                 "linear_solve: values are %s, wanted %td, the entries of the matrix",
                 ritz_shape_text(&node->in[1]->shape, have), a->entries);
  node->shape = *f;
  return RITZ_OK;
}

static void clear(side *s) {
  ritz_krylov_destroy(&s->solver);
  ritz_preconditioner_destroy(&s->m);
  ritz_sparse_destroy(&s->matrix);
}

static void destroy(ritz_node *node) {
  solve_state *state = node->state;
  if (!state) return;
  clear(&state->forward);
  clear(&state->adjoint);
  ritz_free(state->from);
  ritz_free(state->b);
  ritz_free(state->x);
  ritz_free(state->sums);
  ritz_free(state);
  node->state = NULL;
}

static ritz_status copy_matrix(const ritz_sparse *a, ritz_sparse **out) {
  RITZ_TRY(ritz_sparse_allocate(a->scalar, a->rows, a->columns, a->entries, out));
  memcpy((*out)->start, a->start, (size_t)(a->rows + 1) * sizeof *a->start);
  memcpy((*out)->column, a->column, (size_t)a->entries * sizeof *a->column);
  memcpy((*out)->values, a->values, (size_t)a->entries * sizeof(double));
  return ritz_sparse_find_runs(*out);
}

static ritz_status transpose(ritz_sparse *a, ritz_index **from, ritz_sparse **out) {
  RITZ_TRY(ritz_sparse_plan_transposed(a));
  RITZ_TRY(RITZ_NEW(a->entries, from));
  RITZ_TRY(ritz_sparse_allocate(a->scalar, a->columns, a->rows, a->entries, out));
  memcpy(*from, a->turned_from, (size_t)a->entries * sizeof **from);
  memcpy((*out)->start, a->turned_start, (size_t)(a->columns + 1) * sizeof *a->start);
  memcpy((*out)->column, a->turned_column, (size_t)a->entries * sizeof *a->column);
  for (ritz_index e = 0; e < a->entries; e++)
    ((double *)(*out)->values)[e] = ((const double *)a->values)[(*from)[e]];
  return ritz_sparse_find_runs(*out);
}

static ritz_status prepare(const ritz_node *node, side *s) {
  const solve_attr *attr = node->attr;
  ritz_krylov_options options = attr->options.krylov;
  options.threads = node->graph->context->threads;
  ritz_sparse_set_threads(s->matrix, options.threads);
  RITZ_TRY(ritz_preconditioner_create(attr->options.preconditioner,
                                      attr->options.preconditioner_options, s->matrix, &s->m));
  ritz_preconditioner_set_threads(s->m, options.threads);
  RITZ_TRY(ritz_krylov_create(RITZ_REAL_DOUBLE, s->matrix->rows, &options, &s->solver));
  ritz_krylov_set_operator(s->solver, ritz_sparse_apply, s->matrix);
  ritz_krylov_set_preconditioner(s->solver, ritz_preconditioner_apply, s->m);
  s->ready = true;
  return RITZ_OK;
}

static ritz_status plan(ritz_node *node, bool gradients) {
  const solve_attr *attr = node->attr;
  solve_state *state;
  RITZ_TRY(RITZ_NEW(1, &state));
  node->state = state; /* released by destroy(), also after a failure here */
  RITZ_TRY(RITZ_NEW(attr->matrix->rows, &state->b));
  RITZ_TRY(RITZ_NEW(attr->matrix->rows, &state->x));
  RITZ_TRY(copy_matrix(attr->matrix, &state->forward.matrix));
  RITZ_TRY(prepare(node, &state->forward));
  if (!gradients) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(attr->matrix->entries, &state->sums));
  RITZ_TRY(transpose(state->forward.matrix, &state->from, &state->adjoint.matrix));
  return prepare(node, &state->adjoint);
}

/* Run -----------------------------------------------------------------------------------------*/

static double get(const ritz_node *node, const void *array, ritz_index i) {
  return ritz_number_get(node->graph->dtype, array, i);
}

static void put(const ritz_node *node, void *array, ritz_index i, double value, bool add) {
  ritz_number_set(node->graph->dtype, array, i, value + (add ? get(node, array, i) : 0));
}

/* Takes the values of in[1] into a side, through `from` if they are to be turned. */
static void load(const ritz_node *node, side *s, const ritz_index *from) {
  if (node->arity > 1) {
    double *const values = s->matrix->values;
    for (ritz_index e = 0; e < s->matrix->entries; e++)
      values[e] = get(node, ritz_in(node, 1), from ? from[e] : e);
    s->ready = ritz_preconditioner_update(s->m) == RITZ_OK;
    ritz_krylov_set_operator(s->solver, ritz_sparse_apply, s->matrix);
    ritz_krylov_set_preconditioner(s->solver, ritz_preconditioner_apply, s->m);
  }
  ritz_recycle *space = ritz_krylov_recycle(s->solver);
  if (space) ritz_recycle_reset(space);
}

/* The solution of a side for channel c of sample b of `array`, in state->x. */
static void solve(const ritz_node *node, side *s, const void *array, ritz_index first) {
  solve_state *state = node->state;
  const ritz_index n = s->matrix->rows, c = ritz_channels(node);
  ritz_solve_report report = {0};
  for (ritz_index i = 0; i < n; i++) state->b[i] = get(node, array, first + i * c);
  if (s->ready && ritz_krylov_solve(s->solver, state->b, state->x, &report) == RITZ_OK &&
      report.reason > 0)
    return;
  for (ritz_index i = 0; i < n; i++) state->x[i] = NAN;
}

static void forward(const ritz_node *node) {
  solve_state *state = node->state;
  const ritz_index n = state->forward.matrix->rows, c = ritz_channels(node);
  load(node, &state->forward, NULL);
  for (ritz_index b = 0; b < node->shape.n[0]; b++)
    for (ritz_index channel = 0; channel < c; channel++) {
      const ritz_index first = b * n * c + channel;
      solve(node, &state->forward, ritz_in(node, 0), first);
      for (ritz_index i = 0; i < n; i++)
        put(node, node->value.data, first + i * c, state->x[i], false);
    }
}

/* sums_ij -= l_i u_j of one system. */
static void add_values(const ritz_node *node, ritz_index first) {
  solve_state *state = node->state;
  const ritz_sparse *a = state->forward.matrix;
  const ritz_index c = ritz_channels(node);
  for (ritz_index i = 0; i < a->rows; i++)
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++)
      state->sums[e] -= state->x[i] * get(node, node->value.data, first + a->column[e] * c);
}

static void vjp(const ritz_node *node) {
  solve_state *state = node->state;
  const ritz_sparse *a = state->forward.matrix;
  const ritz_index c = ritz_channels(node);
  load(node, &state->adjoint, state->from);
  memset(state->sums, 0, (size_t)a->entries * sizeof *state->sums);
  for (ritz_index b = 0; b < node->shape.n[0]; b++)
    for (ritz_index channel = 0; channel < c; channel++) {
      const ritz_index first = b * a->rows * c + channel;
      solve(node, &state->adjoint, node->gradient.data, first);
      if (ritz_gin(node, 0))
        for (ritz_index i = 0; i < a->rows; i++)
          put(node, ritz_gin(node, 0), first + i * c, state->x[i], node->add[0]);
      if (ritz_gin(node, 1)) add_values(node, first);
    }
  if (!ritz_gin(node, 1)) return;
  for (ritz_index e = 0; e < a->entries; e++)
    put(node, ritz_gin(node, 1), e, state->sums[e], node->add[1]);
}

static const ritz_op op = {
    .name = "linear_solve",
    .distribution = RITZ_REDUCE,
    .reads_in = 1u << 1,
    .reads_out = true,
    .infer = infer,
    .plan = plan,
    .destroy = destroy,
    .forward = forward,
    .vjp = vjp,
};

ritz_var ritz_linear_solve(ritz_graph *graph, const ritz_sparse *matrix, ritz_var f,
                           ritz_var values, const ritz_linear_solve_options *options) {
  solve_attr attr = {.matrix = matrix};
  ritz_linear_solve_options_defaults(&attr.options);
  if (options) attr.options = *options;
  ritz_graph_latch(graph, ritz_reserved_check(attr.options.reserved, "linear solve options"));
  return ritz_graph_add(graph, &op, values ? 2 : 1, (ritz_var[]){f, values}, &attr, sizeof attr);
}
