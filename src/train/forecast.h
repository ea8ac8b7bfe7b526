/* SPDX-License-Identifier: BSD-3-Clause
 * A job on many ranks, told before it starts: what a rank holds, computes and sends in a training
 * step or a prediction. Ranks are imagined and plans outlined, so that neither ranks nor grids need
 * to fit anywhere. */
#ifndef RITZ_TRAIN_FORECAST_H
#define RITZ_TRAIN_FORECAST_H

#include <ritz/operator.h>

#include "dist/traffic.h"
#include "graph/roofline.h"
#include "train/loss.h"

typedef struct ritz_forecast_request {
  const ritz_operator *op;
  ritz_params *params; /* of the operator; found or added */
  int dim;
  ritz_index grid[3], batch; /* of all ranks */
  ritz_index channels_in;
  int ranks, threads; /* threads of a rank */
  ritz_ints parts;    /* of each grid axis, missing ones 1: train.grid */
  bool train;
  const ritz_loss_type *loss; /* the rest is for training; the last two NULL: defaults */
  const ritz_loss_options *loss_options;
  const char *optimizer;
  const ritz_value *optimizer_options;
  ritz_network network;
  ritz_roofline machine; /* of a rank */
} ritz_forecast_request;

/** Bytes of memory are those of the rank that holds most; what is sent, of that which sends most; a
 * time of that which takes longest. */
typedef struct ritz_forecast {
  int domains;                    /* that share the batch */
  ritz_index samples;             /* of a domain */
  ritz_index part[3];             /* points of the largest part of the grid */
  size_t plan, weights, gradient; /* plan: values, cotangents and scratch of all threads */
  size_t optimizer;               /* its state */
  size_t best, checkpoint;        /* on rank 0: weights of the best epoch; room for one tensor */
  double flops, moved;            /* of a step; bytes between memory and processor */
  ritz_traffic grid;              /* within a domain: what splitting the grid costs */
  ritz_traffic gradients;         /* of all ranks: gradients, parameters, agreement */
  double exposed;                 /* seconds of those that the backward pass does not hide */
  double compute;                 /* seconds of flops and memory */
} ritz_forecast;

/** @return  Bytes of a rank: of rank 0, also while it writes a checkpoint, or of another one. */
size_t ritz_forecast_memory(const ritz_forecast *forecast, bool first_rank);
/** @return  Seconds of a step: sums of gradients in buckets (train/param_section.h) go on while the
 * backward pass computes, everything else is done one after the other. */
double ritz_forecast_seconds(const ritz_forecast *forecast);

/**
 * @param out  RITZ_ERR_CONFIG  the ranks cannot be dealt out like this, or the operator does not
 *             train so; RITZ_ERR_SHAPE  the grid has fewer points than parts, or does not fit the
 *             operator or its parameters
 */
ritz_status ritz_forecast_job(const ritz_forecast_request *request, ritz_forecast *out);

#endif
