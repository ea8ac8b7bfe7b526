/* SPDX-License-Identifier: BSD-3-Clause
 * One cycle of hypre's algebraic multigrid from zero (Henson & Yang 2002): PMIS coarsening,
 * extended+i interpolation, symmetric Gauss-Seidel, so that the cycle is symmetric where the matrix
 * is. */
#ifdef RITZ_WITH_HYPRE
#include <HYPRE.h>
#include <HYPRE_IJ_mv.h>
#include <HYPRE_parcsr_ls.h>

#include "core/memory.h"
#include "solvers/precond/hypre.h"
#include "solvers/precond/preconditioner.h"
#include "solvers/scalar.h"

typedef struct config {
  double strength;
  ritz_index cycles;
} config;

static const ritz_option options[] = {
    RITZ_OPTION_REAL(config, strength, 0, 1, "0.25", "couplings this strong count; 0.5 in 3-D"),
    RITZ_OPTION_INT(config, cycles, 1, 100, "1", "V-cycles of an application"),
    RITZ_OPTION_END,
};

typedef struct amg {
  HYPRE_IJMatrix matrix;
  HYPRE_IJVector b, x;
  HYPRE_Solver solver;
  HYPRE_Int *row, *length, *column; /* [n], [n], [entries] */
  double *zero;                     /* [n] */
} amg;

static void drop(amg *w) {
  if (w->solver) HYPRE_BoomerAMGDestroy(w->solver);
  if (w->matrix) HYPRE_IJMatrixDestroy(w->matrix);
  w->solver = NULL;
  w->matrix = NULL;
}

static void destroy(ritz_preconditioner *p) {
  amg *w = p->work;
  if (!w) return;
  drop(w);
  if (w->b) HYPRE_IJVectorDestroy(w->b);
  if (w->x) HYPRE_IJVectorDestroy(w->x);
  ritz_free(w->row);
  ritz_free(w->length);
  ritz_free(w->column);
  ritz_free(w->zero);
  ritz_free(w);
}

static void create_vector(int n, HYPRE_IJVector *out) {
  HYPRE_IJVectorCreate(MPI_COMM_SELF, 0, n - 1, out);
  HYPRE_IJVectorSetObjectType(*out, HYPRE_PARCSR);
  HYPRE_IJVectorInitialize(*out);
  HYPRE_IJVectorAssemble(*out);
}

static ritz_status create(ritz_preconditioner *p) {
  const ritz_sparse *a = p->matrix;
  RITZ_TRY(ritz_hypre_check(a->scalar));
  RITZ_REQUIRE(a->entries <= INT32_MAX, RITZ_ERR_ARGUMENT, "%td entries, wanted fewer than 2^31",
               a->entries);
  amg *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  p->work = w;
  RITZ_TRY(RITZ_NEW(p->n, &w->row));
  RITZ_TRY(RITZ_NEW(p->n, &w->length));
  RITZ_TRY(RITZ_NEW(a->entries, &w->column));
  RITZ_TRY(RITZ_NEW(p->n, &w->zero));
  for (ritz_index i = 0; i < p->n; i++) {
    w->row[i] = (HYPRE_Int)i;
    w->length[i] = (HYPRE_Int)(a->start[i + 1] - a->start[i]);
  }
  for (ritz_index e = 0; e < a->entries; e++) w->column[e] = a->column[e];
  HYPRE_Init();
  create_vector((int)p->n, &w->b);
  create_vector((int)p->n, &w->x);
  return RITZ_OK;
}

static void create_solver(const config *c, HYPRE_Solver *out) {
  HYPRE_BoomerAMGCreate(out);
  HYPRE_BoomerAMGSetTol(*out, 0);
  HYPRE_BoomerAMGSetMaxIter(*out, (HYPRE_Int)c->cycles);
  HYPRE_BoomerAMGSetStrongThreshold(*out, c->strength);
  HYPRE_BoomerAMGSetCoarsenType(*out, 8);
  HYPRE_BoomerAMGSetInterpType(*out, 6);
  HYPRE_BoomerAMGSetRelaxType(*out, 6);
  HYPRE_BoomerAMGSetPrintLevel(*out, 0);
}

static ritz_status update(ritz_preconditioner *p) {
  amg *w = p->work;
  const HYPRE_Int n = (HYPRE_Int)p->n;
  HYPRE_ParCSRMatrix matrix;
  HYPRE_ParVector b, x;
  RITZ_TRY(ritz_hypre_check(p->matrix->scalar));
  drop(w);
  HYPRE_ClearAllErrors();
  HYPRE_IJMatrixCreate(MPI_COMM_SELF, 0, n - 1, 0, n - 1, &w->matrix);
  HYPRE_IJMatrixSetObjectType(w->matrix, HYPRE_PARCSR);
  HYPRE_IJMatrixSetRowSizes(w->matrix, w->length);
  HYPRE_IJMatrixInitialize(w->matrix);
  HYPRE_IJMatrixSetValues(w->matrix, n, w->length, w->row, w->column, p->matrix->values);
  HYPRE_IJMatrixAssemble(w->matrix);
  HYPRE_IJMatrixGetObject(w->matrix, (void **)&matrix);
  HYPRE_IJVectorGetObject(w->b, (void **)&b);
  HYPRE_IJVectorGetObject(w->x, (void **)&x);
  create_solver(p->config, &w->solver);
  HYPRE_BoomerAMGSetup(w->solver, matrix, b, x);
  const HYPRE_Int error = HYPRE_GetError();
  HYPRE_ClearAllErrors();
  RITZ_REQUIRE(error == 0, RITZ_ERR_NUMERIC, "hypre's set-up ends with error %d", (int)error);
  return RITZ_OK;
}

static int apply(ritz_preconditioner *p, const void *r, void *z) {
  if (ritz_hypre_check(p->matrix->scalar) != RITZ_OK) return 1;
  amg *w = p->work;
  const HYPRE_Int n = (HYPRE_Int)p->n;
  HYPRE_ParCSRMatrix matrix;
  HYPRE_ParVector b, x;
  HYPRE_IJVectorSetValues(w->b, n, w->row, r);
  HYPRE_IJVectorSetValues(w->x, n, w->row, w->zero);
  HYPRE_IJMatrixGetObject(w->matrix, (void **)&matrix);
  HYPRE_IJVectorGetObject(w->b, (void **)&b);
  HYPRE_IJVectorGetObject(w->x, (void **)&x);
  HYPRE_BoomerAMGSolve(w->solver, matrix, b, x);
  HYPRE_IJVectorGetValues(w->x, n, w->row, z);
  const HYPRE_Int error = HYPRE_GetError();
  HYPRE_ClearAllErrors();
  return error != 0;
}

const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_boomeramg) = {.options = options,
                                                                      .config_size = sizeof(config),
                                                                      .create = create,
                                                                      .update = update,
                                                                      .apply = apply,
                                                                      .destroy = destroy,
                                                                      .turn = &ritz_hypre_turn};
#else
typedef int ritz_boomeramg_is_not_built;
#endif
