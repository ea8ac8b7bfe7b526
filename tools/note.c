/* SPDX-License-Identifier: BSD-3-Clause
 * Optional attributes. */
#include "tools/note.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

ritz_status ritz_notes_open(const char *path, ritz_notes *out) {
  out->status = RITZ_OK;
  return ritz_h5_open(path, &out->file);
}

ritz_status ritz_notes_close(ritz_notes *notes) {
  const ritz_status closed = ritz_h5_close(&notes->file);
  return notes->status == RITZ_OK ? closed : notes->status;
}

static ritz_status copy(hid_t object, const char *attribute, size_t size, char *out) {
  char *text = NULL;
  if (!ritz_h5_has_attribute(object, attribute)) return RITZ_OK;
  const ritz_status status = ritz_h5_read_text(object, attribute, &text);
  if (status == RITZ_OK) snprintf(out, size, "%s", text);
  ritz_free(text);
  return status;
}

static ritz_status find(hid_t file, const char *object, const char *attribute, size_t size,
                        char *out) {
  hid_t dataset;
  if (strcmp(object, "/") == 0) return copy(file, attribute, size, out);
  if (!ritz_h5_exists(file, object)) return RITZ_OK;
  RITZ_TRY(ritz_h5_find(file, object, RITZ_H5_DEFAULT_CACHE, &dataset));
  const ritz_status status = copy(dataset, attribute, size, out);
  ritz_h5_dataset_close(&dataset);
  return status;
}

void ritz_read_note(ritz_notes *notes, const char *object, const char *attribute, size_t size,
                    char *out) {
  if (notes->status != RITZ_OK) return;
  const ritz_status status = find(notes->file, object, attribute, size, out);
  if (status == RITZ_ERR_MEMORY) notes->status = status;
}
