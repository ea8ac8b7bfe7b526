/* SPDX-License-Identifier: BSD-3-Clause
 * Real transforms through FFTW, a slice of channels at a time; the kept modes are copied. Full, or
 * pruned to the columns up to the last kept one after a transform of the lines.
 *
 * The path for long nearly full spectra, and the oracle of the tests. Plans are estimated unless
 * the caller asks for measured ones: the same shape gives the same plan and the same rounding
 * everywhere. Threads share one plan and take slices, so results do not depend on their number. */
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

/* Loops of one plan: transforms over `rank` axes, repeated over others. Strides of the field stand
 * in `is`, those of the half spectrum in `os`. */
typedef struct loops {
  int rank, repeats;
  fftw_iodim axis[RITZ_SPECTRAL_MAX_DIM], repeat[RITZ_SPECTRAL_MAX_DIM];
} loops;

static loops reversed(loops l) {
  for (int i = 0; i < RITZ_SPECTRAL_MAX_DIM; i++) {
    l.axis[i] = (fftw_iodim){l.axis[i].n, l.axis[i].os, l.axis[i].is};
    l.repeat[i] = (fftw_iodim){l.repeat[i].n, l.repeat[i].os, l.repeat[i].is};
  }
  return l;
}

static ritz_spectral_plans plan_real(const ritz_transform *t, const loops *l, void *field,
                                     void *half, unsigned flags) {
  const loops back = reversed(*l);
  if (t->shape.dtype == RITZ_FLOAT64)
    return (ritz_spectral_plans){
        fftw_plan_guru_dft_r2c(l->rank, l->axis, l->repeats, l->repeat, field, half, flags),
        fftw_plan_guru_dft_c2r(l->rank, back.axis, l->repeats, back.repeat, half, field, flags)};
  return (ritz_spectral_plans){
      fftwf_plan_guru_dft_r2c(l->rank, l->axis, l->repeats, l->repeat, field, half, flags),
      fftwf_plan_guru_dft_c2r(l->rank, back.axis, l->repeats, back.repeat, half, field, flags)};
}

static ritz_spectral_plans plan_columns(const ritz_transform *t, const loops *l, void *half,
                                        unsigned flags) {
  if (t->shape.dtype == RITZ_FLOAT64)
    return (ritz_spectral_plans){fftw_plan_guru_dft(l->rank, l->axis, l->repeats, l->repeat, half,
                                                    half, FFTW_FORWARD, flags),
                                 fftw_plan_guru_dft(l->rank, l->axis, l->repeats, l->repeat, half,
                                                    half, FFTW_BACKWARD, flags)};
  return (ritz_spectral_plans){
      fftwf_plan_guru_dft(l->rank, l->axis, l->repeats, l->repeat, half, half, FFTW_FORWARD, flags),
      fftwf_plan_guru_dft(l->rank, l->axis, l->repeats, l->repeat, half, half, FFTW_BACKWARD,
                          flags)};
}

/* Half-spectrum columns up to the last one kept. */
static ritz_index kept_columns(const ritz_transform *t) {
  const ritz_spectral_axis *a = &t->axis[t->shape.dim - 1];
  ritz_index most = 0;
  for (ritz_index i = 0; i < a->modes; i++)
    if (a->frequency[i] > most) most = a->frequency[i];
  return most + 1;
}

/* Transforms over the Fourier axes, repeated over the channels and the others. */
static loops loop_axes(const ritz_transform *t, int width) {
  loops all = {.repeats = 1, .repeat = {{width, 1, 1}}};
  fftw_iodim axis[RITZ_SPECTRAL_MAX_DIM];
  int real_stride = width, half_stride = width;
  for (int i = t->shape.dim - 1; i >= 0; i--) {
    const int n = (int)t->axis[i].n;
    axis[i] = (fftw_iodim){n, real_stride, half_stride};
    real_stride *= n;
    half_stride *= i == t->half ? n / 2 + 1 : n;
  }
  for (int i = 0; i < t->shape.dim; i++)
    if (t->axis[i].transform == RITZ_TRANSFORM_FOURIER)
      all.axis[all.rank++] = axis[i];
    else
      all.repeat[all.repeats++] = axis[i];
  return all;
}

/* Plans for slices of one width, and whether they are all there. */
static bool plan_slice(ritz_transform *t, ritz_index width, int which, void *field, void *half) {
  ritz_spectral_fftw *f = &t->fftw;
  const int last = t->shape.dim - 1, w = (int)width;
  const unsigned flags = t->measure ? FFTW_MEASURE : FFTW_ESTIMATE;
  if (!ritz_fftw_bounded_plan(t, width, field, flags, &f->bounded[which])) return false;
  if (t->half < 0) return true;
  const loops all = loop_axes(t, w);
  if (!f->pruned || last == 0) {
    f->real[which] = plan_real(t, &all, field, half, flags);
    return f->real[which].forward && f->real[which].inverse;
  }
  loops lines = {.rank = 1, .repeats = last + 1, .axis = {all.axis[last]}};
  loops columns = {.rank = last, .repeats = 1, .repeat = {{(int)kept_columns(t) * w, 1, 1}}};
  for (int i = 0; i < last; i++) {
    lines.repeat[i] = all.axis[i];
    columns.axis[i] = (fftw_iodim){all.axis[i].n, all.axis[i].os, all.axis[i].os};
  }
  lines.repeat[last] = (fftw_iodim){w, 1, 1};
  f->real[which] = plan_real(t, &lines, field, half, flags);
  f->columns[which] = plan_columns(t, &columns, half, flags);
  return f->real[which].forward && f->real[which].inverse && f->columns[which].forward &&
         f->columns[which].inverse;
}

static ritz_status plan_slices(ritz_transform *t) {
  ritz_spectral_fftw *f = &t->fftw;
  const ritz_index last = t->shape.channels - (f->slices - 1) * f->slice;
  _Alignas(RITZ_ALIGNMENT) char sample[2 * RITZ_ALIGNMENT];
  /* Pointers only show an alignment unless FFTW measures: it then writes on what they point at. */
  char *scratch = NULL;
  if (t->measure) RITZ_TRY(RITZ_NEW((ritz_index)t->thread_scratch, &scratch));
  char *half = t->measure ? scratch : sample;
  char *field = half + (t->measure ? f->half_bytes : RITZ_ALIGNMENT);
  pthread_mutex_lock(&planner);
  const bool full = plan_slice(t, f->slice, 0, field, half);
  const bool rest = plan_slice(t, last, 1, field, half);
  pthread_mutex_unlock(&planner);
  ritz_free(scratch);
  RITZ_REQUIRE(full && rest, RITZ_ERR_MEMORY, "FFTW has no plan for a grid of %td points",
               f->points);
  return RITZ_OK;
}

/* Places of mode m, and of its conjugate if the half spectrum has both; its factors: 1/N, or 1, or
 * 2 where the half spectrum does not hold the conjugate, which FFTW doubles by itself on the way
 * back, and half of each where it goes to two places. */
static void place_mode(ritz_transform *t, ritz_index m) {
  ritz_spectral_fftw *f = &t->fftw;
  ritz_index rest = m, stride = 1, position = 0, mirror = 0;
  bool both = true;
  double points = ritz_spectral_others(t), to[RITZ_SCALES] = {1, 1}, from[RITZ_SCALES] = {1, 1};
  for (int i = t->shape.dim - 1; i >= 0; i--) {
    const ritz_spectral_axis *a = &t->axis[i];
    const ritz_index mode = rest % a->modes;
    rest /= a->modes;
    if (a->transform == RITZ_TRANSFORM_FOURIER) {
      const ritz_index k = a->frequency[mode];
      if (i == t->half) both = 2 * k % a->n == 0;
      position += k * stride;
      mirror += (i == t->half ? k : (a->n - k) % a->n) * stride;
      points *= (double)a->n;
    } else {
      position += ritz_fftw_bounded_place(a, mode) * stride;
      mirror += ritz_fftw_bounded_place(a, mode) * stride;
      for (int s = 0; s < RITZ_SCALES; s++) {
        to[s] *= ritz_fftw_bounded_factor(a, (ritz_spectral_scale)s, true, mode);
        from[s] *= ritz_fftw_bounded_factor(a, (ritz_spectral_scale)s, false, mode);
      }
    }
    stride *= i == t->half ? a->n / 2 + 1 : a->n;
  }
  f->position[m] = position;
  f->mirror[m] = both && t->half >= 0 ? mirror : -1;
  const double pair = both ? 1 : 2, halved = t->half >= 0 ? 0.5 : 1;
  f->to[RITZ_SCALE_MEAN][m] = to[RITZ_SCALE_MEAN] / points;
  f->to[RITZ_SCALE_PAIRS][m] = to[RITZ_SCALE_PAIRS] * pair;
  f->from[RITZ_SCALE_MEAN][m] = from[RITZ_SCALE_MEAN] / points * halved;
  f->from[RITZ_SCALE_PAIRS][m] = from[RITZ_SCALE_PAIRS] * pair * halved;
}

ritz_status ritz_spectral_fftw_plan(ritz_transform *t) {
  ritz_spectral_fftw *f = &t->fftw;
  const int last = t->shape.dim - 1;
  f->points = f->half = 1;
  for (int i = 0; i <= last; i++) {
    f->points *= t->axis[i].n;
    f->half *= i == t->half ? t->axis[i].n / 2 + 1 : t->axis[i].n;
  }
  if (t->half < 0) f->half = 0;
  f->pruned = f->pruned && !ritz_fftw_bounded_any(t);
  f->slice = t->shape.channels < CHANNELS_TOGETHER ? t->shape.channels : CHANNELS_TOGETHER;
  f->slices = (t->shape.channels + f->slice - 1) / f->slice;
  RITZ_REQUIRE(f->points <= INT32_MAX / CHANNELS_TOGETHER, RITZ_ERR_UNSUPPORTED,
               "a grid of %td points, more than FFTW counts in slices of %d channels", f->points,
               CHANNELS_TOGETHER);
  RITZ_TRY(RITZ_NEW(t->modes, &f->position));
  RITZ_TRY(RITZ_NEW(t->modes, &f->mirror));
  for (int s = 0; s < RITZ_SCALES; s++) {
    RITZ_TRY(RITZ_NEW(t->modes, &f->to[s]));
    RITZ_TRY(RITZ_NEW(t->modes, &f->from[s]));
  }
  for (ritz_index m = 0; m < t->modes; m++) place_mode(t, m);
  f->half_bytes = ritz_aligned((size_t)(2 * f->half * f->slice) * t->size);
  t->thread_scratch = f->half_bytes + ritz_aligned((size_t)(f->points * f->slice) * t->size);
  return plan_slices(t);
}

static void destroy(ritz_dtype dtype, void *plan) {
  if (plan && dtype == RITZ_FLOAT64) fftw_destroy_plan(plan);
  if (plan && dtype == RITZ_FLOAT32) fftwf_destroy_plan(plan);
}

void ritz_spectral_fftw_clear(ritz_transform *t) {
  ritz_spectral_fftw *f = &t->fftw;
  pthread_mutex_lock(&planner);
  for (int i = 0; i < 2; i++) {
    destroy(t->shape.dtype, f->real[i].forward);
    destroy(t->shape.dtype, f->real[i].inverse);
    destroy(t->shape.dtype, f->columns[i].forward);
    destroy(t->shape.dtype, f->columns[i].inverse);
    destroy(t->shape.dtype, f->bounded[i].forward);
    destroy(t->shape.dtype, f->bounded[i].inverse);
  }
  pthread_mutex_unlock(&planner);
  ritz_free(f->position);
  ritz_free(f->mirror);
  for (int s = 0; s < RITZ_SCALES; s++) {
    ritz_free(f->to[s]);
    ritz_free(f->from[s]);
  }
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
  v.real = v.half + f->half_bytes;
  return v;
}

/* In place; a full transform has no plan of its own for columns. */
static void do_columns(const ritz_transform *t, void *plan, void *half) {
  if (!plan) return;
  if (t->shape.dtype == RITZ_FLOAT64)
    fftw_execute_dft(plan, half, half);
  else
    fftwf_execute_dft(plan, half, half);
}

static char *mode_of(const slice_view *v, const void *spectrum, ritz_index m, int blocks) {
  return (char *)spectrum + (size_t)(m * blocks * v->plane) * v->t->size + v->mode;
}

static void take_modes(const ritz_spectral_run *run, const slice_view *v) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_fftw *f = &t->fftw;
  const size_t number = (size_t)v->width * t->size;
  for (ritz_index m = 0; m < t->modes; m++) {
    char *out = mode_of(v, run->out, m, ritz_spectral_blocks(t));
    const double factor = f->to[run->scale][m];
    if (t->half < 0)
      t->kernels->scale(v->width, factor, v->real + (size_t)f->position[m] * number, out, false);
    else
      t->kernels->mode_take(v->width, factor, v->half + 2 * (size_t)f->position[m] * number, out,
                            v->plane, run->order);
  }
}

static void to_modes_task(void *arg, ritz_index chunk, int thread) {
  const ritz_spectral_run *run = arg;
  const ritz_transform *t = run->transform;
  const slice_view v = view_slice(run, chunk, thread);
  t->kernels->row_copy(t->fftw.points, v.width, run->in + v.field, t->shape.channels, v.real,
                       v.width, false);
  ritz_fftw_bounded_to(t, run->scale, v.width, &t->fftw.bounded[v.last], v.real);
  void *lines = t->fftw.real[v.last].forward;
  if (lines && t->shape.dtype == RITZ_FLOAT64)
    fftw_execute_dft_r2c(lines, (double *)v.real, (fftw_complex *)v.half);
  else if (lines)
    fftwf_execute_dft_r2c(lines, (float *)v.real, (fftwf_complex *)v.half);
  do_columns(t, t->fftw.columns[v.last].forward, v.half);
  take_modes(run, &v);
}

/* A column of the half spectrum that is its own conjugate must be Hermitian before FFTW's inverse:
 * what it does with another one is not specified. Half of each mode goes to its mirror place. */
static void put_modes(const ritz_spectral_run *run, const slice_view *v) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_fftw *f = &t->fftw;
  const size_t number = (size_t)v->width * t->size;
  if (t->half < 0)
    memset(v->real, 0, (size_t)f->points * number);
  else
    memset(v->half, 0, 2 * (size_t)f->half * number);
  for (ritz_index m = 0; m < t->modes; m++) {
    const char *x = mode_of(v, run->in, m, ritz_spectral_planes(t, 0));
    const double factor = f->from[run->scale][m];
    if (t->half < 0) {
      t->kernels->scale(v->width, factor, x, v->real + (size_t)f->position[m] * number, false);
      continue;
    }
    t->kernels->mode_put(v->width, factor, 1, x, v->plane,
                         v->half + 2 * (size_t)f->position[m] * number);
    if (f->mirror[m] >= 0)
      t->kernels->mode_put(v->width, factor, -1, x, v->plane,
                           v->half + 2 * (size_t)f->mirror[m] * number);
  }
}

static void from_modes_task(void *arg, ritz_index chunk, int thread) {
  const ritz_spectral_run *run = arg;
  const ritz_transform *t = run->transform;
  const slice_view v = view_slice(run, chunk, thread);
  put_modes(run, &v);
  do_columns(t, t->fftw.columns[v.last].inverse, v.half);
  void *lines = t->fftw.real[v.last].inverse;
  if (lines && t->shape.dtype == RITZ_FLOAT64)
    fftw_execute_dft_c2r(lines, (fftw_complex *)v.half, (double *)v.real);
  else if (lines)
    fftwf_execute_dft_c2r(lines, (fftwf_complex *)v.half, (float *)v.real);
  ritz_fftw_bounded_from(t, run->scale, v.width, &t->fftw.bounded[v.last], v.real);
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
