/* SPDX-License-Identifier: BSD-3-Clause
 * Errors of a model on a data set, in physical units. */
#ifndef RITZ_TRAIN_EVALUATE_H
#define RITZ_TRAIN_EVALUATE_H

#include <ritz/dataset.h>
#include <ritz/train.h>

#include "train/domain.h"
#include "train/loss.h"

typedef struct ritz_evaluator ritz_evaluator;

/**
 * Plans the evaluation of a model on a data set: on several ranks, of this one's share of it.
 *
 * @param set      Lent; must outlive the evaluator. Grids may differ from the model's.
 * @param domain   Who shares what; lent like the set.
 * @param batch    Samples at a time.
 * @param types    [count] metrics.
 *                 RITZ_ERR_SHAPE  channels or axes differ from the model's; no y
 */
ritz_status ritz_evaluator_create(ritz_model *model, ritz_dataset *set, const ritz_domain *domain,
                                  ritz_index batch, int count, const ritz_loss_type *const *types,
                                  ritz_evaluator **out);
void ritz_evaluator_destroy(ritz_evaluator **evaluator);

/**
 * Evaluates the model as it is now. Collective; all ranks get the same values.
 *
 * @param channel  -1: all channels together; else that channel alone.
 * @param value    [count] mean over samples of each metric; NaN where scattered points have none.
 */
ritz_status ritz_evaluator_run(ritz_evaluator *evaluator, int channel, double *value);

/** Told by this rank how many of its predictions are done: one for each sample, and one more for
 * each sample and channel where there are several channels. */
typedef void ritz_evaluation_follower(void *user, ritz_index done, ritz_index total);

/** ritz_evaluate_split() with somebody who watches. @param follow  NULL: nobody. */
ritz_status ritz_evaluate_watched(ritz_model *model, int dim, const ritz_index *parts,
                                  const char *data, const char *options,
                                  ritz_evaluation_follower *follow, void *user,
                                  ritz_evaluation **out);

#endif
