/* SPDX-License-Identifier: BSD-3-Clause
 * What `ritz info` says about the kinds of files. */
#ifndef RITZ_TOOLS_INFO_H
#define RITZ_TOOLS_INFO_H

#include <ritz/context.h>

#include "tools/command.h"
#include "tools/json.h"

typedef struct ritz_info_request {
  const char *path;
  const char *data;       /**< options of a data set, dataset.h; NULL: none */
  const char *resolution; /**< grid for memory and plan of a model; NULL: the training grid */
  ritz_index batch;       /**< samples at once, for the same */
  bool json;              /**< one object instead of lines */
  bool check;             /**< model: recompute the golden pair */
  bool plan;              /**< model: measure the steps of a prediction ... */
  bool train;             /**< ... or of training */
  ritz_index ranks;       /**< model: a job on so many is told beforehand; 0: on all parts */
  const char *parts;      /**< of each grid axis; NULL: no split */
  const char *latency, *bandwidth, *flop_rate,
      *memory_rate; /**< of a rank; NULL: usual, measured */
} ritz_info_request;

#define RITZ_INFO_RANKS_MOST (1 << 20)

/** A model, or the model of a checkpoint. Fails if the check does. */
ritz_exit ritz_info_model(ritz_context *context, const ritz_info_request *request);

/** A data set: structure, and the statistics of all values (reads everything once). */
ritz_status ritz_info_data(ritz_context *context, const ritz_info_request *request);

/** "3.2 MiB" and the like. @return @p out. */
const char *ritz_info_bytes(size_t bytes, char out[32]);

/** One line on stdout, "samples         1000". */
void ritz_info_line(const char *key, const char *format, ...) RITZ_PRINTF(2, 3);

/** A name and, on lines of their own, the options @p json says, a map; NULL or "": none. */
ritz_status ritz_info_options(const char *key, const char *name, const char *json);

/** "16 x 16, extents 1 x 1, bounded" as far as it is known. */
void ritz_info_grid(int dim, const ritz_index *grid, const double *length, const int *periodic);

/** One line per channel of x or y: name, units, mean and standard deviation. */
void ritz_info_channels(const char *side, int count, const char *const *name, const char *units,
                        const double *mean, const double *deviation);

/** The same as a field of a JSON object. */
void ritz_info_add_side(ritz_json *json, const char *key, int count, const char *const *name,
                        const char *units, const double *mean, const double *deviation);

#endif
