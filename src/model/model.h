/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of a model, and its form in an HDF5 file.
 *
 * File: root attributes format = "ritz-model", format_version, operator, options (JSON), dtype,
 * provenance (JSON); group `weights` with one data set per parameter by its readable name, complex
 * ones as compound {r, i} without the plane axis; group `data` with dim, grid, length, periodic,
 * channel names, units, normalisers as attributes; group `golden` with x and y, one sample in
 * physical units. Nothing in it is ever executed. */
#ifndef RITZ_MODEL_MODEL_H
#define RITZ_MODEL_MODEL_H

#include <ritz/model.h>
#include <ritz/predictor.h>

#include "io/h5_ranks.h"
#include "operators/operator.h"

/** What a model knows about its data; arrays and texts owned. */
typedef struct ritz_model_data {
  int dim;
  ritz_index grid[3];
  double length[3];
  int periodic[3];
  int channels[2];                /* of x, of y */
  char **channel[2];              /* names */
  char *units[2];                 /* NULL: not known */
  double *mean[2], *deviation[2]; /* normalisers */
} ritz_model_data;

struct ritz_model {
  int references; /* atomic */
  ritz_context *context;
  ritz_operator *op;
  ritz_params *params;
  ritz_model_data data;
  char *options, *provenance;
  ritz_model_info info;
  double *golden_x, *golden_y; /* one sample on the training grid; NULL: none yet */
};

/** Allocates channel names "x0", "x1" ... / "y0" ..., means 0 and deviations 1. */
ritz_status ritz_model_data_init(ritz_model_data *data, int dim, const ritz_index *grid,
                                 int channels_in, int channels_out);
void ritz_model_data_clear(ritz_model_data *data);

/**
 * Puts a model together; builds one graph so that @p params hold every parameter.
 *
 * @param op, params  The model takes a reference of params and takes op, also on failure.
 * @param data        Taken, also on failure; left zeroed.
 */
ritz_status ritz_model_create(ritz_context *context, ritz_operator *op, ritz_params *params,
                              ritz_model_data *data, ritz_model **out);

/** RITZ_ERR_SHAPE  other axes than the model's, or more points than can be counted. */
ritz_status ritz_model_check_grid(const ritz_model *model, int dim, const ritz_index *grid,
                                  ritz_index batch);

ritz_model *ritz_model_retain(ritz_model *model);

/** Replaces the JSON text that says where the model comes from. */
ritz_status ritz_model_set_provenance(ritz_model *model, const char *json);

/** Makes x [grid, channels_in], in physical units, and what the model gives for it the golden pair.
 */
ritz_status ritz_model_set_golden(ritz_model *model, const double *x);

/** ritz_predictor_run_f32() or _f64(): x and y are numbers of @p dtype. */
ritz_status ritz_predictor_run_as(ritz_predictor *predictor, ritz_dtype dtype, const void *x,
                                  void *y);

/** Writes the model into an open file; the caller commits it. @param numbers  Those of the weights,
 * too; else there is room for them. */
ritz_status ritz_model_write(const ritz_model *model, bool numbers, hid_t file);
/** Writes PATH.tmp, then renames it. */
ritz_status ritz_model_save(const ritz_model *model, const char *path);
/** Reads the model of an open file. */
ritz_status ritz_model_read(ritz_context *context, hid_t file, ritz_model **out);

/** A flat array laid out as the parameters (weights, or optimizer state) as data sets of a group.
 */
ritz_status ritz_model_write_tensors(hid_t group, const ritz_params *params, const void *flat);
/** The other direction; RITZ_ERR_NUMERIC where a value is not finite. */
ritz_status ritz_model_read_tensors(hid_t group, const ritz_params *params, void *flat);
/** One tensor of such a group. */
ritz_status ritz_model_write_tensor(hid_t group, const ritz_params *params, int i,
                                    const void *values);
ritz_status ritz_model_read_tensor(hid_t group, const ritz_params *params, int i, void *values);

/* The same by several ranks (io/h5_ranks.h): one makes the data sets, each writes what it has. */

/** The data set of a tensor, without values. */
ritz_status ritz_model_create_tensor(hid_t group, const ritz_params *params, int i);
/** That data set as a whole, as a part without ranges. @return  Its number format. */
ritz_h5_type ritz_model_tensor_box(const ritz_params *params, int i, ritz_h5_part *box);
/**
 * Numbers of a tensor as they are in that data set.
 *
 * @param range  Of the tensor's numbers; whole blocks of (re, im) planes of a complex one. Becomes
 *               that of the data set's.
 * @param out    As many bytes as @p values, which it must not overlap.
 */
void ritz_model_tensor_values(const ritz_params *params, int i, ritz_h5_range *range,
                              const void *values, void *out);
/** Reads such a range, a rank for itself; as ritz_model_read_tensor(). */
ritz_status ritz_model_read_tensor_part(hid_t group, const ritz_params *params, int i,
                                        ritz_h5_range range, void *values);

#endif
