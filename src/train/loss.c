/* SPDX-License-Identifier: BSD-3-Clause
 * The list of losses. */
#include "train/loss.h"

#include <stdio.h>

#include "core/fail.h"
#include "core/list.h"
#include "train/loss_norm.h"

#define RITZ_LOSS(name) extern const ritz_loss_type ritz_loss_##name;
#include "train/losses.def"
#undef RITZ_LOSS

static const ritz_loss_type *const types[] = {
#define RITZ_LOSS(name) &ritz_loss_##name,
#include "train/losses.def"
#undef RITZ_LOSS
};
enum { type_count = sizeof types / sizeof *types };

const ritz_loss_type *const *ritz_loss_types(int *count) {
  *count = type_count;
  return types;
}

ritz_status ritz_loss_type_find(const char *name, const ritz_loss_type **out) {
  const char *names[type_count];
  int at;
  for (int i = 0; i < type_count; i++) names[i] = types[i]->name;
  RITZ_TRY(ritz_name_find("loss", name, names, type_count, &at));
  *out = types[at];
  return RITZ_OK;
}

bool ritz_loss_has_gradient(const ritz_loss_type *type) { return type->norm->gradient != NULL; }
bool ritz_loss_has_derivatives(const ritz_loss_type *type) {
  return type->norm->derivatives || type->map;
}

void ritz_loss_options_defaults(ritz_loss_options *options) {
  *options = (ritz_loss_options){
      .eps = 1e-8, .lengths = {.count = 1, .v = {1.0}}, .periodic = true, .cut = 20};
}

ritz_status ritz_loss_options_read(const ritz_loss_type *type, const ritz_value *map,
                                   ritz_loss_options *out) {
  char owner[64];
  snprintf(owner, sizeof owner, "loss %s", type->name);
  ritz_loss_options_defaults(out); /* fields that are not options of this type */
  return ritz_options_read(type->options, owner, map, out);
}
