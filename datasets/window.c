/* SPDX-License-Identifier: BSD-3-Clause
 * Windows of trajectories (window.h). Frames become channels, the earliest first. */
#include "datasets/window.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

static ritz_index frames_of(const ritz_source *source) {
  const int axis = ritz_source_axis(source, RITZ_ROLE_TIME);
  return axis < 0 ? 1 : source->count[axis];
}

/* Both sides' sources in one row; a side of several stacked data sets has no order in time. */
static ritz_status collect(ritz_dataset *set) {
  ritz_windows *w = &set->windows;
  int sources = 0;
  for (int i = 0; i < RITZ_SIDES; i++) {
    if (set->side[i].sources > 1)
      return RITZ_H5_REJECT(set->file, RITZ_ERR_CONFIG,
                            "windows want one data set for x and one for y, not several stacked");
    if (set->side[i].sources == 1) w->source[sources++] = &set->side[i].source[0];
  }
  w->sources = sources;
  for (int s = 0; s < sources; s++) {
    const ritz_index frames = frames_of(w->source[s]), fields = w->source[s]->channels / frames;
    if (s > 0 && fields != w->fields)
      return RITZ_H5_REJECT(set->file, RITZ_ERR_SHAPE,
                            "a frame of %s has %td channels, one of %s has %td", w->source[0]->name,
                            w->fields, w->source[s]->name, fields);
    w->fields = fields;
    w->frames += frames;
  }
  return RITZ_OK;
}

static ritz_status set_extent(ritz_dataset *set, const ritz_dataset_config *config) {
  ritz_windows *w = &set->windows;
  w->length[RITZ_SIDE_X] = config->window.n[0];
  w->length[RITZ_SIDE_Y] = config->window.n[1];
  w->step = config->window_step;
  const ritz_index whole = w->length[0] + w->length[1];
  if (whole > w->frames)
    return RITZ_H5_REJECT(set->file, RITZ_ERR_SHAPE,
                          "a window of %td + %td frames does not fit trajectories of %td",
                          w->length[0], w->length[1], w->frames);
  w->count = (w->frames - whole) / w->step + 1;
  set->info.samples *= w->count;
  return RITZ_OK;
}

/* "w[t-1]", "w[t]", "w[t+1]" with t the last frame of x; "w[t][2]" for the third of several fields.
 */
static ritz_status name_channels(const ritz_windows *w, int side, const char *name,
                                 char **channel) {
  for (ritz_index f = 0; f < w->length[side]; f++)
    for (ritz_index c = 0; c < w->fields; c++) {
      const ritz_index at = side == RITZ_SIDE_X ? f + 1 - w->length[side] : f + 1;
      char text[48] = "[t]", field[24] = "";
      if (at != 0) snprintf(text, sizeof text, "[t%+td]", at);
      if (w->fields > 1) snprintf(field, sizeof field, "[%td]", c);
      strcat(text, field);
      RITZ_TRY(ritz_strjoin(name, text, &channel[f * w->fields + c]));
    }
  return RITZ_OK;
}

static ritz_status rename_side(ritz_dataset *set, int side) {
  const ritz_windows *w = &set->windows;
  ritz_side *s = &set->side[side];
  const int channels = (int)(w->length[side] * w->fields);
  const char *name = w->source[w->sources - 1]->name;
  for (int c = 0; s->channel && c < s->channels; c++) ritz_free(s->channel[c]);
  ritz_free(s->channel);
  s->channel = NULL;
  s->channels = channels;
  RITZ_TRY(RITZ_NEW(channels, &s->channel));
  if (!s->name) RITZ_TRY(ritz_strdup(name, &s->name));
  return name_channels(w, side, name, s->channel);
}

ritz_status ritz_window_apply(ritz_dataset *set, const ritz_dataset_config *config) {
  RITZ_REQUIRE(config->window.count > 0 || config->window_step == 1, RITZ_ERR_CONFIG,
               "%s: window_step is %td without a window: [frames of x, frames of y]", set->path,
               config->window_step);
  if (config->window.count == 0) return RITZ_OK;
  RITZ_REQUIRE(config->window.count == 2, RITZ_ERR_CONFIG,
               "%s: window is [frames of x, frames of y]", set->path);
  RITZ_TRY(collect(set));
  RITZ_TRY(set_extent(set, config));
  for (int side = 0; side < RITZ_SIDES; side++) RITZ_TRY(rename_side(set, side));
  return RITZ_OK;
}

ritz_status ritz_window_read(ritz_dataset *set, int side, const ritz_grid_part *grid,
                             ritz_index trajectory, ritz_index window, ritz_dtype dtype,
                             void *out) {
  const ritz_windows *w = &set->windows;
  const ritz_index first = window * w->step + (side == RITZ_SIDE_Y ? w->length[RITZ_SIDE_X] : 0);
  const ritz_index end = first + w->length[side];
  ritz_index start = 0; /* of the source in the trajectory */
  for (int s = 0; s < w->sources; s++) {
    const ritz_index frames = frames_of(w->source[s]);
    const ritz_index from = first > start ? first - start : 0;
    const ritz_index to = end - start < frames ? end - start : frames;
    if (from < to) {
      ritz_source part = ritz_source_cut(w->source[s], grid);
      const int axis = ritz_source_axis(&part, RITZ_ROLE_TIME);
      if (axis >= 0) part.start[axis] += from * part.step[axis], part.count[axis] = to - from;
      part.channels = (int)((to - from) * w->fields);
      part.offset = (int)((start + from - first) * w->fields);
      RITZ_TRY(ritz_source_read(&part, &set->room, trajectory, 1, grid->extent,
                                set->side[side].channels, dtype, out));
    }
    start += frames;
  }
  return RITZ_OK;
}
