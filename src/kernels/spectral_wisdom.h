/* SPDX-License-Identifier: BSD-3-Clause
 * Algorithms found fastest by measuring, to be kept in a text file.
 *
 * Opt-in: without it the choice is a pure function of the shape. The first line of a file names the
 * format; each other one is a shape's key and an algorithm's name:
 *
 *   ritz spectral wisdom 1
 *   avx512 float b16 c32 64x64 24x13 5e1e0c4bb1d2f7a9 folded_twice
 *
 * Axes with other bases than Fourier's have a letter: 65s, 65c, 64S, 64C for sines and cosines on
 * nodes and on cells. */
#ifndef RITZ_KERNELS_SPECTRAL_WISDOM_H
#define RITZ_KERNELS_SPECTRAL_WISDOM_H

#include "kernels/spectral.h"

typedef struct ritz_spectral_wisdom ritz_spectral_wisdom;

/** Empty. */
ritz_status ritz_spectral_wisdom_create(ritz_spectral_wisdom **out);
void ritz_spectral_wisdom_destroy(ritz_spectral_wisdom **wisdom);

/**
 * Adds what a file knows; it wins over what was known.
 *
 * @return  RITZ_ERR_IO      the file cannot be read
 *          RITZ_ERR_FORMAT  it is not wholly of the form above; nothing is added then
 */
ritz_status ritz_spectral_wisdom_load(ritz_spectral_wisdom *wisdom, const char *path);

/** Writes all of it, sorted by key, under another name first. RITZ_ERR_IO: an old file stays. */
ritz_status ritz_spectral_wisdom_save(const ritz_spectral_wisdom *wisdom, const char *path);

/** @return  Whether the shape is known; only then *out is written. */
bool ritz_spectral_wisdom_find(const ritz_spectral_wisdom *wisdom,
                               const ritz_transform_shape *shape, ritz_spectral_algorithm *out);

/** Adds or replaces. RITZ_ERR_MEMORY: unchanged. */
ritz_status ritz_spectral_wisdom_add(ritz_spectral_wisdom *wisdom,
                                     const ritz_transform_shape *shape,
                                     ritz_spectral_algorithm algorithm);

/** @return  Number of shapes known. */
ritz_index ritz_spectral_wisdom_count(const ritz_spectral_wisdom *wisdom);

/**
 * As ritz_transform_create(), but FFTW measures its plans, and AUTO asks @p wisdom (may be NULL for
 * an empty one): an unknown shape is run by every algorithm in both directions, and the fastest is
 * added to it. Takes up to a second or so per unknown shape, and memory for the fields.
 *
 * Two calls may choose differently and so give results that differ by rounding: keep the wisdom
 * with the results. It does not depend on @p threads.
 */
ritz_status ritz_transform_create_measured(const ritz_transform_shape *shape,
                                           ritz_spectral_algorithm algorithm, int threads,
                                           ritz_spectral_wisdom *wisdom, ritz_transform **out);

#endif
