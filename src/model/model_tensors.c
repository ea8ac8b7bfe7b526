/* SPDX-License-Identifier: BSD-3-Clause
 * Parameters in HDF5 files, each a data set by its name; complex ones as pairs {r, i}. */
#include <string.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/params.h"
#include "io/finite.h"
#include "model/model.h"

/* A tensor on file: complex planes become one axis of {r, i} less. */
typedef struct stored {
  ritz_h5_type type;
  int rank;
  ritz_index n[RITZ_MAX_RANK];
  ritz_index outer, inner; /* numbers before and after the plane axis */
  bool complex;
} stored;

static stored stored_form(const ritz_param_info *info, ritz_dtype dtype) {
  stored s = {.type = ritz_h5_real(dtype), .outer = 1, .inner = 1};
  s.complex = info->complex_axis >= 0;
  if (s.complex) s.type = dtype == RITZ_FLOAT64 ? RITZ_H5_COMPLEX128 : RITZ_H5_COMPLEX64;
  for (int a = 0; a < info->shape.rank; a++) {
    if (a == info->complex_axis) continue;
    s.n[s.rank++] = info->shape.n[a];
    if (a < info->complex_axis)
      s.outer *= info->shape.n[a];
    else
      s.inner *= info->shape.n[a];
  }
  return s;
}

/* Planes [outer][2][inner] <-> pairs [outer][inner][2]. */
static void reorder(const stored *s, size_t size, bool to_pairs, const char *from, char *to) {
  for (ritz_index o = 0; o < s->outer; o++)
    for (int plane = 0; plane < 2; plane++)
      for (ritz_index i = 0; i < s->inner; i++) {
        const size_t planes = (size_t)((2 * o + plane) * s->inner + i) * size;
        const size_t pairs = (size_t)(2 * (o * s->inner + i) + plane) * size;
        memcpy(to + (to_pairs ? pairs : planes), from + (to_pairs ? planes : pairs), size);
      }
}

/* Tensor i of a flat array. */
static char *tensor_of(const ritz_params *params, int i, const void *flat) {
  const size_t size = ritz_dtype_size(ritz_params_dtype(params));
  return (char *)flat + (size_t)ritz_params_info(params, i)->offset * size;
}

ritz_status ritz_model_write_tensor(hid_t group, const ritz_params *params, int i,
                                    const void *values) {
  const ritz_dtype dtype = ritz_params_dtype(params);
  const ritz_param_info *info = ritz_params_info(params, i);
  const size_t size = ritz_dtype_size(dtype);
  const stored s = stored_form(info, dtype);
  char *pairs = NULL;
  if (s.complex) {
    RITZ_TRY(ritz_calloc(info->count, size, (void **)&pairs));
    reorder(&s, size, true, values, pairs);
  }
  const ritz_status status =
      ritz_h5_write_array(group, info->name, s.type, s.rank, s.n, pairs ? pairs : values);
  ritz_free(pairs);
  return status;
}

ritz_status ritz_model_write_tensors(hid_t group, const ritz_params *params, const void *flat) {
  for (int i = 0; i < ritz_params_count(params); i++)
    RITZ_TRY(ritz_model_write_tensor(group, params, i, tensor_of(params, i, flat)));
  return RITZ_OK;
}

ritz_status ritz_model_create_tensor(hid_t group, const ritz_params *params, int i) {
  const ritz_param_info *info = ritz_params_info(params, i);
  const stored s = stored_form(info, ritz_params_dtype(params));
  hid_t dataset;
  RITZ_TRY(ritz_h5_create_dataset(group, info->name, s.type, s.rank, s.n, NULL, &dataset));
  ritz_h5_dataset_close(&dataset);
  return RITZ_OK;
}

ritz_h5_type ritz_model_tensor_box(const ritz_params *params, int i, ritz_h5_part *box) {
  const stored s = stored_form(ritz_params_info(params, i), ritz_params_dtype(params));
  *box = (ritz_h5_part){0};
  memcpy(box->count, s.n, sizeof s.n);
  return s.type;
}

void ritz_model_tensor_values(const ritz_params *params, int i, ritz_h5_range *range,
                              const void *values, void *out) {
  const ritz_dtype dtype = ritz_params_dtype(params);
  const size_t size = ritz_dtype_size(dtype);
  stored s = stored_form(ritz_params_info(params, i), dtype);
  if (s.complex) {
    s.outer = range->count / (2 * s.inner);
    reorder(&s, size, true, values, out);
    *range = (ritz_h5_range){.first = range->first / 2, .count = range->count / 2};
  } else {
    memcpy(out, values, (size_t)range->count * size);
  }
}

/* @param room  For the numbers as they are on file. */
static ritz_status read_numbers(hid_t group, const ritz_param_info *info, ritz_dtype dtype,
                                ritz_h5_range range, char *room, char *values) {
  const size_t size = ritz_dtype_size(dtype);
  stored s = stored_form(info, dtype);
  const int planes = s.complex ? 2 : 1;
  const ritz_h5_range on_file = {.first = range.first / planes, .count = range.count / planes};
  RITZ_TRY(ritz_h5_read_ranges(group, info->name, s.type, s.rank, s.n, 1, &on_file, room));
  const ritz_index bad = ritz_first_not_finite(dtype, range.count, room);
  RITZ_REQUIRE(bad < 0, RITZ_ERR_NUMERIC, "tensor %s is not finite at %td of %td", info->name,
               range.first + bad, info->count);
  if (s.complex) {
    s.outer = range.count / (2 * s.inner);
    reorder(&s, size, false, room, values);
  } else {
    memcpy(values, room, (size_t)range.count * size);
  }
  return RITZ_OK;
}

ritz_status ritz_model_read_tensor_part(hid_t group, const ritz_params *params, int i,
                                        ritz_h5_range range, void *values) {
  const ritz_dtype dtype = ritz_params_dtype(params);
  char *room;
  RITZ_TRY(ritz_calloc(range.count, ritz_dtype_size(dtype), (void **)&room));
  const ritz_status status =
      read_numbers(group, ritz_params_info(params, i), dtype, range, room, values);
  ritz_free(room);
  return status;
}

ritz_status ritz_model_read_tensor(hid_t group, const ritz_params *params, int i, void *values) {
  const ritz_h5_range all = {.count = ritz_params_info(params, i)->count};
  return ritz_model_read_tensor_part(group, params, i, all, values);
}

ritz_status ritz_model_read_tensors(hid_t group, const ritz_params *params, void *flat) {
  for (int i = 0; i < ritz_params_count(params); i++)
    RITZ_TRY(ritz_model_read_tensor(group, params, i, tensor_of(params, i, flat)));
  return RITZ_OK;
}
