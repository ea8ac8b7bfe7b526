/* SPDX-License-Identifier: BSD-3-Clause
 * Scattered points as a picture: every place gets the value of the nearest point. */
#ifndef RITZ_TOOLS_PLOT_POINTS_H
#define RITZ_TOOLS_PLOT_POINTS_H

#include <ritz/status.h>

#include "tools/plot.h"

/** Extents and resolution of the picture (of `sample`: axes, n, first, step, labels) for points
 * with @p coordinates numbers at x[p * stride]. RITZ_ERR_UNSUPPORTED  more than two coordinates */
ritz_status ritz_plot_points_place(ritz_index points, const double *x, int stride, int coordinates,
                                   ritz_plot_sample *sample);

/** The picture of values[p * channels]; NaN, which is left blank, far from all points. Release with
 * ritz_free(). */
ritz_status ritz_plot_points_draw(ritz_index points, const double *x, int stride, int channels,
                                  const double *values, const ritz_plot_sample *sample,
                                  double **out);

#endif
