/* SPDX-License-Identifier: BSD-3-Clause
 * The list of architectures, and operators made from it. */
#include "operators/operator.h"

#include <stdio.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/list.h"
#include "core/memory.h"

#define RITZ_OPERATOR(name) extern const ritz_operator_type ritz_operator_##name;
#include "operators/operators.def"
#undef RITZ_OPERATOR

static const ritz_operator_type *const types[] = {
#define RITZ_OPERATOR(name) &ritz_operator_##name,
#include "operators/operators.def"
#undef RITZ_OPERATOR
};
enum { type_count = sizeof types / sizeof *types };

const ritz_operator_type *const *ritz_operator_types(int *count) {
  *count = type_count;
  return types;
}

ritz_status ritz_operator_type_find(const char *name, const ritz_operator_type **out) {
  const char *names[type_count];
  int at;
  for (int i = 0; i < type_count; i++) names[i] = types[i]->name;
  RITZ_TRY(ritz_name_find("operator", name, names, type_count, &at));
  *out = types[at];
  return RITZ_OK;
}

ritz_status ritz_operator_create_from(ritz_context *context, const char *type,
                                      const ritz_value *options, ritz_operator **out) {
  ritz_operator *op;
  char owner[64];
  ritz_status status;
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, &op));
  op->context = ritz_context_retain(context);
  RITZ_TRY_DONE(ritz_operator_type_find(type, &op->type));
  RITZ_TRY_DONE(ritz_calloc(1, op->type->config_size, &op->config));
  snprintf(owner, sizeof owner, "operator %s", type);
  RITZ_TRY_DONE(ritz_options_read(op->type->options, owner, options, op->config));
  if (op->type->check && (status = op->type->check(op->config)) != RITZ_OK) {
    if (options) ritz_value_blame(options, status);
    goto done;
  }
  *out = op;
  op = NULL;
done:
  ritz_operator_destroy(&op);
  return status;
}

void ritz_operator_destroy(ritz_operator **op) {
  if (!op || !*op) return;
  if ((*op)->config) ritz_options_clear((*op)->type->options, (*op)->config);
  ritz_free((*op)->config);
  ritz_context_destroy(&(*op)->context);
  ritz_free(*op);
  *op = NULL;
}

const char *ritz_operator_name(const ritz_operator *op) { return op->type->name; }

ritz_var ritz_operator_build(const ritz_operator *op, ritz_graph *graph, ritz_params *params,
                             ritz_var x) {
  return op->type->build(graph, params, x, op->config);
}

ritz_status ritz_operator_options_tree(const ritz_operator *op, ritz_value **out) {
  return ritz_options_write(op->type->options, op->config, out);
}

ritz_status ritz_operator_options(const ritz_operator *op, char **out) {
  ritz_value *tree;
  *out = NULL;
  RITZ_TRY(ritz_operator_options_tree(op, &tree));
  const ritz_status status = ritz_value_to_json(tree, out);
  ritz_value_destroy(&tree);
  return status;
}
