/* SPDX-License-Identifier: BSD-3-Clause
 * Models in HDF5 files. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/context.h"
#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/op.h"
#include "graph/params.h"
#include "io/finite.h"
#include "io/yaml.h"
#include "model/model.h"
#include "model/seal.h"

static const char format_name[] = "ritz-model";
enum { format_version = 1, most_channels = 65536 };
static const int64_t most_points = INT64_C(1) << 40;

/* ---- data ---------------------------------------------------------------------------------- */

static const char *const side_name[2] = {"x", "y"};

/* "x_mean" and so on. @return @p text. */
static const char *side_key(int side, const char *what, char text[32]) {
  snprintf(text, 32, "%s_%s", side_name[side], what);
  return text;
}

static ritz_status write_side(hid_t group, const ritz_model_data *data, int side) {
  const int c = data->channels[side];
  char key[32];
  RITZ_TRY(ritz_h5_write_texts(group, side_key(side, "channel", key), c,
                               (const char *const *)data->channel[side]));
  RITZ_TRY(ritz_h5_write_numbers(group, side_key(side, "mean", key), c, data->mean[side]));
  RITZ_TRY(ritz_h5_write_numbers(group, side_key(side, "std", key), c, data->deviation[side]));
  if (!data->units[side]) return RITZ_OK;
  return ritz_h5_write_text(group, side_key(side, "units", key), data->units[side]);
}

static ritz_status write_data(hid_t group, const ritz_model_data *data) {
  int64_t grid[3], periodic[3];
  for (int a = 0; a < data->dim; a++) grid[a] = data->grid[a], periodic[a] = data->periodic[a];
  RITZ_TRY(ritz_h5_write_integers(group, "grid", data->dim, grid));
  RITZ_TRY(ritz_h5_write_integers(group, "periodic", data->dim, periodic));
  RITZ_TRY(ritz_h5_write_numbers(group, "length", data->dim, data->length));
  RITZ_TRY(write_side(group, data, 0));
  return write_side(group, data, 1);
}

static ritz_status read_side(hid_t group, ritz_model_data *data, int side) {
  const int c = data->channels[side];
  char key[32];
  int count;
  for (int i = 0; i < c; i++) {
    ritz_free(data->channel[side][i]);
    data->channel[side][i] = NULL;
  }
  RITZ_TRY(
      ritz_h5_read_texts(group, side_key(side, "channel", key), c, &count, data->channel[side]));
  RITZ_TRY(ritz_h5_read_numbers(group, side_key(side, "mean", key), c, &count, data->mean[side]));
  RITZ_REQUIRE(count == c, RITZ_ERR_FORMAT, "%s has %d numbers for %d channels", key, count, c);
  RITZ_TRY(
      ritz_h5_read_numbers(group, side_key(side, "std", key), c, &count, data->deviation[side]));
  RITZ_REQUIRE(count == c, RITZ_ERR_FORMAT, "%s has %d numbers for %d channels", key, count, c);
  for (int i = 0; i < c; i++)
    RITZ_REQUIRE(isfinite(data->mean[side][i]) && data->deviation[side][i] > 0 &&
                     isfinite(data->deviation[side][i]) && data->channel[side][i],
                 RITZ_ERR_FORMAT, "normaliser of %s channel %d is mean %g, std %g", side_name[side],
                 i, data->mean[side][i], data->deviation[side][i]);
  if (!ritz_h5_has_attribute(group, side_key(side, "units", key))) return RITZ_OK;
  return ritz_h5_read_text(group, key, &data->units[side]);
}

/* Channels are counted before anything of that size is read. */
static ritz_status count_channels(hid_t group, int side, int *channels) {
  double *probe;
  char key[32];
  RITZ_TRY(RITZ_NEW(most_channels, &probe));
  const ritz_status status =
      ritz_h5_read_numbers(group, side_key(side, "mean", key), most_channels, channels, probe);
  ritz_free(probe);
  RITZ_TRY(status);
  RITZ_REQUIRE(*channels >= 1, RITZ_ERR_FORMAT, "%s is empty", key);
  return RITZ_OK;
}

static ritz_status read_data(hid_t group, ritz_model_data *data) {
  int64_t grid[3], periodic[3];
  ritz_index extent[3] = {1, 1, 1}, points = 1;
  double length[3];
  int dim, count, channels[2];
  RITZ_TRY(ritz_h5_read_integers(group, "grid", 3, &dim, grid));
  RITZ_REQUIRE(dim >= 1, RITZ_ERR_FORMAT, "data/grid is empty");
  for (int a = 0; a < dim; a++) {
    RITZ_REQUIRE(grid[a] >= 1 && grid[a] <= most_points / points, RITZ_ERR_FORMAT,
                 "data/grid: axis %d is %lld", a, (long long)grid[a]);
    extent[a] = (ritz_index)grid[a];
    points *= extent[a];
  }
  RITZ_TRY(ritz_h5_read_integers(group, "periodic", 3, &count, periodic));
  RITZ_REQUIRE(count == dim, RITZ_ERR_FORMAT, "data/periodic has %d entries for %d axes", count,
               dim);
  RITZ_TRY(ritz_h5_read_numbers(group, "length", 3, &count, length));
  RITZ_REQUIRE(count == dim, RITZ_ERR_FORMAT, "data/length has %d entries for %d axes", count, dim);
  for (int side = 0; side < 2; side++) RITZ_TRY(count_channels(group, side, &channels[side]));
  RITZ_TRY(ritz_model_data_init(data, dim, extent, channels[0], channels[1]));
  for (int a = 0; a < dim; a++) {
    RITZ_REQUIRE(periodic[a] >= -1 && periodic[a] <= 1, RITZ_ERR_FORMAT,
                 "data/periodic: axis %d is %lld", a, (long long)periodic[a]);
    RITZ_REQUIRE(isfinite(length[a]) && length[a] >= 0, RITZ_ERR_FORMAT,
                 "data/length: axis %d is %g", a, length[a]);
    data->periodic[a] = (int)periodic[a];
    data->length[a] = length[a];
  }
  RITZ_TRY(read_side(group, data, 0));
  return read_side(group, data, 1);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static ritz_shape golden_shape(const ritz_model_data *data, int side) {
  ritz_shape shape = {.rank = data->dim + 1};
  for (int a = 0; a < data->dim; a++) shape.n[a] = data->grid[a];
  shape.n[data->dim] = data->channels[side];
  return shape;
}

static ritz_status write_golden(const ritz_model *model, hid_t file) {
  if (!model->golden_x) return RITZ_OK;
  const ritz_shape x = golden_shape(&model->data, 0), y = golden_shape(&model->data, 1);
  RITZ_TRY(ritz_h5_write_array(file, "golden/x", RITZ_H5_FLOAT64, x.rank, x.n, model->golden_x));
  return ritz_h5_write_array(file, "golden/y", RITZ_H5_FLOAT64, y.rank, y.n, model->golden_y);
}

/* The extents on file are compared before memory of that size is asked for. */
static ritz_status read_golden_side(hid_t file, const char *name, const ritz_shape *shape,
                                    double **out) {
  hid_t dataset;
  ritz_h5_info info;
  RITZ_TRY(ritz_h5_find(file, name, RITZ_H5_DEFAULT_CACHE, &dataset));
  ritz_status status = ritz_h5_describe(dataset, &info);
  ritz_h5_dataset_close(&dataset);
  RITZ_TRY(status);
  RITZ_REQUIRE(
      info.rank == shape->rank && memcmp(info.n, shape->n, (size_t)info.rank * sizeof *info.n) == 0,
      RITZ_ERR_FORMAT, "%s has not the extents of data/grid and the channels", name);
  const ritz_index count = ritz_shape_count(shape);
  RITZ_TRY(RITZ_NEW(count, out));
  RITZ_TRY(ritz_h5_read_array(file, name, RITZ_H5_FLOAT64, shape->rank, shape->n, *out));
  const ritz_index at = ritz_first_not_finite(RITZ_FLOAT64, count, *out);
  RITZ_REQUIRE(at < 0, RITZ_ERR_NUMERIC, "%s is not finite at %td of %td", name, at, count);
  return RITZ_OK;
}

static ritz_status read_golden(ritz_model *model, hid_t file) {
  if (!ritz_h5_exists(file, "golden/x")) return RITZ_OK;
  const ritz_shape x = golden_shape(&model->data, 0), y = golden_shape(&model->data, 1);
  RITZ_TRY(read_golden_side(file, "golden/x", &x, &model->golden_x));
  return read_golden_side(file, "golden/y", &y, &model->golden_y);
}

static ritz_status write_weights(const ritz_model *model, bool numbers, hid_t group) {
  if (numbers)
    return ritz_model_write_tensors(group, model->params, ritz_params_data(model->params));
  for (int i = 0; i < ritz_params_count(model->params); i++)
    RITZ_TRY(ritz_model_create_tensor(group, model->params, i));
  return RITZ_OK;
}

ritz_status ritz_model_write(const ritz_model *model, bool numbers, hid_t file) {
  hid_t data = H5I_INVALID_HID, weights = H5I_INVALID_HID;
  ritz_status status;
  RITZ_TRY_DONE(ritz_h5_write_text(file, "format", format_name));
  RITZ_TRY_DONE(ritz_h5_write_integer(file, "format_version", format_version));
  RITZ_TRY_DONE(ritz_h5_write_text(file, "operator", model->info.operator_name));
  RITZ_TRY_DONE(ritz_h5_write_text(file, "options", model->options));
  RITZ_TRY_DONE(ritz_h5_write_text(file, "dtype", ritz_dtype_name(model->info.dtype)));
  if (model->provenance) RITZ_TRY_DONE(ritz_h5_write_text(file, "provenance", model->provenance));
  RITZ_TRY_DONE(ritz_h5_group(file, "data", true, &data));
  RITZ_TRY_DONE(write_data(data, &model->data));
  RITZ_TRY_DONE(ritz_h5_group(file, "weights", true, &weights));
  RITZ_TRY_DONE(write_weights(model, numbers, weights));
  RITZ_TRY_DONE(write_golden(model, file));
done:
  ritz_h5_group_close(&data);
  ritz_h5_group_close(&weights);
  return status;
}

ritz_status ritz_model_save(const ritz_model *model, const char *path) {
  hid_t file = H5I_INVALID_HID;
  char *temporary;
  RITZ_TRY(ritz_strjoin(path, ".tmp", &temporary));
  ritz_status status = ritz_h5_create(temporary, &file);
  if (status == RITZ_OK) {
    status = ritz_model_write(model, true, file);
    if (status == RITZ_OK)
      status = ritz_seal_commit(&file, temporary, path);
    else
      ritz_h5_abandon(&file, temporary);
  }
  ritz_free(temporary);
  return status;
}

static ritz_status check_format(hid_t file) {
  char *format = NULL;
  int64_t version = 0;
  const bool marked = ritz_h5_has_attribute(file, "format");
  ritz_status status = marked ? ritz_h5_read_text(file, "format", &format) : RITZ_OK;
  const bool right = format && strcmp(format, format_name) == 0;
  ritz_free(format);
  RITZ_TRY(status);
  if (!right)
    return RITZ_H5_REJECT(file, RITZ_ERR_FORMAT,
                          "this is not a Ritz model, as `ritz train` writes them");
  RITZ_TRY(ritz_h5_read_integer(file, "format_version", &version));
  if (version != format_version)
    return RITZ_H5_REJECT(
        file, RITZ_ERR_FORMAT,
        "model version %lld, this library reads %d; use the Ritz that wrote it, or train again",
        (long long)version, format_version);
  return RITZ_OK;
}

static ritz_status read_operator(ritz_context *context, hid_t file, ritz_operator **op) {
  char *name = NULL, *options = NULL;
  ritz_value *tree = NULL;
  ritz_status status;
  RITZ_TRY_DONE(ritz_h5_read_text(file, "operator", &name));
  RITZ_TRY_DONE(ritz_h5_read_text(file, "options", &options));
  RITZ_TRY_DONE(ritz_yaml_read_text(options, "options", &tree));
  RITZ_TRY_DONE(ritz_operator_create_from(context, name, tree, op));
done:
  ritz_value_destroy(&tree);
  ritz_free(name);
  ritz_free(options);
  return status;
}

static ritz_status read_dtype(hid_t file, ritz_dtype *dtype) {
  char *text;
  RITZ_TRY(ritz_h5_read_text(file, "dtype", &text));
  const bool known = ritz_dtype_parse(text, dtype);
  ritz_free(text);
  if (!known) return RITZ_H5_REJECT(file, RITZ_ERR_FORMAT, "dtype is neither float nor double");
  return RITZ_OK;
}

/* Numbers in the data sets below a group: more than that no architecture can want. */
static bool count_numbers(void *user, hid_t where, const char *path) {
  hid_t dataset;
  ritz_h5_info info;
  if (ritz_h5_find(where, path, RITZ_H5_DEFAULT_CACHE, &dataset) != RITZ_OK) return true;
  if (ritz_h5_describe(dataset, &info) == RITZ_OK) {
    double numbers = info.class == RITZ_H5_CLASS_COMPLEX ? 2 : 1;
    for (int a = 0; a < info.rank; a++) numbers *= (double)info.n[a];
    *(double *)user += numbers;
  }
  ritz_h5_dataset_close(&dataset);
  return true;
}

static ritz_status limit_params(ritz_params *params, hid_t file) {
  hid_t weights;
  double numbers = 0;
  RITZ_TRY(ritz_h5_group(file, "weights", false, &weights));
  const ritz_status status = ritz_h5_visit(weights, count_numbers, &numbers);
  ritz_h5_group_close(&weights);
  ritz_params_set_limit(params, numbers);
  return status;
}

static ritz_status read_weights(ritz_model *model, hid_t file) {
  hid_t weights;
  RITZ_TRY(ritz_h5_group(file, "weights", false, &weights));
  const ritz_status status =
      ritz_model_read_tensors(weights, model->params, ritz_params_data(model->params));
  ritz_h5_group_close(&weights);
  return status;
}

ritz_status ritz_model_read(ritz_context *context, hid_t file, ritz_model **out) {
  hid_t group = H5I_INVALID_HID;
  ritz_operator *op = NULL;
  ritz_params *params = NULL;
  ritz_model_data data = {0};
  ritz_model *model = NULL;
  ritz_dtype dtype = RITZ_FLOAT32;
  ritz_status status;
  *out = NULL;
  RITZ_TRY_DONE(check_format(file));
  RITZ_TRY_DONE(read_dtype(file, &dtype));
  RITZ_TRY_DONE(ritz_h5_group(file, "data", false, &group));
  RITZ_TRY_DONE(read_data(group, &data));
  RITZ_TRY_DONE(read_operator(context, file, &op));
  RITZ_TRY_DONE(ritz_params_create(context, dtype, 0, &params));
  RITZ_TRY_DONE(limit_params(params, file));
  status = ritz_model_create(context, op, params, &data, &model);
  op = NULL;
  if (status != RITZ_OK) goto done;
  RITZ_TRY_DONE(read_weights(model, file));
  RITZ_TRY_DONE(read_golden(model, file));
  if (ritz_h5_has_attribute(file, "provenance")) {
    RITZ_TRY_DONE(ritz_h5_read_text(file, "provenance", &model->provenance));
    model->info.provenance = model->provenance;
  }
  *out = model;
  model = NULL;
done:
  ritz_h5_group_close(&group);
  ritz_operator_destroy(&op);
  ritz_params_destroy(&params);
  ritz_model_data_clear(&data);
  ritz_model_destroy(&model);
  return status;
}

ritz_status ritz_model_load(ritz_context *context, const char *path, ritz_model **out) {
  hid_t file;
  *out = NULL;
  RITZ_TRY(ritz_seal_check(path));
  RITZ_TRY(ritz_h5_open(path, &file));
  ritz_status status = ritz_model_read(context, file, out);
  if (status != RITZ_OK && !strstr(ritz_error_message(), path))
    ritz_fail_prefix(status, "%s", path);
  const ritz_status closed = ritz_h5_close(&file);
  return status != RITZ_OK ? status : closed;
}
