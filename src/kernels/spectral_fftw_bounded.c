/* SPDX-License-Identifier: BSD-3-Clause
 * Sines and cosines of a field by FFTW's real transforms. In terms of spectral_bounded.h FFTW
 * computes, for all four bases, to the modes 2 L times the analysis and back the synthesis; what
 * the adjoints differ by from these are factors of modes and, for cosines on nodes, of the end
 * points. */
#include "kernels/spectral_bounded.h"
#include "kernels/spectral_plan.h"

#if RITZ_WITH_FFTW
#include <fftw3.h>

static bool is_bounded(const ritz_spectral_axis *axis) {
  return axis->transform != RITZ_TRANSFORM_FOURIER;
}

bool ritz_fftw_bounded_any(const ritz_transform *t) {
  for (int i = 0; i < t->shape.dim; i++)
    if (is_bounded(&t->axis[i])) return true;
  return false;
}

/* A single node is its own mean: FFTW has no transform of it. */
static bool is_single(const ritz_spectral_axis *axis) {
  return axis->transform == RITZ_TRANSFORM_COSINE && axis->n == 1;
}

/* Sines on nodes are between the ends. */
ritz_index ritz_fftw_bounded_place(const ritz_spectral_axis *axis, ritz_index i) {
  return axis->transform == RITZ_TRANSFORM_SINE ? i + 1 : i;
}

double ritz_fftw_bounded_factor(const ritz_spectral_axis *axis, ritz_spectral_scale scale, bool to,
                                ritz_index i) {
  if (is_single(axis)) return 1;
  const double length = ritz_bounded_length(axis->transform, axis->n);
  const double pair = ritz_bounded_pair(axis->transform, axis->n, i);
  if (to) return scale == RITZ_SCALE_MEAN ? 1 / (2 * length) : pair / 2;
  return scale == RITZ_SCALE_MEAN ? 1 / (length * pair) : 1;
}

static fftw_r2r_kind kind_of(ritz_axis_transform transform, bool inverse) {
  switch (transform) {
    case RITZ_TRANSFORM_SINE: return FFTW_RODFT00;
    case RITZ_TRANSFORM_COSINE: return FFTW_REDFT00;
    case RITZ_TRANSFORM_CELL_SINE: return inverse ? FFTW_RODFT01 : FFTW_RODFT10;
    default: return inverse ? FFTW_REDFT01 : FFTW_REDFT10;
  }
}

/* Numbers from the first point of a field to the first one that is transformed. */
static ritz_index first_number(const ritz_transform *t, ritz_index width) {
  ritz_index stride = width, first = 0;
  for (int i = t->shape.dim - 1; i >= 0; i--) {
    if (t->axis[i].transform == RITZ_TRANSFORM_SINE) first += stride;
    stride *= t->axis[i].n;
  }
  return first;
}

bool ritz_fftw_bounded_plan(const ritz_transform *t, ritz_index width, void *field, unsigned flags,
                            ritz_spectral_plans *out) {
  fftw_iodim axis[RITZ_SPECTRAL_MAX_DIM], repeat[RITZ_SPECTRAL_MAX_DIM + 1];
  fftw_r2r_kind kind[2][RITZ_SPECTRAL_MAX_DIM];
  int rank = 0, repeats = 0, stride = (int)width;
  repeat[repeats++] = (fftw_iodim){(int)width, 1, 1};
  for (int i = t->shape.dim - 1; i >= 0; i--) {
    const ritz_spectral_axis *a = &t->axis[i];
    const bool transformed = is_bounded(a) && !is_single(a);
    const int n = (int)(transformed ? ritz_axis_transform_modes(a->transform, a->n) : a->n);
    if (n == 0) return true;
    if (transformed) {
      for (int inverse = 0; inverse < 2; inverse++)
        kind[inverse][rank] = kind_of(a->transform, inverse);
      axis[rank++] = (fftw_iodim){n, stride, stride};
    } else {
      repeat[repeats++] = (fftw_iodim){n, stride, stride};
    }
    stride *= (int)a->n;
  }
  if (rank == 0) return true;
  /* Plans are for the field of a slice as it is aligned; those of sines start at another number. */
  const ritz_index first = first_number(t, width);
  if (first > 0) flags |= FFTW_UNALIGNED;
  if (t->shape.dtype == RITZ_FLOAT64) {
    double *x = (double *)field + first;
    out->forward = fftw_plan_guru_r2r(rank, axis, repeats, repeat, x, x, kind[0], flags);
    out->inverse = fftw_plan_guru_r2r(rank, axis, repeats, repeat, x, x, kind[1], flags);
  } else {
    float *x = (float *)field + first;
    out->forward = fftwf_plan_guru_r2r(rank, axis, repeats, repeat, x, x, kind[0], flags);
    out->inverse = fftwf_plan_guru_r2r(rank, axis, repeats, repeat, x, x, kind[1], flags);
  }
  return out->forward && out->inverse;
}

static void execute(const ritz_transform *t, ritz_index width, void *plan, char *field) {
  if (!plan) return;
  char *x = field + (size_t)first_number(t, width) * t->size;
  if (t->shape.dtype == RITZ_FLOAT64)
    fftw_execute_r2r(plan, (double *)x, (double *)x);
  else
    fftwf_execute_r2r(plan, (float *)x, (float *)x);
}

/* Multiplies the end points of all axes of cosines on nodes. */
static void scale_ends(const ritz_transform *t, double factor, ritz_index width, char *field) {
  ritz_index inner = width, outer = t->fftw.points;
  for (int i = t->shape.dim - 1; i >= 0; i--) {
    const ritz_index n = t->axis[i].n;
    outer /= n;
    if (t->axis[i].transform == RITZ_TRANSFORM_COSINE && n > 1)
      for (ritz_index end = 0; end < 2 * outer; end++) {
        const ritz_index row = end / 2 * n + (end % 2) * (n - 1);
        char *x = field + (size_t)(row * inner) * t->size;
        t->kernels->scale(inner, factor, x, x, false);
      }
    inner *= n;
  }
}

void ritz_fftw_bounded_to(const ritz_transform *t, ritz_spectral_scale scale, ritz_index width,
                          const ritz_spectral_plans *plans, char *field) {
  if (plans->forward && scale == RITZ_SCALE_PAIRS) scale_ends(t, 2, width, field);
  execute(t, width, plans->forward, field);
}

void ritz_fftw_bounded_from(const ritz_transform *t, ritz_spectral_scale scale, ritz_index width,
                            const ritz_spectral_plans *plans, char *field) {
  execute(t, width, plans->inverse, field);
  if (plans->inverse && scale == RITZ_SCALE_MEAN) scale_ends(t, 0.5, width, field);
}
#endif
