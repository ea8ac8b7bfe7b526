/* SPDX-License-Identifier: BSD-3-Clause
 * Fields at scattered points, and functions of coordinates.
 * Conventions: ritz/ops.h. */
#ifndef RITZ_OPS_POINTS_H
#define RITZ_OPS_POINTS_H

#include <ritz/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Coefficients times functions, y[b, n, c] = sum over k < K of f[b, c K + k] t[n, c K + k].
 * Lu et al. 2021, doi:10.1038/s42256-021-00302-5, eq. (2).
 *
 * @param f         [B, 1, ..., C K], one point a sample; [B, 1, ..., K]: the same for all c.
 * @param t         [X0, ..., C K] for all samples, or [B, X0, ..., C K], each its own; K as above.
 * @param channels  C.
 * @return          [B, X0, ..., C].
 * Cost: 2 B N C K flops; functions of each sample are read once, at the speed of memory.
 */
RITZ_API ritz_var ritz_pairing(ritz_graph *graph, ritz_var f, ritz_var t, ritz_index channels);

/** Most frequencies of ritz_harmonics(). */
#define RITZ_HARMONICS 64
/**
 * Sines and cosines of coordinates, [..., C] -> [..., 2 C F]: sin(pi f_j x_c), j fastest, then the
 * cosines in the same order.
 *
 * @param frequency  [count] in half turns; exact arguments where they are powers of two.
 */
RITZ_API ritz_var ritz_harmonics(ritz_graph *graph, ritz_var x, int count, const double *frequency);

/** Appends angle, in (-pi, pi], and distance of x [..., 2] seen from a centre: [..., 4]. */
RITZ_API ritz_var ritz_polar(ritz_graph *graph, ritz_var x, double centre0, double centre1);

/**
 * Places in space and time, added to a scalar field: [B, X, Y, T, 1] -> [B, X, Y, T, C],
 *     y[..., c] = x + e_c;  e = i/(X-1), j/(Y-1), tau = (t+1)/100, exp(beta tau) sin(pi tau),
 *     exp(beta tau) cos(2 pi tau), exp(beta tau) sin(3 pi tau), ...
 * Cao, Brarda, Li & Xi 2024, arXiv:2405.17211.
 *
 * @param channels  3 or more.
 */
RITZ_API ritz_var ritz_space_time_encoding(ritz_graph *graph, ritz_var x, ritz_index channels,
                                           double beta);

/**
 * Fourier sums over scattered points of the plane, z_k = sum over n of u_n e^(-2 pi i k . x_n), as
 * of a field of period 1: frequencies -floor(K0/2) ... ceil(K0/2) - 1 and 0 ... K1 - 1, real parts
 * and then imaginary parts in the channels. No factor. Li et al. 2022, arXiv:2207.05209.
 *
 * @param u      [B, N, C].
 * @param x      [B, N, 2]; has a gradient.
 * @param modes  K0, K1 <= 64.
 * @return       [B, K0, K1, 2 C].
 * Cost: 4 B N C K0 K1 flops.
 */
RITZ_API ritz_var ritz_points_to_modes(ritz_graph *graph, ritz_var u, ritz_var x,
                                       const ritz_index *modes);

/** What stands for the frequencies k1 < 0 that a half spectrum does not hold. */
typedef enum ritz_mirror {
  RITZ_MIRROR_EXACT,  /**< z(-k0, -k1) = conj z(k0, k1), the field is real */
  RITZ_MIRROR_SHIFTED /**< conj z(k0, k1) at (-1 - k0, -k1), as geo-FNO and LSM have it */
} ritz_mirror;

/** The field of such coefficients at scattered points, u_n = Re sum over k of z_k e^(2 pi i k .
 * x_n) with the frequencies k1 < 0 of the mirror image: [B, K0, K1, 2 C] -> [B, N, C]. */
RITZ_API ritz_var ritz_modes_to_points(ritz_graph *graph, ritz_var z, ritz_var x,
                                       ritz_mirror mirror);

#ifdef __cplusplus
}
#endif
#endif
