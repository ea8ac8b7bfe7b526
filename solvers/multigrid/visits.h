/* SPDX-License-Identifier: BSD-3-Clause
 * The order in which a cycle visits the levels of a hierarchy, in two dimensions and in three. */
#ifndef RITZ_SOLVERS_MULTIGRID_VISITS_H
#define RITZ_SOLVERS_MULTIGRID_VISITS_H

#include "solvers/multigrid/multigrid.h"

/* What there is to do on level l of a hierarchy; l + 1 is the next coarser one, whose right-hand
 * side and iterate are among its own fields. */
typedef struct ritz_visits {
  /** Smooths x, which without a guess counts as zero, and restricts the residual. */
  void (*descend)(void *hierarchy, int l, bool guess, const void *b, void *x);
  /** After a descent like that, corrects x from the coarser iterate, and smooths; on the finest
   * level dot [lanes] = b . x. */
  void (*ascend)(void *hierarchy, int l, bool guess, const void *b, void *x, double *dot);
  /** x = M b on the coarsest level; dot [lanes] = b . x unless NULL. */
  void (*bottom)(void *hierarchy, const void *b, void *x, double *dot);
  /** The same for a first guess; NULL: bottom. */
  void (*bottom_start)(void *hierarchy, void *b, void *x);
  void (*restricts)(void *hierarchy, int l, void *b);
  void (*prolong)(void *hierarchy, int l, void *x);
  /** The fields of a level but the finest. */
  void (*fields)(void *hierarchy, int l, void **b, void **x);
} ritz_visits;

/** x = M b on level l of @p levels by a cycle from there; with a guess, x += M (b - A x), for which
 * the smoother starts from x. @param dot  [lanes] b . x; NULL but on the finest level. */
void ritz_visit(const ritz_visits *visits, void *hierarchy, int levels, int l, ritz_cycle cycle,
                bool guess, const void *b, void *x, double *dot);

/** Full multigrid but for its last cycle, on the finest level. */
void ritz_visit_start(const ritz_visits *visits, void *hierarchy, int levels, ritz_cycle cycle,
                      void *b, void *x);

#endif
