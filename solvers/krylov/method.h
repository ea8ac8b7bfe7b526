/* SPDX-License-Identifier: BSD-3-Clause
 * What a Krylov method is to the library. Its arithmetic lives in scalar/NAME.c, compiled once per
 * number format; a line in krylov.def lists it. */
#ifndef RITZ_SOLVERS_KRYLOV_METHOD_H
#define RITZ_SOLVERS_KRYLOV_METHOD_H

#include <ritz/krylov.h>

#include "kernels/kernels.h"
#include "kernels/solver_kernels.h"
#include "solvers/scalar_size.h"

/* The residual norm that a method minimises or watches. */
typedef enum ritz_norm {
  RITZ_NORM_TRUE,           /* ||r|| */
  RITZ_NORM_PRECONDITIONED, /* ||M r|| */
  RITZ_NORM_NATURAL         /* sqrt(r . M r) */
} ritz_norm;

/* A method in one number format. */
typedef struct ritz_krylov_kind {
  /* The method's own memory, in solver->work. */
  ritz_status (*create)(ritz_krylov *solver);
  void (*destroy)(ritz_krylov *solver);
  /* Once per system, before the first residual is taken from x: brings the recycle space up to the
   * operator. May be NULL. */
  void (*begin)(ritz_krylov *solver);
  /* From r = b - A x (M r on the left) until the recurrence meets the tolerance or something ends
   * it; 0: goes on from there, with r taken from x. Overwrites r; x follows. */
  ritz_solve_reason (*iterate)(ritz_krylov *solver, void *r, void *x);
  /* Once per system, after the last iteration. May be NULL. */
  void (*finish)(ritz_krylov *solver);
  /* Forms what solver->space->debtor == solver owes. NULL: it never owes anything. */
  void (*settle)(ritz_krylov *solver);
  /* Several right-hand sides together; opens and closes its solves. NULL: one after the other. */
  ritz_status (*block)(ritz_krylov *solver, int count, const void *b, void *x,
                       ritz_solve_report *reports);
} ritz_krylov_kind;

typedef struct ritz_krylov_method {
  const char *name, *summary, *source;
  bool hermitian; /* wants a Hermitian matrix */
  bool recycles;  /* otherwise options.recycle counts as 0 */
  bool sided;     /* obeys options.side; otherwise the norm below */
  bool flexible;  /* M may be nonlinear and change; if sided, on the right only */
  ritz_norm norm;
  const ritz_krylov_kind *kinds[4]; /* by ritz_scalar */
} ritz_krylov_method;

typedef struct ritz_krylov_listener {
  ritz_krylov_monitor *call;
  void *user;
} ritz_krylov_listener;

struct ritz_recycle {
  ritz_scalar scalar;
  ritz_index n, ld; /* length and distance of columns, in scalars */
  int capacity, dimension, age;
  bool current;     /* c and f are those of the operator at hand */
  bool has_targets; /* t is known */
  bool has_shadow;  /* s is known */
  /* Not current, but this solver has what c is made of: as long as the operator stays, it need not
   * be made anew. NULL: nobody. */
  const struct ritz_krylov *debtor;
  /* Columns u; c in the space of their products A u (M A u on the left), with orthonormal columns
   * but for `unit`; and t = the combinations of Krylov directions that u stands for, which differ
   * from u by the preconditioner when that is on the right. */
  void *u, *c, *t;
  /* Of GCRO-DR, where other methods keep A u = c: by columns in the format of small matrices
   * `unit`, for which C = c unit is orthonormal; f, upper triangular, with A u = C f; and s = C* t
   * (C* u on the left); lengths of the columns of t (u). */
  void *unit, *f, *s;
  double *length;
};

struct ritz_krylov {
  const ritz_krylov_method *method;
  const ritz_krylov_kind *kind;
  ritz_krylov_options options;
  ritz_scalar scalar;
  ritz_index n, ld;
  ritz_norm norm;
  int threads;
  const ritz_kernels *kernels; /* of the real format */
  const ritz_solver_kernels *solver_kernels;

  ritz_krylov_map *apply, *precondition;
  ritz_krylov_sum *sum;
  void *apply_user, *precondition_user, *sum_user;
  int listeners;
  ritz_krylov_listener *listener;

  ritz_recycle *space, *own; /* NULL where the method recycles nothing */
  void *work, *r, *w;        /* the method's; residual; a vector for everyone */
  double *partial;           /* sums of chunks */
  void *panel;               /* rows of a panel per thread, see vectors.h */

  /* The solve under way. */
  ritz_solve_report report;
  ritz_solve_reason failure; /* of a callback; 0: none */
  double scale, goal;        /* norm of the right-hand side; absolute tolerance */
  int recorded;
  double *history; /* [max_iterations + 1] */
};

/** Distance of the columns of a basis of length @p n. */
ritz_index ritz_krylov_pitch(ritz_index n);

/** Around a solve: counters and a space not larger than options.recycle; the age of the space. */
void ritz_krylov_open(ritz_krylov *solver);
void ritz_krylov_close(ritz_krylov *solver);

/** Files the residual norm of the next iteration with history and monitors.
 * @return  0 to go on, or why to end. */
ritz_solve_reason ritz_krylov_record(ritz_krylov *solver, double norm);

/** All methods, in the order of the lists. */
const ritz_krylov_method *ritz_krylov_methods(int *count);

#endif
