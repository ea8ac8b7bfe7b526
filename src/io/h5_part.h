/* SPDX-License-Identifier: BSD-3-Clause
 * Parts of a data set that are no boxes: what one of several ranks has of an array. */
#ifndef RITZ_IO_H5_PART_H
#define RITZ_IO_H5_PART_H

#include "io/h5.h"

/** Numbers [first, first + count) of a box in row-major order. */
typedef struct ritz_h5_range {
  ritz_index first, count;
} ritz_h5_range;

/** Some numbers of a data set, in file order: ascending ranges of a box. */
typedef struct ritz_h5_part {
  ritz_index start[RITZ_MAX_RANK], count[RITZ_MAX_RANK]; /* the box */
  int ranges;                                            /* 0: nothing */
  const ritz_h5_range *range;
} ritz_h5_part;

/** @return  How many numbers a part has. */
ritz_index ritz_h5_part_numbers(const ritz_h5_part *part);
/** Selects numbers [from, end) of a part. @return  False where it is not inside. */
bool ritz_h5_select(hid_t space, const ritz_h5_part *part, ritz_index from, ritz_index end);

/**
 * ritz_h5_read_array() of some numbers: find, compare with the expected shape, read, close.
 *
 * @param range  [ranges], ascending.
 * @param out    The numbers of all ranges, one after the other.
 */
ritz_status ritz_h5_read_ranges(hid_t where, const char *path, ritz_h5_type type, int rank,
                                const ritz_index *n, int ranges, const ritz_h5_range *range,
                                void *out);

#endif
