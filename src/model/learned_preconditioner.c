/* SPDX-License-Identifier: BSD-3-Clause
 * From residuals to the model's grid and back, between sweeps of a smoother. */
#include <math.h>
#include <ritz/learned_preconditioner.h>
#include <ritz/preconditioner.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/kernels.h"
#include "model/model.h"
#include "solvers/sparse/sparse.h"

struct ritz_learned_preconditioner {
  const ritz_sparse *matrix;
  ritz_predictor *predictor;
  ritz_preconditioner *smoother; /* NULL: none */
  bool safeguard;
  ritz_index nodes, n; /* of the grid; unknowns */
  int fields;
  ritz_index *node;  /* [n] where an unknown is */
  double *in, *out;  /* [nodes, 1 + fields], [nodes] of the model */
  double *r, *q, *w; /* [n] residual, correction, products; with a smoother or a guess */
  ritz_learned_counts counts;
};

void ritz_learned_options_defaults(ritz_learned_options *options) {
  *options = (ritz_learned_options){.safeguard = true};
}

/* Creation ------------------------------------------------------------------------------------*/

static ritz_status check(const ritz_model *model, const ritz_sparse_grid *grid,
                         const ritz_sparse *matrix, const ritz_learned_options *o) {
  const ritz_model_info *info = &model->info;
  RITZ_TRY(ritz_reserved_check(o->reserved, "learned preconditioner options"));
  RITZ_TRY(ritz_reserved_check(grid->reserved, "grid"));
  RITZ_REQUIRE(matrix->scalar == RITZ_REAL_DOUBLE, RITZ_ERR_ARGUMENT,
               "learned preconditioner: the matrix is %s, wanted double",
               ritz_scalar_text(matrix->scalar));
  RITZ_REQUIRE(o->fields >= 0 && (o->fields == 0 || o->field), RITZ_ERR_ARGUMENT,
               "learned preconditioner: %d fields, %s", o->fields,
               o->field ? "wanted at least 0" : "and none given");
  RITZ_REQUIRE(
      info->channels_in == 1 + o->fields && info->channels_out == 1, RITZ_ERR_SHAPE,
      "learned preconditioner: the model has %d channels in and %d out, wanted the residual and %d "
      "fields in and 1 out",
      info->channels_in, info->channels_out, o->fields);
  RITZ_TRY(ritz_model_check_grid(model, grid->dim, grid->nodes, 1));
  const ritz_index unknowns = ritz_sparse_grid_unknowns(grid, NULL);
  RITZ_REQUIRE(unknowns == matrix->rows && matrix->rows == matrix->columns, RITZ_ERR_SHAPE,
               "learned preconditioner: the matrix is [%td, %td], the grid has %td unknowns",
               matrix->rows, matrix->columns, unknowns);
  return RITZ_OK;
}

static ritz_status place_unknowns(const ritz_sparse_grid *grid, ritz_learned_preconditioner *p) {
  ritz_index *row;
  RITZ_TRY(RITZ_NEW(p->nodes, &row));
  ritz_sparse_grid_unknowns(grid, row);
  for (ritz_index k = 0; k < p->nodes; k++)
    if (row[k] >= 0) p->node[row[k]] = k;
  ritz_free(row);
  return RITZ_OK;
}

static void set_fields(ritz_learned_preconditioner *p, const double *field) {
  for (ritz_index k = 0; k < p->nodes; k++)
    for (int c = 0; c < p->fields; c++)
      p->in[k * (1 + p->fields) + 1 + c] = field[k * p->fields + c];
}

static ritz_status plan(ritz_model *model, const ritz_sparse_grid *grid,
                        const ritz_learned_options *o, ritz_learned_preconditioner *p) {
  double **const vectors[] = {&p->r, &p->q, &p->w};
  RITZ_TRY(ritz_predictor_create(model, grid->dim, grid->nodes, 1, &p->predictor));
  RITZ_TRY(RITZ_NEW(p->n, &p->node));
  RITZ_TRY(place_unknowns(grid, p));
  RITZ_TRY(RITZ_NEW(p->nodes * (1 + p->fields), &p->in));
  RITZ_TRY(RITZ_NEW(p->nodes, &p->out));
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
    RITZ_TRY(RITZ_NEW(p->n, vectors[i]));
  set_fields(p, o->field);
  if (!o->smoother) return RITZ_OK;
  RITZ_TRY(ritz_preconditioner_create(o->smoother, o->smoother_options, p->matrix, &p->smoother));
  ritz_preconditioner_set_threads(p->smoother, model->context->threads);
  return RITZ_OK;
}

ritz_status ritz_learned_preconditioner_create(ritz_model *model, const ritz_sparse_grid *grid,
                                               const ritz_sparse *matrix,
                                               const ritz_learned_options *options,
                                               ritz_learned_preconditioner **out) {
  ritz_learned_options o;
  ritz_learned_preconditioner *p;
  *out = NULL;
  ritz_learned_options_defaults(&o);
  if (options) o = *options;
  RITZ_TRY(check(model, grid, matrix, &o));
  RITZ_TRY(RITZ_NEW(1, &p));
  *p = (ritz_learned_preconditioner){.matrix = matrix,
                                     .safeguard = o.safeguard,
                                     .nodes = 1,
                                     .n = matrix->rows,
                                     .fields = o.fields};
  for (int axis = 0; axis < grid->dim; axis++) p->nodes *= grid->nodes[axis];
  const ritz_status status = plan(model, grid, &o, p);
  if (status != RITZ_OK) ritz_learned_preconditioner_destroy(&p);
  *out = p;
  return status;
}

void ritz_learned_preconditioner_destroy(ritz_learned_preconditioner **preconditioner) {
  if (!preconditioner || !*preconditioner) return;
  ritz_learned_preconditioner *p = *preconditioner;
  void *const blocks[] = {p->node, p->in, p->out, p->r, p->q, p->w};
  ritz_predictor_destroy(&p->predictor);
  ritz_preconditioner_destroy(&p->smoother);
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_free(p);
  *preconditioner = NULL;
}

ritz_status ritz_learned_preconditioner_update(ritz_learned_preconditioner *p,
                                               const double *field) {
  if (field) set_fields(p, field);
  return p->smoother ? ritz_preconditioner_update(p->smoother) : RITZ_OK;
}

ritz_learned_counts ritz_learned_preconditioner_counts(const ritz_learned_preconditioner *p) {
  return p->counts;
}

/* Application ---------------------------------------------------------------------------------*/

static double dot(const ritz_learned_preconditioner *p, const double *x, const double *y) {
  double sum;
  ritz_kernels_get(RITZ_FLOAT64)->dot(p->n, x, y, &sum);
  return sum;
}

static void product(ritz_learned_preconditioner *p, const double *x, double *y) {
  ritz_sparse_apply((void *)p->matrix, x, y);
  p->counts.products++;
}

/* q = |r| N(r / |r|) */
static ritz_status run_model(ritz_learned_preconditioner *p, const double *r, double *q) {
  const double size = sqrt(dot(p, r, r) / (double)p->n);
  const ritz_index stride = 1 + p->fields;
  if (size == 0) {
    memset(q, 0, (size_t)p->n * sizeof *q);
    return RITZ_OK;
  }
  p->counts.runs++;
  for (ritz_index i = 0; i < p->n; i++) p->in[p->node[i] * stride] = r[i] / size;
  RITZ_TRY(ritz_predictor_run_f64(p->predictor, p->in, p->out));
  for (ritz_index i = 0; i < p->n; i++) q[i] = size * p->out[p->node[i]];
  return RITZ_OK;
}

/* q = N(r), w = A q, and the step along q that is best in the norm of A; 0 for a q that is to be
 * left out. */
static ritz_status best_step(ritz_learned_preconditioner *p, const double *r, bool safeguard,
                             double *step) {
  *step = 0;
  RITZ_TRY(run_model(p, r, p->q));
  const double along = dot(p, r, p->q);
  if (safeguard && !(along > 0)) return RITZ_OK;
  product(p, p->q, p->w);
  const double length = dot(p, p->q, p->w);
  if (length > 0) *step = along / length;
  return RITZ_OK;
}

/* z = S r, z += g N(r - A z), z += S (r - A z). */
static ritz_status apply_between(ritz_learned_preconditioner *p, const double *r, double *z) {
  const ritz_index n = p->n;
  double step;
  ritz_preconditioner_apply(p->smoother, r, z);
  product(p, z, p->w);
  for (ritz_index i = 0; i < n; i++) p->r[i] = r[i] - p->w[i];
  RITZ_TRY(best_step(p, p->r, p->safeguard, &step));
  if (step == 0) p->counts.rejected++;
  for (ritz_index i = 0; i < n && step != 0; i++) {
    z[i] += step * p->q[i];
    p->r[i] -= step * p->w[i];
  }
  ritz_preconditioner_apply(p->smoother, p->r, p->q);
  for (ritz_index i = 0; i < n; i++) z[i] += p->q[i];
  return RITZ_OK;
}

static ritz_status apply_alone(ritz_learned_preconditioner *p, const double *r, double *z) {
  RITZ_TRY(run_model(p, r, z));
  if (!p->safeguard || dot(p, r, z) > 0) return RITZ_OK;
  p->counts.rejected++;
  memcpy(z, r, (size_t)p->n * sizeof *z);
  return RITZ_OK;
}

int ritz_learned_preconditioner_apply(void *preconditioner, const void *r, void *z) {
  ritz_learned_preconditioner *p = preconditioner;
  return (p->smoother ? apply_between : apply_alone)(p, r, z) != RITZ_OK;
}

ritz_status ritz_learned_preconditioner_guess(ritz_learned_preconditioner *p, const double *b,
                                              double *x) {
  double step;
  RITZ_TRY(best_step(p, b, true, &step));
  for (ritz_index i = 0; i < p->n; i++) x[i] = step * p->q[i];
  return RITZ_OK;
}
