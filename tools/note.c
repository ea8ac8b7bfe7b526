/* SPDX-License-Identifier: BSD-3-Clause
 * Optional attributes. */
#include "tools/note.h"

#include <stdio.h>
#include <string.h>

#include "core/memory.h"

static void copy(hid_t object, const char *attribute, size_t size, char *out) {
  char *text = NULL;
  if (ritz_h5_has_attribute(object, attribute) &&
      ritz_h5_read_text(object, attribute, &text) == RITZ_OK)
    snprintf(out, size, "%s", text);
  ritz_free(text);
}

void ritz_read_note(hid_t file, const char *object, const char *attribute, size_t size, char *out) {
  hid_t dataset;
  if (strcmp(object, "/") == 0) {
    copy(file, attribute, size, out);
    return;
  }
  if (!ritz_h5_exists(file, object)) return;
  if (ritz_h5_find(file, object, RITZ_H5_DEFAULT_CACHE, &dataset) != RITZ_OK) return;
  copy(dataset, attribute, size, out);
  ritz_h5_dataset_close(&dataset);
}
