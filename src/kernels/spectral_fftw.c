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

/* Plans for slices of one width, and whether they are all there. */
static bool plan_slice(ritz_transform *t, ritz_index width, int which, void *field, void *half) {
  ritz_spectral_fftw *f = &t->fftw;
  const int last = t->shape.dim - 1, w = (int)width;
  const unsigned flags = t->measure ? FFTW_MEASURE : FFTW_ESTIMATE;
  loops all = {.rank = last + 1, .repeats = 1, .repeat = {{w, 1, 1}}};
  int real_stride = w, half_stride = w;
  for (int i = last; i >= 0; i--) {
    all.axis[i] = (fftw_iodim){(int)t->axis[i].n, real_stride, half_stride};
    real_stride *= (int)t->axis[i].n;
    half_stride *= i == last ? (int)t->axis[i].n / 2 + 1 : (int)t->axis[i].n;
  }
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
    f->points *= t->axis[i].n;
    f->half *= i == last ? t->axis[i].n / 2 + 1 : t->axis[i].n;
  }
  f->slice = t->shape.channels < CHANNELS_TOGETHER ? t->shape.channels : CHANNELS_TOGETHER;
  f->slices = (t->shape.channels + f->slice - 1) / f->slice;
  RITZ_REQUIRE(f->points <= INT32_MAX / CHANNELS_TOGETHER, RITZ_ERR_UNSUPPORTED,
               "a grid of %td points, more than FFTW counts in slices of %d channels", f->points,
               CHANNELS_TOGETHER);
  RITZ_TRY(RITZ_NEW(t->modes, &f->position));
  RITZ_TRY(RITZ_NEW(t->modes, &f->mirror));
  for (ritz_index m = 0; m < t->modes; m++) place_mode(t, m);
  f->half_bytes = ritz_spectral_round((size_t)(2 * f->half * f->slice) * t->size);
  t->thread_scratch = f->half_bytes + ritz_spectral_round((size_t)(f->points * f->slice) * t->size);
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
  v.real = v.half + f->half_bytes;
  return v;
}

/* Factor of mode m: 1/N, or 1, or 2 where the half spectrum does not hold the conjugate. */
static double factor(const ritz_spectral_run *run, ritz_index m) {
  const ritz_spectral_fftw *f = &run->transform->fftw;
  if (run->scale == RITZ_SCALE_MEAN) return 1.0 / (double)f->points;
  return f->mirror[m] >= 0 ? 1.0 : 2.0;
}

/* In place; a full transform has no plan of its own for columns. */
static void do_columns(const ritz_transform *t, void *plan, void *half) {
  if (!plan) return;
  if (t->shape.dtype == RITZ_FLOAT64)
    fftw_execute_dft(plan, half, half);
  else
    fftwf_execute_dft(plan, half, half);
}

static void to_modes_task(void *arg, ritz_index chunk, int thread) {
  const ritz_spectral_run *run = arg;
  const ritz_transform *t = run->transform;
  const slice_view v = view_slice(run, chunk, thread);
  t->kernels->row_copy(t->fftw.points, v.width, run->in + v.field, t->shape.channels, v.real,
                       v.width, false);
  void *lines = t->fftw.real[v.last].forward;
  if (t->shape.dtype == RITZ_FLOAT64)
    fftw_execute_dft_r2c(lines, (double *)v.real, (fftw_complex *)v.half);
  else
    fftwf_execute_dft_r2c(lines, (float *)v.real, (fftwf_complex *)v.half);
  do_columns(t, t->fftw.columns[v.last].forward, v.half);
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
  do_columns(t, t->fftw.columns[v.last].inverse, v.half);
  void *lines = t->fftw.real[v.last].inverse;
  if (t->shape.dtype == RITZ_FLOAT64)
    fftw_execute_dft_c2r(lines, (fftw_complex *)v.half, (double *)v.real);
  else
    fftwf_execute_dft_c2r(lines, (fftwf_complex *)v.half, (float *)v.real);
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
