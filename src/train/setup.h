/* SPDX-License-Identifier: BSD-3-Clause
 * From a configuration to a trainer that is ready to run. */
#ifndef RITZ_TRAIN_SETUP_H
#define RITZ_TRAIN_SETUP_H

#include "train/trainer.h"

/** Fills a zeroed trainer whose context is set: data, model, optimizer, plans, output folder, and
 * the state of a checkpoint where options->resume. Collective. Everything that can be wrong with
 * the configuration or the data is found here, before anything is written. */
ritz_status ritz_trainer_setup(ritz_trainer *trainer, const char *config,
                               const ritz_train_options *options);
void ritz_trainer_clear(ritz_trainer *trainer);

/** Opens training and test sets (setup_data.c). */
ritz_status ritz_trainer_open_data(ritz_trainer *trainer);

/** Work with files, done by one rank for all. Collective. @return  Its status, on every rank. */
ritz_status ritz_trainer_on_first_rank(ritz_trainer *trainer,
                                       ritz_status (*work)(ritz_trainer *trainer));

#endif
