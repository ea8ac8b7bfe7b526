/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/h5_part.h"

#include <string.h>

#include "core/fail.h"

/* Adds numbers [first, end) of the box: rows that are not whole, whole ones, planes of them, and
 * back again; fewer than twice as many boxes as there are axes. */
static bool add_numbers(hid_t space, int rank, const ritz_h5_part *p, ritz_index first,
                        ritz_index end) {
  hsize_t start[RITZ_MAX_RANK], count[RITZ_MAX_RANK];
  for (int a = 0; a < rank; a++)
    if (p->count[a] == 0) return first >= end; /* an empty box has no numbers */
  while (first < end) {
    ritz_index inner = 1;
    int axis = rank - 1;
    for (; axis > 0; inner *= p->count[axis--]) {
      const ritz_index wider = inner * p->count[axis];
      if (first % wider != 0 || end - first < wider) break;
    }
    ritz_index left = first / inner;
    const ritz_index at = left % p->count[axis], room = p->count[axis] - at;
    const ritz_index here = (end - first) / inner < room ? (end - first) / inner : room;
    for (int a = rank - 1; a > axis; a--)
      start[a] = (hsize_t)p->start[a], count[a] = (hsize_t)p->count[a];
    start[axis] = (hsize_t)p->start[axis] + (hsize_t)at, count[axis] = (hsize_t)here;
    left /= p->count[axis];
    for (int a = axis - 1; a >= 0; left /= p->count[a--])
      start[a] = (hsize_t)p->start[a] + (hsize_t)(left % p->count[a]), count[a] = 1;
    if (H5Sselect_hyperslab(space, H5S_SELECT_OR, start, NULL, count, NULL) < 0) return false;
    first += here * inner;
  }
  return true;
}

bool ritz_h5_select(hid_t space, const ritz_h5_part *p, ritz_index from, ritz_index end) {
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0 || rank > RITZ_MAX_RANK) return false;
  if (rank == 0) return from == end ? H5Sselect_none(space) >= 0 : H5Sselect_all(space) >= 0;
  if (H5Sselect_none(space) < 0) return false;
  ritz_index before = 0;
  for (const ritz_h5_range *r = p->range; r < p->range + p->ranges; before += r++->count) {
    const ritz_index shift = r->first - before, last = before + r->count;
    const ritz_index first = (from > before ? from : before) + shift;
    if (!add_numbers(space, rank, p, first, (end < last ? end : last) + shift)) return false;
  }
  return H5Sselect_valid(space) > 0;
}

ritz_index ritz_h5_part_numbers(const ritz_h5_part *p) {
  ritz_index count = 0;
  for (int i = 0; i < p->ranges; i++) count += p->range[i].count;
  return count;
}

/* What has never been written is NaN, as in ritz_h5_read(). */
static ritz_status read_part(hid_t dataset, const ritz_h5_part *part, ritz_h5_type type,
                             void *out) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  const hsize_t count = (hsize_t)ritz_h5_part_numbers(part);
  const hid_t number = ritz_h5_number_type(type, false), space = H5Dget_space(dataset);
  const hid_t memory = H5Screate_simple(1, &count, NULL);
  ritz_status status = RITZ_OK;
  memset(out, 0xff, (size_t)count * H5Tget_size(number));
  if (!ritz_h5_select(space, part, 0, (ritz_index)count))
    status = RITZ_H5_FAIL(dataset, RITZ_ERR_SHAPE, "the part asked for is not inside");
  else if (H5Dread(dataset, number, memory, space, H5P_DEFAULT, out) < 0)
    status = RITZ_H5_FAIL(dataset, RITZ_ERR_IO, "cannot be read");
  H5Sclose(memory);
  H5Sclose(space);
  H5Tclose(number);
  ritz_h5_quiet_end(quiet);
  return status;
}

ritz_status ritz_h5_read_ranges(hid_t where, const char *path, ritz_h5_type type, int rank,
                                const ritz_index *n, int ranges, const ritz_h5_range *range,
                                void *out) {
  hid_t dataset;
  ritz_h5_part part = {.ranges = ranges, .range = range};
  RITZ_TRY(ritz_h5_find_array(where, path, type, rank, n, &dataset));
  for (int a = 0; a < rank; a++) part.count[a] = n[a];
  const ritz_status status = read_part(dataset, &part, type, out);
  ritz_h5_dataset_close(&dataset);
  return status;
}
