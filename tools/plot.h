/* SPDX-License-Identifier: BSD-3-Clause
 * What `ritz plot` draws: one sample of a data set, what a model makes of it, or the curves of a
 * training run. */
#ifndef RITZ_TOOLS_PLOT_H
#define RITZ_TOOLS_PLOT_H

#include <ritz/context.h>

/** What is asked for; texts are the caller's, NULL where not given. */
typedef struct ritz_plot_request {
  const char *path, *model;
  const char *data;            /**< options of the data set, dataset.h */
  const char *channel, *input; /**< of y and of x: number or name; NULL: 0 */
  const char *plane;           /**< 3-D: "x", "y" or "z" is held at its middle; NULL: "z" */
  ritz_index sample;
} ritz_plot_request;

/** One channel on the plane (or line) to draw. */
typedef struct ritz_plot_field {
  double *values; /**< [n[0], n[1]], owned; NULL: not there */
  char name[96], unit[96];
} ritz_plot_field;

typedef struct ritz_plot_sample {
  char title[256];
  int axes;          /**< 1 or 2 that are drawn */
  ritz_index n[2];   /**< n[1] = 1 for a line */
  double first[2];   /**< physical place of the first point */
  double step[2];    /**< and distance to the next */
  char label[2][64]; /**< "x (m)" */
  const char *grey;  /**< what a place without a value is; NULL: values are not finite there */
  ritz_plot_field input, truth, prediction;
  double error; /**< ||prediction - truth|| / ||truth|| of the channel; negative: not known */
} ritz_plot_sample;

/** RITZ_ERR_ARGUMENT for a sample, channel or plane that is not there. Release with _clear(). */
ritz_status ritz_plot_sample_load(ritz_context *context, const ritz_plot_request *request,
                                  ritz_plot_sample *out);
void ritz_plot_sample_clear(ritz_plot_sample *sample);

/** Pictures side by side, or curves for data on a line. */
ritz_status ritz_plot_sample_draw(const ritz_plot_sample *sample, const char *path);

/** The lines of metrics.jsonl as losses and test errors over epochs. RITZ_ERR_FORMAT  a line that
 * is none */
ritz_status ritz_plot_curves(const char *path, const char *out);

#endif
