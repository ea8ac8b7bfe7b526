/* SPDX-License-Identifier: BSD-3-Clause */
#include "small_model.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "graph/params.h"

static const ritz_index grid[3] = {9, 12, 5};
static const char *const modes[3] = {"[5]", "[5, 4]", "[3, 4, 3]"};

static void describe(ritz_model_data *data, int dim) {
  assert_ok(ritz_model_data_init(data, dim, grid, small_in, small_out));
  for (int a = 0; a < dim; a++) data->length[a] = 1.5 + a, data->periodic[a] = a % 2;
  for (int side = 0; side < 2; side++)
    for (int c = 0; c < data->channels[side]; c++) {
      data->mean[side][c] = 0.1 * (c + 1) + side;
      data->deviation[side][c] = 1.0 / 3 + c + 2 * side;
    }
  ritz_free(data->channel[0][1]);
  assert_ok(ritz_strdup("Durchlässigkeit", &data->channel[0][1]));
  assert_ok(ritz_strdup("m2", &data->units[0]));
  assert_ok(ritz_strdup("Pa", &data->units[1]));
}

ritz_model *small_model_create(ritz_context *context, ritz_dtype dtype, int dim, const char *more) {
  char options[512];
  ritz_operator *op;
  ritz_params *params;
  ritz_model_data data;
  ritz_model *model;
  snprintf(options, sizeof options,
           "{n_modes: %s, in_channels: 2, out_channels: 3, hidden_channels: 6, n_layers: 2%s}",
           modes[dim - 1], more);
  assert_ok(ritz_operator_create(context, "fno", options, &op));
  assert_ok(ritz_params_create(context, dtype, 5, &params));
  describe(&data, dim);
  assert_ok(ritz_model_create(context, op, params, &data, &model));
  ritz_params_destroy(&params);
  ritz_index count = small_in;
  for (int a = 0; a < dim; a++) count *= grid[a];
  double *x = malloc((size_t)count * sizeof *x);
  fill_uniform(1, count, x);
  assert_ok(ritz_model_set_golden(model, x));
  assert_ok(ritz_model_set_provenance(model, "{\"seed\": 5}"));
  free(x);
  return model;
}
