/* SPDX-License-Identifier: BSD-3-Clause
 * The state of the optimizer in a checkpoint and its weights, which all ranks have parts of: a
 * group of tensors for each slot. */
#ifndef RITZ_TRAIN_CHECKPOINT_SLOTS_H
#define RITZ_TRAIN_CHECKPOINT_SLOTS_H

#include "train/trainer.h"

/** @return  Whether all ranks write together; then the numbers of the weights are left to them. */
bool ritz_checkpoint_together(const ritz_trainer *trainer);

/**
 * Adds the state to a file, and the weights where ranks write together, which all of them have: an
 * equal share each. Those that can write together do; else the first one collects it, a
 * tensor at a time. The bytes are the same. Collective.
 *
 * @param path  Of the file.
 * @param file  Open on the first rank, to be closed by its caller; invalid on others, and
 * afterwards on all where they have written together.
 * @return      What all have agreed upon.
 */
ritz_status ritz_checkpoint_write_slots(ritz_trainer *trainer, const char *path, hid_t *file);

/** Each rank reads its part. */
ritz_status ritz_checkpoint_read_slots(ritz_trainer *trainer, hid_t file);

#endif
