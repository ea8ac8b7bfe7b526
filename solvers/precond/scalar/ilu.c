/* SPDX-License-Identifier: BSD-3-Clause
 * Incomplete factors of the whole matrix: ilu of any, ic and mic of Hermitian positive definite
 * ones. */
#include "core/fail.h"
#include "solvers/precond/preconditioner.h"
#include "solvers/precond/scalar/factor.h"

typedef struct config {
  ritz_index fill;
  double modified, shift;
} config;

#define FILL RITZ_OPTION_INT(config, fill, 0, 1000, "0", "level of fill kept")
#define SHIFT(text) \
  RITZ_OPTION_REAL(config, shift, 0, 1e3, text, "added to the diagonal, relative to it")
#define MODIFIED(text) \
  RITZ_OPTION_REAL(config, modified, 0, 1, text, "part of the dropped fill put on the diagonal")

static const ritz_option options[] = {FILL, SHIFT("0"), MODIFIED("0"), RITZ_OPTION_END};
static const ritz_option mic_options[] = {FILL, SHIFT("0"), MODIFIED("0.97"), RITZ_OPTION_END};

static ritz_status create_as(ritz_preconditioner *p, bool definite) {
  const config *c = p->config;
  const ritz_factor_options o = {(int)c->fill, c->modified, c->shift, definite};
  return ritz_factor_create(p->matrix, &o, (ritz_factor **)&p->work);
}

static ritz_status create(ritz_preconditioner *p) { return create_as(p, false); }
static ritz_status create_definite(ritz_preconditioner *p) { return create_as(p, true); }

static ritz_status update(ritz_preconditioner *p) { return ritz_factor_update(p->work, p->matrix); }

static int apply(ritz_preconditioner *p, const void *r, void *z) {
  ritz_factor_solve(p->work, p->threads, r, z);
  return 0;
}

static void destroy(ritz_preconditioner *p) { ritz_factor_destroy((ritz_factor **)&p->work); }

const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_ilu) = {.options = options,
                                                                .config_size = sizeof(config),
                                                                .create = create,
                                                                .update = update,
                                                                .apply = apply,
                                                                .destroy = destroy};
const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_ic) = {.options = options,
                                                               .config_size = sizeof(config),
                                                               .create = create_definite,
                                                               .update = update,
                                                               .apply = apply,
                                                               .destroy = destroy};
const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_mic) = {.options = mic_options,
                                                                .config_size = sizeof(config),
                                                                .create = create_definite,
                                                                .update = update,
                                                                .apply = apply,
                                                                .destroy = destroy};
