/* SPDX-License-Identifier: BSD-3-Clause
 * Roles of axes that nobody named: from the attribute `axes`, else from the shapes of x and y by
 * the rule in ritz/dataset.h. What is not certain is refused with a mapping to write. */
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/reader.h"

/* Fewer points than this are more often channels than a grid. */
enum { least_grid = 8 };

typedef enum layout { LAYOUT_UNKNOWN, NO_CHANNELS, CHANNELS_LAST, CHANNELS_FIRST } layout;

static ritz_status roles_from_attribute(ritz_source *source) {
  char *name[RITZ_MAX_RANK];
  int count;
  RITZ_TRY(ritz_h5_read_texts(source->dataset, "axes", RITZ_MAX_RANK, &count, name));
  ritz_role role[RITZ_MAX_RANK];
  ritz_status status = RITZ_OK;
  for (int a = 0; a < count && status == RITZ_OK; a++) {
    role[a] = ritz_role_find(name[a]);
    if (role[a] == RITZ_ROLES)
      status = RITZ_H5_REJECT(source->dataset, RITZ_ERR_FORMAT,
                              "attribute axes names \"%s\"; sample, x, y, z, time or channel "
                              "expected",
                              name[a]);
  }
  if (status == RITZ_OK) status = ritz_source_set_roles(source, count, role);
  for (int a = 0; a < count; a++) ritz_free(name[a]);
  return status;
}

static ritz_status set_layout(ritz_source *source, layout chosen) {
  ritz_role role[RITZ_MAX_RANK];
  const int rank = source->info.rank;
  int used = 0, grid_axes = rank - 1 - (chosen != NO_CHANNELS);
  role[used++] = RITZ_ROLE_SAMPLE;
  if (chosen == CHANNELS_FIRST) role[used++] = RITZ_ROLE_CHANNEL;
  for (int d = 0; d < grid_axes; d++) role[used++] = (ritz_role)(RITZ_ROLE_X + d);
  if (chosen == CHANNELS_LAST) role[used++] = RITZ_ROLE_CHANNEL;
  return ritz_source_set_roles(source, rank, role);
}

/* Number of axes 1 .. rank-1 that differ; the last of them in *where. */
static int differing(const ritz_h5_info *a, const ritz_h5_info *b, int *where) {
  int count = 0;
  for (int i = 1; i < a->rank; i++)
    if (a->n[i] != b->n[i]) *where = i, count++;
  return count;
}

static bool grid_like(const ritz_h5_info *info) {
  if (info->rank < 2 || info->rank > 4) return false;
  for (int a = 1; a < info->rank; a++)
    if (info->n[a] < least_grid) return false;
  return true;
}

/* The rule of ritz/dataset.h; both stay LAYOUT_UNKNOWN where it does not decide. */
static void choose(const ritz_h5_info *x, const ritz_h5_info *y, layout *of_x, layout *of_y) {
  *of_x = *of_y = LAYOUT_UNKNOWN;
  if (x->rank == y->rank) {
    int where = 0;
    const int count = differing(x, y, &where);
    if (count == 0 && grid_like(x)) *of_x = *of_y = NO_CHANNELS;
    if (count != 1 || x->rank < 3 || x->rank > 5) return;
    /* Two long axes that differ are rather two grids. */
    if (x->n[where] >= least_grid && y->n[where] >= least_grid) return;
    if (where == x->rank - 1) *of_x = *of_y = CHANNELS_LAST;
    if (where == 1) *of_x = *of_y = CHANNELS_FIRST;
    return;
  }
  const bool x_longer = x->rank > y->rank;
  const ritz_h5_info *longer = x_longer ? x : y, *shorter = x_longer ? y : x;
  int where = 0;
  if (longer->rank != shorter->rank + 1 || !grid_like(shorter)) return;
  if (differing(shorter, longer, &where) != 0) return;
  /* Equal also without the second axis: channels could as well come first. */
  if (memcmp(longer->n + 2, shorter->n + 1, (size_t)(shorter->rank - 1) * sizeof *longer->n) == 0)
    return;
  *of_x = x_longer ? CHANNELS_LAST : NO_CHANNELS;
  *of_y = x_longer ? NO_CHANNELS : CHANNELS_LAST;
}

/* "{dataset: y, axes: [sample, time, x], index: {time: -1}}": the likeliest reading, to be edited.
 */
static void suggest(const ritz_source *source, int grid_axes, size_t size, char *out) {
  size_t used = (size_t)snprintf(out, size, "{dataset: %s, axes: [sample", source->name);
  const int spare = source->info.rank - 1 - grid_axes;
  const bool first = spare > 0 && source->info.n[source->info.rank - 1] >= least_grid;
  for (int k = 0; first && k < spare && used < size; k++)
    used += (size_t)snprintf(out + used, size - used, ", %s", k == 0 ? "time" : "channel");
  for (int d = 0; d < grid_axes && used < size; d++)
    used += (size_t)snprintf(out + used, size - used, ", %s",
                             ritz_role_name((ritz_role)(RITZ_ROLE_X + d)));
  for (int k = 0; !first && k < spare && used < size; k++)
    used += (size_t)snprintf(out + used, size - used, ", %s", k == 0 ? "channel" : "time");
  if (used < size) snprintf(out + used, size - used, "]%s}", first ? ", index: {time: -1}" : "");
}

static ritz_status refuse(const ritz_dataset *dataset, const ritz_source *x, const ritz_source *y) {
  char shape_x[96], shape_y[96], mapping_x[192], mapping_y[192];
  int grid_axes = (y && y->info.rank < x->info.rank ? y : x)->info.rank - 1;
  if (grid_axes > 3) grid_axes = 3;
  /* A short axis at either end of both is a channel rather than a direction. */
  if ((!y || x->info.rank == y->info.rank) && grid_axes > 1) grid_axes--;
  suggest(x, grid_axes, sizeof mapping_x, mapping_x);
  ritz_h5_shape_text(x->info.rank, x->info.n, sizeof shape_x, shape_x);
  if (!y)
    return RITZ_H5_REJECT(dataset->file, RITZ_ERR_FORMAT,
                          "%s %s: the shape does not tell what its axes are; say it, for example "
                          "x: %s",
                          x->name, shape_x, mapping_x);
  suggest(y, grid_axes, sizeof mapping_y, mapping_y);
  return RITZ_H5_REJECT(dataset->file, RITZ_ERR_FORMAT,
                        "%s %s and %s %s: the shapes do not tell what the axes are; say it, for "
                        "example x: %s, y: %s",
                        x->name, shape_x, y->name,
                        ritz_h5_shape_text(y->info.rank, y->info.n, sizeof shape_y, shape_y),
                        mapping_x, mapping_y);
}

static bool has_roles(const ritz_side *side) {
  for (int s = 0; s < side->sources; s++)
    if (side->source[s].roles == 0) return false;
  return true;
}

ritz_status ritz_axes_infer(ritz_dataset *dataset) {
  for (int i = 0; i < RITZ_SIDES; i++)
    for (int s = 0; s < dataset->side[i].sources; s++) {
      ritz_source *source = &dataset->side[i].source[s];
      if (source->roles == 0 && ritz_h5_has_attribute(source->dataset, "axes"))
        RITZ_TRY(roles_from_attribute(source));
    }
  ritz_side *x = &dataset->side[RITZ_SIDE_X], *y = &dataset->side[RITZ_SIDE_Y];
  if (has_roles(x) && has_roles(y)) return RITZ_OK;
  if (x->sources > 1 || y->sources > 1 || (y->sources == 1 && has_roles(x) != has_roles(y)))
    return RITZ_H5_REJECT(dataset->file, RITZ_ERR_CONFIG,
                          "every data set of x and y needs axes, for example {dataset: %s, axes: "
                          "[sample, x, y]}",
                          x->source[0].name);
  layout of_x, of_y;
  const ritz_h5_info *other = y->sources ? &y->source[0].info : &x->source[0].info;
  choose(&x->source[0].info, other, &of_x, &of_y);
  if (of_x == LAYOUT_UNKNOWN)
    return refuse(dataset, &x->source[0], y->sources ? &y->source[0] : NULL);
  RITZ_TRY(set_layout(&x->source[0], of_x));
  return y->sources ? set_layout(&y->source[0], of_y) : RITZ_OK;
}
