/* SPDX-License-Identifier: BSD-3-Clause
 * Training from a configuration, and evaluation of a model on data sets. */
#ifndef RITZ_TRAIN_H
#define RITZ_TRAIN_H

#include <ritz/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a training run is; passed to the progress callback after every step. */
typedef struct ritz_train_progress {
  ritz_index epoch, epochs; /**< This epoch from 0, and how many there will be. */
  ritz_index step, steps;   /**< Steps done in this epoch, steps of an epoch. */
  double loss;              /**< Mean loss per sample of this epoch so far. */
  double seconds;           /**< Since this run began. */
  double eta;               /**< Expected seconds to the end; negative while unknown. */
  const char *epoch_record; /**< After an epoch: its line of metrics.jsonl; else NULL. */
} ritz_train_progress;

/** @return  true to stop after saving a checkpoint. */
typedef bool ritz_train_callback(void *user, const ritz_train_progress *progress);

typedef struct ritz_train_options {
  const char *out;               /**< Output folder; NULL: the configuration's output.dir. */
  bool resume;                   /**< Continue from checkpoint.h5 in the output folder. */
  int overrides;                 /**< Number of "key.path=value" texts ... */
  const char *const *override;   /**< ... applied to the configuration in order. */
  ritz_train_callback *progress; /**< NULL: none. */
  void *progress_user;
  bool (*stop)(void *user); /**< Asked on every rank after every step and epoch; all stop if one
                                 says so: for signals, which may reach any. NULL: never. */
  void *stop_user;
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_train_options;

/** No output folder, overrides or callbacks; a new run. */
RITZ_API void ritz_train_options_defaults(ritz_train_options *options);

/**
 * Trains as the configuration file says; writes model.h5 (best), last.h5, checkpoint.h5,
 * metrics.jsonl, config.yaml and curves.png to the output folder.
 *
 * On several ranks (ritz/mpi.h) each computes its share of every batch and of the test sets; the
 * gradients are added in rank order, so that a run agrees with that of any other number of ranks
 * up to rounding. Rank 0 writes, and its progress is the one that is called; all ranks read the
 * configuration, the data and the checkpoint, which have to be the same for all (RITZ_ERR_CONFIG).
 * Operators with batch norm do not train where ranks share a batch (RITZ_ERR_CONFIG).
 *
 * @return  RITZ_ERR_INTERRUPTED  progress or stop asked for it; checkpoint.h5 is complete
 *          RITZ_ERR_NUMERIC      the loss or a gradient is not finite: epoch, step and parameter
 *                                named; earlier files are kept
 *          RITZ_ERR_CONFIG       with file and line
 *          RITZ_ERR_IO           the output folder cannot be written, or another training, of this
 *                                process or of another one, writes to it
 */
RITZ_API ritz_status ritz_train(ritz_context *context, const char *config,
                                const ritz_train_options *options);

/** One metric of one data set. */
typedef struct ritz_metric {
  const char *name;      /**< "rel_l2"; `ritz list losses` has the formulas. */
  double value;          /**< Over all channels: mean over samples. */
  int channels;          /**< Channels of y. */
  const double *channel; /**< [channels] the same of each channel alone. */
} ritz_metric;

typedef struct ritz_evaluation ritz_evaluation;

/**
 * Every metric of a model on a data set, in physical units; on several ranks of the samples of
 * all, each of which reads its share.
 *
 * @param data     File, or NULL when @p options name it.
 * @param options  Data set options as YAML or JSON (dataset.h); NULL: none.
 * @param out      NULL on failure. Errors as of ritz_dataset_open() and ritz_dataset_read();
 *                 RITZ_ERR_SHAPE  channels or axes that are not the model's
 */
RITZ_API ritz_status ritz_evaluate(ritz_model *model, const char *data, const char *options,
                                   ritz_evaluation **out);
/**
 * The same with the grid of a sample split over ranks too, for grids that one rank cannot hold.
 *
 * @param dim    Entries of @p parts.
 * @param parts  Of each grid axis, missing ones 1; their product divides the number of ranks.
 *               RITZ_ERR_CONFIG  it does not
 */
RITZ_API ritz_status ritz_evaluate_split(ritz_model *model, int dim, const ritz_index *parts,
                                         const char *data, const char *options,
                                         ritz_evaluation **out);
/** Accepts NULL and clears the pointer. */
RITZ_API void ritz_evaluation_destroy(ritz_evaluation **evaluation);
/** @return  Samples of the data set, on all ranks together. */
RITZ_API ritz_index ritz_evaluation_samples(const ritz_evaluation *evaluation);
/** @return  Metric @p i, NULL beyond the last. Owned by the evaluation. */
RITZ_API const ritz_metric *ritz_evaluation_metric(const ritz_evaluation *evaluation, int i);

#ifdef __cplusplus
}
#endif
#endif
