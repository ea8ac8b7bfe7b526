/* SPDX-License-Identifier: BSD-3-Clause
 * Grids as words. */
#include "tools/grid_text.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/number.h"

/* One number alone is that of the first axis; the others have the same, or 1. */
static ritz_status parse(const char *option, const char *text, int dim, bool same,
                         ritz_index *grid) {
  int count = 0;
  for (const char *at = text; at; at = strchr(at, 'x')) {
    char part[32];
    at += count > 0;
    snprintf(part, sizeof part, "%.*s", (int)strcspn(at, "x"), at);
    const bool fits = count < dim && ritz_text_to_index(part, &grid[count]) && grid[count] >= 1;
    RITZ_REQUIRE(fits, RITZ_ERR_ARGUMENT,
                 "%s takes N or %d numbers >= 1 with x between them, not '%.64s'", option, dim,
                 text);
    count++;
  }
  RITZ_REQUIRE(count == 1 || count == dim, RITZ_ERR_ARGUMENT,
               "%s %s has %d numbers, the grid has %d axes", option, text, count, dim);
  for (int a = 1; a < dim && count == 1; a++) grid[a] = same ? grid[0] : 1;
  return RITZ_OK;
}

ritz_status ritz_grid_parse(const char *text, int dim, ritz_index *grid) {
  return parse("--resolution", text, dim, true, grid);
}

ritz_status ritz_parts_parse(const char *text, int dim, ritz_index *parts) {
  return parse("--parts", text, dim, false, parts);
}

const char *ritz_grid_text(int dim, const ritz_index *grid, char out[80]) {
  size_t used = (size_t)snprintf(out, 80, "%td", grid[0]);
  for (int a = 1; a < dim; a++) used += (size_t)snprintf(out + used, 80 - used, " x %td", grid[a]);
  return out;
}
