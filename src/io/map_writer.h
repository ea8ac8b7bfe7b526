/* SPDX-License-Identifier: BSD-3-Clause
 * Writes maps x -> y in the native form, a sample or many at a time, and goes on after a stop.
 *
 * File (HDF5, earliest format):
 *   x, y            [sample, d1 .. dn], [sample, d1 .. dn, channel], or with frames of time
 *                   [sample, time, d1 .. dn, ...]; float or double, one chunk a sample, not
 *                   compressed; attributes axes (roles), channels (names), long_name, units; every
 *                   axis has a dimension scale and its role as label
 *   sample          int64 [sample]: number of the sample; -1 while it is missing
 *   x_coordinate .. double: L i/(N-1) on a bounded axis, L i/N on a periodic one
 *   x_time, y_time  double, where there are frames: times since x
 *   x_channel, y_channel, where there is more than one
 *   one data set [sample] per extra quantity (residual, iterations), [sample, count] per list
 *   root attributes format, format_version, ritz_version, generator, method, parameters, seed,
 * boundary, grid ("bounded" | "periodic" per axis), lengths, definition
 *
 * Until it is finished the file is PATH.part. Its structure is complete and on disk before the
 * first sample is written, values go straight to their place, and a sample is marked as done last:
 * a process killed at any moment leaves a valid PATH.part with only whole samples marked. (A power
 * failure may also lose samples that were marked.) One writer a file, one thread a writer. */
#ifndef RITZ_IO_MAP_WRITER_H
#define RITZ_IO_MAP_WRITER_H

#include <ritz/status.h>

typedef struct ritz_map_writer ritz_map_writer;

/* Text fields may be NULL: the attribute is left out. */
typedef struct ritz_map_field {
  int channels;
  const char *const *channel; /**< [channels] names, or NULL */
  ritz_index frames;          /**< levels of time; 0: no such axis */
  const double *times;        /**< [frames], increasing */
  const char *long_name;
  const char *units;
} ritz_map_field;

/* Numbers of each sample beside its fields, written as a data set. */
typedef struct ritz_map_extra {
  const char *name; /**< "residual" */
  bool integer;     /**< int64 on file, else double */
  const char *long_name;
  const char *units;
  ritz_index count; /**< numbers per sample, an axis of their own; 0: one, without such an axis */
} ritz_map_extra;

#define RITZ_MAP_EXTRAS 8

typedef struct ritz_map_spec {
  ritz_index samples;
  ritz_index first_sample; /**< number of the first one, for files that are parts of a set */
  int dim;                 /**< 1 to 3 */
  ritz_index grid[3];
  double length[3]; /**< physical extent, in coordinate_units */
  bool periodic[3];
  const char *coordinate_units;
  int coordinates; /**< last channels of x that are coordinates of scattered points; 0: a grid */
  ritz_map_field x, y;
  ritz_dtype stored; /**< number format on file */
  uint64_t seed;     /**< below 2^63 */
  const char *generator;
  const char *boundary;   /**< "dirichlet", ... */
  const char *method;     /**< how samples were solved; not compared on resuming */
  const char *parameters; /**< JSON of the generator's options; compared on resuming */
  int extras;
  ritz_map_extra extra[RITZ_MAP_EXTRAS];
} ritz_map_spec;

/**
 * Begins PATH.part, or goes on with it if it was begun with the same spec. Fails before any work is
 * done if the place cannot be written or has too little room.
 *
 * @param spec  Copied in full except texts, which must outlive the writer.
 * @param out   NULL on failure; an existing PATH.part is then unchanged.
 *              RITZ_ERR_CONFIG  PATH.part was begun with other settings: the message shows which
 */
ritz_status ritz_map_writer_open(const char *path, const ritz_map_spec *spec,
                                 ritz_map_writer **out);

/** @return  The first sample >= @p from (counted from 0) not yet written; samples if none. */
ritz_index ritz_map_writer_next(const ritz_map_writer *writer, ritz_index from);
/** @return  Samples already written. */
ritz_index ritz_map_writer_done(const ritz_map_writer *writer);

/**
 * Writes samples first .. first + count - 1 (counted from 0) and marks them as done.
 *
 * @param x      [count, frames, d1 .. dn, Ci] of @p dtype, @param y  the same with y's.
 * @param extra  [extras] arrays of [count] or [count][numbers]; NULL if there are none.
 *               RITZ_ERR_NUMERIC  a value is not finite in the stored format; nothing is written
 *               RITZ_ERR_IO  disk full
 */
ritz_status ritz_map_writer_write(ritz_map_writer *writer, ritz_index first, ritz_index count,
                                  ritz_dtype dtype, const void *x, const void *y,
                                  const double *const *extra);

/**
 * Writes planes first .. first + count - 1 of the first grid axis of one sample (counted from 0),
 * which ritz_map_writer_mark() marks as done when all its planes are written.
 *
 * @param x,y  [count, d2 .. dn, channels] of @p dtype; without frames.
 *             RITZ_ERR_NUMERIC, RITZ_ERR_IO  as above
 */
ritz_status ritz_map_writer_write_planes(ritz_map_writer *writer, ritz_index sample,
                                         ritz_index first, ritz_index count, ritz_dtype dtype,
                                         const void *x, const void *y);

/** Leaves PATH.part to all ranks, which may write values into it (h5_ranks.h), and takes it up
 * again. In between nothing else may be called but ritz_map_writer_close(). RITZ_ERR_IO */
ritz_status ritz_map_writer_leave(ritz_map_writer *writer);
ritz_status ritz_map_writer_return(ritz_map_writer *writer);

/** The sample's planes are all there. @param extra  As above, of one sample. */
ritz_status ritz_map_writer_mark(ritz_map_writer *writer, ritz_index sample,
                                 const double *const *extra);

/**
 * All samples are there: writes the XDMF sidecar and then moves the file to PATH, so that a stop in
 * between is one before the end. Clears the pointer.
 * RITZ_ERR_ARGUMENT  samples are missing (PATH.part stays)
 * RITZ_ERR_IO  no sidecar, or not renamed: PATH.part stays
 */
ritz_status ritz_map_writer_finish(ritz_map_writer **writer);

/** Stops; PATH.part stays and can be continued. Accepts NULL, clears the pointer. */
void ritz_map_writer_close(ritz_map_writer **writer);

#endif
