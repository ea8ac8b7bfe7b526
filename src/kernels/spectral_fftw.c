/* SPDX-License-Identifier: BSD-3-Clause
 * Full real transforms through FFTW, a slice of channels at a time; the kept modes are copied.
 *
 * The path for nearly full spectra, and the oracle of the tests. Plans are estimated, never
 * measured: the same shape gives the same plan and the same rounding everywhere. */
#include "kernels/spectral_plan.h"

#if RITZ_WITH_FFTW
#include <fftw3.h>
#include <pthread.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"

/* Channels transformed side by side, in a copy that is aligned: a plan for any alignment takes half
 * as long again. 8 to 16 is best at 64^2 and 128^2. */
enum { CHANNELS_TOGETHER = 16 };

/* FFTW's planner keeps one state for the whole process, so ours is the lock around it. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

bool ritz_spectral_fftw_available(void) { return true; }

/* The two pointers only show an alignment: FFTW_ESTIMATE does not touch what they point at. */
static void plan_slice(const ritz_transform *t, ritz_index width, void *field, void *half,
                       void **forward, void **inverse) {
  int n[RITZ_SPECTRAL_MAX_DIM], n_half[RITZ_SPECTRAL_MAX_DIM];
  const int dim = t->shape.dim, w = (int)width;
  for (int i = 0; i < dim; i++) n[i] = n_half[i] = (int)t->axis[i].n;
  n_half[dim - 1] = n[dim - 1] / 2 + 1;
  if (t->shape.dtype == RITZ_FLOAT64) {
    *forward = fftw_plan_many_dft_r2c(dim, n, w, field, n, w, 1, half, n_half, w, 1, FFTW_ESTIMATE);
    *inverse = fftw_plan_many_dft_c2r(dim, n, w, half, n_half, w, 1, field, n, w, 1, FFTW_ESTIMATE);
  } else {
    *forward =
        fftwf_plan_many_dft_r2c(dim, n, w, field, n, w, 1, half, n_half, w, 1, FFTW_ESTIMATE);
    *inverse =
        fftwf_plan_many_dft_c2r(dim, n, w, half, n_half, w, 1, field, n, w, 1, FFTW_ESTIMATE);
  }
}

static ritz_status plan_slices(ritz_transform *t) {
  ritz_spectral_fftw *f = &t->fftw;
  const ritz_index last = t->shape.channels - (f->slices - 1) * f->slice;
  _Alignas(RITZ_ALIGNMENT) char sample[2 * RITZ_ALIGNMENT];
  void *field = sample, *half = sample + RITZ_ALIGNMENT;
  pthread_mutex_lock(&planner);
  plan_slice(t, f->slice, field, half, &f->forward[0], &f->inverse[0]);
  plan_slice(t, last, field, half, &f->forward[1], &f->inverse[1]);
  pthread_mutex_unlock(&planner);
  for (int i = 0; i < 2; i++)
    RITZ_REQUIRE(f->forward[i] && f->inverse[i], RITZ_ERR_MEMORY,
                 "FFTW has no plan for a grid of %td points", f->points);
  return RITZ_OK;
}

/* Places of mode m, and of its conjugate if the half spectrum has both. */
static void place_mode(ritz_transform *t, ritz_index m) {
  const int last = t->shape.dim - 1;
  ritz_index rest = m, stride = 1, position = 0, mirror = 0, extent = t->axis[last].n / 2 + 1;
  bool both = true;
  for (int i = last; i >= 0; i--) {
    const ritz_spectral_axis *a = &t->axis[i];
    const ritz_index f = a->frequency[rest % a->modes];
    rest /= a->modes;
    if (i == last) both = 2 * f % a->n == 0;
    position += f * stride;
    mirror += (i == last ? f : (a->n - f) % a->n) * stride;
    stride *= extent;
    extent = i > 0 ? t->axis[i - 1].n : 1;
  }
  t->fftw.position[m] = position;
  t->fftw.mirror[m] = both ? mirror : -1;
}

ritz_status ritz_spectral_fftw_plan(ritz_transform *t) {
  ritz_spectral_fftw *f = &t->fftw;
  const int last = t->shape.dim - 1;
  f->points = f->half = 1;
  for (int i = 0; i <= last; i++) {
    RITZ_REQUIRE(t->axis[i].n <= INT32_MAX, RITZ_ERR_UNSUPPORTED,
                 "axis %d has %td points, more than FFTW counts", i, t->axis[i].n);
    f->points *= t->axis[i].n;
    f->half *= i == last ? t->axis[i].n / 2 + 1 : t->axis[i].n;
  }
  f->slice = t->shape.channels < CHANNELS_TOGETHER ? t->shape.channels : CHANNELS_TOGETHER;
  f->slices = (t->shape.channels + f->slice - 1) / f->slice;
  RITZ_TRY(RITZ_NEW(t->modes, &f->position));
  RITZ_TRY(RITZ_NEW(t->modes, &f->mirror));
  for (ritz_index m = 0; m < t->modes; m++) place_mode(t, m);
  RITZ_TRY(plan_slices(t));
  t->thread_scratch = ritz_spectral_round((size_t)(2 * f->half * f->slice) * t->size) +
                      ritz_spectral_round((size_t)(f->points * f->slice) * t->size);
  return RITZ_OK;
}

void ritz_spectral_fftw_clear(ritz_transform *t) {
  ritz_spectral_fftw *f = &t->fftw;
  pthread_mutex_lock(&planner);
  for (int i = 0; i < 2; i++)
    if (t->shape.dtype == RITZ_FLOAT64) {
      if (f->forward[i]) fftw_destroy_plan(f->forward[i]);
      if (f->inverse[i]) fftw_destroy_plan(f->inverse[i]);
    } else {
      if (f->forward[i]) fftwf_destroy_plan(f->forward[i]);
      if (f->inverse[i]) fftwf_destroy_plan(f->inverse[i]);
    }
  pthread_mutex_unlock(&planner);
  ritz_free(f->position);
  ritz_free(f->mirror);
}

/* One slice of channels of one sample. */
typedef struct slice_view {
  const ritz_transform *t;
  bool last;
  ritz_index width, plane; /* channels here; numbers between planes of a mode */
  size_t field, mode;      /* bytes to this slice in a field and inside a mode's plane */
  char *half, *real;       /* scratch: [half][width] complex, [points][width] */
} slice_view;

static slice_view view_slice(const ritz_spectral_run *run, ritz_index chunk, int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_fftw *f = &t->fftw;
  const ritz_index c = t->shape.channels, b = chunk / f->slices, s = chunk % f->slices;
  slice_view v = {.t = t, .last = s == f->slices - 1, .plane = t->shape.batch * c};
  v.width = v.last ? c - s * f->slice : f->slice;
  v.field = (size_t)(b * f->points * c + s * f->slice) * t->size;
  v.mode = (size_t)(b * c + s * f->slice) * t->size;
  v.half = run->scratch + (size_t)thread * t->thread_scratch;
  v.real = v.half + ritz_spectral_round((size_t)(2 * f->half * f->slice) * t->size);
  return v;
}

/* Factor of mode m: 1/N, or 1, or 2 where the half spectrum does not hold the conjugate. */
static double factor(const ritz_spectral_run *run, ritz_index m) {
  const ritz_spectral_fftw *f = &run->transform->fftw;
  if (run->scale == RITZ_SCALE_MEAN) return 1.0 / (double)f->points;
  return f->mirror[m] >= 0 ? 1.0 : 2.0;
}

static void to_modes_task(void *arg, ritz_index chunk, int thread) {
  const ritz_spectral_run *run = arg;
  const ritz_transform *t = run->transform;
  const slice_view v = view_slice(run, chunk, thread);
  t->kernels->row_copy(t->fftw.points, v.width, run->in + v.field, t->shape.channels, v.real,
                       v.width, false);
  if (t->shape.dtype == RITZ_FLOAT64)
    fftw_execute_dft_r2c(t->fftw.forward[v.last], (double *)v.real, (fftw_complex *)v.half);
  else
    fftwf_execute_dft_r2c(t->fftw.forward[v.last], (float *)v.real, (fftwf_complex *)v.half);
  for (ritz_index m = 0; m < t->modes; m++)
    t->kernels->mode_take(
        v.width, factor(run, m), v.half + (size_t)(2 * t->fftw.position[m] * v.width) * t->size,
        run->out + (size_t)(m * 3 * v.plane) * t->size + v.mode, v.plane, run->order);
}

/* A column of the half spectrum that is its own conjugate must be Hermitian before FFTW's inverse:
 * what it does with another one is not specified. Half of each mode goes to its mirror place. */
static void put_modes(const ritz_spectral_run *run, const slice_view *v) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_fftw *f = &t->fftw;
  memset(v->half, 0, (size_t)(2 * f->half * v->width) * t->size);
  for (ritz_index m = 0; m < t->modes; m++) {
    const char *x = run->in + (size_t)(m * 2 * v->plane) * t->size + v->mode;
    /* c2r itself doubles what has no conjugate in the half spectrum. */
    const double scale = factor(run, m) / 2;
    char *z = v->half + (size_t)(2 * f->position[m] * v->width) * t->size;
    t->kernels->mode_put(v->width, scale, 1, x, v->plane, z);
    if (f->mirror[m] < 0) continue;
    z = v->half + (size_t)(2 * f->mirror[m] * v->width) * t->size;
    t->kernels->mode_put(v->width, scale, -1, x, v->plane, z);
  }
}

static void from_modes_task(void *arg, ritz_index chunk, int thread) {
  const ritz_spectral_run *run = arg;
  const ritz_transform *t = run->transform;
  const slice_view v = view_slice(run, chunk, thread);
  put_modes(run, &v);
  if (t->shape.dtype == RITZ_FLOAT64)
    fftw_execute_dft_c2r(t->fftw.inverse[v.last], (fftw_complex *)v.half, (double *)v.real);
  else
    fftwf_execute_dft_c2r(t->fftw.inverse[v.last], (fftwf_complex *)v.half, (float *)v.real);
  t->kernels->row_copy(t->fftw.points, v.width, v.real, v.width, run->out + v.field,
                       t->shape.channels, run->add);
}

void ritz_spectral_fftw_to_modes(const ritz_spectral_run *run) {
  const ritz_transform *t = run->transform;
  ritz_parallel(t->threads, t->shape.batch * t->fftw.slices, to_modes_task, (void *)run);
}

void ritz_spectral_fftw_from_modes(const ritz_spectral_run *run) {
  const ritz_transform *t = run->transform;
  ritz_parallel(t->threads, t->shape.batch * t->fftw.slices, from_modes_task, (void *)run);
}

#else /* never reached: ritz_transform_create() refuses */

bool ritz_spectral_fftw_available(void) { return false; }
ritz_status ritz_spectral_fftw_plan(ritz_transform *t) { return RITZ_ERR_UNSUPPORTED; }
void ritz_spectral_fftw_clear(ritz_transform *t) {}
void ritz_spectral_fftw_to_modes(const ritz_spectral_run *run) {}
void ritz_spectral_fftw_from_modes(const ritz_spectral_run *run) {}
#endif
