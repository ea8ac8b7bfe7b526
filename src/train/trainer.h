/* SPDX-License-Identifier: BSD-3-Clause
 * The state of a training run, shared by the loop and the checkpoint. */
#ifndef RITZ_TRAIN_TRAINER_H
#define RITZ_TRAIN_TRAINER_H

#include <dirent.h>
#include <ritz/train.h>

#include "model/model.h"
#include "train/config.h"
#include "train/domain.h"
#include "train/evaluate.h"
#include "train/history.h"
#include "train/incremental.h"
#include "train/optimizer.h"
#include "train/samples.h"
#include "train/schedule.h"

/** The training graph of one batch size. A domain computes its share of the batch, a rank of it its
 * part of the grid; the gradients of all ranks are added. */
typedef struct ritz_batch_plan {
  ritz_index batch;        /* samples of all ranks */
  ritz_index first, share; /* samples of this domain, from this position in the batch */
  ritz_plan *plan;         /* NULL without samples */
  void *gradient;          /* the plan's; of this struct without a plan */
  ritz_var x, truth, loss;
} ritz_batch_plan;

typedef struct ritz_test_set {
  ritz_dataset *set;
  ritz_evaluator *evaluator;
} ritz_test_set;

/** Where the run is; everything else is a function of it and the configuration. */
typedef struct ritz_train_position {
  ritz_index epoch; /* epochs finished */
  ritz_index step;  /* steps done in the running epoch */
  double loss_sum;  /* over the samples of those steps */
  double seconds;   /* they took */
  double best;      /* lowest value of the deciding metric, INFINITY before the first */
  ritz_index best_epoch;
} ritz_train_position;

typedef struct ritz_trainer {
  ritz_context *context;
  ritz_domain domain;
  ritz_layout *layout; /* of the training grid over the domain; NULL: no split */
  ritz_train_config config;
  const char *dir;
  DIR *folder; /* rank 0: `dir`, locked against other trainings; NULL: not there yet */
  ritz_samples train;
  int tests;
  ritz_test_set *test;
  ritz_model *model;
  ritz_params *params; /* the model's */
  ritz_optimizer *optimizer;
  ritz_schedule *schedule;
  const ritz_loss_type *loss;
  ritz_loss_options loss_options;
  ritz_batch_plan full, rest; /* rest.batch 0: batches divide the samples */
  ritz_index *shares;         /* [parameters], ritz_plan_shares(); 0 where nothing is owned */
  ritz_index steps;           /* of an epoch */
  ritz_index *order;          /* samples in the order of the running epoch */
  ritz_history history;
  ritz_incremental incremental;
  ritz_train_position at;
  void *best;     /* rank 0: weights of the best epoch so far, laid out as the parameters */
  char *resolved; /* the configuration as JSON */
} ritz_trainer;

/** Adds what a step sends beside the runs of its plan, where all modes are there from the first. */
void ritz_trainer_step_traffic(const ritz_domain *domain, ritz_comm *world,
                               const ritz_optimizer *optimizer, ritz_traffic *traffic);

/** DIR/name; release with ritz_free(). */
ritz_status ritz_trainer_path(const ritz_trainer *trainer, const char *name, char **out);

/** Writes checkpoint.h5: the model, optimizer, position, history and best weights. Collective: the
 * first rank writes, but for the optimizer's state, of which all have parts (checkpoint_slots.h).
 */
ritz_status ritz_checkpoint_save(ritz_trainer *trainer);

/** Continues from checkpoint.h5; @p found false if there is none. RITZ_ERR_CONFIG if it belongs to
 * another architecture, number format or list of test sets. */
ritz_status ritz_checkpoint_load(ritz_trainer *trainer, bool *found);

#endif
