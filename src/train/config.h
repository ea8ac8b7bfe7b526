/* SPDX-License-Identifier: BSD-3-Clause
 * What a training run is told: the sections of its configuration.
 *
 *   operator:  {name: fno, n_modes: [8, 8], ...}   options of the architecture
 *   data:      {train: FILE or map, test: [...], normalize_x: none, normalize_y: channel, ...}
 *   loss:      {name: rel_l2, reduction: sum, ...}
 *   optimizer: {name: adamw, lr: 1e-3, ...}
 *   schedule:  {name: constant, ...}
 *   rollout:   {steps: 1, ...}
 *   train:     {epochs: 100, batch_size: 32, ...}
 *   output:    {dir: out} */
#ifndef RITZ_TRAIN_CONFIG_H
#define RITZ_TRAIN_CONFIG_H

#include "core/options.h"

/** A section that names a method: its name, its own options, and what is common to all. */
typedef struct ritz_named_section {
  char *name;
  ritz_value *options; /* map without the common keys */
} ritz_named_section;

enum { RITZ_NORMALIZE_NONE, RITZ_NORMALIZE_CHANNEL };
enum { RITZ_BEST_REL_L2, RITZ_BEST_REL_H1 };
enum { RITZ_ROLLOUT_THROUGH, RITZ_ROLLOUT_DETACHED };
enum { RITZ_REDUCTION_SUM, RITZ_REDUCTION_MEAN };

typedef struct ritz_train_config {
  ritz_value *tree; /* the whole configuration; the rest may point into it */
  ritz_named_section op, loss, optimizer, schedule;
  struct {
    const ritz_value *train, *test;
    int normalize_x, normalize_y;
    ritz_index cache_mib;
  } data;
  int reduction;
  double lr;
  struct {
    ritz_index steps, loss_steps;
    int gradient;
    double noise;
  } rollout;
  struct {
    ritz_index epochs, batch_size, eval_every, seed;
    ritz_ints grid;
    bool shuffle;
    int dtype;
    double checkpoint_seconds;
    int best;
    const ritz_value *incremental;
  } train;
  char *dir;
} ritz_train_config;

/**
 * Reads and checks a configuration; messages carry file and line.
 *
 * @param override  [overrides] "key.path=value" texts, applied in order.
 * @param config    Release with ritz_train_config_clear(), also on failure.
 */
ritz_status ritz_train_config_read(const char *path, int overrides, const char *const *override,
                                   ritz_train_config *config);
void ritz_train_config_clear(ritz_train_config *config);

/** Puts file and line of a key before the stored sentence: of "section.key" where the configuration
 * has it, else of the section, else of the file. @return @p status. */
ritz_status ritz_train_config_blame(const ritz_train_config *config, const char *section,
                                    const char *key, ritz_status status);

/** Puts "in_channels", "out_channels" and the number of coordinates of scattered points into the
 * operator's options where the configuration leaves them out and the operator has them.
 * RITZ_ERR_CONFIG  scattered points for an operator that has no option "coordinates" */
ritz_status ritz_train_config_set_channels(ritz_train_config *config, const ritz_option *options,
                                           ritz_index in, ritz_index out, ritz_index coordinates);

/** The configuration with every default written out. @p method options of operator, loss,
 * optimizer and schedule as trees (taken, also on failure; NULL: as given). */
ritz_status ritz_train_config_resolve(const ritz_train_config *config, ritz_value *op,
                                      ritz_value *loss, ritz_value *optimizer, ritz_value *schedule,
                                      ritz_value **out);

#endif
