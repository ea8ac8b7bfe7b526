/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of a transform: the shape, one of two families of algorithms, and how its scratch is
 * cut. */
#ifndef RITZ_KERNELS_SPECTRAL_PLAN_H
#define RITZ_KERNELS_SPECTRAL_PLAN_H

#include "kernels/spectral.h"
#include "kernels/spectral_axis.h"
#include "kernels/spectral_columns.h"
#include "kernels/spectral_order.h"

/** What one call asks for. */
typedef struct ritz_spectral_run {
  const struct ritz_transform *transform;
  ritz_spectral_scale scale;
  ritz_mode_order order; /* to modes */
  bool add;              /* from modes */
  const char *in;
  char *out;
  char *scratch;
} ritz_spectral_run;

/** The transform along any axis but the last, of rows [n][groups][Re, Im][C], or [n][groups][C]
 * where no Fourier axis lies further down. */
typedef struct ritz_spectral_pass {
  const ritz_spectral_axis *axis;
  ritz_index groups; /* modes further down, beside each other */
  ritz_index group;  /* numbers of one: 2 C, or C */
  ritz_index piece;  /* groups done together, so that sums stay in the first-level cache */
  ritz_index pieces; /* the last one may be smaller */
  ritz_spectral_columns columns[2]; /* [0] for a full piece, [1] for the last one */
} ritz_spectral_pass;

/** Where a pass writes or reads: mode m's group g is (m groups + place[g]) step numbers further. */
typedef struct ritz_mode_view {
  char *base;
  const ritz_index *place;
  ritz_index step, plane;
  ritz_mode_order order;
} ritz_mode_view;

/** Kept-mode products along each axis, last axis first: planned in spectral_gemm_plan.c, done in
 * spectral_gemm.c, spread over threads in spectral_spread.c. */
typedef struct ritz_spectral_gemm {
  ritz_spectral_columns line;
  ritz_spectral_pass pass[RITZ_SPECTRAL_MAX_DIM - 1]; /* [0] is axis 0 */
  ritz_index lines;            /* per unit: a line in 1-D and 2-D, a slab of lines in 3-D */
  ritz_index units;            /* per sample: points of axis 0, or 1 in 1-D */
  ritz_index row;              /* numbers one unit gives: modes of the other axes x group */
  ritz_index *place;           /* [row / group]: mode of the other axes that a group of a row is */
  ritz_index *same;            /* [modes of the last axis]: 0, 1, 2 ..., for inner passes */
  ritz_index samples_together; /* per chunk */
  size_t line_bytes, sums_bytes, between_bytes; /* of a thread's scratch, followed by a slab */
  bool by_sample; /* each thread its own samples, or all threads in one sample */
} ritz_spectral_gemm;

/** FFTW's plans of one kind, both ways. */
typedef struct ritz_spectral_plans {
  void *forward, *inverse;
} ritz_spectral_plans;

/** Full or pruned transforms by FFTW (spectral_fftw.c). */
typedef struct ritz_spectral_fftw {
  bool pruned;                 /* never with sines or cosines */
  ritz_index slice;            /* channels done together */
  ritz_index slices;           /* the last one may be smaller */
  ritz_index half;             /* complex numbers per channel */
  ritz_index points;           /* real ones */
  size_t half_bytes;           /* of a thread's scratch: the half spectrum, then the field */
  ritz_spectral_plans real[2]; /* [0] for a full slice, [1] for the last one: all, or the lines */
  ritz_spectral_plans columns[2]; /* pruned: of the kept columns, in place */
  ritz_spectral_plans bounded[2]; /* of sines and cosines, in place in the field */
  ritz_index *position;           /* [modes] in the half spectrum; without it in the field */
  ritz_index *mirror;        /* [modes] position of the conjugate mode where the half spectrum holds
                              * it too, else -1 */
  double *to[RITZ_SCALES];   /* [modes]: factors of FFTW's sums ... */
  double *from[RITZ_SCALES]; /* ... and of a mode before them */
} ritz_spectral_fftw;

struct ritz_transform {
  ritz_transform_shape shape; /* without the caller's lists: those are in `axis` */
  const ritz_kernels *kernels;
  ritz_spectral_algorithm algorithm;
  int threads;
  bool measure;     /* FFTW's plans */
  size_t size;      /* of a number */
  ritz_index modes; /* all axes' product */
  int half;         /* the last Fourier axis: real fields come in, complex ones go out; or -1 */
  ritz_spectral_axis axis[RITZ_SPECTRAL_MAX_DIM];
  ritz_spectral_gemm gemm;
  ritz_spectral_fftw fftw;
  size_t sample_scratch, thread_scratch; /* bytes, multiples of 64 */
  int sample_slots;                      /* how many sample_scratch, in front of the threads' */
};

/** Planes of a mode after the transform along axis i: a complex number from the last Fourier axis
 * on, last axis first. */
static inline int ritz_spectral_planes(const ritz_transform *t, int i) {
  return i <= t->half ? 2 : 1;
}
/** Numbers of a mode: C times those planes. */
static inline ritz_index ritz_spectral_group(const ritz_transform *t, int i) {
  return ritz_spectral_planes(t, i) * t->shape.channels;
}
/** Points that 1/N counts besides those of the grid. */
static inline double ritz_spectral_others(const ritz_transform *t) {
  return t->shape.others > 0 ? (double)t->shape.others : 1;
}
/** Blocks of B rows that a mode of the spectrum has, and their order. */
static inline int ritz_spectral_blocks(const ritz_transform *t) {
  return t->half < 0 ? 1 : t->shape.plain ? 2 : 3;
}
static inline ritz_mode_order ritz_spectral_order(const ritz_transform *t, bool for_gradient) {
  return t->shape.plain ? RITZ_MODE_PLAIN : for_gradient ? RITZ_MODE_GRADIENT : RITZ_MODE_SIGNAL;
}

/** Refuses what ritz_transform_create() refuses. */
ritz_status ritz_transform_check(const ritz_transform_shape *shape,
                                 ritz_spectral_algorithm algorithm, int threads);
/** Plans a shape that was checked. @param measure  FFTW measures its plans. */
ritz_status ritz_transform_build(const ritz_transform_shape *shape,
                                 ritz_spectral_algorithm algorithm, bool measure, int threads,
                                 ritz_transform **out);

/* Each algorithm: plan into a transform whose shape and axes stand, then run. */
ritz_status ritz_spectral_gemm_plan(ritz_transform *t);
void ritz_spectral_gemm_clear(ritz_transform *t);
void ritz_spectral_gemm_to_modes(const ritz_spectral_run *run);
void ritz_spectral_gemm_from_modes(const ritz_spectral_run *run);

/* The steps of the products. `work`: a thread's scratch. `rows`: [units] of a sample, changed by
 * what reads them. */
char *ritz_spectral_sums_in(const ritz_transform *t, char *work);
char *ritz_spectral_between_in(const ritz_transform *t, char *work);
char *ritz_spectral_units_in(const ritz_transform *t, char *work);
size_t ritz_spectral_row_bytes(const ritz_transform *t);
void ritz_spectral_line_to_row(const ritz_spectral_run *run, const char *x, const char *next,
                               char *row, char *work);
void ritz_spectral_row_to_line(const ritz_spectral_run *run, const char *row, const char *next,
                               char *x, char *work);
void ritz_spectral_slab_to_unit(const ritz_spectral_run *run, char *slab, ritz_index u, char *rows,
                                char *work);
void ritz_spectral_unit_to_slab(const ritz_spectral_run *run, char *rows, ritz_index u, char *slab,
                                char *work);
void ritz_spectral_unit_to_modes(const ritz_spectral_run *run, const char *x, ritz_index u,
                                 char *rows, char *work);
void ritz_spectral_unit_from_modes(const ritz_spectral_run *run, char *rows, ritz_index u, char *x,
                                   char *work);
void ritz_spectral_piece_to_modes(const ritz_spectral_run *run, ritz_index b, ritz_index piece,
                                  char *rows, char *work);
void ritz_spectral_piece_from_modes(const ritz_spectral_run *run, ritz_index b, ritz_index piece,
                                    char *rows, char *work);
void ritz_spectral_pass_to_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                                 ritz_index piece, char *rows, const ritz_mode_view *out,
                                 char *work);
void ritz_spectral_pass_from_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                                   ritz_index piece, const ritz_mode_view *in, char *rows,
                                   char *work);

ritz_status ritz_spectral_fftw_plan(ritz_transform *t);
void ritz_spectral_fftw_clear(ritz_transform *t);
void ritz_spectral_fftw_to_modes(const ritz_spectral_run *run);
void ritz_spectral_fftw_from_modes(const ritz_spectral_run *run);
bool ritz_spectral_fftw_available(void);

/* Sines and cosines by FFTW (spectral_fftw_bounded.c), of a slice of `width` channels in a field.
 */
bool ritz_fftw_bounded_any(const ritz_transform *t);
/* Whether the plans are there; none where an axis has no modes. */
bool ritz_fftw_bounded_plan(const ritz_transform *t, ritz_index width, void *field, unsigned flags,
                            ritz_spectral_plans *out);
void ritz_fftw_bounded_to(const ritz_transform *t, ritz_spectral_scale scale, ritz_index width,
                          const ritz_spectral_plans *plans, char *field);
void ritz_fftw_bounded_from(const ritz_transform *t, ritz_spectral_scale scale, ritz_index width,
                            const ritz_spectral_plans *plans, char *field);
/* Mode i of an axis: its place among the points, and the factors that its axis gives it. */
ritz_index ritz_fftw_bounded_place(const ritz_spectral_axis *axis, ritz_index i);
double ritz_fftw_bounded_factor(const ritz_spectral_axis *axis, ritz_spectral_scale scale, bool to,
                                ritz_index i);

/** Flops of the products of one sample; the shape's axes need not be filled. */
double ritz_spectral_gemm_flops(const ritz_transform *t);
/** Flops of the full transform of one sample by the usual count. */
double ritz_spectral_fftw_flops(const ritz_transform *t);
/** The faster algorithm by the cost model. */
ritz_spectral_algorithm ritz_spectral_choose(const ritz_transform *t);

#endif
