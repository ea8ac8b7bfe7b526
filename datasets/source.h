/* SPDX-License-Identifier: BSD-3-Clause
 * One HDF5 data set with a role for each axis, read into channels-last memory. */
#ifndef RITZ_DATASETS_SOURCE_H
#define RITZ_DATASETS_SOURCE_H

#include "io/h5.h"

typedef enum ritz_role {
  RITZ_ROLE_FIXED = 0, /* an axis of which one entry is read */
  RITZ_ROLE_SAMPLE,
  RITZ_ROLE_X,
  RITZ_ROLE_Y,
  RITZ_ROLE_Z,
  RITZ_ROLE_TIME,
  RITZ_ROLE_CHANNEL,
  RITZ_ROLES
} ritz_role;

/* Memory order of the result: sample, x, y, z, time, channel. */
typedef struct ritz_source {
  hid_t dataset;
  char *name; /* path in the file */
  ritz_h5_info info;
  int roles; /* info.rank, or 0 while they are not known */
  ritz_role role[RITZ_MAX_RANK];
  /* Of each axis but sample: start + k step, k < count. */
  ritz_index start[RITZ_MAX_RANK], step[RITZ_MAX_RANK], count[RITZ_MAX_RANK];
  int channels; /* product over time and channel */
  int offset;   /* first channel within its side */
} ritz_source;

/* Scratch that grows to what the largest block needs. */
typedef struct ritz_source_room {
  void *block;
  size_t bytes;
} ritz_source_room;

/** Most bytes read in one piece: the piece is still in the cache when it is checked and sorted. */
#define RITZ_SOURCE_PIECE ((size_t)1 << 20)
/** Most values of one sample read to drop what a stride leaves out. */
#define RITZ_SOURCE_SPAN ((ritz_index)1 << 22)

/** @return  "sample", "x", ... */
const char *ritz_role_name(ritz_role role);
/** @return  RITZ_ROLES if there is no such role. */
ritz_role ritz_role_find(const char *name);

/** Opens with default selection (everything), no roles. RITZ_ERR_FORMAT  no numbers in there */
ritz_status ritz_source_open(hid_t file, const char *path, ritz_source *out);
void ritz_source_close(ritz_source *source);

/** Sets the roles; RITZ_ERR_SHAPE  their number is not the rank, or one occurs twice. */
ritz_status ritz_source_set_roles(ritz_source *source, int roles, const ritz_role *role);

/** @return  The axis with this role, or -1. */
int ritz_source_axis(const ritz_source *source, ritz_role role);

/** Once roles and selection are final: counts channels, sizes the chunk cache. */
ritz_status ritz_source_settle(hid_t file, ritz_source *source);

/** A part of the grid; extents are 1 beyond the dimension. */
typedef struct ritz_grid_part {
  ritz_index first[3], extent[3];
} ritz_grid_part;

/** @return  A source of that part alone: a copy that lives as long as @p source. */
ritz_source ritz_source_cut(const ritz_source *source, const ritz_grid_part *part);

/**
 * Reads samples first .. first + count - 1 of the file.
 *
 * @param grid      [3], 1 beyond the dimension.
 * @param channels  Of the whole side; the source fills its own.
 * @param out       [count, grid, channels] of @p dtype.
 */
ritz_status ritz_source_read(const ritz_source *source, ritz_source_room *room, ritz_index first,
                             ritz_index count, const ritz_index grid[3], int channels,
                             ritz_dtype dtype, void *out);

#endif
