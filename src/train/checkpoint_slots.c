/* SPDX-License-Identifier: BSD-3-Clause */
#include "train/checkpoint_slots.h"

#include <stdio.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/comm.h"
#include "train/agree.h"

/* In the place of a slot: the weights themselves. */
enum { WEIGHTS = -1 };

static ritz_status open_slot(hid_t file, const ritz_trainer *t, int slot, bool create, hid_t *out) {
  char path[64];
  if (slot == WEIGHTS) return ritz_h5_group(file, "weights", create, out);
  snprintf(path, sizeof path, "train/%s", ritz_optimizer_slot_name(t->optimizer, slot));
  return ritz_h5_group(file, path, create, out);
}

/* ---- by the first rank --------------------------------------------------------------------- */

/* @param values  NULL: none yet. */
static ritz_status write_tensor(hid_t file, const ritz_trainer *t, int slot, int param,
                                const void *values) {
  hid_t group;
  RITZ_TRY(open_slot(file, t, slot, true, &group));
  const ritz_status status = values ? ritz_model_write_tensor(group, t->params, param, values)
                                    : ritz_model_create_tensor(group, t->params, param);
  ritz_h5_group_close(&group);
  return status;
}

/* One tensor after the other: no rank has room for more. */
static ritz_status collect(ritz_trainer *t, hid_t file) {
  const int count = ritz_params_count(t->params);
  void *room;
  ritz_status status = ritz_status_agree(
      t->context,
      ritz_calloc(ritz_optimizer_room(t->optimizer), ritz_dtype_size(t->model->info.dtype), &room));
  for (int k = 0; status == RITZ_OK && k < count * ritz_optimizer_slots(t->optimizer); k++) {
    status = ritz_optimizer_collect(t->optimizer, k / count, k % count, room);
    if (status == RITZ_OK && ritz_is_first_rank(t->context))
      status = write_tensor(file, t, k / count, k % count, room);
    status = ritz_status_agree(t->context, status);
  }
  ritz_free(room);
  return status;
}

/* ---- by all ranks -------------------------------------------------------------------------- */

/* The first rank's work: data sets for everything, and the space for them. */
static ritz_status make_room(ritz_trainer *t, const char *path, hid_t *file) {
  const int count = ritz_params_count(t->params);
  for (int k = 0; k < count * ritz_optimizer_slots(t->optimizer); k++)
    RITZ_TRY(write_tensor(*file, t, k / count, k % count, NULL));
  RITZ_TRY(ritz_h5_flush(*file));
  RITZ_TRY(ritz_h5_close(file));
  return ritz_h5_reserve(path);
}

/* What this rank has of a tensor's state, as it is on file. */
typedef struct own_part {
  hid_t dataset;
  ritz_h5_type type;
  ritz_h5_part part;
  ritz_h5_range *range;
  char *values;
} own_part;

static ritz_status find_dataset(hid_t file, const ritz_trainer *t, int slot, int param,
                                hid_t *out) {
  hid_t group;
  RITZ_TRY(open_slot(file, t, slot, false, &group));
  const ritz_status status =
      ritz_h5_find(group, ritz_params_info(t->params, param)->name, RITZ_H5_DEFAULT_CACHE, out);
  ritz_h5_group_close(&group);
  return status;
}

static int pieces_of(const ritz_trainer *t, int slot, int param) {
  return slot == WEIGHTS ? 1 : ritz_optimizer_pieces(t->optimizer, param);
}

/* An equal share of the weights, in whole blocks of both parts of complex ones. */
static const void *weights_share(const ritz_trainer *t, int param, ritz_index *first,
                                 ritz_index *count) {
  const ritz_param_info *info = ritz_params_info(t->params, param);
  const size_t size = ritz_dtype_size(t->model->info.dtype);
  ritz_index blocks = info->complex_axis < 0 ? info->count : 1;
  for (int a = 0; a < info->complex_axis; a++) blocks *= info->shape.n[a];
  const ritz_index numbers = blocks > 0 ? info->count / blocks : 0;
  ritz_comm_share(t->context->comm, blocks, first, count);
  *first *= numbers;
  *count *= numbers;
  if (*count == 0) return NULL;
  return (const char *)ritz_params_data(t->params) + (size_t)(info->offset + *first) * size;
}

static const void *piece_of(const ritz_trainer *t, int slot, int param, int k, ritz_index *first,
                            ritz_index *count) {
  return slot == WEIGHTS ? weights_share(t, param, first, count)
                         : ritz_optimizer_piece(t->optimizer, slot, param, k, first, count);
}

static ritz_status prepare(hid_t file, ritz_trainer *t, int slot, int param, own_part *own) {
  const int pieces = pieces_of(t, slot, param);
  const ritz_index size = (ritz_index)ritz_dtype_size(t->model->info.dtype);
  ritz_index first, count, numbers = 0;
  *own = (own_part){.dataset = H5I_INVALID_HID};
  RITZ_TRY(find_dataset(file, t, slot, param, &own->dataset));
  own->type = ritz_model_tensor_box(t->params, param, &own->part);
  for (int k = 0; k < pieces; k++) {
    piece_of(t, slot, param, k, &first, &count);
    numbers += count;
  }
  RITZ_TRY(RITZ_NEW(pieces, &own->range));
  RITZ_TRY(ritz_calloc(numbers, (size_t)size, (void **)&own->values));
  char *at = own->values;
  for (int k = 0; k < pieces; k++) {
    const void *state = piece_of(t, slot, param, k, &first, &count);
    ritz_h5_range *range = &own->range[own->part.ranges];
    if (!state) continue;
    *range = (ritz_h5_range){.first = first, .count = count};
    ritz_model_tensor_values(t->params, param, range, state, at);
    own->part.ranges++;
    at += count * size;
  }
  own->part.range = own->range;
  return RITZ_OK;
}

static ritz_status write_own(hid_t file, ritz_trainer *t, int slot, int param) {
  own_part own;
  ritz_status status = ritz_status_agree(t->context, prepare(file, t, slot, param, &own));
  if (status == RITZ_OK)
    status = ritz_status_agree(
        t->context, ritz_h5_write_together(ritz_comm_native(t->context->comm), own.dataset,
                                           &own.part, own.type, own.values));
  ritz_h5_dataset_close(&own.dataset);
  ritz_free(own.range);
  ritz_free(own.values);
  return status;
}

static ritz_status write_together(ritz_trainer *t, const char *path, hid_t *file) {
  const int count = ritz_params_count(t->params);
  ritz_status status = ritz_is_first_rank(t->context) ? make_room(t, path, file) : RITZ_OK;
  RITZ_TRY(ritz_status_agree(t->context, status));
  RITZ_TRY(ritz_agree_on_opening(t->context, path, file));
  for (int i = 0; status == RITZ_OK && i < count; i++) status = write_own(*file, t, WEIGHTS, i);
  for (int k = 0; status == RITZ_OK && k < count * ritz_optimizer_slots(t->optimizer); k++)
    status = write_own(*file, t, k / count, k % count);
  if (status == RITZ_ERR_COMMUNICATION) return status;
  const ritz_status closed = ritz_status_agree(t->context, ritz_h5_close(file));
  return status != RITZ_OK ? status : closed;
}

bool ritz_checkpoint_together(const ritz_trainer *t) {
  return ritz_h5_together(ritz_comm_native(t->context->comm));
}

ritz_status ritz_checkpoint_write_slots(ritz_trainer *t, const char *path, hid_t *file) {
  return ritz_checkpoint_together(t) ? write_together(t, path, file) : collect(t, *file);
}

/* ---- reading ------------------------------------------------------------------------------- */

static ritz_status read_own(hid_t group, ritz_trainer *t, int slot, int param) {
  for (int k = 0; k < ritz_optimizer_pieces(t->optimizer, param); k++) {
    ritz_h5_range range;
    void *state = ritz_optimizer_piece(t->optimizer, slot, param, k, &range.first, &range.count);
    if (state) RITZ_TRY(ritz_model_read_tensor_part(group, t->params, param, range, state));
  }
  return RITZ_OK;
}

static ritz_status read_slot(ritz_trainer *t, hid_t file, int slot) {
  hid_t group;
  RITZ_TRY(open_slot(file, t, slot, false, &group));
  ritz_status status = RITZ_OK;
  for (int i = 0; status == RITZ_OK && i < ritz_params_count(t->params); i++)
    status = read_own(group, t, slot, i);
  ritz_h5_group_close(&group);
  return status;
}

ritz_status ritz_checkpoint_read_slots(ritz_trainer *t, hid_t file) {
  for (int s = 0; s < ritz_optimizer_slots(t->optimizer); s++) RITZ_TRY(read_slot(t, file, s));
  return RITZ_OK;
}
