/* SPDX-License-Identifier: BSD-3-Clause
 * Lines that data sets and models share. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
