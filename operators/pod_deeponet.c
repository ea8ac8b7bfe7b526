/* SPDX-License-Identifier: BSD-3-Clause
 * Deep operator network on the modes of the training set. Lu et al. 2022, arXiv:2111.05512,
 * Sec. 3.1.5:
 *
 *     u(y) = m(y) + 1/K sum over k of b_k(a) phi_k(y)  (+ sum over k of b_(K+k)(a) t_k(y) + b_0)
 *
 * m and phi_k, with mean square 1, are mean and leading modes of the training outputs, and are kept
 * in the model: the parameter `basis` holds phi_k / K. The learned trunk t is an option. Nothing
 * but training outputs enters: tests stay unseen. */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/op.h"
#include "operators/branch_trunk.h"
#include "operators/operator.h"
#include "operators/pod.h"

typedef struct pod_config {
  ritz_branch_trunk_config common; /* first, as its options want it */
  ritz_ints branch, trunk;
  ritz_index modes, snapshots, learned;
} pod_config;

static const ritz_option pod_options[] = {
    RITZ_BRANCH_TRUNK_OPTIONS,
    RITZ_OPTION_INTS(pod_config, branch, 1, 1 << 20, "[128, 128, 128]",
                     "widths of the hidden layers of the branch"),
    RITZ_OPTION_INT(pod_config, modes, 1, 1 << 20, "32", "K: modes of the training outputs"),
    RITZ_OPTION_INT(pod_config, snapshots, 0, 1LL << 40, "0",
                    "the modes are those of so many first training samples; 0: of all"),
    RITZ_OPTION_INT(pod_config, learned, 0, 1 << 20, "0", "further functions, of a trunk"),
    RITZ_OPTION_INTS(pod_config, trunk, 1, 1 << 20, "[128, 128, 128]",
                     "widths of the hidden layers of that trunk"),
    RITZ_OPTION_END,
};

static ritz_status pod_check(const void *config) { return ritz_branch_trunk_check(config); }

static ritz_var pod_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const pod_config *c = config;
  const ritz_index channels = c->common.out_channels;
  ritz_var a = ritz_branch_input(g, p, x, &c->common, "pod_deeponet");
  if (!a) return a;
  ritz_shape mean = {.rank = x->shape.rank - 1};
  for (int i = 0; i < mean.rank; i++) mean.n[i] = x->shape.n[i + 1];
  ritz_shape basis = mean;
  mean.n[mean.rank - 1] = channels;
  basis.n[basis.rank - 1] = channels * c->modes;
  const ritz_init zero = {RITZ_INIT_ZERO, 0}, unknown = {RITZ_INIT_NORMAL, 1 / (double)c->modes};
  ritz_var phi = ritz_untrained(ritz_parameter(g, p, unknown, basis, -1, "basis"));
  ritz_var m = ritz_untrained(ritz_parameter(g, p, zero, mean, -1, "mean"));

  a = ritz_dense_net(g, p, a, &c->branch, c->modes + c->learned * channels, false, &c->common,
                     "branch");
  ritz_var b = c->learned ? ritz_slice(g, a, 0, c->modes) : a;
  ritz_var u = ritz_add_broadcast(g, ritz_pairing(g, b, phi, channels), m);
  if (c->learned == 0) return u;
  ritz_var t = ritz_dense_net(g, p, ritz_trunk_input(g, x, &c->common), &c->trunk,
                              c->learned * channels, true, &c->common, "trunk");
  b = ritz_slice(g, a, c->modes, c->learned * channels);
  u = ritz_add(g, u, ritz_pairing(g, b, t, channels));
  return ritz_bias(g, u, ritz_parameter(g, p, zero, RITZ_SHAPE(channels), -1, "bias"));
}

static void put(ritz_params *params, const char *name, ritz_index count, double scale,
                const double *values) {
  const ritz_param_info *info = ritz_params_info(params, ritz_params_find(params, name));
  for (ritz_index i = 0; i < count; i++)
    ritz_number_set(ritz_params_dtype(params), ritz_params_data(params), info->offset + i,
                    scale * values[i]);
}

static ritz_status pod_fit(const void *config, ritz_params *params,
                           const ritz_training_outputs *outputs) {
  const pod_config *c = config;
  const ritz_index most = c->snapshots ? c->snapshots : outputs->samples;
  const ritz_index n = outputs->samples < most ? outputs->samples : most, count = outputs->count;
  double *y = NULL, *mean = NULL, *basis = NULL, rest;
  ritz_status status;
  RITZ_TRY_DONE(RITZ_NEW(n * count, &y));
  RITZ_TRY_DONE(RITZ_NEW(count, &mean));
  RITZ_TRY_DONE(RITZ_NEW(count * c->modes, &basis));
  RITZ_TRY_DONE(outputs->read(outputs->user, 0, n, y));
  RITZ_TRY_DONE(ritz_pod(n, count, c->modes, y, mean, basis, &rest));
  put(params, "mean", count, 1, mean);
  put(params, "basis", count * c->modes, 1 / (double)c->modes, basis);
  ritz_log(outputs->context, RITZ_LOG_INFO,
           "pod_deeponet: %td modes of %td samples leave %.3g of their variance", c->modes, n,
           rest);
done:
  ritz_free(y);
  ritz_free(mean);
  ritz_free(basis);
  return status;
}

const ritz_operator_type ritz_operator_pod_deeponet = {
    .name = "pod_deeponet",
    .summary = "deep operator network on the leading modes of the training outputs",
    .paper = "Lu et al. 2022, arXiv:2111.05512",
    .config_size = sizeof(pod_config),
    .options = pod_options,
    .check = pod_check,
    .build = pod_build,
    .fit = pod_fit,
};
