/* SPDX-License-Identifier: BSD-3-Clause
 * What a preconditioner is to the library: a file scalar/NAME.c, compiled once per number format,
 * with a ritz_preconditioner_kind of that name, and a line in preconditioners.def. */
#ifndef RITZ_SOLVERS_PRECOND_PRECONDITIONER_H
#define RITZ_SOLVERS_PRECOND_PRECONDITIONER_H

#include <pthread.h>
#include <ritz/preconditioner.h>

#include "core/options.h"
#include "solvers/sparse/sparse.h"

/* A preconditioner in one number format. */
typedef struct ritz_preconditioner_kind {
  const ritz_option *options; /* of a struct of config_size bytes; NULL: none */
  size_t config_size;
  /* From the pattern of p->matrix: p->work. On failure destroy() is called. */
  ritz_status (*create)(ritz_preconditioner *p);
  /* From its values. */
  ritz_status (*update)(ritz_preconditioner *p);
  int (*apply)(ritz_preconditioner *p, const void *r, void *z);
  void (*destroy)(ritz_preconditioner *p); /* with whatever p->work holds so far; may be NULL */
  pthread_mutex_t *turn; /* held around each of the four; NULL: any number of threads at once */
} ritz_preconditioner_kind;

typedef struct ritz_preconditioner_type {
  const char *name, *summary, *source;
  const ritz_preconditioner_kind *kinds[4]; /* by ritz_scalar */
} ritz_preconditioner_type;

struct ritz_preconditioner {
  const ritz_preconditioner_type *type;
  const ritz_preconditioner_kind *kind;
  const ritz_sparse *matrix;
  ritz_index n;
  int threads;
  void *config, *work;
};

/** All of them, in the order of the list. */
const ritz_preconditioner_type *ritz_preconditioner_types(int *count);

#endif
