/* SPDX-License-Identifier: BSD-3-Clause
 * Kept-mode transforms of channels-last fields, and the mixing of channels per mode.
 *
 * A field x [B, N0, ..., N(d-1), C] has the spectrum X [modes, 3, B, C]: for each kept mode three
 * row blocks of B rows, (-Im, Re, Im). Two overlapping views, (Re, Im) and (-Im, Re), each 2B rows,
 * make a complex product out of two real ones:
 *
 *     Y = X W :  (Y_re, Y_im) = (X_re, X_im) W_re + (-X_im, X_re) W_im.
 *
 * Modes are row-major over the axes in the order of the frequency lists. The last axis holds the
 * half spectrum of a real field; the forward transform carries 1/N (N: all grid points), the
 * inverse doubles each mode that stands for a conjugate pair and ignores the imaginary part where
 * the mode is its own conjugate (zero and, for even sizes, Nyquist), as every complex-to-real FFT
 * does.
 *
 * Axes may have a basis of sines or cosines instead (ritz/transform.h), whose coefficients are
 * those of the extended field: the half spectrum is then that of the last Fourier axis. Without any
 * the spectrum is real, X [modes, 1, B, C].
 */
#ifndef RITZ_KERNELS_SPECTRAL_H
#define RITZ_KERNELS_SPECTRAL_H

#include <ritz/status.h>
#include <ritz/transform.h>

#define RITZ_SPECTRAL_MAX_DIM 3

/** How the kept modes are computed. The products' forms differ axis by axis (spectral_axis.h): one
 * that an axis does not allow (an odd number of points folded twice, a prime one in two steps)
 * gives way to the nearest simpler one there. */
typedef enum ritz_spectral_algorithm {
  RITZ_SPECTRAL_AUTO,         /* by cost model (spectral_cost.c): a pure function of shape */
  RITZ_SPECTRAL_GEMM,         /* small products along each axis, each axis in its cheapest form */
  RITZ_SPECTRAL_PLAIN,        /* the same, unfolded */
  RITZ_SPECTRAL_FOLDED,       /* folded about N/2: half the products */
  RITZ_SPECTRAL_FOLDED_TWICE, /* and about N/4: a quarter */
  RITZ_SPECTRAL_TWO_STEP,     /* N = N1 N2 */
  RITZ_SPECTRAL_FFTW_PRUNED,  /* r2c lines, then the columns up to the last kept one */
  RITZ_SPECTRAL_FFTW,         /* full r2c transform, then the kept modes are copied */
  RITZ_SPECTRAL_ALGORITHMS
} ritz_spectral_algorithm;

/** @return  "auto", "gemm", "plain", "folded", "folded_twice", "two_step", "fftw_pruned", "fftw".
 */
const char *ritz_spectral_algorithm_name(ritz_spectral_algorithm algorithm);

/** @return  Whether @p name is one of these; only then *out is written. */
bool ritz_spectral_algorithm_parse(const char *name, ritz_spectral_algorithm *out);

/** @return  Whether this build has it. */
bool ritz_spectral_algorithm_available(ritz_spectral_algorithm algorithm);

/** One direction's transform between a grid and a set of modes. */
typedef struct ritz_transform_shape {
  ritz_dtype dtype;
  int dim;
  ritz_index batch, channels; /* batch may be 0 */
  ritz_index grid[RITZ_SPECTRAL_MAX_DIM];
  ritz_index modes[RITZ_SPECTRAL_MAX_DIM]; /* number of frequencies per axis; may be 0 */
  /* frequency[axis][i]: integer frequency of mode i, any sign and size (taken modulo the grid),
   * also more than once; the last Fourier axis' ones must lie in 0 ... N/2. Copied. Sines and
   * cosines: not read, mode i is function number i. */
  const ritz_index *frequency[RITZ_SPECTRAL_MAX_DIM];
  ritz_axis_transform transform[RITZ_SPECTRAL_MAX_DIM]; /* 0: Fourier */
  /* Points [first, first + count) of an axis of the grid; count 0: all of them. Of the other points
   * nothing is there: to modes they count as zeros, from modes they are not computed. Axes in parts
   * are done in unfolded products. */
  ritz_index first[RITZ_SPECTRAL_MAX_DIM], count[RITZ_SPECTRAL_MAX_DIM];
  /* Points of Fourier axes that are transformed elsewhere, which the 1/N here counts too; 0: none.
   */
  ritz_index others;
  bool plain; /* spectra [modes, 2, B, C] in both directions: (Re, Im) alone, which no mixing reads
               */
} ritz_transform_shape;

/** @return  The last Fourier axis, or -1: then spectra have one plane instead of two or three. */
int ritz_transform_half(const ritz_transform_shape *shape);

typedef struct ritz_transform ritz_transform;

/**
 * Plans the four maps between field and spectrum. Runs are reentrant: one transform serves several
 * callers at once if each brings its own scratch.
 *
 * @param algorithm  Any but AUTO is forced. RITZ_ERR_UNSUPPORTED without FFTW in the build.
 * @param threads    Threads the runs may use; results do not depend on it.
 * @param out        NULL on failure. Holds matrices and FFTW plans, no field-sized memory.
 *                   RITZ_ERR_ARGUMENT  an extent or frequency out of range
 */
ritz_status ritz_transform_create(const ritz_transform_shape *shape,
                                  ritz_spectral_algorithm algorithm, int threads,
                                  ritz_transform **out);
void ritz_transform_destroy(ritz_transform **transform);

/** @return  Bytes of scratch each run needs; the caller provides it, 64-byte aligned. */
size_t ritz_transform_scratch(const ritz_transform *transform);

/** @return  The algorithm chosen. */
ritz_spectral_algorithm ritz_transform_algorithm(const ritz_transform *transform);

/** Flops of one run in either direction: of the products as executed (symmetries folded), or
 * 5/2 N log2 N per channel for FFTW. */
double ritz_transform_flops(const ritz_transform *transform);

/** Those of the stage between rows and modes (below) alone; of the products. */
double ritz_transform_rows_flops(const ritz_transform *transform);

/**
 * X = F x, or with @p adjoint the adjoint of the inverse, X = (F^-1)^T x (no 1/N, pairs doubled).
 *
 * @param for_gradient  Row blocks (Re, Im, -Re) instead of (-Im, Re, Im): what the vjps of
 *                      ritz_mixing want. The gradient spectrum of s is ds/dRe + i ds/dIm.
 * @param spectrum      [modes, 3 (real: 1, plain: 2), B, C], every block written.
 */
void ritz_transform_to_modes(const ritz_transform *transform, bool adjoint, bool for_gradient,
                             const void *x, void *spectrum, void *scratch);

/**
 * x (+)= F^-1 X, or with @p adjoint the adjoint of the forward transform, x (+)= F^T X (1/N,
 * nothing doubled).
 *
 * @param spectrum  [modes, 2 (real: 1), B, C]: only (Re, Im).
 */
void ritz_transform_from_modes(const ritz_transform *transform, bool adjoint, bool add,
                               const void *spectrum, void *x, void *scratch);

/* The same in two stages, for work on the field that shares its sweep: lines of the last axis
 * [N][C] one by one, and all else. Between them stand a sample's rows, [lines][K][Re, Im][C] with
 * the K kept modes of the last axis in an order of the transform's own; `lines` counts the points
 * of all other axes, in row-major order (1 in 1-D).
 *
 *   to modes:    ritz_transform_line_to_row() per line, then either
 *                ritz_transform_sample_to_modes() per sample, or _rows_to_modes() for the batch;
 *   from modes:  ritz_transform_sample_from_modes() or _modes_to_rows(), then
 *                ritz_transform_row_to_line() per line.
 *
 * In 3-D the rows of a slab, the lines of one point of axis 0, pass on their own to and from what
 * that point has of a sample's units, which are fewer numbers and stay in cache.
 *
 * Equal to the one-piece runs to the last bit. Only the two batch-wide calls use threads; the
 * others work in the calling one and may be called by several at once, each with its own scratch.
 */

/** @return  Whether the stages exist: of the products, in any dimension. */
bool ritz_transform_staged(const ritz_transform *transform);
/** @return  Lines of a sample. */
ritz_index ritz_transform_lines(const ritz_transform *transform);
/** @return  Bytes from one row to the next. */
size_t ritz_transform_row_bytes(const ritz_transform *transform);
/** @return  Bytes of a sample's rows; those of the samples of a batch follow each other. */
size_t ritz_transform_rows_bytes(const ritz_transform *transform);
/** @return  Bytes of scratch for the calls that use no threads, 64-byte aligned. */
size_t ritz_transform_stage_scratch(const ritz_transform *transform);

/** Line x [N][C] -> row; @p adjoint as in ritz_transform_to_modes(). */
void ritz_transform_line_to_row(const ritz_transform *transform, bool adjoint, const void *x,
                                void *row, void *scratch);
/** Row -> line, x (+)= ...; @p adjoint as in ritz_transform_from_modes(). */
void ritz_transform_row_to_line(const ritz_transform *transform, bool adjoint, bool add,
                                const void *row, void *x, void *scratch);

/** @return  Lines of a slab; 0: there are none. */
ritz_index ritz_transform_slab_lines(const ritz_transform *transform);
/** @return  Bytes of a sample's units. */
size_t ritz_transform_units_bytes(const ritz_transform *transform);
/** Rows of slab @p u, which are lost -> its part of @p units. */
void ritz_transform_slab_to_unit(const ritz_transform *transform, bool adjoint, ritz_index u,
                                 void *rows, void *units, void *scratch);
/** Part @p u of @p units -> rows of the slab. */
void ritz_transform_unit_to_slab(const ritz_transform *transform, bool adjoint, ritz_index u,
                                 void *units, void *rows, void *scratch);

/** Rows of sample @p sample, or with @p units its units, which are lost -> its part of the spectrum
 * [modes, 3, B, C]. */
void ritz_transform_sample_to_modes(const ritz_transform *transform, bool adjoint,
                                    bool for_gradient, ritz_index sample, bool units, void *rows,
                                    void *spectrum, void *scratch);
/** Spectrum [modes, 2, B, C] -> rows of sample @p sample, or its units. */
void ritz_transform_sample_from_modes(const ritz_transform *transform, bool adjoint,
                                      ritz_index sample, bool units, const void *spectrum,
                                      void *rows, void *scratch);

/** The same for all samples, with the threads and the scratch of the one-piece runs. */
void ritz_transform_rows_to_modes(const ritz_transform *transform, bool adjoint, bool for_gradient,
                                  void *rows, void *spectrum, void *scratch);
void ritz_transform_modes_to_rows(const ritz_transform *transform, bool adjoint,
                                  const void *spectrum, void *rows, void *scratch);

/** Mixing of channels: Y[m] = X[m] W[m] for each mode m. */
typedef struct ritz_mixing_shape {
  ritz_dtype dtype;
  ritz_index modes, batch, channels_in, channels_out;
  bool separable;               /* W is [modes, 2, C] and acts channel by channel */
  const ritz_index *weight_row; /* [modes]: which mode of the weight belongs to mode m; copied.
                                   NULL: all use the only one */
  bool real;                    /* spectra of one block, weights [modes, Ci, Co] or [modes, C] */
  bool third_out, third_in;     /* Y, or GX, gets its third block too: another mixing reads it */
} ritz_mixing_shape;

typedef struct ritz_mixing ritz_mixing;

/**
 * Plans the three products.
 *
 * @param threads  Threads the runs may use; results do not depend on it.
 * @param out      NULL on failure.
 *                 RITZ_ERR_SHAPE  separable with different numbers of channels
 */
ritz_status ritz_mixing_create(const ritz_mixing_shape *shape, int threads, ritz_mixing **out);
void ritz_mixing_destroy(ritz_mixing **mixing);
/** @return  Bytes of scratch each run needs; the caller provides it, 64-byte aligned. */
size_t ritz_mixing_scratch(const ritz_mixing *mixing);

/** Y [modes, 2, B, Co] = X [modes, 3, B, Ci] W [weight modes, 2, Ci, Co]; with third_out
 * Y [modes, 3, B, Co] in signal order. */
void ritz_mixing_forward(const ritz_mixing *mixing, const void *x, const void *w, void *y,
                         void *scratch);
/** GX [modes, 2, B, Ci] = GY conj(W)^T; GY [modes, 3, B, Co] in gradient order (Re, Im, -Re); with
 * third_in GX [modes, 3, B, Ci] in the same order. */
void ritz_mixing_vjp_input(const ritz_mixing *mixing, const void *gy, const void *w, void *gx,
                           void *scratch);

/** Takes row @p row of GW, [2, Ci, Co] (real: one plane), which it may overwrite. */
typedef void ritz_mixing_taker(void *arg, ritz_index row, void *gw);

/** Both vjps row by row of W, of which each row is read once and then free to change: GX (NULL: not
 * wanted), then GW's row goes to @p take, in several threads at once. Only with weight_row. */
void ritz_mixing_vjp_rows(const ritz_mixing *mixing, const void *x, const void *gy, const void *w,
                          ritz_index weight_modes, ritz_mixing_taker *take, void *arg, void *gx,
                          void *scratch);
/** GW (+)= conj(X)^T GY, GW [weight_modes, 2, Ci, Co] with more rows than any weight_row; X in
 * signal order (-Im, Re, Im). Rows that no mode uses become zero unless @p add; those of several
 * modes take the sum. */
void ritz_mixing_vjp_weight(const ritz_mixing *mixing, const void *x, const void *gy,
                            ritz_index weight_modes, bool add, void *gw, void *scratch);

#endif
