/* SPDX-License-Identifier: BSD-3-Clause
 * Convolutions and changes of basis through transforms of the whole grid.
 * Conventions: ritz/ops.h. */
#ifndef RITZ_OPS_SPECTRAL_H
#define RITZ_OPS_SPECTRAL_H

#include <ritz/graph.h>
#include <ritz/transform.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a spectrum moves to another grid (specs of the reference implementation and its correction).
 */
typedef enum ritz_resample_mode {
  RITZ_RESAMPLE_CORRECT,  /**< frequency -q stays -q */
  RITZ_RESAMPLE_REFERENCE /**< as neuraloperator 2.0: unshifted rows are padded or cut at the end */
} ritz_resample_mode;

typedef struct ritz_spectral_options {
  bool separable;              /**< W acts channel by channel. Default false. */
  ritz_index modes[3];         /**< Modes to use per axis; the last Fourier axis, and those of sines
                                    and cosines, count from the lowest one. */
  ritz_index grid[3];          /**< Output grid; 0 (default): that of x. */
  ritz_resample_mode resample; /**< With another output grid. Default RITZ_RESAMPLE_CORRECT. */
  ritz_axis_transform transform[3]; /**< Basis per axis. Default (0) RITZ_TRANSFORM_FOURIER. */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_spectral_options;

/**
 * Spectral convolution, y = F^-1( W . F x ) over the grid axes of x.
 * Li et al. 2021, arXiv:2010.08895.
 *
 * With K_j rows in W and k_j = min(modes_j, K_j, F_j) used (F_j = N_j, last axis N/2 + 1): rows of
 * W from floor((K_j - k_j)/2) on belong to the frequencies -floor(k_j/2) ... ceil(k_j/2) - 1, on
 * the last axis rows 0 ... k-1 to 0 ... k-1. Modes beyond the grid are clipped.
 * The forward transform carries 1/N.
 *
 * Along an axis of sines or cosines (ritz/transform.h) rows 0 ... k-1 of W belong to the lowest k
 * functions, F_j is their number; "the last axis" above is then the last Fourier axis. Coefficients
 * are those of the extended field: X_k = 1/L sum of w_i phi_k(x_i) x_i with w_i = 1/2 at nodes on
 * the ends, else 1, and L their sum; the inverse sums e_k phi_k(x_i) Y_k, where e_k = 1 if the mean
 * of phi_k^2 is 1, else 2. Without a Fourier axis the spectrum and W are real.
 *
 * @param x        [B, X0, ..., Ci], 1 to 3 grid axes.
 * @param w        [K0, ..., P, Ci, Co] parameter of P = 2 planes (re, im), or P = 1 when real;
 *                 [K0, ..., P, C] when separable.
 * @param options  Shape of the convolution.
 * @return         [B, Y0, ..., Co].
 * Cost: see spectral plans; 8 B Ci Co k0 k1 ... flops for the mixing.
 */
RITZ_API ritz_var ritz_spectral_conv(ritz_graph *graph, ritz_var x, ritz_var w,
                                     const ritz_spectral_options *options);

/**
 * Spectral convolution whose weights are A W[k] C, without writing them down: the spectrum passes
 * the map A, the weight of its mode and the map C. Kossaifi et al. 2023, arXiv:2310.00120.
 *
 * @param a  [P, Ci, Ri] with the P planes of w, or RITZ_NO_VAR: none.
 * @param w  As for ritz_spectral_conv(), of Ri and Ro channels.
 * @param c  [P, Ro, Co], or RITZ_NO_VAR: none.
 * Cost of the mixing: 8 B (Ci Ri + Ri Ro + Ro Co) k0 k1 ... flops.
 */
RITZ_API ritz_var ritz_mapped_spectral_conv(ritz_graph *graph, ritz_var x, ritz_var a, ritz_var w,
                                            ritz_var c, const ritz_spectral_options *options);

/**
 * Global filter, y = F^-1( W . F x ) channel by channel over the full spectrum: a periodic
 * convolution with a kernel as large as the grid. Rao et al. 2021, arXiv:2107.00645. On a finer
 * grid further frequencies are dropped, on a coarser one those of W that it does not have.
 *
 * @param w  [N0, ..., N/2 + 1, 2, C] complex parameter for a grid of N0 x ... x N points; rows of
 *           any axis but the last belong to the frequencies -floor(N0/2) ... ceil(N0/2) - 1.
 * Cost: two transforms, 6 flops for each number of the half spectrum.
 */
RITZ_API ritz_var ritz_global_filter(ritz_graph *graph, ritz_var x, ritz_var w);

typedef struct ritz_long_conv_options {
  bool causal;      /**< x_i = 0 for i < 0. Default false: periodic along the axis. */
  ritz_index modes; /**< Keep only so many of k's frequencies, from 0 up, on the periodic line or
                         on that of at least N + K - 1 points which a causal one is followed by
                         zeros to. Default 0: all. */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_long_conv_options;

/**
 * Long convolution along the last grid axis, channel by channel,
 *     y[..., i, c] = sum over j = 0 ... K-1 of k[j, c] x[..., i - j, c].
 * Fu et al. 2023, arXiv:2302.06646; partial and frequency-sparse: arXiv:2311.05908. As a sum where
 * that costs less, else by transforms.
 *
 * @param k        [K, C] parameter, K <= N points of the axis (fewer: partial).
 * @param options  NULL: the defaults.
 * Cost: three transforms of lines of N (causal: N + K) points, or 2 K flops for each number.
 */
RITZ_API ritz_var ritz_long_conv(ritz_graph *graph, ritz_var x, ritz_var k,
                                 const ritz_long_conv_options *options);

/** Resamples a field of 1 to 3 axes by its spectrum, keeping the frequencies both grids have. */
RITZ_API ritz_var ritz_spectral_resize(ritz_graph *graph, ritz_var x, const ritz_index *grid);

/**
 * Fourier coefficients of the kept modes as channels, [B, N0, ..., C] -> [B, k0, ..., 2 C]: real
 * parts, then imaginary parts. Rows belong to the frequencies -floor(k/2) ... ceil(k/2) - 1, on the
 * last axis to 0 ... k-1. The transform carries 1/N and @p scale.
 *
 * @param modes  k_a <= N_a, on the last axis <= N/2 + 1.
 */
RITZ_API ritz_var ritz_fourier_modes(ritz_graph *graph, ritz_var x, const ritz_index *modes,
                                     double scale);

/** The real field with the given coefficients, [B, k0, ..., 2 C] -> [B, N0, ..., C], times
 * @p scale; with scale 1 the inverse of ritz_fourier_modes() with all modes. */
RITZ_API ritz_var ritz_fourier_field(ritz_graph *graph, ritz_var x, const ritz_index *grid,
                                     double scale);

/**
 * Complex linear map of each point, y = x w + b, within groups of channels. Channels hold all real
 * parts and then all imaginary parts.
 *
 * @param x  [..., 2 Ci].
 * @param w  [2, groups, Ci/groups, Co/groups] complex parameter (axis 0: re, im).
 * @param b  [2, Co] complex parameter, or RITZ_NO_VAR.
 * @return   [..., 2 Co].
 * Cost: 8 Ci Co / groups flops for each point.
 */
RITZ_API ritz_var ritz_complex_linear(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var b);

/**
 * A complex linear map of its own for each coefficient, y_k = x_k w_k. Channels hold all real parts
 * and then all imaginary parts.
 *
 * @param x  [B, K0, ..., 2 Ci].
 * @param w  [K0, ..., 2, Ci, Co] complex parameter.
 * @return   [B, K0, ..., 2 Co].
 * Cost: 8 B Ci Co K0 ... flops.
 */
RITZ_API ritz_var ritz_mode_linear(ritz_graph *graph, ritz_var x, ritz_var w);

/** Orthonormal bases along an axis of N points. */
typedef enum ritz_basis {
  RITZ_BASIS_COSINE, /**< DCT-II, sqrt(2/N) cos(pi (2 n + 1) k / 2N) and a constant. */
  RITZ_BASIS_FOURIER /**< A constant, then sqrt(2/N) cos and sin of 2 pi f n / N, f = 1, 2, ... */
} ritz_basis;

/**
 * The first coefficients of a field in a basis along every axis, [B, N0, ..., C] -> [B, M0, ...,
 * C]. Parseval: with all of them and scale 1 the sum of squares stays.
 *
 * @param modes  M_a <= N_a, one per grid axis.
 * @param scale  Factor of the result.
 * Cost: 2 N0 M0 N1 ... flops for each sample and channel, axis 0 first.
 */
RITZ_API ritz_var ritz_harmonic_analysis(ritz_graph *graph, ritz_var x, ritz_basis basis,
                                         const ritz_index *modes, double scale);

/** The field with the given first coefficients, [B, M0, ..., C] -> [B, N0, ..., C]; the adjoint of
 * ritz_harmonic_analysis(). @param grid  N_a >= M_a. */
RITZ_API ritz_var ritz_harmonic_synthesis(ritz_graph *graph, ritz_var x, ritz_basis basis,
                                          const ritz_index *grid, double scale);

/**
 * A dense matrix along one grid axis, one for every channel,
 * y[..., o, ..., c] = sum over p of x[..., p, ..., c] w[p, o, c].
 *
 * @param w     [X_axis, Y, C] parameter.
 * @param axis  0 ... d-1.
 * @return      As x with Y points along the axis.
 * Cost: 2 flops for each number of y and point of the axis.
 */
RITZ_API ritz_var ritz_axis_linear(ritz_graph *graph, ritz_var x, ritz_var w, int axis);

#ifdef __cplusplus
}
#endif
#endif
