/* SPDX-License-Identifier: BSD-3-Clause
 * The list of generators. */
#include "core/fail.h"
#include "core/list.h"
#include "datasets/generator.h"

#define RITZ_GENERATOR(name) extern const ritz_generator_type ritz_generator_type_##name;
#include "datasets/generators.def"
#undef RITZ_GENERATOR

static const ritz_generator_type *const types[] = {
#define RITZ_GENERATOR(name) &ritz_generator_type_##name,
#include "datasets/generators.def"
#undef RITZ_GENERATOR
};

enum { type_count = sizeof types / sizeof *types };

int ritz_generator_count(void) { return type_count; }

const char *ritz_generator_name(int i) { return i >= 0 && i < type_count ? types[i]->name : NULL; }

const char *ritz_generator_summary(int i) {
  return i >= 0 && i < type_count ? types[i]->summary : NULL;
}

const ritz_generator_type *const *ritz_generator_types(int *count) {
  *count = type_count;
  return types;
}

ritz_status ritz_generator_type_find(const char *name, const ritz_generator_type **out) {
  const char *names[type_count];
  int at;
  for (int i = 0; i < type_count; i++) names[i] = types[i]->name;
  RITZ_TRY(ritz_name_find("generator", name, names, type_count, &at));
  *out = types[at];
  return RITZ_OK;
}
