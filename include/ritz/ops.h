/* SPDX-License-Identifier: BSD-3-Clause
 * The ops a graph is made of. Fields are [B, X0, ..., C], 1 to 3 grid axes. Every constructor
 * returns RITZ_NO_VAR once the graph has failed; RITZ_ERR_SHAPE and friends latch in the graph.
 *
 * P stands for the number of rows B X0 X1 ...; costs are those of one forward run. */
#ifndef RITZ_OPS_H
#define RITZ_OPS_H

#include <ritz/graph.h>
#include <ritz/transform.h>
#include <ritz/window.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Pointwise linear map, y = x W + b.
 *
 * @param w  [Ci, Co] parameter.
 * @param b  [Co] parameter, or RITZ_NO_VAR.
 * Cost: 2 P Ci Co flops.
 */
RITZ_API ritz_var ritz_linear(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var b);

/** GELU, y = x Phi(x), exact error function. Hendrycks & Gimpel 2016, arXiv:1606.08415. */
RITZ_API ritz_var ritz_gelu(ritz_graph *graph, ritz_var x);
RITZ_API ritz_var ritz_tanh(ritz_graph *graph, ritz_var x);
/** max(x, 0); the derivative at 0 is 0. */
RITZ_API ritz_var ritz_relu(ritz_graph *graph, ritz_var x);
/** x > 0 ? x : slope x; the derivative at 0 is @p slope >= 0. */
RITZ_API ritz_var ritz_leaky_relu(ritz_graph *graph, ritz_var x, double slope);
/** 1 / (1 + exp(-x)). */
RITZ_API ritz_var ritz_sigmoid(ritz_graph *graph, ritz_var x);
/** SiLU, x / (1 + exp(-x)). Elfwing, Uchibe & Doya 2017, arXiv:1702.03118. */
RITZ_API ritz_var ritz_silu(ritz_graph *graph, ritz_var x);

/** x + y, same shapes. */
RITZ_API ritz_var ritz_add(ritz_graph *graph, ritz_var x, ritz_var y);
/** x - y, same shapes. */
RITZ_API ritz_var ritz_subtract(ritz_graph *graph, ritz_var x, ritz_var y);

/** Soft gating, y[..., c] = x[..., c] w[c]. @param w  [C] parameter. */
RITZ_API ritz_var ritz_gate(ritz_graph *graph, ritz_var x, ritz_var w);

/** y[..., c] = x[..., c] + b[c]. @param b  [C] parameter. */
RITZ_API ritz_var ritz_bias(ritz_graph *graph, ritz_var x, ritz_var b);

/**
 * A factor and a summand for every number of a sample, y[b, ...] = x[b, ...] w[...] + b[...].
 *
 * @param w, b  [X0, ..., C] parameters.
 */
RITZ_API ritz_var ritz_affine(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var b);

/** Where the nodes of a grid lie between the ends of its axes. */
typedef enum ritz_grid_kind {
  RITZ_GRID_PERIODIC, /**< x_i = start + (end - start) i / N, end left out */
  RITZ_GRID_BOUNDED   /**< x_i = start + (end - start) i / (N - 1), both ends; N = 1: start */
} ritz_grid_kind;

/**
 * Appends one channel per grid axis with the coordinates of the nodes: [..., C] -> [..., C + d].
 *
 * @param ends  [d][2] start and end of each axis; NULL: 0 and 1.
 */
RITZ_API ritz_var ritz_grid_embedding(ritz_graph *graph, ritz_var x, ritz_grid_kind kind,
                                      const double (*ends)[2]);

/** Zeros around the grid: before[j] and after[j] points along axis j (d entries each). */
RITZ_API ritz_var ritz_pad(ritz_graph *graph, ritz_var x, const ritz_index *before,
                           const ritz_index *after);
/** Removes before[j] and after[j] points along axis j; the adjoint of ritz_pad. */
RITZ_API ritz_var ritz_crop(ritz_graph *graph, ritz_var x, const ritz_index *before,
                            const ritz_index *after);

/**
 * Group norm over the grid and the channels of a group, for each sample; biased variance.
 * groups = C is instance norm.
 *
 * @param w, b  [C] parameters, both or neither.
 * Wu & He 2018, arXiv:1803.08494.
 */
RITZ_API ritz_var ritz_group_norm(ritz_graph *graph, ritz_var x, ritz_index groups, double eps,
                                  ritz_var w, ritz_var b);

/**
 * Batch norm over batch and grid, channel by channel.
 *
 * In a training graph: statistics of the batch (biased variance), and a forward run moves the
 * running ones, r += momentum (batch - r), with the unbiased variance. Else the running ones.
 *
 * @param w, b            [C] parameters.
 * @param mean, variance  [C] untrained parameters.
 * Ioffe & Szegedy 2015, arXiv:1502.03167.
 */
RITZ_API ritz_var ritz_batch_norm(ritz_graph *graph, ritz_var x, double eps, double momentum,
                                  ritz_var w, ritz_var b, ritz_var mean, ritz_var variance);

/**
 * Global response norm, y_c = (1 + w_c G_c / (mean over channels of G + eps)) x_c + b_c with
 * G_c = |x_c| over the grid points of a sample. Woo et al. 2023, arXiv:2301.00808, Sec. 3.1.
 *
 * @param w, b  [C] parameters; zeros: the identity.
 * Distribution: a reduction. Cost: 4 P C flops, two sweeps over x.
 */
RITZ_API ritz_var ritz_response_norm(ritz_graph *graph, ritz_var x, double eps, ritz_var w,
                                     ritz_var b);

/**
 * Dropout: in a training graph each number is 0 with probability @p rate, else divided by
 * 1 - rate; outside training the identity. Srivastava et al. 2014, JMLR 15:1929.
 *
 * @param rate  0 <= rate < 1.
 */
RITZ_API ritz_var ritz_dropout(ritz_graph *graph, ritz_var x, double rate);

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

/**
 * Resamples a field to another grid as neuraloperator's skip connections do: 1-D linear, 2-D
 * bicubic (a = -0.75), both with aligned corners; 3-D by its spectrum.
 *
 * @param grid  d extents of the new grid.
 */
RITZ_API ritz_var ritz_resize(ritz_graph *graph, ritz_var x, const ritz_index *grid);

/** Resamples a field of 1 to 3 axes by its spectrum, keeping the frequencies both grids have. */
RITZ_API ritz_var ritz_spectral_resize(ritz_graph *graph, ritz_var x, const ritz_index *grid);

/** Options of a convolution; all zero is the default. */
typedef struct ritz_conv_options {
  ritz_window_options window; /**< Of the map from the larger grid to the smaller. */
  ritz_index groups;   /**< Channels fall into groups that do not mix; 0 (default): 1. As many as
                            channels: each channel has a window of its own (depthwise). */
  ritz_index extra[3]; /**< conv_transpose only: points more at the high end of y, < stride. */
  bool direct; /**< Products and sums as in the formula only. Default false: where they are faster,
                    transforms whose products are fewer: Winograd's minimal filtering of 4 x 4
                    points for 3 x 3 taps (Lavin & Gray 2016, arXiv:1509.09308), Fourier's of tiles
                    for large windows of channels alone. Their errors go by the largest results, not
                    by each: Winograd's in float with 64 channels are up to 1.3e-6 of the largest,
                    those of sums 0.7e-6. */
} ritz_conv_options;

/**
 * Convolution (a cross-correlation: no flip),
 *     y[b, p, k] = bias[k] + sum over t, c of w[t, c, k] x[b, p stride - low + t dilation, c].
 *
 * @param x        [B, X0, ..., Ci], 1 to 3 grid axes.
 * @param w        [K0, ..., Ci / groups, Co] parameter; group of k: k / (Co / groups).
 * @param bias     [Co] parameter, or RITZ_NO_VAR.
 * @param options  NULL: the defaults.
 * @return         [B, Y0, ..., Co], extents by the rule of ritz_window_options.
 *
 * Distribution: a halo. Cost: 2 B Y0 ... K0 ... Ci / groups Co flops.
 */
RITZ_API ritz_var ritz_conv(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var bias,
                            const ritz_conv_options *options);

/**
 * Transposed convolution: the adjoint of ritz_conv() with the same weight and options, plus a bias.
 * With a boundary other than zeros, what leaves the grid of y comes back as the adjoint wants it
 * (periodic: on the other side).
 *
 * @param x     [B, X0, ..., Ci].
 * @param w     [K0, ..., Co / groups, Ci] parameter.
 * @param bias  [Co] parameter, or RITZ_NO_VAR.
 * @return      [B, Y0, ..., Co], Y = (X - 1) stride + dilation (K - 1) + 1 + extra - low - high.
 *
 * Distribution: a halo. Cost: 2 B X0 ... K0 ... Ci Co / groups flops.
 */
RITZ_API ritz_var ritz_conv_transpose(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var bias,
                                      const ritz_conv_options *options);
/**
 * Layer norm over the channels of each point, y = (x - mean) / sqrt(variance + eps) w + b; biased
 * variance. Ba, Kiros & Hinton 2016, arXiv:1607.06450.
 *
 * @param w, b  [C] parameters, both or neither.
 */
RITZ_API ritz_var ritz_layer_norm(ritz_graph *graph, ritz_var x, double eps, ritz_var w,
                                  ritz_var b);

/**
 * Root-mean-square norm over the channels of each point, y = x / sqrt(mean of x^2 + eps) w.
 * Zhang & Sennrich 2019, arXiv:1910.07467.
 *
 * @param w  [C] parameter, or RITZ_NO_VAR.
 */
RITZ_API ritz_var ritz_rms_norm(ritz_graph *graph, ritz_var x, double eps, ritz_var w);

/** y[..., c] = exp(x[..., c]) / sum over c of exp(x[..., c]). */
RITZ_API ritz_var ritz_softmax(ritz_graph *graph, ritz_var x);

/** Soft shrinkage, y = sign(x) max(|x| - lambda, 0); the derivative is 0 at |x| = lambda. */
RITZ_API ritz_var ritz_softshrink(ritz_graph *graph, ritz_var x, double lambda);

typedef struct ritz_attention_options {
  ritz_index heads;   /**< Default 1. Head h has channels h d ... (h + 1) d - 1. */
  double scale;       /**< Default 0: 1 / sqrt(d) with d channels of q per head. */
  ritz_var log_scale; /**< Default none. [heads]: scores are cosines, with q and k divided by their
                           lengths and scale = exp(min(log_scale, log 100)).
                           Liu et al. 2022, arXiv:2111.09883, Sec. 3.2. */
  ritz_var bias;      /**< Default none. Added to the scores; a parameter or a computed value. */
} ritz_attention_options;

RITZ_API void ritz_attention_options_defaults(ritz_attention_options *options);

/**
 * Attention, out_i = sum over j of p_ij v_j with p_i the softmax over j of
 * scale q_i . k_j + bias_ij, for each head. Vaswani et al. 2017, arXiv:1706.03762.
 *
 * All grid points of a sample are its tokens, in row-major order.
 *
 * @param q        [B, Tq axes, heads d], or [Tq, heads d]: the same queries for all samples.
 * @param k        [B, Tk axes, heads d].
 * @param v        [B, Tk axes, heads dv].
 * @param options  NULL: the defaults. bias is [Tq, Tk, heads].
 * @return         [B, Tq axes, heads dv].
 * Cost: 2 B heads Tq Tk (d + dv) flops, 5/2 of it for the gradients; the scores are never stored.
 */
RITZ_API ritz_var ritz_attention(ritz_graph *graph, ritz_var q, ritz_var k, ritz_var v,
                                 const ritz_attention_options *options);

typedef struct ritz_attention_windows {
  ritz_index window[3]; /**< Points of a window along each axis; 0 ends the list. They divide the
                             grid. */
  ritz_index shift[3];  /**< The windows start at this point of the grid and wrap around its end.
                             Default 0. An axis with one window is not shifted. */
  bool periodic; /**< What a shift brings together across the ends of the grid are neighbours:
                      no mask. Default false: they do not see each other. */
} ritz_attention_windows;

/**
 * Attention within windows of the grid (shifted: Liu et al. 2021, arXiv:2103.14030, Sec. 3.2).
 *
 * q, or k and v together, may instead be tokens of the windows, [B, grid / window, T, C]: what a
 * window's points tell its tokens, and the reverse.
 *
 * @param q        [B, grid, heads d], or tokens, or [T, heads d]: the same tokens for all windows.
 * @param k, v     [B, grid, heads d] and [B, grid, heads dv], or tokens.
 * @param options  NULL: the defaults. bias is [2 w0 - 1, ..., heads] and belongs to the position of
 *                 the query less that of the key; for fields on the grid only.
 * @return         Like q, with heads dv channels.
 * Cost: 2 B heads Nq Wk (d + dv) flops for Nq queries in all and Wk keys of a window.
 */
RITZ_API ritz_var ritz_window_attention(ritz_graph *graph, ritz_var q, ritz_var k, ritz_var v,
                                        const ritz_attention_options *options,
                                        const ritz_attention_windows *windows);
/**
 * Largest number in each window, channel by channel: [B, X0, ..., C] -> [B, Y0, ..., C].
 *
 * Margins with RITZ_BOUNDARY_ZERO hold nothing, not zeros. The gradient goes to the largest number,
 * the first of equal ones in the window (last axis fastest); NaN counts as larger than any number.
 *
 * @param window   Extents, one per grid axis.
 * @param options  A stride of 0 means the window's extent. NULL: windows side by side, no margins.
 *                 RITZ_ERR_SHAPE  a window without any point
 * Cost: one sweep over x and y; training keeps the places, as large as y.
 */
RITZ_API ritz_var ritz_max_pool(ritz_graph *graph, ritz_var x, const ritz_index *window,
                                const ritz_window_options *options);

/**
 * Mean over each window, as ritz_max_pool.
 *
 * @param count_zeros  Divide by the extent of the window, as if zero margins held zeros
 *                     (PyTorch's count_include_pad); else by the number of points in it.
 */
RITZ_API ritz_var ritz_average_pool(ritz_graph *graph, ritz_var x, const ritz_index *window,
                                    const ritz_window_options *options, bool count_zeros);
/** Mean over the grid: [B, X0, ..., C] -> [B, 1, ..., C]. */
RITZ_API ritz_var ritz_global_average_pool(ritz_graph *graph, ritz_var x);

typedef enum ritz_interpolation {
  RITZ_INTERPOLATE_NEAREST, /**< point floor(i N / N') */
  RITZ_INTERPOLATE_LINEAR,
  RITZ_INTERPOLATE_CUBIC /**< Keys 1981 with a = -3/4 */
} ritz_interpolation;

/**
 * Interpolation to another grid, axis by axis (bilinear, bicubic, ... for several), as PyTorch's
 * interpolate without antialiasing; values at the border repeat beyond it.
 *
 * @param grid           New extents, one per grid axis.
 * @param align_corners  Ends of old and new grid coincide; else points are centres of cells that
 *                       fill the same interval. Nearest: no difference.
 * Cost: 2, 4, 8 flops per point of each resampled axis (nearest, linear, cubic).
 */
RITZ_API ritz_var ritz_interpolate(ritz_graph *graph, ritz_var x, const ritz_index *grid,
                                   ritz_interpolation kind, bool align_corners);

/**
 * Blocks of p0 x p1 ... points become channels, [B, X0, ..., C] -> [B, X0 / p0, ..., p0 p1 ... C]:
 * y[h, w, (i p1 + j) C + c] = x[h p0 + i, w p1 + j, c].
 *
 * @param size  p0, p1, ..., one per grid axis; each divides its axis.
 */
RITZ_API ritz_var ritz_patchify(ritz_graph *graph, ritz_var x, const ritz_index *size);
/** The inverse of ritz_patchify. */
RITZ_API ritz_var ritz_unpatchify(ritz_graph *graph, ritz_var x, const ritz_index *size);

/**
 * Channels become blocks of points, [B, X0, ..., C r0 r1 ...] -> [B, X0 r0, ..., C]:
 * y[h r0 + i, w r1 + j, c] = x[h, w, c r0 r1 + i r1 + j], PyTorch's order of channels.
 * Shi et al. 2016, arXiv:1609.05158.
 *
 * @param size  r0, r1, ..., one per grid axis.
 */
RITZ_API ritz_var ritz_pixel_shuffle(ritz_graph *graph, ritz_var x, const ritz_index *size);
/** The inverse of ritz_pixel_shuffle. */
RITZ_API ritz_var ritz_pixel_unshuffle(ritz_graph *graph, ritz_var x, const ritz_index *size);

/** Channels of 1 to 5 fields on one grid, side by side in the order given. */
RITZ_API ritz_var ritz_concat(ritz_graph *graph, int count, const ritz_var *x);
/** Channels first ... first + count - 1. */
RITZ_API ritz_var ritz_slice(ritz_graph *graph, ritz_var x, ritz_index first, ritz_index count);

/** sin(x). */
RITZ_API ritz_var ritz_sine(ritz_graph *graph, ritz_var x);

/**
 * A linear map of its own at each grid point, y[b, p, :] = x[b, p, :] w[p]: dense weights of modes,
 * where the points of x are coefficients.
 *
 * @param x  [B, X0, ..., Ci].
 * @param w  [X0, ..., Ci, Co] parameter.
 * @return   [B, X0, ..., Co].
 * Cost: 2 B X0 ... Ci Co flops; each weight is read once.
 */
RITZ_API ritz_var ritz_point_linear(ritz_graph *graph, ritz_var x, ritz_var w);

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
 * z = x + y with y repeated along the leading axes of x.
 *
 * @param y  A parameter or a computed value; its shape is that of the trailing axes of x.
 */
RITZ_API ritz_var ritz_add_broadcast(ritz_graph *graph, ritz_var x, ritz_var y);

/**
 * Trigonometric series of each number,
 *     y[..., c] = sum over m = 0 ... b-1 of w[m, c] sin(pi m x/b) + w[b + m, c] cos(pi m x/b)
 * with x = x[..., c]. Wu et al. 2023, arXiv:2301.12664, Sec. 3.2.
 *
 * @param w  [2 b, C] parameter.
 * Cost: 10 flops for each number and m.
 */
RITZ_API ritz_var ritz_trigonometric_series(ritz_graph *graph, ritz_var x, ritz_var w);
/* Complex tensors, (re, im) on the axis of extent 2 in front of the last one or two: what
 * factorised spectral weights are made of. */

/**
 * Mode product: a matrix applied to one axis,
 *     y[p, l, q, 2, :] = sum over a of u[l, a] t[p, a, q, 2, :].
 * Kolda & Bader 2009, SIAM Review 51:455, Sec. 2.5.
 *
 * @param t      [P..., A, Q..., 2, N...] complex.
 * @param u      [L..., 2, A] complex.
 * @param axis   Of A in t.
 * @param inner  Number of axes behind the 2.
 * @return       [P..., L..., Q..., 2, N...]; without L the axis disappears.
 * Cost: 8 P A L Q N flops.
 */
RITZ_API ritz_var ritz_mode_product(ritz_graph *graph, ritz_var t, ritz_var u, int axis, int inner);

/**
 * All pairs of rows, channel by channel: y[p, l, :] = t[p, :] u[l, :].
 *
 * @param t, u  [P..., 2, C] and [L..., 2, C] complex.
 * @return      [P..., L..., 2, C].
 */
RITZ_API ritz_var ritz_mode_scale(ritz_graph *graph, ritz_var t, ritz_var u);

/**
 * Both channel axes mapped, w[m] = A t[m] C for each mode m.
 *
 * @param a         [2, Ci, Ri] complex.
 * @param t         [M..., 2, Ri, Ro] complex; diagonal: [M..., 2, R].
 * @param c         [2, Ro, Co] complex, or RITZ_NO_VAR: w[m] = A t[m], not for a diagonal.
 * @return          [M..., 2, Ci, Co].
 * Cost: 8 M Ci (Ri Ro + Ro Co) flops; diagonal: 8 M Ci (R + R Co).
 */
RITZ_API ritz_var ritz_map_channels(ritz_graph *graph, ritz_var a, ritz_var t, ritz_var c,
                                    bool diagonal);

/** Entry @p i of the first axis: [N, ...] -> [...]. */
RITZ_API ritz_var ritz_select(ritz_graph *graph, ritz_var x, ritz_index i);

/**
 * Fixed linear combinations, y[t, r] = sum over k of matrix[t, k] x[k, r].
 *
 * @param x       Its first @p axes axes count as k, the others as r.
 * @param shape   Of y: any leading axes that count as t, then those of r.
 * @param matrix  [T, K], copied.
 * Cost: 2 T K R flops.
 */
RITZ_API ritz_var ritz_combine(ritz_graph *graph, ritz_var x, int axes, ritz_shape shape,
                               const double *matrix);

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
/** The same numbers in the same order with other extents, [B, X, Y, T] -> [B, X, Y, T, 1]. */
RITZ_API ritz_var ritz_reshape(ritz_graph *graph, ritz_var x, ritz_shape shape);

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

/** x, which counts as a constant to the gradient. */
RITZ_API ritz_var ritz_detach(ritz_graph *graph, ritz_var x);

/**
 * Gaussian noise: in a training graph y = x + deviation xi with standard normal xi of its own for
 * each number and run; outside training the identity.
 *
 * @param deviation  0 or more, finite.
 */
RITZ_API ritz_var ritz_noise(ritz_graph *graph, ritz_var x, double deviation);

/** x y, number by number, same shapes. */
RITZ_API ritz_var ritz_multiply(ritz_graph *graph, ritz_var x, ritz_var y);

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

/**
 * A periodic plane cut into 2^L x 2^L patches that see their surroundings on L coarser levels,
 * [B, N0, N1, C] -> [B 4^L, N0 / 2^L + 2 p0, N1 / 2^L + 2 p1, (L + 1) C]: on level l every 2^l-th
 * point around the same place. Patches of a sample follow each other, row by row.
 * Kossaifi et al. 2023, arXiv:2310.00120, Sec. 4.
 *
 * @param levels   L; 2^L divides the extents, which are 4^L at least.
 * @param padding  p0, p1: points around a patch.
 */
RITZ_API ritz_var ritz_multigrid_patches(ritz_graph *graph, ritz_var x, int levels,
                                         const ritz_index *padding);
/** Patches without their padding side by side: [B 4^L, n0 + 2 p0, n1 + 2 p1, C] -> [B, 2^L n0,
 * 2^L n1, C]. */
RITZ_API ritz_var ritz_stitch_patches(ritz_graph *graph, ritz_var x, int levels,
                                      const ritz_index *padding);

#ifdef __cplusplus
}
#endif
#endif
