/* SPDX-License-Identifier: BSD-3-Clause
 * Preconditioners as objects: the list, options, creation. */
#include "solvers/precond/preconditioner.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/list.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/yaml.h"

#define RITZ_PRECONDITIONER(name, text, source)                                           \
  extern const ritz_preconditioner_kind ritz_precond_##name##_s, ritz_precond_##name##_d, \
      ritz_precond_##name##_c, ritz_precond_##name##_z;
#include "solvers/preconditioners.def"
#undef RITZ_PRECONDITIONER

static const ritz_preconditioner_type types[] = {
#define RITZ_PRECONDITIONER(name, text, source)                                   \
  {#name,                                                                         \
   text,                                                                          \
   source,                                                                        \
   {&ritz_precond_##name##_s, &ritz_precond_##name##_d, &ritz_precond_##name##_c, \
    &ritz_precond_##name##_z}},
#include "solvers/preconditioners.def"
#undef RITZ_PRECONDITIONER
};
enum { type_count = sizeof types / sizeof *types };

const ritz_preconditioner_type *ritz_preconditioner_types(int *count) {
  *count = type_count;
  return types;
}

int ritz_preconditioner_count(void) { return type_count; }

const char *ritz_preconditioner_name(int i) {
  return i >= 0 && i < type_count ? types[i].name : NULL;
}

const char *ritz_preconditioner_summary(int i) {
  return i >= 0 && i < type_count ? types[i].summary : NULL;
}

static ritz_status find(const char *name, const ritz_preconditioner_type **out) {
  const char *names[type_count];
  int at;
  for (int i = 0; i < type_count; i++) names[i] = types[i].name;
  RITZ_TRY(ritz_name_find("preconditioner", name, names, type_count, &at));
  *out = &types[at];
  return RITZ_OK;
}

ritz_status ritz_preconditioner_help(const char *name, char **out) {
  static const ritz_option none[] = {RITZ_OPTION_END};
  const ritz_preconditioner_type *type = NULL;
  *out = NULL;
  RITZ_TRY(find(name, &type));
  const ritz_option *options = type->kinds[RITZ_REAL_DOUBLE]->options;
  return ritz_options_help(options ? options : none, out);
}

static ritz_status read_options(ritz_preconditioner *p, const char *text) {
  static const ritz_option none[] = {RITZ_OPTION_END};
  char owner[64];
  ritz_value *tree = NULL;
  snprintf(owner, sizeof owner, "preconditioner %s", p->type->name);
  if (text) RITZ_TRY(ritz_yaml_read_text(text, "<options>", &tree));
  ritz_status status = ritz_calloc((ritz_index)p->kind->config_size, 1, &p->config);
  if (status == RITZ_OK)
    status = ritz_options_read(p->kind->options ? p->kind->options : none, owner, tree, p->config);
  ritz_value_destroy(&tree);
  return status;
}

/* A failure says whose it is. */
static ritz_status named(const ritz_preconditioner *p, ritz_status status) {
  return status == RITZ_OK ? status : ritz_fail_prefix(status, "preconditioner %s", p->type->name);
}

static void take_turn(const ritz_preconditioner *p) {
  if (p->kind->turn) pthread_mutex_lock(p->kind->turn);
}

static void give_turn(const ritz_preconditioner *p) {
  if (p->kind->turn) pthread_mutex_unlock(p->kind->turn);
}

/* NULL: there is nothing to do. */
static ritz_status in_turn(ritz_preconditioner *p, ritz_status (*work)(ritz_preconditioner *p)) {
  if (!work) return RITZ_OK;
  take_turn(p);
  const ritz_status status = named(p, work(p));
  give_turn(p);
  return status;
}

ritz_status ritz_preconditioner_create(const char *type, const char *options,
                                       const ritz_sparse *matrix, ritz_preconditioner **out) {
  *out = NULL;
  const ritz_preconditioner_type *found = NULL;
  ritz_status status;
  ritz_preconditioner *p;
  RITZ_TRY(find(type, &found));
  RITZ_REQUIRE(matrix->rows == matrix->columns, RITZ_ERR_SHAPE,
               "matrix is [%td, %td]; only square ones have a preconditioner", matrix->rows,
               matrix->columns);
  RITZ_TRY(RITZ_NEW(1, &p));
  *p = (ritz_preconditioner){.type = found,
                             .kind = found->kinds[matrix->scalar],
                             .matrix = matrix,
                             .n = matrix->rows,
                             .threads = 1};
  RITZ_TRY_DONE(read_options(p, options));
  RITZ_TRY_DONE(in_turn(p, p->kind->create));
  RITZ_TRY_DONE(ritz_preconditioner_update(p));
  *out = p;
  return RITZ_OK;
done:
  ritz_preconditioner_destroy(&p);
  return status;
}

void ritz_preconditioner_destroy(ritz_preconditioner **preconditioner) {
  if (!preconditioner || !*preconditioner) return;
  ritz_preconditioner *p = *preconditioner;
  take_turn(p);
  if (p->kind->destroy) p->kind->destroy(p);
  give_turn(p);
  if (p->config && p->kind->options) ritz_options_clear(p->kind->options, p->config);
  ritz_free(p->config);
  ritz_free(p);
  *preconditioner = NULL;
}

ritz_status ritz_preconditioner_update(ritz_preconditioner *p) {
  return in_turn(p, p->kind->update);
}

void ritz_preconditioner_set_threads(ritz_preconditioner *p, int threads) {
  p->threads = threads > 0 ? threads : ritz_threads_available();
}

int ritz_preconditioner_apply(void *preconditioner, const void *r, void *z) {
  ritz_preconditioner *p = preconditioner;
  take_turn(p);
  const int failed = p->kind->apply(p, r, z);
  give_turn(p);
  return failed;
}
