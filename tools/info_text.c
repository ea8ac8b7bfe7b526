/* SPDX-License-Identifier: BSD-3-Clause
 * Lines that data sets and models share. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "io/yaml.h"
#include "tools/grid_text.h"
#include "tools/info.h"

void ritz_info_line(const char *key, const char *format, ...) {
  va_list args;
  va_start(args, format);
  printf("%-12s ", key);
  vprintf(format, args);
  printf("\n");
  va_end(args);
}

const char *ritz_info_bytes(size_t bytes, char out[32]) {
  static const char *const unit[] = {"MiB", "GiB", "TiB", "PiB"};
  double value = (double)bytes / (1 << 20);
  int u = 0;
  for (; value >= 1024 && u < 3; u++) value /= 1024;
  snprintf(out, 32, "%.3g %s", value, unit[u]);
  return out;
}

ritz_status ritz_info_options(const char *key, const char *name, const char *json) {
  enum { INDENT = 13, WIDTH = 100 };
  ritz_value *map = NULL;
  printf("%-12s %s", key, name);
  ritz_status status = json && *json ? ritz_yaml_read_text(json, key, &map) : RITZ_OK;
  int column = WIDTH; /* the options start on a line of their own */
  for (int i = 0; status == RITZ_OK && map && i < map->count; i++) {
    char *value;
    if ((status = ritz_value_to_json(map->item[i], &value)) != RITZ_OK) break;
    if (column + (int)(strlen(map->item[i]->key) + strlen(value)) + 5 > WIDTH)
      printf(i ? ",\n%*s" : "\n%*s", column = INDENT, "");
    else
      column += printf(", ");
    column += printf("%s: %s", map->item[i]->key, value);
    ritz_free(value);
  }
  printf("\n");
  ritz_value_destroy(&map);
  return status == RITZ_ERR_MEMORY ? status : RITZ_OK; /* other texts than maps are left out */
}

void ritz_info_grid(int dim, const ritz_index *grid, const double *length, const int *periodic) {
  char text[80];
  printf("%-12s %s", "grid", ritz_grid_text(dim, grid, text));
  for (int a = 0; a < dim && length[0] > 0; a++)
    printf("%s%g", a ? " x " : ", extents ", length[a]);
  bool alike = true;
  for (int a = 1; a < dim; a++) alike = alike && periodic[a] == periodic[0];
  for (int a = 0; a < (alike ? 1 : dim) && periodic[a] >= 0; a++)
    printf("%s%s", a ? " x " : ", ", periodic[a] ? "periodic" : "bounded");
  printf("\n");
}

void ritz_info_channels(const char *side, int count, const char *const *name, const char *units,
                        const double *mean, const double *deviation) {
  if (units && strcmp(units, "1") == 0) units = NULL;
  for (int c = 0; c < count; c++)
    ritz_info_line(c ? "" : side, "%s%s%s%s: mean %.6g, standard deviation %.6g", name[c],
                   units ? " (" : "", units ? units : "", units ? ")" : "", mean[c], deviation[c]);
}

void ritz_info_add_side(ritz_json *json, const char *key, int count, const char *const *name,
                        const char *units, const double *mean, const double *deviation) {
  ritz_json_open(json, key);
  ritz_json_texts(json, "channels", count, name);
  ritz_json_text(json, "units", units);
  ritz_json_numbers(json, "mean", count, mean);
  ritz_json_numbers(json, "std", count, deviation);
  ritz_json_close(json);
}
