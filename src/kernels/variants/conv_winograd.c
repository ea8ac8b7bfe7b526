/* SPDX-License-Identifier: BSD-3-Clause
 * The five linear maps of Winograd's minimal filtering F(4 x 4, 3 x 3) and F(4 x 4, 2 x 2),
 * channels in vector lanes. Lavin & Gray 2016, arXiv:1509.09308, Sec. 4.3,
 *     y = A^T [ (G w G^T) . (B^T d B) ] A,
 * d 6 x 6 input, w 3 x 3 taps, y 4 x 4 outputs at points 0, a, -a, b, -b and infinity; or d 5 x 5
 * and w 2 x 2 at points 0, c, -c, d and infinity. At least 16 bytes of channels: as many vectors of
 * each size as fit, the largest first; a last incomplete one starts further back and repeats some.
 */
#include "kernels/kernel.h"

/* The points a, -a, b, -b, exact in binary. Of 22 pairs tried in a scalar model (float, 64
 * channels) the second smallest root mean square error, half of that of the usual 1 and 2; a third
 * of the largest error. */
#define A ((real)0.625)
#define B ((real)1.5)
/* Scale of the rows of G for +-a, +-b. Columns of A^T for them are (1/a, +-1, a, +-a^2). */
#define GA (1 / (2 * A * (A * A - B * B)))
#define GB (1 / (2 * B * (B * B - A * A)))
/* The points c, -c, d: of 68 pairs tried the same way (24 channels) the second smallest error, two
 * thirds of that of 1 and 2. Columns of A^T are (1, c, c^2, c^3). */
#define C   ((real)0.75)
#define D   ((real)2)
#define GC  (1 / (2 * C * C * (C - D)))
#define GMC (-1 / (2 * C * C * (C + D)))
#define GD  (1 / (D * (D * D - C * C)))

#define UNROLLED _Pragma("GCC unroll 6") for

/* One more size of vector. */
#define VECTOR_OF(bytes)                                          \
  typedef real vector##bytes __attribute__((vector_size(bytes))); \
  typedef real loose##bytes __attribute__((vector_size(bytes), aligned(sizeof(real)), may_alias));
/* The channels from c on that fill such vectors. */
#define WHILE_FILLED(bytes, map, taps, ...)                                                       \
  for (; channels - c >= bytes / (ritz_index)sizeof(real); c += bytes / (ritz_index)sizeof(real)) \
  map##bytes(taps, c, __VA_ARGS__)

#if defined(__AVX512F__)
VECTOR_OF(64)
#define VECTOR     vector64
#define LOOSE      loose64
#define NAME(name) name##64
#include "kernels/variants/conv_winograd_body.h"
#define BY_64(...) WHILE_FILLED(64, __VA_ARGS__)
#else
#define BY_64(...)
#endif

#if defined(__AVX__)
VECTOR_OF(32)
#define VECTOR     vector32
#define LOOSE      loose32
#define NAME(name) name##32
#include "kernels/variants/conv_winograd_body.h"
#define BY_32(...) WHILE_FILLED(32, __VA_ARGS__)
#else
#define BY_32(...)
#endif

VECTOR_OF(16)
#define VECTOR     vector16
#define LOOSE      loose16
#define NAME(name) name##16
#include "kernels/variants/conv_winograd_body.h"

/* map(taps, c, ...) for all channels; those before `fresh` are done. */
#define ALL_CHANNELS(map, taps, ...)                            \
  do {                                                          \
    const ritz_index least = 16 / sizeof(real);                 \
    ritz_index c = 0, fresh = 0;                                \
    BY_64(map, taps, __VA_ARGS__);                              \
    BY_32(map, taps, __VA_ARGS__);                              \
    for (fresh = c; fresh < channels; fresh += least) {         \
      c = fresh + least <= channels ? fresh : channels - least; \
      map##16(taps, c, __VA_ARGS__);                            \
    }                                                           \
  } while (0)
/* The same; the number of taps is a constant in each. */
#define ALL(map, ...)                    \
  do {                                   \
    if (taps == 3)                       \
      ALL_CHANNELS(map, 3, __VA_ARGS__); \
    else                                 \
      ALL_CHANNELS(map, 2, __VA_ARGS__); \
  } while (0)

RITZ_KERNEL_DEFINE(winograd_input)
(int taps, ritz_index channels, const void *const *pixel, void *v, ritz_index plane) {
  ALL(input, pixel, v, plane);
}

RITZ_KERNEL_DEFINE(winograd_output)
(int taps, ritz_index channels, const void *m, ritz_index plane, const void *b, void *const *pixel,
 bool add) {
  ALL(output, fresh, m, plane, b, pixel, add);
}

RITZ_KERNEL_DEFINE(winograd_cotangent)
(int taps, ritz_index channels, const void *const *pixel, void *z, ritz_index plane) {
  ALL(cotangent, pixel, z, plane);
}

RITZ_KERNEL_DEFINE(winograd_weight)
(int taps, ritz_index channels, const void *const *tap, void *u, ritz_index plane) {
  ALL(weight, tap, u, plane);
}

RITZ_KERNEL_DEFINE(winograd_weight_vjp)
(int taps, ritz_index channels, const void *u, ritz_index plane, void *const *tap) {
  ALL(weight_vjp, u, plane, tap);
}
