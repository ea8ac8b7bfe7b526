/* SPDX-License-Identifier: BSD-3-Clause
 * Samples with their normalisers. */
#include "train/samples.h"

#include <math.h>
#include <string.h>

#include "core/context.h"
#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "datasets/reader.h"

ritz_status ritz_samples_open(ritz_context *context, const ritz_value *where, ritz_dtype dtype,
                              ritz_samples *out) {
  ritz_status status;
  *out = (ritz_samples){.dtype = dtype};
  RITZ_TRY_DONE(ritz_dataset_open_value(context, where, &out->set));
  out->info = ritz_dataset_get_info(out->set);
  if (out->info->channels_out == 0) {
    status = RITZ_FAIL(RITZ_ERR_SHAPE, "%s: there is no y to learn", out->info->path);
    goto done;
  }
  ritz_samples_take_part(out, NULL);
  const int channels[2] = {out->info->channels_in, out->info->channels_out};
  for (int side = 0; side < 2; side++) {
    RITZ_TRY_DONE(RITZ_NEW(channels[side], &out->mean[side]));
    RITZ_TRY_DONE(RITZ_NEW(channels[side], &out->deviation[side]));
    for (int c = 0; c < channels[side]; c++) out->deviation[side][c] = 1;
  }
done:
  if (status != RITZ_OK) ritz_samples_close(out);
  return status;
}

void ritz_samples_take_part(ritz_samples *source, const ritz_layout *layout) {
  ritz_index points = 1;
  for (int a = 0; a < source->info->dim; a++) {
    source->first[a] = 0;
    source->extent[a] = source->info->grid[a];
    if (layout) ritz_layout_part(layout, a, &source->first[a], &source->extent[a]);
    points *= source->extent[a];
  }
  source->x_count = points * source->info->channels_in;
  source->y_count = points * source->info->channels_out;
}

void ritz_samples_close(ritz_samples *source) {
  ritz_dataset_close(&source->set);
  ritz_free(source->x);
  ritz_free(source->y);
  for (int side = 0; side < 2; side++) {
    ritz_free(source->mean[side]);
    ritz_free(source->deviation[side]);
  }
  *source = (ritz_samples){0};
}

ritz_status ritz_samples_fit(ritz_samples *source, bool fit_x, bool fit_y) {
  if (!fit_x && !fit_y) return RITZ_OK;
  ritz_dataset_stats stats = {0};
  if (fit_x) stats.x_mean = source->mean[0], stats.x_std = source->deviation[0];
  if (fit_y) stats.y_mean = source->mean[1], stats.y_std = source->deviation[1];
  RITZ_TRY(ritz_dataset_statistics(source->set, &stats));
  const int channels[2] = {source->info->channels_in, source->info->channels_out};
  for (int side = 0; side < 2; side++)
    for (int c = 0; c < channels[side]; c++)
      if (!(source->deviation[side][c] > 0)) source->deviation[side][c] = 1;
  for (int c = channels[0] - source->info->coordinates; c < channels[0]; c++) {
    source->mean[0][c] = 0; /* coordinates are not scaled: operators know their domain */
    source->deviation[0][c] = 1;
  }
  return RITZ_OK;
}

/* Every channel has as many values, so the mean of all is that of the means. */
void ritz_samples_pool(ritz_samples *source) {
  const int channels = source->info->channels_in;
  double mean = 0, square = 0;
  for (int c = 0; c < channels; c++) mean += source->mean[0][c] / channels;
  for (int c = 0; c < channels; c++) {
    const double shift = source->mean[0][c] - mean, deviation = source->deviation[0][c];
    square += (deviation * deviation + shift * shift) / channels;
  }
  for (int side = 0; side < 2; side++)
    for (int c = 0; c < (side ? source->info->channels_out : channels); c++) {
      source->mean[side][c] = mean;
      source->deviation[side][c] = sqrt(square);
    }
}

/* v <- (v - mean) / deviation, channels last. */
static void normalise(ritz_dtype dtype, ritz_index count, int channels, const double *mean,
                      const double *deviation, void *values) {
  for (ritz_index i = 0; i < count; i += channels)
    for (int c = 0; c < channels; c++)
      ritz_number_set(dtype, values, i + c,
                      (ritz_number_get(dtype, values, i + c) - mean[c]) / deviation[c]);
}

static ritz_status read_normalised(ritz_samples *source, ritz_index count, const ritz_index *sample,
                                   void *x, void *y) {
  RITZ_TRY(ritz_dataset_read_part(source->set, source->first, source->extent, count, sample,
                                  source->dtype, x, y));
  normalise(source->dtype, count * source->x_count, source->info->channels_in, source->mean[0],
            source->deviation[0], x);
  normalise(source->dtype, count * source->y_count, source->info->channels_out, source->mean[1],
            source->deviation[1], y);
  return RITZ_OK;
}

ritz_status ritz_samples_cache(ritz_samples *source, double bytes) {
  const ritz_index samples = source->info->samples;
  const size_t size = ritz_dtype_size(source->dtype);
  const double needed =
      (double)samples * (double)(source->x_count + source->y_count) * (double)size;
  if (needed > bytes) return RITZ_OK;
  void *x = NULL, *y = NULL;
  ritz_status status;
  RITZ_TRY_DONE(ritz_calloc(samples * source->x_count, size, &x));
  RITZ_TRY_DONE(ritz_calloc(samples * source->y_count, size, &y));
  RITZ_TRY_DONE(read_normalised(source, samples, NULL, x, y));
  source->x = x;
  source->y = y;
  return RITZ_OK;
done:
  ritz_free(x);
  ritz_free(y);
  return status;
}

ritz_status ritz_samples_batch(ritz_samples *source, ritz_index count, const ritz_index *sample,
                               void *x, void *y) {
  if (!source->x) return read_normalised(source, count, sample, x, y);
  const size_t size = ritz_dtype_size(source->dtype);
  const size_t x_bytes = (size_t)source->x_count * size, y_bytes = (size_t)source->y_count * size;
  for (ritz_index i = 0; i < count; i++) {
    memcpy((char *)x + (size_t)i * x_bytes, (char *)source->x + (size_t)sample[i] * x_bytes,
           x_bytes);
    memcpy((char *)y + (size_t)i * y_bytes, (char *)source->y + (size_t)sample[i] * y_bytes,
           y_bytes);
  }
  return RITZ_OK;
}

static ritz_index whole_points(const ritz_samples *source) {
  return source->info->grid[0] * source->info->grid[1] * source->info->grid[2];
}

ritz_status ritz_samples_outputs(ritz_samples *source, ritz_index first, ritz_index count,
                                 double *y) {
  double *x = NULL;
  ritz_status status;
  const ritz_index points = whole_points(source), numbers = points * source->info->channels_out;
  RITZ_TRY_DONE(RITZ_NEW(points * source->info->channels_in, &x));
  for (ritz_index i = 0; i < count; i++) {
    const ritz_index sample = first + i;
    double *at = y + i * numbers;
    RITZ_TRY_DONE(ritz_dataset_read(source->set, 1, &sample, RITZ_FLOAT64, x, at));
    normalise(RITZ_FLOAT64, numbers, source->info->channels_out, source->mean[1],
              source->deviation[1], at);
  }
done:
  ritz_free(x);
  return status;
}

static ritz_status describe_side(const ritz_samples *source, ritz_model_data *data, int side) {
  const ritz_dataset_info *info = source->info;
  const char *const *channel = side ? info->y_channel : info->x_channel;
  const char *units = side ? info->y_units : info->x_units;
  for (int c = 0; c < data->channels[side]; c++) {
    data->mean[side][c] = source->mean[side][c];
    data->deviation[side][c] = source->deviation[side][c];
    if (!channel || !channel[c]) continue;
    ritz_free(data->channel[side][c]);
    RITZ_TRY(ritz_strdup(channel[c], &data->channel[side][c]));
  }
  return ritz_strdup(units, &data->units[side]);
}

ritz_status ritz_samples_describe(const ritz_samples *source, int channels_out,
                                  ritz_model_data *data) {
  const ritz_dataset_info *info = source->info;
  RITZ_TRY(ritz_model_data_init(data, info->dim, info->grid, info->channels_in, channels_out));
  for (int a = 0; a < info->dim; a++) {
    data->length[a] = info->length[a];
    data->periodic[a] = info->periodic[a];
  }
  ritz_status status = describe_side(source, data, 0);
  if (status == RITZ_OK) status = describe_side(source, data, 1);
  if (status != RITZ_OK) ritz_model_data_clear(data);
  return status;
}
