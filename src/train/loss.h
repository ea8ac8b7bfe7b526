/* SPDX-License-Identifier: BSD-3-Clause
 * Losses: how far a prediction is from the truth, one number for each sample.
 *
 * A loss is an op of a graph and serves training and evaluation alike. The trainer chooses between
 * the sum over samples (cotangent ones) and their mean (cotangent 1/B). Notation: e = prediction -
 * truth, y = truth; N points and C channels; sums run over all points and channels of a sample, or
 * for the losses "per channel" over the points of each channel.
 *
 * Sums are taken in double over fixed chunks: values do not depend on the number of threads. */
#ifndef RITZ_TRAIN_LOSS_H
#define RITZ_TRAIN_LOSS_H

#include <ritz/graph.h>

#include "core/options.h"

/** Options of all losses; each type's table says which ones it has. */
typedef struct ritz_loss_options {
  double eps;         /* added to a denominator; default 1e-8 */
  ritz_reals lengths; /* extent of the domain per grid axis, one for all or one each; default 1 */
  bool periodic;      /* derivatives go around the ends of an axis; default true */
  ritz_index cut;     /* frequencies of an axis from here on count as 0; default 20 */
} ritz_loss_options;

typedef struct ritz_loss_norm ritz_loss_norm;

/** The sums of one sample, ready to become its loss. */
typedef struct ritz_loss_sums {
  ritz_index channels, points;
  double cell; /* volume of a grid cell, product of length_j / N_j */
  double eps;
  const double *error, *truth; /* [channels], of e and of y */
} ritz_loss_sums;

typedef struct ritz_loss_type {
  const char *name;
  const char *formula; /* one line, as printed by `ritz list losses` */
  const char *source;
  const ritz_option *options; /* fields of ritz_loss_options */
  const ritz_loss_norm *norm; /* what is summed */
  /* What both fields become before that; NULL: nothing. */
  ritz_var (*map)(ritz_graph *graph, ritz_var field, const ritz_loss_options *options);
  /* The loss from the sums; slope[c] = its derivative with respect to error[c], 0 where the
   * derivative does not exist (e = 0). */
  double (*value)(const ritz_loss_sums *sums, double *slope);
} ritz_loss_type;

/** All types, in the order of losses.def. @param count  Their number. */
const ritz_loss_type *const *ritz_loss_types(int *count);

/** Finds a type; RITZ_ERR_NOT_FOUND names the nearest. */
ritz_status ritz_loss_type_find(const char *name, const ritz_loss_type **out);

/** @return  False for what is a metric only: a graph with it cannot be planned with gradients. */
bool ritz_loss_has_gradient(const ritz_loss_type *type);
/** @return  Whether it takes differences between neighbours, which scattered points do not have. */
bool ritz_loss_has_derivatives(const ritz_loss_type *type);

/** Reads the options of @p type from a map (NULL: defaults); RITZ_ERR_CONFIG. */
ritz_status ritz_loss_options_read(const ritz_loss_type *type, const ritz_value *map,
                                   ritz_loss_options *out);

/** The defaults stated at the fields. */
void ritz_loss_options_defaults(ritz_loss_options *options);

/**
 * Adds a loss to a graph.
 *
 * @param prediction  [B, X0, ..., C].
 * @param truth       Same shape. Counts as a constant: no gradient flows into it.
 * @param options     Copied; NULL: defaults.
 * @return            [B], one number per sample; RITZ_NO_VAR once the graph has failed.
 *                    RITZ_ERR_SHAPE  shapes differ; derivatives want 1 to 3 grid axes, without
 *                                    periodicity at least 4 points each
 *
 * Cost: one sweep over both fields forward, one backward.
 * rel_h1_fourier: 4 d (cut - 1) flops more for each number of both fields, at the most, on d grid
 * axes, and backward for those of the prediction; on a grid in parts the fields are gathered.
 */
ritz_var ritz_loss(ritz_graph *graph, const ritz_loss_type *type, ritz_var prediction,
                   ritz_var truth, const ritz_loss_options *options);

/** A metric: the loss of each channel as if it were alone, [B, C]. No gradient, see
 * ritz_loss_has_gradient(); otherwise as ritz_loss(). */
ritz_var ritz_loss_by_channel(ritz_graph *graph, const ritz_loss_type *type, ritz_var prediction,
                              ritz_var truth, const ritz_loss_options *options);

#endif
