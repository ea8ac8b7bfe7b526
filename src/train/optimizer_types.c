/* SPDX-License-Identifier: BSD-3-Clause
 * Optimizers by name. */
#include "core/fail.h"
#include "core/list.h"
#include "train/optimizer.h"

#define RITZ_OPTIMIZER(name) extern const ritz_optimizer_type ritz_optimizer_##name;
#include "train/optimizers.def"
#undef RITZ_OPTIMIZER

static const ritz_optimizer_type *const types[] = {
#define RITZ_OPTIMIZER(name) &ritz_optimizer_##name,
#include "train/optimizers.def"
#undef RITZ_OPTIMIZER
};
enum { type_count = sizeof types / sizeof *types };

const ritz_optimizer_type *const *ritz_optimizer_types(int *count) {
  *count = type_count;
  return types;
}

ritz_status ritz_optimizer_type_find(const char *name, const ritz_optimizer_type **out) {
  const char *names[type_count];
  int at;
  for (int i = 0; i < type_count; i++) names[i] = types[i]->name;
  RITZ_TRY(ritz_name_find("optimizer", name, names, type_count, &at));
  *out = types[at];
  return RITZ_OK;
}
