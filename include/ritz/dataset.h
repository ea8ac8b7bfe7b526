/* SPDX-License-Identifier: BSD-3-Clause
 * Data sets of maps x -> y on a grid, read from HDF5 files of many layouts.
 *
 * Values come out channels-last in the asked number format, whatever the file holds (integers,
 * booleans, half, float, double; axes in any order). The file stays open and is never loaded as a
 * whole: memory is a chunk cache per data set in the file plus at most a few MiB.
 *
 * Options, as YAML or JSON, all optional except path where the call does not give it:
 *
 *   path: file.h5
 *   reader: auto                  # or a name of `ritz list readers`
 *   x: {dataset: nu, axes: [sample, x, y]}
 *   y: {dataset: tensor, axes: [sample, time, x, y], index: {time: 0}}
 *   stride: 5                     # every 5th grid point; [5, 4] per axis
 *   samples: [0, 1000]            # a range, end exclusive; or first: N, or last: N
 *   lengths: [1, 1]               # physical extents of the whole axes, instead of the file's
 *   grid: bounded                 # or periodic, instead of what the file says
 *   coordinates: 2                # the last 2 channels of x say where the points of axis x are
 *   window: [10, 1]               # trajectories: 10 frames of x, the next one y, from every
 *   window_step: 1                # window_step-th frame on, each window a sample
 *
 * x and y are a data set's path, a map as above, or a list of these stacked as channels. axes gives
 * the role of every axis of the data set in file order: sample, x, y, z, time, channel. Axes time
 * and channel become channels (time slowest). index picks from an axis before anything else: a
 * number removes the axis (-1 is the last), [begin, end] keeps a range. A data set without a sample
 * axis, or without some grid axis, is repeated along it. x without y reads inputs only.
 *
 * Scattered points are a list along x with their coordinates as the last channels, for example
 *   x: [{dataset: a, axes: [sample, x]}, {dataset: XY, axes: [sample, x, channel]}]
 *   coordinates: 2
 * A trajectory is the frames of x and then those of y (x alone, if there is no y); samples, first
 * and last count trajectories.
 *
 * Without axes they come from the attribute `axes` of the data set (native files), else from the
 * shapes of x and y:
 *   * equal shapes of rank 2 to 4, every grid extent at least 8: [sample, d1 .. dn], no channels;
 *   * equal ranks of 3 or more that differ in the last extent only, one of the two below 8:
 *     [sample, d1 .. dn, channel];
 *   * the same with the second extent: [sample, channel, d1 .. dn];
 *   * ranks that differ by one, the longer one having one more extent at the end and the shorter
 *     one being no candidate for channels of its own: [sample, d1 .. dn] and
 *     [sample, d1 .. dn, channel].
 *
 * Anything else, and whatever fits more than one line, is an error that shows a mapping to
 * write. */
#ifndef RITZ_DATASET_H
#define RITZ_DATASET_H

#include <ritz/context.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_dataset ritz_dataset;

/** What a data set holds; texts and arrays belong to it. */
typedef struct ritz_dataset_info {
  const char *path;
  const char *reader;   /**< Name of the reader in use. */
  ritz_index samples;   /**< After samples/first/last. */
  int dim;              /**< 1 to 3. */
  ritz_index grid[3];   /**< After the stride; 1 beyond dim. */
  int channels_in;      /**< Of x. */
  int channels_out;     /**< Of y; 0: the set has no y. */
  double length[3];     /**< Physical extents; 0: not known. */
  int periodic[3];      /**< 1 periodic, 0 bounded (ends included), -1 not known. */
  const char *boundary; /**< "dirichlet", ...; NULL: not known. */
  int coordinates; /**< Of scattered points, whose order along the only axis means nothing: the last
                        channels of x. 0: a grid. */
  const char *x_name;  /**< Data sets read, "nu, forcing". */
  const char *y_name;  /**< NULL without y. */
  const char *x_units; /**< NULL: not known, or several data sets. */
  const char *y_units;
  const char *const *x_channel; /**< [channels_in] names. */
  const char *const *y_channel; /**< [channels_out] names. */
} ritz_dataset_info;

/**
 * Opens a data set and checks its structure, not its values.
 *
 * @param path     File; NULL: the options give it.
 * @param options  YAML or JSON map as above; NULL: none.
 * @param out      NULL on failure.
 *                 RITZ_ERR_IO         the file is not there or cannot be read
 *                 RITZ_ERR_FORMAT     not HDF5, cut short, a type that is no number, axes unclear
 *                 RITZ_ERR_NOT_FOUND  no such data set (the message lists those that are there)
 *                 RITZ_ERR_SHAPE      grids of x and y differ, roles that do not fit, no samples
 *                 RITZ_ERR_CONFIG     the options themselves
 */
RITZ_API ritz_status ritz_dataset_open(ritz_context *context, const char *path, const char *options,
                                       ritz_dataset **out);
/** Closes the file; accepts NULL and clears the pointer. */
RITZ_API void ritz_dataset_close(ritz_dataset **dataset);

/** What it holds; owned by the data set. */
RITZ_API const ritz_dataset_info *ritz_dataset_get_info(const ritz_dataset *dataset);

/**
 * Reads samples. Runs of consecutive numbers are read together. One thread at a time per data set.
 *
 * @param sample  [count] numbers, 0 <= sample < info.samples, any order; NULL: 0 .. count-1.
 * @param x       [count, d1 .. dn, channels_in] of @p dtype.
 * @param y       [count, d1 .. dn, channels_out], or NULL.
 *                RITZ_ERR_ARGUMENT  a number out of range, y asked of a set without
 *                RITZ_ERR_NUMERIC   a value is not finite: file, data set, sample and point named
 *                RITZ_ERR_IO        read error. On failure x and y hold rubbish.
 */
RITZ_API ritz_status ritz_dataset_read(ritz_dataset *dataset, ritz_index count,
                                       const ritz_index *sample, ritz_dtype dtype, void *x,
                                       void *y);

/**
 * The same of a part of the grid alone, points first[a] ... first[a] + count[a] - 1 of each axis.
 *
 * @param first,extent  [dim] RITZ_ERR_ARGUMENT  not within the grid
 * @param x             [count, extent, channels_in]; @p y alike.
 */
RITZ_API ritz_status ritz_dataset_read_part(ritz_dataset *dataset, const ritz_index *first,
                                            const ritz_index *extent, ritz_index count,
                                            const ritz_index *sample, ritz_dtype dtype, void *x,
                                            void *y);

/** Where statistics go; arrays lent by the caller, each may be NULL. */
typedef struct ritz_dataset_stats {
  double *x_mean, *x_std;           /**< [channels_in] */
  double *y_mean, *y_std;           /**< [channels_out] */
  ritz_index count;                 /**< Out: values per channel, samples times grid points. */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_dataset_stats;

/**
 * Mean and unbiased standard deviation (divisor count - 1; 0 for one value) of each channel over
 * all samples and points, in double, in one pass and a fixed order (pairwise update of Chan, Golub
 * & LeVeque 1983, doi:10.1080/00031305.1983.10483115). Errors as of ritz_dataset_read(). Cost:
 * all values are read once.
 */
RITZ_API ritz_status ritz_dataset_statistics(ritz_dataset *dataset, ritz_dataset_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
