/* SPDX-License-Identifier: BSD-3-Clause
 * The H1 norm of a periodic field by its frequencies k, A(u) = sum over k of (1 + |k|^2) |u_k|^2 in
 * an orthonormal Fourier basis. */
#include <math.h>
#include <ritz/ops.h>

#include "core/memory.h"
#include "graph/op.h"
#include "train/loss_norm.h"

/* Frequency of function p of RITZ_BASIS_FOURIER, which are 1, cos x, sin x, cos 2x, ... */
static double frequency(ritz_index p, ritz_index cut) {
  const ritz_index k = (p + 1) / 2;
  return k < cut ? (double)k : 0;
}

static void fill_weights(const ritz_shape *shape, ritz_index points, ritz_index cut,
                         double *weight) {
  const int dim = shape->rank - 2;
  for (ritz_index p = 0; p < points; p++) {
    double squares = 1;
    ritz_index rest = p;
    for (int a = dim - 1; a >= 0; a--) {
      squares += pow(frequency(rest % shape->n[a + 1], cut), 2);
      rest /= shape->n[a + 1];
    }
    weight[p] = sqrt(squares);
  }
}

static ritz_var weighted_coefficients(ritz_graph *graph, ritz_var field,
                                      const ritz_loss_options *options) {
  double *weight;
  if (!field) return RITZ_NO_VAR;
  const ritz_shape shape = ritz_var_shape(field);
  ritz_var all = ritz_harmonic_analysis(graph, field, RITZ_BASIS_FOURIER, shape.n + 1, 1);
  if (!all) return RITZ_NO_VAR;
  ritz_index points = 1;
  for (int a = 1; a < shape.rank - 1; a++) points *= shape.n[a];
  const ritz_status status = ritz_calloc(points, sizeof *weight, (void **)&weight);
  if (status != RITZ_OK) return ritz_graph_latch(graph, status);
  fill_weights(&shape, points, options->cut, weight);
  ritz_var y = ritz_weigh(graph, all, weight);
  ritz_free(weight);
  return y;
}

static const ritz_option options[] = {
    RITZ_LOSS_EPS,
    RITZ_OPTION_INT(ritz_loss_options, cut, 1, 1 << 30, "20",
                    "frequencies of an axis from this on count as 0"),
    RITZ_OPTION_END};

const ritz_loss_type ritz_loss_rel_h1_fourier = {
    .name = "rel_h1_fourier",
    .formula =
        "sqrt(S(e)) / (sqrt(S(y)) + eps), S(u) = sum (1 + k0^2 + ...) |u_k|^2 over "
        "frequencies k, those of an axis from cut on taken as 0, and channels",
    .source = "He, Liu & Xu 2024, arXiv:2310.19809, as in the authors' code",
    .options = options,
    .norm = &ritz_loss_norm_l2,
    .map = weighted_coefficients,
    .value = ritz_loss_relative_root,
};
