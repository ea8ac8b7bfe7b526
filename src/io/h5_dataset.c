/* SPDX-License-Identifier: BSD-3-Clause
 * Data sets: shapes and boxes. */
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "io/h5.h"

const char *ritz_h5_shape_text(int rank, const ritz_index *n, size_t size, char *out) {
  size_t used = (size_t)snprintf(out, size, "[");
  for (int a = 0; a < rank && used < size; a++)
    used += (size_t)snprintf(out + used, size - used, "%s%td", a ? ", " : "", n[a]);
  if (used < size) snprintf(out + used, size - used, "]");
  return out;
}

/* Here, once for all reads. */
static ritz_status check_type(hid_t dataset) {
  const hid_t type = H5Dget_type(dataset);
  const bool sound = type >= 0 && ritz_h5_is_sound(type);
  if (type >= 0) H5Tclose(type);
  return sound ? RITZ_OK : RITZ_H5_REJECT(dataset, RITZ_ERR_FORMAT, "the number format is damaged");
}

ritz_status ritz_h5_find(hid_t where, const char *path, size_t cache, hid_t *out) {
  *out = H5I_INVALID_HID;
  if (!ritz_h5_exists(where, path)) {
    char names[384];
    ritz_h5_names(where, sizeof names, names);
    return RITZ_H5_REJECT(where, RITZ_ERR_NOT_FOUND, "no data set \"%s\"; there are: %s", path,
                          names);
  }
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
  /* Ten thousand slots (a prime) are enough for small chunks and cost 80 kB. */
  if (cache != RITZ_H5_DEFAULT_CACHE) H5Pset_chunk_cache(access, 10007, cache, 0.75);
  *out = H5Dopen2(where, path, access);
  if (*out < 0)
    status = RITZ_H5_FAIL(where, RITZ_ERR_FORMAT, "cannot open data set %s", path);
  else
    status = check_type(*out);
  if (status != RITZ_OK) ritz_h5_dataset_close(out);
  H5Pclose(access);
  ritz_h5_quiet_end(quiet);
  return status;
}

static void describe_layout(hid_t dataset, ritz_h5_info *info) {
  const hid_t creation = H5Dget_create_plist(dataset);
  hsize_t chunk[RITZ_MAX_RANK];
  if (H5Pget_layout(creation) == H5D_CHUNKED &&
      H5Pget_chunk(creation, RITZ_MAX_RANK, chunk) == info->rank)
    for (int a = 0; a < info->rank; a++) info->chunk[a] = (ritz_index)chunk[a];
  info->filtered = H5Pget_nfilters(creation) > 0;
  H5Pclose(creation);
}

ritz_status ritz_h5_describe(hid_t dataset, ritz_h5_info *info) {
  *info = (ritz_h5_info){0};
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  const hid_t space = H5Dget_space(dataset);
  const hid_t type = H5Dget_type(dataset);
  info->rank = H5Sget_simple_extent_ndims(space);
  hsize_t n[RITZ_MAX_RANK];
  if (info->rank < 0 || type < 0) {
    status = RITZ_H5_FAIL(dataset, RITZ_ERR_FORMAT, "cannot read its shape");
  } else if (info->rank > RITZ_MAX_RANK) {
    status = RITZ_H5_REJECT(dataset, RITZ_ERR_SHAPE, "has %d axes, at most %d are supported",
                            info->rank, RITZ_MAX_RANK);
  } else {
    H5Sget_simple_extent_dims(space, n, NULL);
    for (int a = 0; a < info->rank; a++) info->n[a] = (ritz_index)n[a];
    info->class = ritz_h5_class_of(type);
    info->bytes = H5Tget_size(type);
    describe_layout(dataset, info);
  }
  if (type >= 0) H5Tclose(type);
  if (space >= 0) H5Sclose(space);
  ritz_h5_quiet_end(quiet);
  return status;
}

void ritz_h5_dataset_close(hid_t *dataset) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  if (*dataset >= 0) H5Dclose(*dataset);
  *dataset = H5I_INVALID_HID;
  ritz_h5_quiet_end(quiet);
}

ritz_status ritz_h5_create_dataset(hid_t where, const char *path, ritz_h5_type type, int rank,
                                   const ritz_index *n, const ritz_index *chunk, hid_t *out) {
  *out = H5I_INVALID_HID;
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  hsize_t extent[RITZ_MAX_RANK] = {0}, piece[RITZ_MAX_RANK] = {0};
  for (int a = 0; a < rank; a++)
    extent[a] = (hsize_t)n[a], piece[a] = chunk ? (hsize_t)chunk[a] : 0;
  const hid_t number = ritz_h5_number_type(type, true);
  const hid_t space = rank > 0 ? H5Screate_simple(rank, extent, NULL) : H5Screate(H5S_SCALAR);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
  H5Pset_create_intermediate_group(links, 1);
  H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
  H5Pset_obj_track_times(creation, false); /* the same contents give the same bytes */
  if (chunk) H5Pset_chunk(creation, rank, piece);
  /* Without a cache whole chunks go straight from the caller's memory to the file. */
  H5Pset_chunk_cache(access, 1, 0, 1.0);
  *out = H5Dcreate2(where, path, number, space, links, creation, access);
  if (*out < 0) {
    char shape[96];
    status = RITZ_H5_FAIL(where, RITZ_ERR_IO, "cannot create data set %s %s", path,
                          ritz_h5_shape_text(rank, n, sizeof shape, shape));
  }
  H5Pclose(access), H5Pclose(creation), H5Pclose(links), H5Sclose(space), H5Tclose(number);
  ritz_h5_quiet_end(quiet);
  return status;
}

/* The file's box and a dense memory of the same size. Both ids are to be closed. */
static bool select_box(hid_t dataset, const ritz_index *start, const ritz_index *step,
                       const ritz_index *count, hid_t *file_space, hid_t *memory_space) {
  hsize_t first[RITZ_MAX_RANK], stride[RITZ_MAX_RANK], number[RITZ_MAX_RANK];
  *memory_space = H5I_INVALID_HID;
  *file_space = H5Dget_space(dataset);
  const int rank = H5Sget_simple_extent_ndims(*file_space);
  if (rank < 0 || rank > RITZ_MAX_RANK) return false;
  for (int a = 0; a < rank; a++) {
    first[a] = (hsize_t)start[a];
    stride[a] = step ? (hsize_t)step[a] : 1;
    number[a] = (hsize_t)count[a];
  }
  if (rank == 0) return (*memory_space = H5Screate(H5S_SCALAR)) >= 0;
  if (H5Sselect_hyperslab(*file_space, H5S_SELECT_SET, first, stride, number, NULL) < 0)
    return false;
  *memory_space = H5Screate_simple(rank, number, NULL);
  return *memory_space >= 0 && H5Sselect_valid(*file_space) > 0;
}

/* What has never been written may stay as it was in the caller's memory, silently: there it shall
 * be NaN, or -1. Contiguous storage that has a place in the file is read in full. */
static void mark_unread(hid_t dataset, hid_t number, hid_t memory_space, void *out) {
  if (H5Dget_offset(dataset) != HADDR_UNDEF) return;
  const hid_t all = memory_space == H5S_ALL ? H5Dget_space(dataset) : memory_space;
  const hssize_t count = H5Sget_select_npoints(all);
  if (count > 0) memset(out, 0xff, (size_t)count * H5Tget_size(number));
  if (all != memory_space) H5Sclose(all);
}

static ritz_status transfer(hid_t dataset, const ritz_index *start, const ritz_index *step,
                            const ritz_index *count, ritz_h5_type type, void *out, const void *in) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  hid_t file_space = H5S_ALL, memory_space = H5S_ALL;
  const hid_t number = ritz_h5_number_type(type, false);
  const bool inside = !start || select_box(dataset, start, step, count, &file_space, &memory_space);
  if (inside && out) mark_unread(dataset, number, memory_space, out);
  if (!inside)
    status = RITZ_H5_FAIL(dataset, RITZ_ERR_SHAPE, "the part asked for is not inside");
  else if (out && H5Dread(dataset, number, memory_space, file_space, H5P_DEFAULT, out) < 0)
    status = RITZ_H5_FAIL(dataset, RITZ_ERR_IO, "cannot be read");
  else if (in && H5Dwrite(dataset, number, memory_space, file_space, H5P_DEFAULT, in) < 0)
    status = RITZ_H5_FAIL(dataset, RITZ_ERR_IO, "cannot be written");
  if (start && file_space >= 0) H5Sclose(file_space);
  if (start && memory_space >= 0) H5Sclose(memory_space);
  H5Tclose(number);
  ritz_h5_quiet_end(quiet);
  return status;
}

ritz_status ritz_h5_read(hid_t dataset, const ritz_index *start, const ritz_index *step,
                         const ritz_index *count, ritz_h5_type type, void *out) {
  return transfer(dataset, start, step, count, type, out, NULL);
}

ritz_status ritz_h5_write(hid_t dataset, const ritz_index *start, const ritz_index *count,
                          ritz_h5_type type, const void *values) {
  return transfer(dataset, start, NULL, count, type, NULL, values);
}

ritz_status ritz_h5_write_array(hid_t where, const char *path, ritz_h5_type type, int rank,
                                const ritz_index *n, const void *values) {
  hid_t dataset;
  RITZ_TRY(ritz_h5_create_dataset(where, path, type, rank, n, NULL, &dataset));
  const ritz_status status = ritz_h5_write(dataset, NULL, NULL, type, values);
  ritz_h5_dataset_close(&dataset);
  return status;
}

static bool is_complex(ritz_h5_type type) {
  return type == RITZ_H5_COMPLEX64 || type == RITZ_H5_COMPLEX128;
}

static ritz_status check_array(hid_t dataset, ritz_h5_type type, int rank, const ritz_index *n) {
  ritz_h5_info info;
  RITZ_TRY(ritz_h5_describe(dataset, &info));
  bool same = info.rank == rank;
  for (int a = 0; same && a < rank; a++) same = info.n[a] == n[a];
  if (!same) {
    char is[96], wanted[96];
    return RITZ_H5_REJECT(dataset, RITZ_ERR_SHAPE, "is %s, expected %s",
                          ritz_h5_shape_text(info.rank, info.n, sizeof is, is),
                          ritz_h5_shape_text(rank, n, sizeof wanted, wanted));
  }
  if (info.class == RITZ_H5_CLASS_OTHER ||
      is_complex(type) != (info.class == RITZ_H5_CLASS_COMPLEX))
    return RITZ_H5_REJECT(dataset, RITZ_ERR_FORMAT, "does not hold %s numbers",
                          is_complex(type) ? "complex {r, i}" : "real");
  return RITZ_OK;
}

ritz_status ritz_h5_find_array(hid_t where, const char *path, ritz_h5_type type, int rank,
                               const ritz_index *n, hid_t *out) {
  RITZ_TRY(ritz_h5_find(where, path, RITZ_H5_DEFAULT_CACHE, out));
  const ritz_status status = check_array(*out, type, rank, n);
  if (status != RITZ_OK) ritz_h5_dataset_close(out);
  return status;
}

ritz_status ritz_h5_read_array(hid_t where, const char *path, ritz_h5_type type, int rank,
                               const ritz_index *n, void *out) {
  hid_t dataset;
  RITZ_TRY(ritz_h5_find_array(where, path, type, rank, n, &dataset));
  const ritz_status status = ritz_h5_read(dataset, NULL, NULL, NULL, type, out);
  ritz_h5_dataset_close(&dataset);
  return status;
}
