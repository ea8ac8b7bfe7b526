/* SPDX-License-Identifier: BSD-3-Clause
 * Canvas to PNG through libpng's simplified interface. */
#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "io/figure/canvas.h"

/* Writes and closes @p file. libpng copes with its own errors: no longjmp reaches us. */
static ritz_status write_and_close(const ritz_canvas *canvas, FILE *file, const char *path) {
  png_image image = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)canvas->width,
                     .height = (png_uint_32)canvas->height,
                     .format = PNG_FORMAT_RGB};
  errno = 0;
  const bool written = png_image_write_to_stdio(&image, file, 0, canvas->pixels, 0, NULL);
  const int write_errno = errno;
  const bool closed = fclose(file) == 0;
  png_image_free(&image);
  RITZ_REQUIRE(written, RITZ_ERR_IO, "%s: the picture could not be written: %s", path,
               write_errno ? strerror(write_errno) : image.message);
  RITZ_REQUIRE(closed, RITZ_ERR_IO, "%s: the picture could not be written: %s", path,
               strerror(errno));
  return RITZ_OK;
}

ritz_status ritz_canvas_write_png(const ritz_canvas *canvas, const char *path) {
  const size_t length = strlen(path);
  char *temporary;
  RITZ_TRY(ritz_calloc((ritz_index)length + 5, 1, (void **)&temporary));
  memcpy(temporary, path, length);
  memcpy(temporary + length, ".tmp", 4);
  ritz_status status;
  FILE *file = fopen(temporary, "wb");
  if (!file) {
    status = RITZ_FAIL(RITZ_ERR_IO, "%s: cannot create %s.tmp: %s", path, path, strerror(errno));
    goto done;
  }
  status = write_and_close(canvas, file, path);
  if (status == RITZ_OK && rename(temporary, path) != 0)
    status = RITZ_FAIL(RITZ_ERR_IO, "%s: cannot replace it: %s", path, strerror(errno));
  if (status != RITZ_OK) remove(temporary);
done:
  ritz_free(temporary);
  return status;
}
