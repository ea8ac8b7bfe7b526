/* SPDX-License-Identifier: BSD-3-Clause
 * One cycle of hypre's semicoarsening multigrid on a box grid from zero (Ashby & Falgout 1996),
 * with symmetric red-black Gauss-Seidel. The matrix couples neighbours along the axes only. */
#ifdef RITZ_WITH_HYPRE
#include <HYPRE.h>
#include <HYPRE_struct_ls.h>

#include "core/memory.h"
#include "solvers/precond/hypre.h"
#include "solvers/precond/preconditioner.h"
#include "solvers/scalar.h"

enum { POINTS = 7 };

typedef struct config {
  ritz_ints unknowns;
} config;

static const ritz_option options[] = {
    RITZ_OPTION_INTS(config, unknowns, 1, 1 << 20, NULL,
                     "unknowns per axis of the grid, [n0, n1] or [n0, n1, n2]"),
    RITZ_OPTION_END,
};

typedef struct grid {
  HYPRE_StructGrid grid;
  HYPRE_StructStencil stencil;
  HYPRE_StructMatrix matrix;
  HYPRE_StructVector b, x;
  HYPRE_StructSolver solver;
  int dim, points;
  ritz_index step[POINTS];     /* from a row to its neighbours */
  HYPRE_Int low[3], high[3];   /* the box; hypre's first axis is the fastest, ours the last */
  double *coefficients, *zero; /* [n][points], [n] */
} grid;

static void drop(grid *w) {
  if (w->solver) HYPRE_StructPFMGDestroy(w->solver);
  if (w->matrix) HYPRE_StructMatrixDestroy(w->matrix);
  w->solver = NULL;
  w->matrix = NULL;
}

static void destroy(ritz_preconditioner *p) {
  grid *w = p->work;
  if (!w) return;
  drop(w);
  if (w->b) HYPRE_StructVectorDestroy(w->b);
  if (w->x) HYPRE_StructVectorDestroy(w->x);
  if (w->stencil) HYPRE_StructStencilDestroy(w->stencil);
  if (w->grid) HYPRE_StructGridDestroy(w->grid);
  ritz_free(w->coefficients);
  ritz_free(w->zero);
  ritz_free(w);
}

/* The box, its stencil and two vectors. */
static void create_grid(const ritz_index *n, grid *w) {
  ritz_index step = 1;
  HYPRE_StructStencilCreate(w->dim, w->points, &w->stencil);
  HYPRE_StructStencilSetElement(w->stencil, 0, (HYPRE_Int[3]){0});
  for (int axis = 0; axis < w->dim; axis++) {
    w->high[axis] = (HYPRE_Int)n[w->dim - 1 - axis] - 1;
    for (int way = 0; way < 2; way++) {
      HYPRE_Int offset[3] = {0};
      offset[axis] = way ? 1 : -1;
      w->step[2 * axis + 1 + way] = way ? step : -step;
      HYPRE_StructStencilSetElement(w->stencil, 2 * axis + 1 + way, offset);
    }
    step *= n[w->dim - 1 - axis];
  }
  HYPRE_StructGridCreate(MPI_COMM_SELF, w->dim, &w->grid);
  HYPRE_StructGridSetExtents(w->grid, w->low, w->high);
  HYPRE_StructGridAssemble(w->grid);
  HYPRE_StructVector *const vectors[] = {&w->b, &w->x};
  for (int v = 0; v < 2; v++) {
    HYPRE_StructVectorCreate(MPI_COMM_SELF, w->grid, vectors[v]);
    HYPRE_StructVectorInitialize(*vectors[v]);
    HYPRE_StructVectorAssemble(*vectors[v]);
  }
}

static ritz_status create(ritz_preconditioner *p) {
  const config *c = p->config;
  ritz_index count = 1;
  RITZ_TRY(ritz_hypre_check(p->matrix->scalar));
  RITZ_REQUIRE(c->unknowns.count == 2 || c->unknowns.count == 3, RITZ_ERR_CONFIG,
               "%d extents in unknowns, wanted 2 or 3", c->unknowns.count);
  for (int axis = 0; axis < c->unknowns.count; axis++) count *= c->unknowns.n[axis];
  RITZ_REQUIRE(count == p->n, RITZ_ERR_SHAPE, "a grid of %td unknowns for a matrix of %td rows",
               count, p->n);
  grid *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  p->work = w;
  w->dim = c->unknowns.count;
  w->points = 2 * w->dim + 1;
  RITZ_TRY(RITZ_NEW(p->n * w->points, &w->coefficients));
  RITZ_TRY(RITZ_NEW(p->n, &w->zero));
  HYPRE_Init();
  create_grid(c->unknowns.n, w);
  return RITZ_OK;
}

/* The entries of every row in the order of the stencil. */
static ritz_status fill_coefficients(const ritz_preconditioner *p, grid *w) {
  const ritz_sparse *a = p->matrix;
  const double *values = a->values;
  for (ritz_index i = 0; i < p->n; i++) {
    ritz_index found = 0;
    for (int s = 0; s < w->points; s++) {
      const ritz_index j = i + w->step[s];
      const ritz_index at = j < 0 || j >= p->n ? -1 : ritz_sparse_find(a, i, j);
      w->coefficients[i * w->points + s] = at < 0 ? 0 : values[at];
      found += at >= 0;
    }
    RITZ_REQUIRE(found == a->start[i + 1] - a->start[i], RITZ_ERR_NUMERIC,
                 "row %td couples to more than its neighbours along the axes", i);
  }
  return RITZ_OK;
}

static ritz_status update(ritz_preconditioner *p) {
  grid *w = p->work;
  HYPRE_Int entries[POINTS];
  for (int s = 0; s < w->points; s++) entries[s] = s;
  RITZ_TRY(ritz_hypre_check(p->matrix->scalar));
  RITZ_TRY(fill_coefficients(p, w));
  drop(w);
  HYPRE_ClearAllErrors();
  HYPRE_StructMatrixCreate(MPI_COMM_SELF, w->grid, w->stencil, &w->matrix);
  HYPRE_StructMatrixInitialize(w->matrix);
  HYPRE_StructMatrixSetBoxValues(w->matrix, w->low, w->high, w->points, entries, w->coefficients);
  HYPRE_StructMatrixAssemble(w->matrix);
  HYPRE_StructPFMGCreate(MPI_COMM_SELF, &w->solver);
  HYPRE_StructPFMGSetTol(w->solver, 0);
  HYPRE_StructPFMGSetMaxIter(w->solver, 1);
  HYPRE_StructPFMGSetZeroGuess(w->solver);
  HYPRE_StructPFMGSetRelaxType(w->solver, 2);
  HYPRE_StructPFMGSetup(w->solver, w->matrix, w->b, w->x);
  const HYPRE_Int error = HYPRE_GetError();
  HYPRE_ClearAllErrors();
  RITZ_REQUIRE(error == 0, RITZ_ERR_NUMERIC, "hypre's set-up ends with error %d", (int)error);
  return RITZ_OK;
}

static int apply(ritz_preconditioner *p, const void *r, void *z) {
  if (ritz_hypre_check(p->matrix->scalar) != RITZ_OK) return 1;
  grid *w = p->work;
  HYPRE_StructVectorSetBoxValues(w->b, w->low, w->high, (double *)r);
  HYPRE_StructVectorSetBoxValues(w->x, w->low, w->high, w->zero);
  HYPRE_StructPFMGSolve(w->solver, w->matrix, w->b, w->x);
  HYPRE_StructVectorGetBoxValues(w->x, w->low, w->high, z);
  const HYPRE_Int error = HYPRE_GetError();
  HYPRE_ClearAllErrors();
  return error != 0;
}

const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_pfmg) = {.options = options,
                                                                 .config_size = sizeof(config),
                                                                 .create = create,
                                                                 .update = update,
                                                                 .apply = apply,
                                                                 .destroy = destroy,
                                                                 .turn = &ritz_hypre_turn};
#else
typedef int ritz_pfmg_is_not_built;
#endif
