/* SPDX-License-Identifier: BSD-3-Clause
 * Architectures by name: an operator is a type from the list and its options. */
#ifndef RITZ_OPERATOR_H
#define RITZ_OPERATOR_H

#include <ritz/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_operator ritz_operator;

/**
 * @param type     A name of `ritz list operators`: "fno".
 * @param options  YAML or JSON map of its options, names as in neuraloperator:
 *                 "{n_modes: [12, 12], hidden_channels: 32}". NULL: all defaults.
 * @param out      NULL on failure.
 *                 RITZ_ERR_NOT_FOUND  unknown type
 *                 RITZ_ERR_CONFIG     an option, named in the message
 */
RITZ_API ritz_status ritz_operator_create(ritz_context *context, const char *type,
                                          const char *options, ritz_operator **out);
/** Accepts NULL and clears the pointer. */
RITZ_API void ritz_operator_destroy(ritz_operator **op);

/** @return  Name of its type. */
RITZ_API const char *ritz_operator_name(const ritz_operator *op);

/**
 * Adds the operator to a graph.
 *
 * @param params  Filled on the first build, looked up in later ones.
 * @param x       [B, X0, ..., Ci].
 * @return        [B, X0, ..., Co]; RITZ_NO_VAR once the graph has failed.
 */
RITZ_API ritz_var ritz_operator_build(const ritz_operator *op, ritz_graph *graph,
                                      ritz_params *params, ritz_var x);

/** All options, defaults included, as one-line JSON. Release with ritz_text_free(). */
RITZ_API ritz_status ritz_operator_options(const ritz_operator *op, char **out);

#ifdef __cplusplus
}
#endif
#endif
