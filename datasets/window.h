/* SPDX-License-Identifier: BSD-3-Clause
 * Windows of trajectories: x is some consecutive frames, y the frames that follow them.
 *
 * A trajectory is the frames of a sample's x and then those of its y, a data set without a time
 * axis being one frame. Every window is a sample of its own: those of a trajectory follow each
 * other, `step` frames apart. */
#ifndef RITZ_DATASETS_WINDOW_H
#define RITZ_DATASETS_WINDOW_H

#include "datasets/reader.h"

/** Turns an assembled set of trajectories into one of windows where the options ask for it.
 * RITZ_ERR_SHAPE  trajectories too short, or frames of different channels */
ritz_status ritz_window_apply(ritz_dataset *dataset, const ritz_dataset_config *config);

/** One side of a window. @param trajectory  Of the file. @param out  [part, channels of the side]
 */
ritz_status ritz_window_read(ritz_dataset *dataset, int side, const ritz_grid_part *part,
                             ritz_index trajectory, ritz_index window, ritz_dtype dtype, void *out);

#endif
