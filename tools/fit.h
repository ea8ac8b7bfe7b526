/* SPDX-License-Identifier: BSD-3-Clause
 * Whether a model may be applied to a data set. */
#ifndef RITZ_TOOLS_FIT_H
#define RITZ_TOOLS_FIT_H

#include <ritz/dataset.h>
#include <ritz/model.h>

/**
 * Grid axes and channels must be the model's; extents and periodicity too where both are known. The
 * grid itself may be another one: that is what neural operators are for.
 *
 * @return  RITZ_ERR_SHAPE  the message names model, data and both values
 */
ritz_status ritz_check_fit(const char *model_path, const ritz_model_info *model,
                           const ritz_dataset_info *data);

#endif
