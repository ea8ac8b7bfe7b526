/* SPDX-License-Identifier: BSD-3-Clause
 * Complete factors by SuperLU, sequential (Demmel, Eisenstat, Gilbert, Li & Liu 1999). Our rows are
 * its columns, so it factors the transpose and solves transposed systems. */
#ifdef RITZ_WITH_SUPERLU
#include "core/fail.h"
#include "core/memory.h"
#include "solvers/precond/preconditioner.h"
#include "solvers/scalar.h"

/* SuperLU has a type of that name. */
#undef complex
#if RITZ_SCALAR_NUMBER == 0
#include <slu_sdefs.h>
#define SLU_TYPE SLU_S
typedef float slu;
#elif RITZ_SCALAR_NUMBER == 1
#include <slu_ddefs.h>
#define SLU_TYPE SLU_D
typedef double slu;
#elif RITZ_SCALAR_NUMBER == 2
#include <slu_cdefs.h>
#define SLU_TYPE SLU_C
typedef complex slu;
#else
#include <slu_zdefs.h>
#define SLU_TYPE SLU_Z
typedef doublecomplex slu;
#endif
#define SLU(name) RITZ_SCALAR_PASTE(RITZ_SCALAR, name)

typedef struct config {
  int order;
  double pivot;
} config;

static const ritz_option options[] = {
    RITZ_OPTION_CHOICE(config, order, "natural|at_a|at_plus_a|colamd", "at_plus_a",
                       "order of the unknowns: by minimum degree of a pattern, or COLAMD"),
    RITZ_OPTION_REAL(config, pivot, 0, 1, "1e-3", "diagonal kept at this part of the largest"),
    RITZ_OPTION_END,
};

typedef struct factors {
  int *start, *columns, *tree, *by_row, *by_column;
  bool factored;
  SuperMatrix lower, upper;
  SuperLUStat_t statistics;
} factors;

static void drop(factors *w) {
  if (!w->factored) return;
  Destroy_SuperNode_Matrix(&w->lower);
  Destroy_CompCol_Matrix(&w->upper);
  w->factored = false;
}

static void destroy(ritz_preconditioner *p) {
  factors *w = p->work;
  if (!w) return;
  drop(w);
  StatFree(&w->statistics);
  int *const blocks[] = {w->start, w->columns, w->tree, w->by_row, w->by_column};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_free(w);
}

static ritz_status create(ritz_preconditioner *p) {
  const ritz_sparse *a = p->matrix;
  RITZ_REQUIRE(a->entries <= INT32_MAX, RITZ_ERR_ARGUMENT, "%td entries, wanted fewer than 2^31",
               a->entries);
  factors *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  p->work = w;
  StatInit(&w->statistics);
  RITZ_TRY(RITZ_NEW(p->n + 1, &w->start));
  RITZ_TRY(RITZ_NEW(a->entries, &w->columns));
  RITZ_TRY(RITZ_NEW(p->n, &w->tree));
  RITZ_TRY(RITZ_NEW(p->n, &w->by_row));
  RITZ_TRY(RITZ_NEW(p->n, &w->by_column));
  for (ritz_index i = 0; i <= p->n; i++) w->start[i] = (int)a->start[i];
  for (ritz_index e = 0; e < a->entries; e++) w->columns[e] = a->column[e];
  return RITZ_OK;
}

static ritz_status update(ritz_preconditioner *p) {
  static const colperm_t orders[] = {NATURAL, MMD_ATA, MMD_AT_PLUS_A, COLAMD};
  const config *c = p->config;
  factors *w = p->work;
  const int n = (int)p->n;
  superlu_options_t how;
  SuperMatrix a, ordered;
  GlobalLU_t memory;
  int info = 0;
  drop(w);
  if (n == 0) return RITZ_OK;
  set_default_options(&how);
  how.ColPerm = orders[c->order];
  how.SymmetricMode = c->order == 2 ? YES : NO;
  how.DiagPivotThresh = c->pivot;
  SLU(Create_CompCol_Matrix)
  (&a, n, n, (int)p->matrix->entries, (slu *)p->matrix->values, w->columns, w->start, SLU_NC,
   SLU_TYPE, SLU_GE);
  get_perm_c(how.ColPerm, &a, w->by_column);
  sp_preorder(&how, &a, w->by_column, w->tree, &ordered);
  SLU(gstrf)
  (&how, &ordered, sp_ienv(2), sp_ienv(1), w->tree, NULL, 0, w->by_column, w->by_row, &w->lower,
   &w->upper, &memory, &w->statistics, &info);
  Destroy_CompCol_Permuted(&ordered);
  Destroy_SuperMatrix_Store(&a);
  w->factored = info >= 0 && info <= n;
  RITZ_REQUIRE(info <= n, RITZ_ERR_MEMORY, "SuperLU: out of memory after %d bytes", info - n);
  RITZ_REQUIRE(info == 0, RITZ_ERR_NUMERIC,
               "the pivot of column %d is zero: the matrix is singular", info - 1);
  return RITZ_OK;
}

static int apply(ritz_preconditioner *p, const void *r, void *z) {
  factors *w = p->work;
  const scalar *from = r;
  scalar *to = z;
  for (ritz_index i = 0; i < p->n; i++) to[i] = from[i];
  if (p->n == 0) return 0;
  SuperMatrix b;
  int info = 0;
  SLU(Create_Dense_Matrix)(&b, (int)p->n, 1, (slu *)z, (int)p->n, SLU_DN, SLU_TYPE, SLU_GE);
  SLU(gstrs)(TRANS, &w->lower, &w->upper, w->by_column, w->by_row, &b, &w->statistics, &info);
  Destroy_SuperMatrix_Store(&b);
  return info;
}

const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_superlu) = {.options = options,
                                                                    .config_size = sizeof(config),
                                                                    .create = create,
                                                                    .update = update,
                                                                    .apply = apply,
                                                                    .destroy = destroy};
#else
typedef int ritz_superlu_is_not_built;
#endif
