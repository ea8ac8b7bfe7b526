/* SPDX-License-Identifier: BSD-3-Clause
 * Reading with roles (source.h). A file in memory order is read straight into the result; anything
 * else goes through a piece of scratch and is gathered by strides, where an axis that the source
 * does not have has stride zero. */
#include "datasets/source.h"

#include <string.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"

static const char *const role_name[RITZ_ROLES] = {"fixed", "sample", "x",      "y",
                                                  "z",     "time",   "channel"};

const char *ritz_role_name(ritz_role role) { return role_name[role]; }

ritz_role ritz_role_find(const char *name) {
  for (int r = RITZ_ROLE_SAMPLE; r < RITZ_ROLES; r++)
    if (strcmp(role_name[r], name) == 0) return (ritz_role)r;
  return RITZ_ROLES;
}

ritz_status ritz_source_open(hid_t file, const char *path, ritz_source *out) {
  *out = (ritz_source){.dataset = H5I_INVALID_HID};
  ritz_status status;
  RITZ_TRY_DONE(ritz_h5_find(file, path, RITZ_H5_DEFAULT_CACHE, &out->dataset));
  RITZ_TRY_DONE(ritz_h5_describe(out->dataset, &out->info));
  if (out->info.class == RITZ_H5_CLASS_COMPLEX || out->info.class == RITZ_H5_CLASS_OTHER) {
    status = RITZ_H5_REJECT(out->dataset, RITZ_ERR_FORMAT,
                            "holds neither integers, booleans nor real numbers");
    goto done;
  }
  RITZ_TRY_DONE(ritz_strdup(path, &out->name));
  for (int a = 0; a < out->info.rank; a++) out->step[a] = 1, out->count[a] = out->info.n[a];
  return RITZ_OK;
done:
  ritz_source_close(out);
  return status;
}

void ritz_source_close(ritz_source *source) {
  ritz_h5_dataset_close(&source->dataset);
  ritz_free(source->name);
  source->name = NULL;
}

ritz_status ritz_source_set_roles(ritz_source *source, int roles, const ritz_role *role) {
  char shape[96];
  if (roles != source->info.rank)
    return RITZ_H5_REJECT(
        source->dataset, RITZ_ERR_SHAPE, "is %s, but %d axes are named",
        ritz_h5_shape_text(source->info.rank, source->info.n, sizeof shape, shape), roles);
  for (int a = 0; a < roles; a++)
    for (int b = 0; b < a; b++)
      if (role[a] == role[b] && role[a] != RITZ_ROLE_FIXED)
        return RITZ_H5_REJECT(source->dataset, RITZ_ERR_SHAPE, "two axes are named %s",
                              role_name[role[a]]);
  memcpy(source->role, role, (size_t)roles * sizeof *role);
  source->roles = roles;
  return RITZ_OK;
}

int ritz_source_axis(const ritz_source *source, ritz_role role) {
  for (int a = 0; a < source->roles; a++)
    if (source->role[a] == role) return a;
  return -1;
}

/* A cache that holds twice the chunks one sample touches, so that neighbours in a chunk find it
 * there; none where every chunk lies in one sample and is read whole: then HDF5 reads straight into
 * our memory. */
static bool reads_whole_chunks(const ritz_source *source, int sample) {
  if (source->info.filtered || (sample >= 0 && source->info.chunk[sample] != 1)) return false;
  for (int a = 0; a < source->roles; a++)
    if (a != sample && source->count[a] != source->info.n[a]) return false;
  return true;
}

static size_t cache_bytes(const ritz_source *source) {
  const ritz_h5_info *info = &source->info;
  const int sample = ritz_source_axis(source, RITZ_ROLE_SAMPLE);
  if (info->rank == 0 || info->chunk[0] == 0) return RITZ_H5_DEFAULT_CACHE;
  if (reads_whole_chunks(source, sample)) return 0;
  double bytes = (double)info->bytes;
  for (int a = 0; a < info->rank; a++) {
    const ritz_index span = a == sample ? 1 : (source->count[a] - 1) * source->step[a] + 1;
    const ritz_index chunks = (span + info->chunk[a] - 1) / info->chunk[a];
    bytes *= (double)chunks * (double)info->chunk[a];
  }
  const double least = 1 << 20, most = 256 << 20;
  bytes *= 2;
  return (size_t)(bytes < least ? least : bytes > most ? most : bytes);
}

ritz_source ritz_source_cut(const ritz_source *source, const ritz_grid_part *part) {
  ritz_source cut = *source;
  for (int d = 0; d < 3; d++) {
    const int axis = ritz_source_axis(source, (ritz_role)(RITZ_ROLE_X + d));
    if (axis < 0) continue;
    cut.start[axis] += part->first[d] * source->step[axis];
    cut.count[axis] = part->extent[d];
  }
  return cut;
}

static const ritz_index most_values = (ritz_index)1 << 44;

ritz_status ritz_source_settle(hid_t file, ritz_source *source) {
  ritz_index channels = 1, values = 1;
  for (int a = 0; a < source->roles; a++) {
    if (source->role[a] == RITZ_ROLE_SAMPLE) continue;
    /* A damaged file can claim any extent; offsets are computed in 64 bits. */
    if (__builtin_mul_overflow(values, source->info.n[a], &values) || values > most_values)
      return RITZ_H5_REJECT(source->dataset, RITZ_ERR_SHAPE, "has too many values per sample");
    if (source->role[a] == RITZ_ROLE_TIME || source->role[a] == RITZ_ROLE_CHANNEL)
      channels *= source->count[a];
  }
  if (channels > 1 << 20)
    return RITZ_H5_REJECT(source->dataset, RITZ_ERR_SHAPE,
                          "gives %td channels; pick from its axes with index", channels);
  source->channels = (int)channels;
  /* A data set that is still open keeps the cache it was opened with. */
  ritz_h5_dataset_close(&source->dataset);
  return ritz_h5_find(file, source->name, cache_bytes(source), &source->dataset);
}

/* The part of a file that one read takes. HDF5 reads rows, and whole boxes still more, much faster
 * than scattered values: what a step leaves out is dropped in memory (thin), along the fastest axis
 * always, along the others unless a single sample would then take too much scratch. */
typedef struct box {
  ritz_index start[RITZ_MAX_RANK], step[RITZ_MAX_RANK], number[RITZ_MAX_RANK];
  ritz_index thin[RITZ_MAX_RANK];
  ritz_index values; /* per sample */
} box;

static box select_box(const ritz_source *source) {
  box b = {.values = 1};
  ritz_index whole = 1;
  for (int a = 0; a < source->roles; a++)
    if (source->role[a] != RITZ_ROLE_SAMPLE) whole *= (source->count[a] - 1) * source->step[a] + 1;
  for (int a = 0; a < source->roles; a++) {
    b.start[a] = source->start[a];
    b.number[a] = source->count[a];
    b.step[a] = source->step[a];
    b.thin[a] = 1;
    if (source->role[a] == RITZ_ROLE_SAMPLE) continue;
    if (whole <= RITZ_SOURCE_SPAN || a == source->roles - 1) {
      b.number[a] = (source->count[a] - 1) * source->step[a] + 1;
      b.thin[a] = source->step[a];
      b.step[a] = 1;
    }
    b.values *= b.number[a];
  }
  return b;
}

static bool in_memory_order(const ritz_source *source, const ritz_index grid[3], int channels) {
  if (source->channels != channels || source->roles == 0) return false;
  if (ritz_source_axis(source, RITZ_ROLE_SAMPLE) < 0) return false;
  for (int d = 0; d < 3; d++)
    if (grid[d] > 1 && ritz_source_axis(source, RITZ_ROLE_X + (ritz_role)d) < 0) return false;
  ritz_role last = RITZ_ROLE_FIXED;
  for (int a = 0; a < source->roles; a++) {
    if (source->role[a] == RITZ_ROLE_FIXED) continue;
    if (source->role[a] < last || source->step[a] > 1) return false;
    last = source->role[a];
  }
  return true;
}

/* Distances in the scratch along sample, x, y, z, time, channel. */
typedef struct strides {
  ritz_index s[RITZ_ROLES];
} strides;

static strides scratch_strides(const ritz_source *source, const box *b) {
  strides result = {{0}};
  ritz_index distance = 1;
  for (int a = source->roles - 1; a >= 0; a--) {
    if (source->role[a] != RITZ_ROLE_FIXED) result.s[source->role[a]] = distance * b->thin[a];
    distance *= b->number[a];
  }
  return result;
}

static ritz_index extent_of(const ritz_source *source, ritz_role role) {
  const int axis = ritz_source_axis(source, role);
  return axis < 0 ? 1 : source->count[axis];
}

/* One channel of one sample: out[p channels] = in[p . strides], values of @p size bytes. */
static inline void gather_field(size_t size, const ritz_index grid[3], const ritz_index *stride,
                                int channels, const char *in, char *out) {
  for (ritz_index i = 0; i < grid[0]; i++)
    for (ritz_index j = 0; j < grid[1]; j++) {
      const char *row = in + (i * stride[0] + j * stride[1]) * (ritz_index)size;
      for (ritz_index k = 0; k < grid[2]; k++, out += (size_t)channels * size)
        memcpy(out, row + k * stride[2] * (ritz_index)size, size);
    }
}

static void gather(const ritz_source *source, ritz_index count, const ritz_index grid[3],
                   int channels, size_t size, const strides *from, const char *in, char *out) {
  const ritz_index points = grid[0] * grid[1] * grid[2];
  const ritz_index times = extent_of(source, RITZ_ROLE_TIME);
  const ritz_index parts = extent_of(source, RITZ_ROLE_CHANNEL);
  for (ritz_index s = 0; s < count; s++)
    for (ritz_index t = 0; t < times; t++)
      for (ritz_index c = 0; c < parts; c++) {
        const char *field = in + (s * from->s[RITZ_ROLE_SAMPLE] + t * from->s[RITZ_ROLE_TIME] +
                                  c * from->s[RITZ_ROLE_CHANNEL]) *
                                     (ritz_index)size;
        char *to =
            out + (s * points * channels + source->offset + t * parts + c) * (ritz_index)size;
        if (size == 4)
          gather_field(4, grid, &from->s[RITZ_ROLE_X], channels, field, to);
        else
          gather_field(8, grid, &from->s[RITZ_ROLE_X], channels, field, to);
      }
}

static ritz_status make_room(ritz_source_room *room, size_t bytes) {
  if (room->bytes >= bytes) return RITZ_OK;
  ritz_free(room->block);
  *room = (ritz_source_room){0};
  RITZ_TRY(ritz_calloc((ritz_index)bytes, 1, &room->block));
  room->bytes = bytes;
  return RITZ_OK;
}

ritz_status ritz_source_read(const ritz_source *source, ritz_source_room *room, ritz_index first,
                             ritz_index count, const ritz_index grid[3], int channels,
                             ritz_dtype dtype, void *out) {
  const size_t size = ritz_dtype_size(dtype);
  const int sample = ritz_source_axis(source, RITZ_ROLE_SAMPLE);
  const bool straight = in_memory_order(source, grid, channels);
  const ritz_index out_values = grid[0] * grid[1] * grid[2] * channels;
  box b = select_box(source);
  ritz_index piece = (ritz_index)(RITZ_SOURCE_PIECE / size) / b.values;
  if (piece < 1) piece = 1;
  if (piece > count || straight || sample < 0) piece = count;
  const ritz_index block = sample < 0 ? 1 : piece;
  if (!straight) RITZ_TRY(make_room(room, (size_t)(block * b.values) * size));
  for (ritz_index done = 0; done < count; done += piece) {
    const ritz_index n = count - done < piece ? count - done : piece;
    char *to = (char *)out + (size_t)(done * out_values) * size;
    if (sample >= 0) b.start[sample] = first + done, b.number[sample] = n;
    RITZ_TRY(ritz_h5_read(source->dataset, b.start, b.step, b.number, ritz_h5_real(dtype),
                          straight ? to : room->block));
    if (straight) continue;
    const strides from = scratch_strides(source, &b);
    gather(source, n, grid, channels, size, &from, room->block, to);
  }
  return RITZ_OK;
}
