/* SPDX-License-Identifier: BSD-3-Clause
 * Folded kept-mode products. To modes, a tile of rows stays in registers while the points go by;
 * from modes, some groups of points stay while the rows go by. Either way each multiply-add takes
 * one number of a table, broadcast, so a step costs as many loads as multiplications. */
#include "kernels/spectral_fold.h"

#include "kernels/variants/vector.h"
#if defined(__AVX__)
#include <immintrin.h>
#endif

/* Two tiles of rows, even and odd frequencies, or four of groups: sums in 24 of 32 registers, or 12
 * of 16. */
#if defined(__AVX512F__)
enum { MOST_ROWS = 12, MOST_GROUPS = 6 };
#else
enum { MOST_ROWS = 6, MOST_GROUPS = 3 };
#endif

/* The first `count` lanes, all unless `part`; the others are zero and are not touched in memory. */
static ALWAYS_INLINE vec load(const real *p, bool part, ritz_index count) {
  if (!part) return vec_load(p);
#if defined(__AVX512F__) && RITZ_REAL_IS_DOUBLE
  return (vec)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), p);
#elif defined(__AVX512F__)
  return (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
#elif defined(__AVX__) && RITZ_REAL_IS_DOUBLE
  return (vec)_mm256_maskload_pd(p, (__m256i)vec_until(count));
#elif defined(__AVX__)
  return (vec)_mm256_maskload_ps(p, (__m256i)vec_until(count));
#else
  vec v = {0};
  for (ritz_index i = 0; i < count; i++) v[i] = p[i];
  return v;
#endif
}

static ALWAYS_INLINE void store(real *p, vec v, bool part, ritz_index count) {
  if (!part) {
    vec_store(p, v);
    return;
  }
#if defined(__AVX512F__) && RITZ_REAL_IS_DOUBLE
  _mm512_mask_storeu_pd(p, (__mmask8)((1u << count) - 1), (__m512d)v);
#elif defined(__AVX512F__)
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)v);
#elif defined(__AVX__) && RITZ_REAL_IS_DOUBLE
  _mm256_maskstore_pd(p, (__m256i)vec_until(count), (__m256d)v);
#elif defined(__AVX__)
  _mm256_maskstore_ps(p, (__m256i)vec_until(count), (__m256)v);
#else
  for (ritz_index i = 0; i < count; i++) p[i] = v[i];
#endif
}

/* Columns done together, and what is fetched meanwhile, line after line. */
typedef struct strip {
  const ritz_fold_task *task;
  ritz_index groups, count; /* columns here, at most a vector */
  const real *x;            /* first point */
  const real *table;
  const char *next, *next_end;
  bool large; /* beside this field the next one has no room in the first-level cache */
  bool far;   /* points lie pages apart: see fetch_beside() */
} strip;

/* Fetches one group's share of the next field, evenly: faster than it is needed it would keep
 * everything else waiting. Ascending addresses: what the machine's own prefetching continues. */
static ALWAYS_INLINE const char *fetch(const strip *s, const char *next, int lines) {
  for (int i = 0; i < lines; i++, next += 64) {
    if (next >= s->next_end) continue;
    if (s->large)
      __builtin_prefetch(next, 0, 2);
    else
      __builtin_prefetch(next);
  }
  return next;
}

/* Fetches what the next columns have of a group's points into the second-level cache. Points that
 * lie pages apart are no stream to the machine, and in few sets of the first-level cache. */
static ALWAYS_INLINE void fetch_beside(const int points, const real *const point[4]) {
  for (int i = 0; i < points; i++) __builtin_prefetch(point[i] + lanes, 0, 2);
}

static ALWAYS_INLINE ritz_index mirror_of(const ritz_fold_task *f, ritz_index h) {
  return f->bounded ? f->n - 1 - h : h ? f->n - h : 0;
}

/* What the cosines or the sines take of a point and its mirror image: a constant of the code, since
 * a factor of +-1 would cost as much as a row. */
static ALWAYS_INLINE vec both(const bool sines, vec x, vec mirror) {
  return sines ? x - mirror : x + mirror;
}

/* Rows first ... first + t - 1 of the cosines or the sines of either parity. A tile may run over
 * the rows of its block: those sums are of the next block's numbers and are dropped. */
static ALWAYS_INLINE const char *to_tile(const int t, const bool twice, const bool part,
                                         const bool sines, const strip *s, ritz_index first,
                                         real *sums) {
  const ritz_fold_task *f = s->task;
  const ritz_index xs = f->xs, half = f->n / 2;
  const ritz_index even_rows = f->rows[2 * sines], odd_rows = f->rows[2 * sines + 1];
  const ritz_index ld = f->rows[0] + f->rows[1] + f->rows[2] + f->rows[3];
  const real *even = s->table + (sines ? f->rows[0] + f->rows[1] : 0) + first;
  const real *odd = even + even_rows;
  const char *next = s->next;
  vec a[MOST_ROWS] = {0}, b[MOST_ROWS] = {0};
  for (ritz_index h = 0; h < s->groups; h++, even += ld, odd += ld) {
    const real *const x[4] = {s->x + h * xs, s->x + mirror_of(f, h) * xs, s->x + (half - h) * xs,
                              s->x + (half + h) * xs};
    if (!sines && s->far) fetch_beside(twice ? 4 : 2, x);
    const vec u = both(sines, load(x[0], part, s->count), load(x[1], part, s->count));
    if (next) next = fetch(s, next, twice ? 2 : 1); /* cosines and sines: half each */
    if (twice) {
      const vec v = both(sines, load(x[2], part, s->count), load(x[3], part, s->count));
      const vec p = both(sines, u, v), m = both(!sines, u, v);
#pragma GCC unroll 12
      for (int r = 0; r < t; r++) a[r] += p * even[r], b[r] += m * odd[r];
    } else {
#pragma GCC unroll 12
      for (int r = 0; r < t; r++) a[r] += u * even[r];
    }
  }
  real *even_sum = sums + (sines ? f->sine : 0) + first * f->pair;
  real *odd_sum = even_sum + f->rows[0] * f->pair;
#pragma GCC unroll 12
  for (int r = 0; r < t; r++, even_sum += f->pair, odd_sum += f->pair) {
    if (r < even_rows - first) store(even_sum, a[r], part, s->count);
    if (twice && r < odd_rows - first) store(odd_sum, b[r], part, s->count);
  }
  return next;
}

/* A run-time number of rows or groups as a constant of the code. */
#define CASE(k, CALL) \
  case k:             \
    CALL(k);          \
    break
#define CASES_3(CALL) \
  CASE(1, CALL);      \
  CASE(2, CALL);      \
  CASE(3, CALL)
#define CASES_6(CALL) \
  CASES_3(CALL);      \
  CASE(4, CALL);      \
  CASE(5, CALL);      \
  CASE(6, CALL)
#if defined(__AVX512F__)
#define GROUP_CASES CASES_6
#define ROW_CASES(CALL) \
  CASES_6(CALL);        \
  CASE(7, CALL);        \
  CASE(8, CALL);        \
  CASE(9, CALL);        \
  CASE(10, CALL);       \
  CASE(11, CALL);       \
  CASE(12, CALL)
#else
#define GROUP_CASES CASES_3
#define ROW_CASES   CASES_6
#endif

static ALWAYS_INLINE void to_tiles(const bool twice, const bool part, const bool sines, strip *s,
                                   real *sums) {
  const ritz_fold_task *f = s->task;
  const ritz_index even = f->rows[2 * sines], odd = f->rows[2 * sines + 1];
  const ritz_index rows = even > odd ? even : odd;
  const ritz_index tiles = (rows + MOST_ROWS - 1) / MOST_ROWS;
  const ritz_index t = tiles ? (rows + tiles - 1) / tiles : 0;
  for (ritz_index first = 0; first < rows; first += t) {
    switch (t) {
#define CALL(k) s->next = to_tile(k, twice, part, sines, s, first, sums)
      ROW_CASES(CALL);
#undef CALL
    }
  }
}

static ALWAYS_INLINE void to_strip(const bool twice, const bool part, strip *s, real *sums) {
  to_tiles(twice, part, false, s, sums);
  to_tiles(twice, part, true, s, sums);
}

/* Calls STRIP(part, s) for each strip of columns, whole vectors first. */
#define FOR_STRIPS(s, width, STRIP)                      \
  do {                                                   \
    for (ritz_index i = 0; i < (width); i += lanes) {    \
      (s).count = (width)-i < lanes ? (width)-i : lanes; \
      if ((s).count == lanes)                            \
        STRIP(false, i);                                 \
      else                                               \
        STRIP(true, i);                                  \
    }                                                    \
  } while (0)

enum { page = 4096, first_level = 32768 };

static strip start(const ritz_fold_task *f, const void *table, const void *next) {
  strip s = {.task = f,
             .groups = ritz_fold_groups(f->n - f->bounded, f->twice),
             .table = table,
             .next = next,
             .far = f->xs >= (ritz_index)(page / sizeof(real))};
  const size_t bytes = (size_t)(f->n * f->width) * sizeof(real);
  if (next) s.next_end = s.next + bytes;
  s.large = 2 * bytes > first_level;
  return s;
}

RITZ_KERNEL_DEFINE(fold_to)
(const ritz_fold_task *task, const void *x, const void *table, const void *next, void *sums) {
  strip s = start(task, table, next);
#define STRIP(part, i)                               \
  do {                                               \
    s.x = (const real *)x + (i);                     \
    if (task->twice)                                 \
      to_strip(true, part, &s, (real *)sums + (i));  \
    else                                             \
      to_strip(false, part, &s, (real *)sums + (i)); \
  } while (0)
  FOR_STRIPS(s, task->width, STRIP);
#undef STRIP
}

/* The points of one group from its sums: even and odd cosines, even and odd sines. */
static ALWAYS_INLINE void unfold(const bool twice, const bool part, const strip *s, ritz_index h,
                                 vec p, vec q, vec u, vec v, real *x, bool add) {
  const ritz_fold_task *f = s->task;
  const ritz_index xs = f->xs, half = f->n / 2, count = s->count;
  real *const to[4] = {x + h * xs, x + mirror_of(f, h) * xs, x + (half - h) * xs,
                       x + (half + h) * xs};
  const vec near = p + q, far = p - q, up = u + v, down = v - u;
  vec y[4] = {near + up, near - up, far + down, far - down};
  const int points = twice ? 4 : 2;
  if (s->far) fetch_beside(points, (const real *const *)to);
  if (add) /* all of them first: two may be the same point */
    for (int i = 0; i < points; i++) y[i] += load(to[i], part, count);
  for (int i = 0; i < points; i++) store(to[i], y[i], part, count);
}

/* Groups h ... h + k - 1. */
static ALWAYS_INLINE void from_groups(const int k, const bool twice, const bool part,
                                      const strip *s, const real *sums, ritz_index h, real *x,
                                      bool add) {
  const ritz_fold_task *f = s->task;
  const real *table = s->table + h;
  vec a[RITZ_FOLD_BLOCKS][MOST_GROUPS] = {0};
#pragma GCC unroll 4
  for (int c = 0; c < RITZ_FOLD_BLOCKS; c++) {
    if (!twice && c % 2) continue;
    const real *sum = sums + (c < 2 ? 0 : f->sine) + (c % 2 ? f->rows[0] * f->pair : 0);
    for (ritz_index r = 0; r < f->rows[c]; r++, sum += f->pair, table += s->groups) {
      const vec v = load(sum, part, s->count);
#pragma GCC unroll 6
      for (int j = 0; j < k; j++) a[c][j] += v * table[j];
    }
  }
#pragma GCC unroll 6
  for (int j = 0; j < k; j++)
    unfold(twice, part, s, h + j, a[0][j], a[1][j], a[2][j], a[3][j], x, add);
}

static ALWAYS_INLINE void from_strip(const bool twice, const bool part, strip *s, const real *sums,
                                     real *x, bool add) {
  /* In pieces as equal as may be: a small one would wait for its own sums. */
  ritz_index pieces = (s->groups + MOST_GROUPS - 1) / MOST_GROUPS;
  for (ritz_index h = 0, k; h < s->groups; h += k, pieces--) {
    k = (s->groups - h + pieces - 1) / pieces;
    if (s->next) s->next = fetch(s, s->next, (twice ? 4 : 2) * (int)k);
    switch (k) {
#define CALL(k) from_groups(k, twice, part, s, sums, h, x, add)
      GROUP_CASES(CALL);
#undef CALL
    }
  }
}

RITZ_KERNEL_DEFINE(fold_from)
(const ritz_fold_task *task, const void *sums, const void *table, const void *next, void *x,
 bool add) {
  strip s = start(task, table, next);
#define STRIP(part, i)                                                             \
  do {                                                                             \
    if (task->twice)                                                               \
      from_strip(true, part, &s, (const real *)sums + (i), (real *)x + (i), add);  \
    else                                                                           \
      from_strip(false, part, &s, (const real *)sums + (i), (real *)x + (i), add); \
  } while (0)
  FOR_STRIPS(s, task->width, STRIP);
#undef STRIP
}
