/* SPDX-License-Identifier: BSD-3-Clause
 * Pictures of a test, read back from their file. */
#ifndef PICTURE_H
#define PICTURE_H

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "io/figure.h"
#include "io/figure/colormap.h"

typedef struct picture {
  int width, height;
  unsigned char *rgb;
} picture;

static char path[96], missing_path[96];

static inline int make_folder(void **state) {
  if (folder_create(state) != 0) return -1;
  snprintf(path, sizeof path, "%s/figure.png", folder_name());
  snprintf(missing_path, sizeof missing_path, "%s/none/figure.png", folder_name());
  return 0;
}

static inline int remove_folder(void **state) {
  remove(path);
  return rmdir(folder_name()); /* fails if a temporary file was left over */
}

static inline picture read_picture(void) {
  png_image image = {.version = PNG_IMAGE_VERSION};
  assert_true(png_image_begin_read_from_file(&image, path));
  image.format = PNG_FORMAT_RGB;
  picture p = {(int)image.width, (int)image.height, malloc(PNG_IMAGE_SIZE(image))};
  assert_non_null(p.rgb);
  assert_true(png_image_finish_read(&image, NULL, p.rgb, 0, NULL));
  return p;
}

static inline const unsigned char *at(picture p, int x, int y) {
  return p.rgb + 3 * (y * p.width + x);
}

static inline bool same_color(const unsigned char *a, ritz_rgb b) {
  return a[0] == b.r && a[1] == b.g && a[2] == b.b;
}

static inline int count_color(picture p, ritz_rgb color) {
  int count = 0;
  for (int i = 0; i < p.width * p.height; i++) count += same_color(p.rgb + 3 * i, color);
  return count;
}

/* Box around all pixels of one colour. */
static inline ritz_box box_of(picture p, ritz_rgb color) {
  ritz_box b = {p.width, p.height, 0, 0};
  for (int y = 0; y < p.height; y++)
    for (int x = 0; x < p.width; x++) {
      if (!same_color(at(p, x, y), color)) continue;
      if (x < b.x0) b.x0 = x;
      if (y < b.y0) b.y0 = y;
      if (x >= b.x1) b.x1 = x + 1;
      if (y >= b.y1) b.y1 = y + 1;
    }
  return b;
}

static inline ritz_rgb end_color(bool high) {
  ritz_colormap map;
  ritz_colormap_build(RITZ_MAP_SEQUENTIAL, &map);
  return map.color[high ? RITZ_COLORMAP_SIZE - 1 : 0];
}

static inline int count_in(picture p, ritz_box box, ritz_rgb color) {
  int count = 0;
  for (int y = box.y0; y < box.y1; y++)
    for (int x = box.x0; x < box.x1; x++) count += same_color(at(p, x, y), color);
  return count;
}

static inline picture draw_maps(ritz_map_figure figure) {
  assert_ok(ritz_figure_maps(&figure, path));
  return read_picture();
}

static inline ritz_map_panel panel_of(const double *values, ritz_index n0, ritz_index n1) {
  return (ritz_map_panel){.values = values, .dtype = RITZ_FLOAT64, .n0 = n0, .n1 = n1};
}

#endif
