/* SPDX-License-Identifier: BSD-3-Clause
 * From sources to a data set (assemble.h). */
#include "datasets/assemble.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/window.h"

/* The extents that sources must share: samples and grid axes, in order of roles. */
typedef struct agreed {
  ritz_index n[RITZ_ROLES];              /* 0: no source has it */
  const ritz_source *source[RITZ_ROLES]; /* who said so */
} agreed;

static ritz_status agree_on(const ritz_dataset *set, const ritz_source *source, agreed *all) {
  for (int r = RITZ_ROLE_SAMPLE; r <= RITZ_ROLE_Z; r++) {
    const int axis = ritz_source_axis(source, (ritz_role)r);
    if (axis < 0) continue;
    const ritz_index n = source->count[axis];
    if (n == 0)
      return RITZ_H5_REJECT(source->dataset, RITZ_ERR_SHAPE, "is empty along axis %s",
                            ritz_role_name((ritz_role)r));
    if (all->source[r] && all->n[r] != n)
      return RITZ_H5_REJECT(set->file, RITZ_ERR_SHAPE,
                            "%s has %td entries along axis %s, %s has %td", all->source[r]->name,
                            all->n[r], ritz_role_name((ritz_role)r), source->name, n);
    all->n[r] = n;
    all->source[r] = source;
  }
  return RITZ_OK;
}

static ritz_status agree(const ritz_dataset *set, agreed *all) {
  *all = (agreed){{0}, {NULL}};
  for (int i = 0; i < RITZ_SIDES; i++)
    for (int s = 0; s < set->side[i].sources; s++)
      RITZ_TRY(agree_on(set, &set->side[i].source[s], all));
  return RITZ_OK;
}

static ritz_status set_grid(ritz_dataset *set, const agreed *all) {
  ritz_dataset_info *info = &set->info;
  info->dim = 0;
  for (int d = 0; d < 3; d++) {
    const ritz_index n = all->n[RITZ_ROLE_X + d];
    info->grid[d] = n ? n : 1;
    if (n == 0) continue;
    if (info->dim != d)
      return RITZ_H5_REJECT(set->file, RITZ_ERR_SHAPE, "the axes have a role %s but no %s",
                            ritz_role_name((ritz_role)(RITZ_ROLE_X + d)),
                            ritz_role_name((ritz_role)(RITZ_ROLE_X + d - 1)));
    info->dim = d + 1;
  }
  if (info->dim == 0)
    return RITZ_H5_REJECT(set->file, RITZ_ERR_SHAPE, "no axis has a role x, y or z: no grid");
  return RITZ_OK;
}

static ritz_status set_extents(ritz_dataset *set, const ritz_dataset_config *config) {
  ritz_dataset_info *info = &set->info;
  RITZ_REQUIRE(config->lengths.count <= 1 || config->lengths.count == info->dim, RITZ_ERR_CONFIG,
               "%s: lengths has %d entries, the grid has %d axes", set->path, config->lengths.count,
               info->dim);
  for (int d = 0; d < info->dim; d++) {
    if (config->lengths.count > 0)
      info->length[d] = config->lengths.v[config->lengths.count > 1 ? d : 0];
    RITZ_REQUIRE(config->lengths.count == 0 || info->length[d] > 0, RITZ_ERR_CONFIG,
                 "%s: length of axis %d is %g, wanted a positive number", set->path, d,
                 info->length[d]);
    if (config->grid > 0) info->periodic[d] = config->grid == 2;
  }
  return RITZ_OK;
}

/* Points along an axis of the file, before index and stride. */
static ritz_index whole_axis(const agreed *all, ritz_role role) {
  const ritz_source *source = all->source[role];
  return source->info.n[ritz_source_axis(source, role)];
}

/* A part of a periodic axis is bounded; every n-th point of a whole one is periodic again. */
static ritz_status thin_axis(ritz_dataset *set, const agreed *all, int d, ritz_index stride) {
  ritz_dataset_info *info = &set->info;
  const ritz_role role = (ritz_role)(RITZ_ROLE_X + d);
  const ritz_index whole = whole_axis(all, role), n = info->grid[d];
  const ritz_index kept = (n - 1) / stride + 1;
  const bool part = n < whole;
  if (info->periodic[d] == 1 && !part && n % stride != 0)
    return RITZ_H5_REJECT(set->file, RITZ_ERR_SHAPE,
                          "stride %td does not divide the %td points of periodic axis %s", stride,
                          n, ritz_role_name(role));
  if (info->periodic[d] != 1 || part) {
    const ritz_index parts = info->periodic[d] == 1 ? whole : whole - 1;
    if (parts > 0) info->length[d] *= (double)((kept - 1) * stride) / (double)parts;
    if (part && info->periodic[d] == 1) info->periodic[d] = 0;
  }
  info->grid[d] = kept;
  for (int i = 0; i < RITZ_SIDES; i++)
    for (int s = 0; s < set->side[i].sources; s++) {
      ritz_source *source = &set->side[i].source[s];
      const int axis = ritz_source_axis(source, role);
      if (axis >= 0) source->step[axis] = stride, source->count[axis] = kept;
    }
  return RITZ_OK;
}

static ritz_status set_samples(ritz_dataset *set, const ritz_dataset_config *config,
                               ritz_index there) {
  const bool range = config->samples.count > 0;
  RITZ_REQUIRE(range + (config->first > 0) + (config->last > 0) <= 1, RITZ_ERR_CONFIG,
               "%s: only one of samples, first and last can be given", set->path);
  RITZ_REQUIRE(!range || config->samples.count == 2, RITZ_ERR_CONFIG,
               "%s: samples is a range [begin, end], end exclusive", set->path);
  ritz_index begin = 0, end = there;
  if (range) begin = config->samples.n[0], end = config->samples.n[1];
  if (config->first > 0) end = config->first;
  if (config->last > 0) begin = there - config->last;
  RITZ_REQUIRE(begin >= 0 && end <= there, RITZ_ERR_SHAPE, "%s: has %td samples, %td are asked for",
               set->path, there, config->last > 0 ? config->last : end);
  RITZ_REQUIRE(begin < end, RITZ_ERR_CONFIG, "%s: the range of samples [%td, %td] is empty",
               set->path, begin, end);
  set->first_sample = begin;
  set->info.samples = end - begin;
  return RITZ_OK;
}

static ritz_status name_side(ritz_side *side) {
  size_t length = 1;
  for (int s = 0; s < side->sources; s++) length += strlen(side->source[s].name) + 2;
  RITZ_TRY(ritz_calloc((ritz_index)length, 1, (void **)&side->name));
  for (int s = 0; s < side->sources; s++) {
    if (s) strcat(side->name, ", ");
    strcat(side->name, side->source[s].name);
  }
  if (side->sources != 1 || !ritz_h5_has_attribute(side->source[0].dataset, "units"))
    return RITZ_OK;
  /* Other people's attribute of that name may be anything: then the units are not known. */
  const ritz_status status = ritz_h5_read_text(side->source[0].dataset, "units", &side->units);
  return status == RITZ_ERR_MEMORY ? status : RITZ_OK;
}

/* Attribute `channels` where it fits, else "nu" or "tensor[3]". */
static ritz_status name_channels(const ritz_source *source, char **channel) {
  int named = 0;
  if (ritz_h5_has_attribute(source->dataset, "channels")) {
    const ritz_status status =
        ritz_h5_read_texts(source->dataset, "channels", source->channels, &named, channel);
    /* More names than channels: some were left out by index, and which is not worth guessing. */
    if (status == RITZ_ERR_MEMORY) return status;
    if (named == source->channels) return RITZ_OK;
    for (int c = 0; c < named; c++) ritz_free(channel[c]), channel[c] = NULL;
  }
  for (int c = 0; c < source->channels; c++) {
    char number[16] = "";
    if (source->channels > 1) snprintf(number, sizeof number, "[%d]", c);
    RITZ_TRY(ritz_strjoin(source->name, number, &channel[c]));
  }
  return RITZ_OK;
}

static ritz_status settle_side(ritz_dataset *set, ritz_side *side) {
  int channels = 0;
  for (int s = 0; s < side->sources; s++) {
    RITZ_TRY(ritz_source_settle(set->file, &side->source[s]));
    side->source[s].offset = channels;
    channels += side->source[s].channels;
  }
  RITZ_TRY(RITZ_NEW(channels, &side->channel));
  side->channels = channels;
  for (int s = 0; s < side->sources; s++)
    RITZ_TRY(name_channels(&side->source[s], side->channel + side->source[s].offset));
  return side->sources > 0 ? name_side(side) : RITZ_OK;
}

static ritz_status set_coordinates(ritz_dataset *set, const ritz_dataset_config *config) {
  ritz_dataset_info *info = &set->info;
  if (config->coordinates > 0) info->coordinates = (int)config->coordinates;
  RITZ_REQUIRE(info->coordinates >= 0 && info->coordinates <= info->channels_in, RITZ_ERR_CONFIG,
               "%s: coordinates is %d, x has %d channels", set->path, info->coordinates,
               info->channels_in);
  RITZ_REQUIRE(info->coordinates == 0 || info->dim == 1, RITZ_ERR_CONFIG,
               "%s: coordinates are of points along one axis, the grid has %d", set->path,
               info->dim);
  return RITZ_OK;
}

static void fill_info(ritz_dataset *set) {
  const ritz_side *x = &set->side[RITZ_SIDE_X], *y = &set->side[RITZ_SIDE_Y];
  ritz_dataset_info *info = &set->info;
  info->path = set->path;
  info->reader = set->reader->name;
  info->boundary = set->boundary;
  info->channels_in = x->channels;
  info->channels_out = y->channels;
  info->x_name = x->name;
  info->y_name = y->name;
  info->x_units = x->units;
  info->y_units = y->units;
  info->x_channel = (const char *const *)x->channel;
  info->y_channel = (const char *const *)y->channel;
}

ritz_status ritz_dataset_assemble(ritz_dataset *set, const ritz_dataset_config *config) {
  agreed all;
  RITZ_TRY(agree(set, &all));
  RITZ_TRY(set_grid(set, &all));
  RITZ_TRY(set_extents(set, config));
  RITZ_REQUIRE(config->stride.count == 1 || config->stride.count == set->info.dim, RITZ_ERR_CONFIG,
               "%s: stride has %d entries, the grid has %d axes", set->path, config->stride.count,
               set->info.dim);
  for (int d = 0; d < set->info.dim; d++)
    RITZ_TRY(thin_axis(set, &all, d, config->stride.n[config->stride.count > 1 ? d : 0]));
  RITZ_TRY(set_samples(set, config, all.source[RITZ_ROLE_SAMPLE] ? all.n[RITZ_ROLE_SAMPLE] : 1));
  for (int i = 0; i < RITZ_SIDES; i++) RITZ_TRY(settle_side(set, &set->side[i]));
  RITZ_TRY(ritz_window_apply(set, config));
  fill_info(set);
  return set_coordinates(set, config);
}
