/* SPDX-License-Identifier: BSD-3-Clause
 * What ranks have to have in common before they work together: with other numbers of samples or
 * epochs they would wait for each other for ever. Each machine may have files of its own, so that
 * this is not a matter of course. */
#ifndef RITZ_TRAIN_AGREE_H
#define RITZ_TRAIN_AGREE_H

#include <ritz/dataset.h>

#include "core/value.h"
#include "io/h5.h"

/** The configuration but for the files it names, which may lie elsewhere. Collective.
 * RITZ_ERR_CONFIG  names the first rank where one is not that of rank 0, and the section */
ritz_status ritz_agree_on_config(const ritz_context *context, const ritz_value *tree);

/** Samples, grid and channels of a data set that all ranks have opened. Collective.
 * RITZ_ERR_CONFIG  names the first rank whose data are not those of rank 0 */
ritz_status ritz_agree_on_data(const ritz_context *context, const ritz_dataset_info *info);

/** ritz_h5_open_together() once all ranks have seen the file. Collective. */
ritz_status ritz_agree_on_opening(const ritz_context *context, const char *path, hid_t *file);

#endif
