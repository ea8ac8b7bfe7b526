/* SPDX-License-Identifier: BSD-3-Clause
 * ritz info --ranks: a job on many ranks, told before it starts. */
#ifndef RITZ_TOOLS_INFO_RANKS_H
#define RITZ_TOOLS_INFO_RANKS_H

#include "model/model.h"
#include "tools/info.h"
#include "tools/json.h"
#include "train/forecast.h"

typedef struct ritz_info_ranks {
  ritz_forecast_request request;
  ritz_forecast train, predict;
  bool measured; /* some rate of the machine */
} ritz_info_ranks;

/** Whether the command line says so. */
bool ritz_info_wants_ranks(const ritz_info_request *request);

/** Reads what the command line says, for @p grid; the loss is rel_l2, the optimizer adamw.
 * RITZ_ERR_ARGUMENT, RITZ_ERR_CONFIG  what is wrong with it */
ritz_status ritz_info_ranks_read(ritz_model *model, const ritz_info_request *request,
                                 const ritz_index *grid, ritz_info_ranks *out);
/** Measures what was not given, and asks. As ritz_forecast_job() */
ritz_status ritz_info_ranks_ask(ritz_dtype dtype, ritz_info_ranks *ranks);

/** Lines on stdout. */
void ritz_info_ranks_print(const ritz_info_ranks *ranks);
/** The same as field "ranks" of a JSON object. */
void ritz_info_ranks_add(ritz_json *json, const ritz_info_ranks *ranks);

#endif
