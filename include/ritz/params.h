/* SPDX-License-Identifier: BSD-3-Clause
 * The parameters of an operator: named tensors in one flat array, outside any graph, so that the
 * same weights serve graphs for several grids and batches. */
#ifndef RITZ_PARAMS_H
#define RITZ_PARAMS_H

#include <ritz/context.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_params ritz_params;

typedef enum ritz_init_kind {
  RITZ_INIT_ZERO,
  RITZ_INIT_CONSTANT,  /**< scale everywhere */
  RITZ_INIT_SYMMETRIC, /**< uniform in [-scale, scale) */
  RITZ_INIT_UNIFORM,   /**< uniform in [0, scale) */
  RITZ_INIT_REAL,      /**< scale in the real parts, 0 in the imaginary ones */
  RITZ_INIT_NORMAL,    /**< normal with standard deviation scale */
  RITZ_INIT_HAT        /**< [K..., C, C]: scale times 1/2, 1, 1/2 along each kernel axis from a
                            channel to itself, 0 elsewhere: multilinear interpolation by two, and its
                            adjoint */
} ritz_init_kind;

/** How a parameter starts. For a complex one it applies to real and imaginary parts
 * alike, but for RITZ_INIT_REAL. */
typedef struct ritz_init {
  ritz_init_kind kind;
  double scale;
} ritz_init;

/** Numbers of a tensor that an array holds which need not hold all of the set. */
typedef struct ritz_param_part {
  ritz_index first, count; /**< [first, first + count) of the flat array ... */
  ritz_index place;        /**< ... stand from here on. */
} ritz_param_part;

typedef struct ritz_param_info {
  const char *name;  /**< Readable path, "block.0.spectral.weight"; owned by the set. */
  ritz_shape shape;  /**< As in memory. */
  int complex_axis;  /**< Axis of extent 2 that holds (re, im); -1: real. */
  ritz_index offset; /**< First number in the flat array; a multiple of 16. */
  ritz_index count;  /**< Numbers, product of shape. */
  bool trainable;    /**< False: state such as running statistics; optimizers leave it alone. */
} ritz_param_info;

/**
 * An empty set; operators fill it while they build their first graph.
 *
 * @param seed  Initial values are a function of (seed, name, element) alone.
 */
RITZ_API ritz_status ritz_params_create(ritz_context *context, ritz_dtype dtype, uint64_t seed,
                                        ritz_params **out);
/** Drops one reference; accepts NULL and clears the pointer. */
RITZ_API void ritz_params_destroy(ritz_params **params);

/** @return  Format of all its numbers. */
RITZ_API ritz_dtype ritz_params_dtype(const ritz_params *params);
/** @return  Number of tensors. */
RITZ_API int ritz_params_count(const ritz_params *params);
/** @return  Length of the flat array, padding included. */
RITZ_API ritz_index ritz_params_length(const ritz_params *params);
/** @return  Trainable real numbers (a complex one counts twice), padding not included. */
RITZ_API ritz_index ritz_params_numbers(const ritz_params *params);
/** @return  Tensor @p i, 0 <= i < count. */
RITZ_API const ritz_param_info *ritz_params_info(const ritz_params *params, int i);
/** @return  Position of @p name, or -1. */
RITZ_API int ritz_params_find(const ritz_params *params, const char *name);
/** The flat array, borrowed: numbers of dtype. Valid until a parameter is added. */
RITZ_API void *ritz_params_data(ritz_params *params);

#ifdef __cplusplus
}
#endif
#endif
