/* SPDX-License-Identifier: BSD-3-Clause
 * Diffusion systems in lanes on boxes and cuboids: fields with a rim of boundary nodes. */
#include "solvers/multigrid/diffusion_system.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/kernels.h"

static ritz_index row_numbers(const ritz_diffusion_system *s) {
  return s->dim == 2 ? s->box->row : s->cuboid->row;
}

static ritz_status create_fields(ritz_diffusion_system *s) {
  const ritz_index origin = s->dim == 2 ? ritz_box_origin(s->box) : 0;
  const ritz_index row = row_numbers(s);
  const size_t bytes = ritz_dtype_size(s->options.dtype);
  void **const fields[] = {&s->r, &s->z, &s->p, &s->q};
  s->length = s->dim == 2 ? ritz_box_size(s->box) : ritz_cuboid_size(s->cuboid);
  RITZ_TRY(ritz_calloc(4 * s->length, bytes, &s->fields));
  for (int i = 0; i < 4; i++)
    *fields[i] = (char *)s->fields + (size_t)(i * s->length + origin) * bytes;
  RITZ_TRY(RITZ_NEW(s->length, &s->iterates));
  s->x = s->iterates + origin;
  RITZ_TRY(RITZ_NEW(11 * row, &s->buffers));
  s->f = s->buffers;
  double **const rows[] = {&s->rows.here, &s->rows.below, &s->rows.north, &s->rows.south,
                           &s->rows.east};
  for (int i = 0; i < 5; i++) {
    *rows[i] = s->cuboid_rows.node[i] = s->buffers + (i + 1) * row;
    s->cuboid_rows.coupling[i] = s->buffers + (i + 6) * row;
  }
  return RITZ_OK;
}

static ritz_status create_hierarchy(ritz_diffusion_system *s, const double *h) {
  if (s->dim == 2) {
    s->rows = (ritz_coupling_rows){.kernels = ritz_solver_kernels_get(RITZ_FLOAT64),
                                   .n1 = s->n[1] - 2,
                                   .lanes = s->options.lanes,
                                   .c0 = h[1] / h[0],
                                   .c1 = h[0] / h[1]};
    RITZ_TRY(ritz_multigrid_create(s->n[0] - 2, s->n[1] - 2, &s->options, &s->multigrid));
    s->box = ritz_multigrid_box(s->multigrid);
    return RITZ_OK;
  }
  s->cuboid_rows = (ritz_cuboid_rows){.kernels = ritz_solver_kernels_get(RITZ_FLOAT64),
                                      .lanes = s->options.lanes};
  for (int axis = 0; axis < 3; axis++) {
    s->cuboid_rows.n[axis] = s->n[axis] - 2;
    s->cuboid_rows.c[axis] = h[0] * h[1] * h[2] / (h[axis] * h[axis]);
  }
  RITZ_TRY(ritz_cuboid_multigrid_create(s->cuboid_rows.n, &s->options, &s->cuboid_multigrid));
  s->cuboid = ritz_cuboid_multigrid_box(s->cuboid_multigrid);
  return RITZ_OK;
}

ritz_status ritz_diffusion_system_init(int dim, const ritz_index *n, const double *h,
                                       const ritz_multigrid_options *options,
                                       ritz_diffusion_system *s) {
  *s = (ritz_diffusion_system){.options = *options,
                               .kernels = ritz_solver_kernels_get(options->dtype),
                               .dim = dim,
                               .size = 1};
  for (int axis = 0; axis < dim; axis++) {
    s->n[axis] = n[axis];
    s->size *= n[axis];
  }
  RITZ_TRY(create_hierarchy(s, h));
  return create_fields(s);
}

void ritz_diffusion_system_clear(ritz_diffusion_system *s) {
  ritz_multigrid_destroy(&s->multigrid);
  ritz_cuboid_multigrid_destroy(&s->cuboid_multigrid);
  ritz_free(s->fields);
  ritz_free(s->iterates);
  ritz_free(s->buffers);
}

void ritz_diffusion_setup(ritz_diffusion_system *s, const double *const *a, ritz_face_mean mean) {
  s->rows.a = s->cuboid_rows.a = a;
  s->rows.mean = s->cuboid_rows.mean = mean;
  if (s->dim == 2)
    ritz_multigrid_setup(s->multigrid, &s->rows);
  else
    ritz_cuboid_multigrid_setup(s->cuboid_multigrid, &s->cuboid_rows);
}

void ritz_diffusion_zero(ritz_diffusion_system *s) {
  memset(s->iterates, 0, (size_t)s->length * sizeof *s->x);
  /* Directions too: 0 p is not zero where an earlier sample has left a NaN. */
  memset(s->fields, 0, (size_t)(4 * s->length) * ritz_dtype_size(s->options.dtype));
}

/* Lines of unknowns: where they begin among the nodes of a sample, and in a field. */
typedef struct line {
  ritz_index i, j; /* plane and row; in two dimensions i is the row */
  ritz_index node, at;
} line;

static ritz_index line_count(const ritz_diffusion_system *s) {
  return (s->n[0] - 2) * (s->dim == 3 ? s->n[1] - 2 : 1);
}

static line line_of(const ritz_diffusion_system *s, ritz_index number) {
  if (s->dim == 2) {
    const ritz_index i = number + 1;
    return (line){.i = i, .node = i * s->n[1], .at = i * s->box->row};
  }
  const ritz_index i = number / (s->n[1] - 2) + 1, j = number % (s->n[1] - 2) + 1;
  return (line){.i = i,
                .j = j,
                .node = (i * s->n[1] + j) * s->n[2],
                .at = i * s->cuboid->plane + j * s->cuboid->row};
}

double ritz_diffusion_norm(const ritz_diffusion_system *s, const double *b) {
  double sum = 0;
  for (ritz_index number = 0; number < line_count(s); number++) {
    const double *row = b + line_of(s, number).node;
    for (ritz_index j = 1; j < s->n[s->dim - 1] - 1; j++) sum += row[j] * row[j];
  }
  return sqrt(sum);
}

/* The residual in one line, f at hand. */
static void line_residual(ritz_diffusion_system *s, const line *of, const double *scale,
                          double *rr) {
  void *r = (char *)s->r + (size_t)of->at * ritz_dtype_size(s->options.dtype);
  if (s->dim == 2) {
    ritz_coupling_rows_next(&s->rows, of->i);
    s->kernels->box_residual(s->box->n1, s->box->lanes, s->box->row, s->f, s->rows.east,
                             s->rows.north, s->rows.south, s->x + of->at, scale, r, rr);
  } else {
    ritz_cuboid_rows_make(&s->cuboid_rows, of->i, of->j);
    s->kernels->cuboid_residual(s->cuboid, s->f, (const double *const *)s->cuboid_rows.coupling,
                                s->x + of->at, scale, r, rr);
  }
}

void ritz_diffusion_residual(ritz_diffusion_system *s, const double *const *b, const double *scale,
                             double *rr) {
  const double *row[ritz_multigrid_most_lanes];
  memset(rr, 0, (size_t)s->options.lanes * sizeof *rr);
  if (s->dim == 2) ritz_coupling_rows_begin(&s->rows);
  for (ritz_index number = 0; number < line_count(s); number++) {
    const line of = line_of(s, number);
    for (ritz_index l = 0; l < s->options.lanes; l++) row[l] = b[l] + of.node;
    ritz_box_gather(s->options.lanes, s->n[s->dim - 1], row, s->f);
    line_residual(s, &of, scale, rr);
  }
}

void ritz_diffusion_cycle(ritz_diffusion_system *s, double *rz) {
  if (s->dim == 2)
    ritz_multigrid_cycle(s->multigrid, s->r, s->z, rz);
  else
    ritz_cuboid_multigrid_cycle(s->cuboid_multigrid, s->r, s->z, rz);
}

bool ritz_diffusion_start(ritz_diffusion_system *s) {
  if (s->dim == 2)
    ritz_multigrid_start(s->multigrid, s->r, s->z);
  else
    ritz_cuboid_multigrid_start(s->cuboid_multigrid, s->r, s->z);
  return true;
}

void ritz_diffusion_direction(ritz_diffusion_system *s, const double *beta, double *pq) {
  if (s->dim == 2)
    s->kernels->box_direction(s->box, s->z, beta, s->p, s->q, pq);
  else
    s->kernels->cuboid_direction(s->cuboid, s->z, beta, s->p, s->q, pq);
}

void ritz_diffusion_step(ritz_diffusion_system *s, const double *alpha, const double *size,
                         double *rr) {
  if (s->dim == 2)
    s->kernels->box_step(s->box, alpha, size, s->p, s->q, s->x, s->r, rr);
  else
    s->kernels->cuboid_step(s->cuboid, alpha, size, s->p, s->q, s->x, s->r, rr);
}

void ritz_diffusion_take(const ritz_diffusion_system *s, ritz_index count, double *const *u) {
  enum { strip = 8 };
  const ritz_index step = s->options.lanes, width = s->n[s->dim - 1];
  for (ritz_index l = 0; l < count; l++) memset(u[l], 0, (size_t)s->size * sizeof **u);
  for (ritz_index number = 0; number < line_count(s); number++) {
    const line of = line_of(s, number);
    for (ritz_index j = 0; j < width; j += strip)
      for (ritz_index l = 0; l < count; l++)
        for (ritz_index k = j; k < width && k < j + strip; k++)
          u[l][of.node + k] = s->x[of.at + k * step + l];
  }
}
