/* SPDX-License-Identifier: BSD-3-Clause
 * Kernels over boxes are written once, for a PACK of lanes, in a body without include guard that
 * box_packs.h includes for every width of vectors there is and for a single number. */
#ifndef RITZ_KERNELS_VARIANTS_BOX_PACK_H
#define RITZ_KERNELS_VARIANTS_BOX_PACK_H

#include "kernels/box.h"
#include "kernels/variants/solver_kernel.h"
#include "kernels/variants/vector.h"

typedef real pack_16 __attribute__((vector_size(16)));
typedef real stored_16 __attribute__((vector_size(16), aligned(sizeof(real)), may_alias));
#if VECTOR_BYTES >= 32
typedef real pack_32 __attribute__((vector_size(32)));
typedef real stored_32 __attribute__((vector_size(32), aligned(sizeof(real)), may_alias));
#endif
#if VECTOR_BYTES >= 64
typedef real pack_64 __attribute__((vector_size(64)));
typedef real stored_64 __attribute__((vector_size(64), aligned(sizeof(real)), may_alias));
#endif

#if VECTOR_BYTES >= 64
#define IF_64(...) __VA_ARGS__
#else
#define IF_64(...)
#endif
#if VECTOR_BYTES >= 32
#define IF_32(...) __VA_ARGS__
#else
#define IF_32(...)
#endif

enum {
  numbers_64 = 64 / sizeof(real),
  numbers_32 = 32 / sizeof(real),
  numbers_16 = 16 / sizeof(real)
};

/* Runs a body's function for all lanes, `l` being the first lane of a pack. */
#define EACH_PACK(count, call, ...)                                                   \
  do {                                                                                \
    ritz_index l = 0;                                                                 \
    IF_64(for (; l + numbers_64 <= (count); l += numbers_64) call##_64(__VA_ARGS__);) \
    IF_32(for (; l + numbers_32 <= (count); l += numbers_32) call##_32(__VA_ARGS__);) \
    for (; l + numbers_16 <= (count); l += numbers_16) call##_16(__VA_ARGS__);        \
    for (; l < (count); l++) call##_one(__VA_ARGS__);                                 \
  } while (0)

/* One pack of a box: its arrays moved to lane l. */
typedef struct pack_box {
  ritz_index n0, n1, row, step; /* step: numbers from a column to the next */
  ritz_index last; /* column whose weights its own couplings give; beyond is boundary */
  bool strips;
  real *centre, *inverse, *east, *south, *southeast, *southwest;
  real *west_share, *north_share, *corner[4];
} pack_box;

static inline pack_box pack_of(const ritz_box *box, ritz_index l) {
#define MOVED(name) .name = box->name ? (real *)box->name + l : NULL
  const bool strips = box->columns > 0;
  pack_box p = {.n0 = box->n0,
                .n1 = box->n1,
                .row = box->row,
                .step = box->lanes,
                .last = strips ? box->n1 + ritz_box_columns_after : box->n1,
                .strips = strips,
                MOVED(centre),
                MOVED(inverse),
                MOVED(east),
                MOVED(south),
                MOVED(southeast),
                MOVED(southwest),
                MOVED(west_share),
                MOVED(north_share)};
#undef MOVED
  for (int q = 0; q < 4; q++) p.corner[q] = box->corner[q] ? (real *)box->corner[q] + l : NULL;
  return p;
}

#endif
