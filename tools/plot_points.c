/* SPDX-License-Identifier: BSD-3-Clause
 * Nearest points by trying all: a picture has some ten thousand places. */
#include "tools/plot_points.h"

#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "core/memory.h"

/* Places along the longer side of a picture, and along a line. */
enum { side = 160, line = 512 };

ritz_status ritz_plot_points_place(ritz_index points, const double *x, int stride, int coordinates,
                                   ritz_plot_sample *s) {
  static const char names[2][2] = {"x", "y"};
  double low[2] = {0}, high[2] = {0}, longest = 0;
  RITZ_REQUIRE(coordinates <= 2, RITZ_ERR_UNSUPPORTED,
               "points with %d coordinates cannot be drawn on a plane", coordinates);
  for (int a = 0; a < coordinates; a++) {
    low[a] = high[a] = x[a];
    for (ritz_index p = 1; p < points; p++) {
      low[a] = fmin(low[a], x[p * stride + a]);
      high[a] = fmax(high[a], x[p * stride + a]);
    }
    longest = fmax(longest, high[a] - low[a]);
  }
  const double step = (longest > 0 ? longest : 1) / (coordinates == 1 ? line : side);
  s->axes = coordinates;
  s->grey = "no point near";
  s->n[1] = 1;
  for (int a = 0; a < coordinates; a++) {
    s->n[a] = (ritz_index)ceil((high[a] - low[a]) / step);
    if (s->n[a] < 1) s->n[a] = 1;
    s->step[a] = step;
    s->first[a] = low[a] + 0.5 * step;
    snprintf(s->label[a], sizeof s->label[a], "%s", names[a]);
  }
  return RITZ_OK;
}

/* Squared distance of the nearest point. */
static double nearest(ritz_index points, const double *x, int stride, int axes, const double at[2],
                      ritz_index *found) {
  double least = INFINITY;
  for (ritz_index p = 0; p < points; p++) {
    const double d0 = x[p * stride] - at[0], d1 = axes > 1 ? x[p * stride + 1] - at[1] : 0;
    const double square = d0 * d0 + d1 * d1;
    if (square < least) least = square, *found = p;
  }
  return least;
}

ritz_status ritz_plot_points_draw(ritz_index points, const double *x, int stride, int channels,
                                  const double *values, const ritz_plot_sample *s, double **out) {
  const double area = (double)(s->n[0] * s->n[1]) * s->step[0] * s->step[0];
  /* Among points thrown at random with this density one place in e^(9 pi / 4) is so far off. */
  const double most = s->axes == 2 ? 2.25 * area / (double)points : INFINITY;
  RITZ_TRY(RITZ_NEW(s->n[0] * s->n[1], out));
  for (ritz_index i = 0; i < s->n[0]; i++)
    for (ritz_index j = 0; j < s->n[1]; j++) {
      const double at[2] = {s->first[0] + (double)i * s->step[0],
                            s->first[1] + (double)j * s->step[1]};
      ritz_index p = 0;
      const double square = nearest(points, x, stride, s->axes, at, &p);
      (*out)[i * s->n[1] + j] = square <= most ? values[p * channels] : NAN;
    }
  return RITZ_OK;
}
