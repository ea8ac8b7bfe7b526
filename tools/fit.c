/* SPDX-License-Identifier: BSD-3-Clause
 * Model and data set, compared. */
#include "tools/fit.h"

#include <math.h>

#include "core/fail.h"

static ritz_status check_axis(const char *path, const ritz_model_info *model,
                              const ritz_dataset_info *data, int a) {
  const double trained = model->length[a], given = data->length[a];
  /* Lengths come from files in several precisions: 1e-5 is one number in float. */
  RITZ_REQUIRE(trained == 0 || given == 0 || fabs(trained - given) <= 1e-5 * fabs(trained),
               RITZ_ERR_SHAPE, "%s was trained on a domain of length %g along axis %d, %s has %g",
               path, trained, a, data->path, given);
  RITZ_REQUIRE(
      model->periodic[a] < 0 || data->periodic[a] < 0 || model->periodic[a] == data->periodic[a],
      RITZ_ERR_SHAPE, "%s was trained on an axis %d that is %s, in %s it is %s", path, a,
      model->periodic[a] ? "periodic" : "bounded", data->path,
      data->periodic[a] ? "periodic" : "bounded");
  return RITZ_OK;
}

ritz_status ritz_check_fit(const char *path, const ritz_model_info *model,
                           const ritz_dataset_info *data) {
  RITZ_REQUIRE(model->dim == data->dim, RITZ_ERR_SHAPE, "%s works on %d grid axes, %s has %d", path,
               model->dim, data->path, data->dim);
  RITZ_REQUIRE(model->channels_in == data->channels_in, RITZ_ERR_SHAPE,
               "%s takes %d input channels, x of %s has %d", path, model->channels_in, data->path,
               data->channels_in);
  RITZ_REQUIRE(data->channels_out % model->channels_out == 0, RITZ_ERR_SHAPE,
               "%s gives %d output channels a step, y of %s has %d", path, model->channels_out,
               data->path, data->channels_out);
  for (int a = 0; a < data->dim; a++) RITZ_TRY(check_axis(path, model, data, a));
  return RITZ_OK;
}
