/* SPDX-License-Identifier: BSD-3-Clause
 * Canvas to PNG through libpng's simplified interface. */
#include <png.h>
#include <stdio.h>

#include "core/fail.h"
#include "core/file.h"
#include "io/figure/canvas.h"

/* libpng copes with its own errors: no longjmp reaches us. Of those that are not the system's it
 * has words of its own. */
static ritz_status put_png(FILE *file, const void *what) {
  const ritz_canvas *canvas = what;
  png_image image = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)canvas->width,
                     .height = (png_uint_32)canvas->height,
                     .format = PNG_FORMAT_RGB};
  const bool written = png_image_write_to_stdio(&image, file, 0, canvas->pixels, 0, NULL);
  png_image_free(&image);
  RITZ_REQUIRE(written || ferror(file), RITZ_ERR_IO, "the picture could not be made: %s",
               image.message);
  return RITZ_OK;
}

ritz_status ritz_canvas_write_png(const ritz_canvas *canvas, const char *path) {
  return ritz_file_write(path, put_png, canvas);
}
