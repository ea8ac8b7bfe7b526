/* SPDX-License-Identifier: BSD-3-Clause
 * Diffusion systems in lanes on boxes and cuboids: fields with a rim of boundary nodes. */
#include "solvers/multigrid/diffusion_system.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/kernels.h"
#include "solvers/multigrid/strips.h"

static ritz_index row_numbers(const ritz_diffusion_system *s) {
  return s->dim == 2 ? s->box->row : s->cuboid->row;
}

static ritz_status check(int dim, const ritz_index *n, const double *h) {
  RITZ_REQUIRE(dim == 2 || dim == 3, RITZ_ERR_ARGUMENT, "dimensions are %d, wanted 2 or 3", dim);
  for (int axis = 0; axis < dim; axis++) {
    RITZ_REQUIRE(n[axis] >= 3, RITZ_ERR_ARGUMENT, "nodes along axis %d are %td, wanted at least 3",
                 axis, n[axis]);
    RITZ_REQUIRE(h[axis] > 0 && isfinite(h[axis]), RITZ_ERR_ARGUMENT,
                 "spacing along axis %d is %g, wanted a positive number", axis, h[axis]);
  }
  return RITZ_OK;
}

static ritz_status create_fields(ritz_diffusion_system *s, bool steps) {
  const ritz_index origin = s->dim == 2 ? ritz_box_origin(s->box) : 0;
  const ritz_index row = row_numbers(s);
  const size_t bytes = ritz_dtype_size(s->options.dtype);
  /* p has taken up a row of z before q comes to it: in two dimensions they share their memory. */
  void **const fields[] = {&s->r, &s->z, &s->p, &s->q};
  s->count = !steps ? 2 : s->dim == 2 ? 3 : 4;
  s->length = s->dim == 2 ? ritz_box_size(s->box) : ritz_cuboid_size(s->cuboid);
  RITZ_TRY(ritz_calloc(s->count * s->length, bytes, &s->fields));
  for (int i = 0; i < s->count; i++)
    *fields[i] = (char *)s->fields + (size_t)(i * s->length + origin) * bytes;
  if (s->dim == 2) s->q = s->z;
  if (steps) {
    RITZ_TRY(RITZ_NEW(s->length, &s->iterates));
    s->x = s->iterates + origin;
  }
  RITZ_TRY(RITZ_NEW(12 * row, &s->buffers));
  s->f = s->buffers;
  s->rows.padded = s->buffers + 11 * row;
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
    RITZ_TRY(ritz_multigrid_create(s->n[0] - 2, s->n[1] - 2, &s->options, &s->multigrid));
    s->box = ritz_multigrid_box(s->multigrid);
    s->strips = s->box->columns > 0;
    s->rows = (ritz_coupling_rows){.kernels = ritz_solver_kernels_get(RITZ_FLOAT64),
                                   .n1 = s->box->n1,
                                   .lanes = s->box->lanes,
                                   .strips = s->strips ? s->box : NULL,
                                   .c0 = h[1] / h[0],
                                   .c1 = h[0] / h[1]};
    return RITZ_OK;
  }
  RITZ_REQUIRE(s->options.strips == 0, RITZ_ERR_ARGUMENT,
               "strips are %td, wanted 0 in three dimensions", s->options.strips);
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
                                       const ritz_multigrid_options *options, bool steps,
                                       ritz_diffusion_system *s) {
  *s = (ritz_diffusion_system){.options = *options,
                               .kernels = ritz_solver_kernels_get(options->dtype),
                               .dim = dim,
                               .size = 1};
  RITZ_TRY(check(dim, n, h));
  for (int axis = 0; axis < dim; axis++) s->n[axis] = n[axis];
  RITZ_TRY(create_hierarchy(s, h));
  for (int axis = 0; axis < dim; axis++) s->size *= n[axis];
  return create_fields(s, steps);
}

void ritz_diffusion_system_clear(ritz_diffusion_system *s) {
  ritz_multigrid_destroy(&s->multigrid);
  ritz_cuboid_multigrid_destroy(&s->cuboid_multigrid);
  ritz_free(s->fields);
  ritz_free(s->iterates);
  ritz_free(s->buffers);
}

void ritz_diffusion_coefficients(ritz_diffusion_system *s, const double *const *a,
                                 ritz_face_mean mean) {
  s->rows.a = s->cuboid_rows.a = a;
  s->rows.mean = s->cuboid_rows.mean = mean;
}

void ritz_diffusion_setup(ritz_diffusion_system *s, const double *const *a, ritz_face_mean mean) {
  ritz_diffusion_coefficients(s, a, mean);
  if (s->dim == 2)
    ritz_multigrid_setup(s->multigrid, &s->rows);
  else
    ritz_cuboid_multigrid_setup(s->cuboid_multigrid, &s->cuboid_rows);
}

void ritz_diffusion_zero(ritz_diffusion_system *s) {
  const size_t bytes = ritz_dtype_size(s->options.dtype);
  memset(s->iterates, 0, (size_t)s->length * sizeof *s->x);
  /* Directions too: 0 p is not zero where an earlier sample has left a NaN. */
  if (s->dim == 2)
    memset((char *)s->p - (size_t)ritz_box_origin(s->box) * bytes, 0, (size_t)s->length * bytes);
  else
    memset(s->fields, 0, (size_t)(s->count * s->length) * bytes);
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

/* Beyond the last unknown of a row in strips f = A x: no residual. */
static void close_row(ritz_diffusion_system *s, const double *x) {
  const ritz_index last = ritz_strips_place(s->box, s->box->columns);
  s->f[ritz_strips_place(s->box, s->box->columns + 1)] = -s->rows.east[last] * x[last];
}

/* The residual in one line, f at hand. */
static void line_residual(ritz_diffusion_system *s, const line *of, const double *scale,
                          double *rr) {
  void *r = (char *)s->r + (size_t)of->at * ritz_dtype_size(s->options.dtype);
  if (s->dim == 2) {
    ritz_coupling_rows_next(&s->rows, of->i);
    if (s->strips) close_row(s, s->x + of->at);
    s->kernels->box_residual(s->box->n1, s->box->lanes, s->box->row, s->f, s->rows.east,
                             s->rows.north, s->rows.south, s->x + of->at, scale, r, rr);
  } else {
    ritz_cuboid_rows_make(&s->cuboid_rows, of->i, of->j);
    s->kernels->cuboid_residual(s->cuboid, s->f, (const double *const *)s->cuboid_rows.coupling,
                                s->x + of->at, scale, r, rr);
  }
}

/* A number of each lane: of samples their own, of strips the sample's. */
static const double *spread(const ritz_diffusion_system *s, const double *value, double *lanes) {
  if (!s->strips) return value;
  for (ritz_index l = 0; l < s->box->lanes; l++) lanes[l] = *value;
  return lanes;
}

/* Sums of the lanes: of samples each its own, of strips one sample's together. */
static void collect(const ritz_diffusion_system *s, const double *lanes, double *sum) {
  if (!s->strips) {
    memcpy(sum, lanes, (size_t)s->options.lanes * sizeof *sum);
    return;
  }
  *sum = 0;
  for (ritz_index l = 0; l < s->box->lanes; l++) *sum += lanes[l];
}

/* f in one line. */
static void gather_line(ritz_diffusion_system *s, const line *of, const double *const *b) {
  const double *row[ritz_multigrid_most_lanes];
  if (s->strips) {
    ritz_strips_row(s->box, b[0] + of->node, 0, s->rows.padded, s->f);
    return;
  }
  for (ritz_index l = 0; l < s->options.lanes; l++) row[l] = b[l] + of->node;
  ritz_box_gather(s->options.lanes, s->n[s->dim - 1], row, s->f);
}

void ritz_diffusion_residual(ritz_diffusion_system *s, const double *const *b, const double *scale,
                             double *rr) {
  double scales[ritz_multigrid_most_lanes], sums[ritz_multigrid_most_lanes];
  scale = spread(s, scale, scales);
  memset(sums, 0, sizeof sums);
  if (s->strips) s->rows.kernels->box_edges(s->box, false, s->x);
  if (s->dim == 2) ritz_coupling_rows_begin(&s->rows);
  for (ritz_index number = 0; number < line_count(s); number++) {
    const line of = line_of(s, number);
    gather_line(s, &of, b);
    line_residual(s, &of, scale, sums);
  }
  collect(s, sums, rr);
}

void ritz_diffusion_cycle(ritz_diffusion_system *s, double *rz) {
  double sums[ritz_multigrid_most_lanes];
  if (s->dim == 2)
    ritz_multigrid_cycle(s->multigrid, s->r, s->z, sums);
  else
    ritz_cuboid_multigrid_cycle(s->cuboid_multigrid, s->r, s->z, sums);
  collect(s, sums, rz);
}

void ritz_diffusion_precondition(ritz_diffusion_system *s, const double *r, double *z) {
  const ritz_index last = s->n[s->dim - 1] - 2;
  const ritz_dtype dtype = s->options.dtype;
  const double norm = ritz_diffusion_norm(s, r), size = norm > 0 && isfinite(norm) ? norm : 1;
  double rz;
  for (ritz_index number = 0; number < line_count(s); number++) {
    const line of = line_of(s, number);
    for (ritz_index j = 1; j <= last; j++)
      ritz_number_set(dtype, s->r, of.at + j, r[of.node + j] / size);
  }
  ritz_diffusion_cycle(s, &rz);
  memset(z, 0, (size_t)s->size * sizeof *z);
  for (ritz_index number = 0; number < line_count(s); number++) {
    const line of = line_of(s, number);
    for (ritz_index j = 1; j <= last; j++)
      z[of.node + j] = size * ritz_number_get(dtype, s->z, of.at + j);
  }
}

void ritz_diffusion_start(ritz_diffusion_system *s) {
  if (s->dim == 2)
    ritz_multigrid_start(s->multigrid, s->r, s->z);
  else
    ritz_cuboid_multigrid_start(s->cuboid_multigrid, s->r, s->z);
}

/* q = 0 in the column beyond the last unknown, whose neighbour is one. */
static void close_product(const ritz_diffusion_system *s) {
  const ritz_index beyond = ritz_strips_place(s->box, s->box->columns + 1);
  for (ritz_index i = 1; i <= s->box->n0; i++)
    ritz_number_set(s->options.dtype, s->q, i * s->box->row + beyond, 0);
}

void ritz_diffusion_direction(ritz_diffusion_system *s, const double *beta, double *pq) {
  double betas[ritz_multigrid_most_lanes], sums[ritz_multigrid_most_lanes];
  beta = spread(s, beta, betas);
  if (s->dim == 2)
    s->kernels->box_direction(s->box, s->z, beta, s->p, s->q, sums);
  else
    s->kernels->cuboid_direction(s->cuboid, s->z, beta, s->p, s->q, sums);
  if (s->strips) close_product(s);
  collect(s, sums, pq);
}

void ritz_diffusion_step(ritz_diffusion_system *s, const double *alpha, const double *size,
                         double *rr) {
  double alphas[ritz_multigrid_most_lanes], sizes[ritz_multigrid_most_lanes];
  double sums[ritz_multigrid_most_lanes];
  alpha = spread(s, alpha, alphas);
  size = spread(s, size, sizes);
  if (s->dim == 2)
    s->kernels->box_step(s->box, alpha, size, s->p, s->q, s->x, s->r, sums);
  else
    s->kernels->cuboid_step(s->cuboid, alpha, size, s->p, s->q, s->x, s->r, sums);
  collect(s, sums, rr);
}

static void take_strips(const ritz_diffusion_system *s, double *u) {
  const ritz_index width = s->n[1];
  memset(u, 0, (size_t)width * sizeof *u);
  for (ritz_index i = 1; i <= s->box->n0; i++) {
    double *row = u + i * width;
    row[0] = row[width - 1] = 0;
    ritz_strips_take_row(s->box, s->x + i * s->box->row, row);
  }
  memset(u + (s->box->n0 + 1) * width, 0, (size_t)width * sizeof *u);
}

void ritz_diffusion_take(const ritz_diffusion_system *s, double *const *u) {
  enum { strip = 8 };
  const ritz_index step = s->options.lanes, width = s->n[s->dim - 1];
  if (s->strips) {
    if (u[0]) take_strips(s, u[0]);
    return;
  }
  ritz_index lane[ritz_multigrid_most_lanes], lanes = 0;
  for (ritz_index l = 0; l < step; l++)
    if (u[l]) lane[lanes++] = l;
  for (ritz_index i = 0; i < lanes; i++) memset(u[lane[i]], 0, (size_t)s->size * sizeof **u);
  for (ritz_index number = 0; number < line_count(s) && lanes > 0; number++) {
    const line of = line_of(s, number);
    for (ritz_index j = 0; j < width; j += strip)
      for (ritz_index i = 0; i < lanes; i++)
        for (ritz_index k = j; k < width && k < j + strip; k++)
          u[lane[i]][of.node + k] = s->x[of.at + k * step + lane[i]];
  }
}

void ritz_diffusion_move(ritz_diffusion_system *to, const ritz_diffusion_system *from, int pairs,
                         const ritz_lane_pair *pair) {
  const ritz_index lanes = to->options.lanes, points = to->length / lanes;
  if (to->dim == 2)
    ritz_multigrid_move(to->multigrid, from->multigrid, pairs, pair);
  else
    ritz_cuboid_multigrid_move(to->cuboid_multigrid, from->cuboid_multigrid, pairs, pair);
  /* z and q come anew with the next step. */
  const ritz_index origin = to->x - to->iterates;
  const size_t before = (size_t)origin * ritz_dtype_size(to->options.dtype);
  to->kernels->lanes_copy(points, lanes, pairs, pair, (char *)from->r - before,
                          (char *)to->r - before);
  to->kernels->lanes_copy(points, lanes, pairs, pair, (char *)from->p - before,
                          (char *)to->p - before);
  ritz_solver_kernels_get(RITZ_FLOAT64)
      ->lanes_copy(points, lanes, pairs, pair, from->iterates, to->iterates);
}
