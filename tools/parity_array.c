/* SPDX-License-Identifier: BSD-3-Clause
 * Tensors of a fixture (parity_array.h). */
#include "parity_array.h"

#include "core/fail.h"
#include "core/memory.h"

ritz_status ritz_parity_read(hid_t where, const char *path, ritz_parity_array *out) {
  hid_t dataset = H5I_INVALID_HID;
  ritz_h5_info info;
  ritz_status status;
  *out = (ritz_parity_array){0};
  RITZ_TRY_DONE(ritz_h5_find(where, path, RITZ_H5_DEFAULT_CACHE, &dataset));
  RITZ_TRY_DONE(ritz_h5_describe(dataset, &info));
  const bool complex = info.class == RITZ_H5_CLASS_COMPLEX;
  out->rank = info.rank;
  out->count = complex ? 2 : 1;
  for (int a = 0; a < info.rank; a++) out->count *= out->n[a] = info.n[a];
  RITZ_TRY_DONE(RITZ_NEW(out->count, &out->v));
  RITZ_TRY_DONE(ritz_h5_read(dataset, NULL, NULL, NULL,
                             complex ? RITZ_H5_COMPLEX128 : RITZ_H5_FLOAT64, out->v));
done:
  ritz_h5_dataset_close(&dataset);
  return status;
}

/* [B, C, d1, ...] becomes [B, d1, ..., C]. */
static ritz_status move_channels(ritz_parity_array *a) {
  ritz_index points = 1;
  for (int i = 2; i < a->rank; i++) points *= a->n[i];
  const ritz_index batch = a->n[0], channels = a->n[1];
  double *moved;
  RITZ_TRY(RITZ_NEW(a->count, &moved));
  for (ritz_index b = 0; b < batch; b++)
    for (ritz_index c = 0; c < channels; c++)
      for (ritz_index p = 0; p < points; p++)
        moved[(b * points + p) * channels + c] = a->v[(b * channels + c) * points + p];
  ritz_free(a->v);
  a->v = moved;
  for (int i = 1; i < a->rank - 1; i++) a->n[i] = a->n[i + 1];
  a->n[a->rank - 1] = channels;
  return RITZ_OK;
}

ritz_status ritz_parity_read_field(hid_t where, bool channels_last, const char *path,
                                   ritz_parity_array *out) {
  RITZ_TRY(ritz_parity_read(where, path, out));
  RITZ_REQUIRE(out->rank >= 3, RITZ_ERR_SHAPE, "%s has %d axes, wanted 3 or more", path, out->rank);
  return channels_last ? RITZ_OK : move_channels(out);
}
