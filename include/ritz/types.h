/* SPDX-License-Identifier: BSD-3-Clause
 * Extents, shapes and number formats shared by every header. */
#ifndef RITZ_TYPES_H
#define RITZ_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RITZ_API                 __attribute__((visibility("default")))
#define RITZ_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define RITZ_API
#define RITZ_PRINTF(text, first)
#endif

/** Words at the end of structs that callers keep: fields of later versions take their place, and 0
 * there means what the version without them did (docs/conventions.md). A library that is older than
 * the field refuses anything else with RITZ_ERR_ARGUMENT. */
#define RITZ_RESERVED 4

/** Extents and offsets; 64 bits on every platform Ritz runs on. */
typedef ptrdiff_t ritz_index;

/** Most axes a tensor can have: batch, up to three grid axes, complex planes, channels, and room.
 */
#define RITZ_MAX_RANK 8

/** Number format of a graph, of its parameters and of all its buffers. */
typedef enum ritz_dtype { RITZ_FLOAT32 = 0, RITZ_FLOAT64 = 1 } ritz_dtype;

/** Extents of a tensor, slowest axis first. Fields are channels-last: [B, X0, X1, ..., C]. */
typedef struct ritz_shape {
  int rank;
  ritz_index n[RITZ_MAX_RANK];
} ritz_shape;

/** ritz_shape of the listed extents: RITZ_SHAPE(B, 64, 64, C). */
#define RITZ_SHAPE(...)                                                                           \
  (ritz_shape) {                                                                                  \
    .rank = (int)(sizeof((ritz_index[]){__VA_ARGS__}) / sizeof(ritz_index)), .n = { __VA_ARGS__ } \
  }

#ifdef __cplusplus
}
#endif
#endif
