/* SPDX-License-Identifier: BSD-3-Clause
 * The output folder of a training run: resolved configuration, record, provenance. */
#ifndef RITZ_TRAIN_OUTPUT_H
#define RITZ_TRAIN_OUTPUT_H

#include "train/trainer.h"

/** Keeps the configuration with every default as JSON in trainer->resolved. */
ritz_status ritz_trainer_describe(ritz_trainer *trainer);

/** Locks the folder, if there is one, until the trainer is gone. RITZ_ERR_IO: another trainer, of
 * this or of another process, has it. File systems without locks let it pass. */
ritz_status ritz_trainer_lock_output(ritz_trainer *trainer);

/** Makes the folder, locks it, checks that it can be written, writes config.yaml and the record of
 * the epochs known so far. One rank does it for all. RITZ_ERR_IO names the folder. */
ritz_status ritz_trainer_start_output(ritz_trainer *trainer);

/** Provenance and golden pair for the weights as they are now. */
ritz_status ritz_trainer_complete_model(ritz_trainer *trainer);

#endif
