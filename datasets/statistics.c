/* SPDX-License-Identifier: BSD-3-Clause
 * Mean and standard deviation of each channel in one pass over the file.
 *
 * Per sample the deviations are summed around a shift, the sample's first value, which keeps the
 * sum of squares from cancelling; samples are then joined by d = m_b - m_a,  m = m_a + d n_b / n,
 * M = M_a + M_b + d^2 n_a n_b / n (Chan, Golub & LeVeque 1983). Order and grouping depend on the
 * shape alone. */
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/reader.h"

/* Running mean and sum of squared deviations of each channel. */
typedef struct moments {
  int channels;
  ritz_index count;
  double *mean, *square;
  double *shift, *sum, *sum2; /* of the sample at hand */
} moments;

static ritz_status create_moments(int channels, moments *out) {
  *out = (moments){.channels = channels};
  RITZ_TRY(RITZ_NEW(5 * (ritz_index)channels, &out->mean));
  out->square = out->mean + channels;
  out->shift = out->mean + 2 * channels;
  out->sum = out->mean + 3 * channels;
  out->sum2 = out->mean + 4 * channels;
  return RITZ_OK;
}

static void add_sample(moments *all, ritz_index points, const double *values) {
  const int channels = all->channels;
  const double n_b = (double)points, n_a = (double)all->count, n = n_a + n_b;
  memcpy(all->shift, values, (size_t)channels * sizeof *values);
  memset(all->sum, 0, 2 * (size_t)channels * sizeof *values);
  for (ritz_index p = 0; p < points; p++)
    for (int c = 0; c < channels; c++) {
      const double v = values[p * channels + c] - all->shift[c];
      all->sum[c] += v;
      all->sum2[c] += v * v;
    }
  for (int c = 0; c < channels; c++) {
    const double mean = all->sum[c] / n_b;
    const double d = all->shift[c] + mean - all->mean[c];
    all->mean[c] += d * n_b / n;
    all->square[c] += all->sum2[c] - all->sum[c] * mean + d * d * n_a * n_b / n;
  }
  all->count += points;
}

static void write_result(const moments *all, double *mean, double *std) {
  const double divisor = all->count > 1 ? (double)(all->count - 1) : 1;
  for (int c = 0; c < all->channels; c++) {
    if (mean) mean[c] = all->mean[c];
    if (std) std[c] = sqrt(fmax(all->square[c], 0) / divisor);
  }
}

ritz_status ritz_dataset_statistics(ritz_dataset *set, ritz_dataset_stats *stats) {
  RITZ_TRY(ritz_reserved_check(stats->reserved, "statistics"));
  const ritz_dataset_info *info = &set->info;
  const ritz_index points = info->grid[0] * info->grid[1] * info->grid[2];
  const ritz_index size[RITZ_SIDES] = {points * info->channels_in, points * info->channels_out};
  const ritz_index bytes = (size[0] + size[1]) * (ritz_index)sizeof(double);
  const ritz_index piece = bytes < (1 << 20) ? (1 << 20) / bytes : 1;
  moments of_x = {0}, of_y = {0};
  double *x = NULL, *y = NULL;
  ritz_index *sample = NULL;
  ritz_status status;
  RITZ_TRY_DONE(create_moments(info->channels_in, &of_x));
  RITZ_TRY_DONE(create_moments(info->channels_out, &of_y));
  RITZ_TRY_DONE(RITZ_NEW(piece * size[0], &x));
  if (size[1] > 0) RITZ_TRY_DONE(RITZ_NEW(piece * size[1], &y));
  RITZ_TRY_DONE(RITZ_NEW(piece, &sample));
  for (ritz_index start = 0; start < info->samples; start += piece) {
    const ritz_index n = info->samples - start < piece ? info->samples - start : piece;
    for (ritz_index i = 0; i < n; i++) sample[i] = start + i;
    RITZ_TRY_DONE(ritz_dataset_read(set, n, sample, RITZ_FLOAT64, x, y));
    for (ritz_index i = 0; i < n; i++) add_sample(&of_x, points, x + i * size[0]);
    for (ritz_index i = 0; y && i < n; i++) add_sample(&of_y, points, y + i * size[1]);
  }
  write_result(&of_x, stats->x_mean, stats->x_std);
  write_result(&of_y, stats->y_mean, stats->y_std);
  stats->count = of_x.count;
done:
  ritz_free(of_x.mean);
  ritz_free(of_y.mean);
  ritz_free(x);
  ritz_free(y);
  ritz_free(sample);
  return status;
}
