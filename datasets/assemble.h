/* SPDX-License-Identifier: BSD-3-Clause
 * The common end of opening: sources with roles become grid, samples, channels and info. */
#ifndef RITZ_DATASETS_ASSEMBLE_H
#define RITZ_DATASETS_ASSEMBLE_H

#include "datasets/reader.h"

/** Checks that the sources fit together, applies stride and range of samples, fills the info. */
ritz_status ritz_dataset_assemble(ritz_dataset *dataset, const ritz_dataset_config *config);

#endif
