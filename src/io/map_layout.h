/* SPDX-License-Identifier: BSD-3-Clause
 * The structure of a native map file: data sets, dimension scales, attributes. */
#ifndef RITZ_IO_MAP_LAYOUT_H
#define RITZ_IO_MAP_LAYOUT_H

#include "io/h5.h"
#include "io/map_writer.h"

/** Fills an empty file; every sample is marked as missing. */
ritz_status ritz_map_layout_create(hid_t file, const ritz_map_spec *spec);

/** The spec as lines "key: value", parameters last; release with ritz_free(). */
ritz_status ritz_map_definition(const ritz_map_spec *spec, char **out);

/** RITZ_ERR_CONFIG unless the file was begun with the same definition; shows the difference. */
ritz_status ritz_map_layout_check(hid_t file, const ritz_map_spec *spec);

/** @return  Rank of x or y; n filled with their extents for @p samples samples. */
int ritz_map_shape(const ritz_map_spec *spec, const ritz_map_field *field, ritz_index samples,
                   ritz_index n[RITZ_MAX_RANK]);

/** Extents of a chunk of x or y: a sample, or, where that has the 4 GiB that HDF5 has no chunks of,
 * the half, the quarter ... of its first axes. */
void ritz_map_chunk(const ritz_map_spec *spec, const ritz_map_field *field,
                    ritz_index chunk[RITZ_MAX_RANK]);

#endif
