/* SPDX-License-Identifier: BSD-3-Clause
 * Lines of fields. */
#include "model/field.h"

#include "graph/op.h"
#include "io/finite.h"

/* Numbers of a line that are still in the cache when they are checked. */
enum { piece = 1024 };

/* y = map(x) for n numbers of a line. */
typedef void line_map(ritz_index n, double mean, double deviation, const void *x,
                      ritz_index x_stride, void *y, ritz_index y_stride);

/* A line with unit strides is what the compiler can put into vectors. */
#define LINE(name, from, to, value)                                                      \
  static void name(ritz_index n, double mean, double deviation, const void *xv,          \
                   ritz_index x_stride, void *yv, ritz_index y_stride) {                 \
    const from *restrict x = xv;                                                         \
    to *restrict y = yv;                                                                 \
    if (x_stride == 1 && y_stride == 1)                                                  \
      for (ritz_index i = 0; i < n; i++) y[i] = (to)(value(x[i]));                       \
    else                                                                                 \
      for (ritz_index i = 0; i < n; i++) y[i * y_stride] = (to)(value(x[i * x_stride])); \
  }
/* For each pair of number formats. */
#define LINES(name, value)                                               \
  LINE(name##_f32_f32, float, float, value)                              \
  LINE(name##_f32_f64, float, double, value)                             \
  LINE(name##_f64_f32, double, float, value)                             \
  LINE(name##_f64_f64, double, double, value)                            \
  static line_map *const name[2][2] = {{name##_f32_f32, name##_f32_f64}, \
                                       {name##_f64_f32, name##_f64_f64}};
#define NORMAL(v)   (((v)-mean) / deviation)
#define PHYSICAL(v) (mean + deviation * (v))
LINES(normal, NORMAL)
LINES(physical, PHYSICAL)

/* Numbers on one side of a line. */
typedef struct end {
  ritz_dtype dtype;
  char *data;
  ritz_index stride;
} end;

static end moved(end e, ritz_index numbers) {
  e.data += numbers * (ritz_index)ritz_dtype_size(e.dtype);
  return e;
}

static void apply(line_map *const map[2][2], ritz_index n, double mean, double deviation, end x,
                  end y) {
  map[x.dtype == RITZ_FLOAT64][y.dtype == RITZ_FLOAT64](n, mean, deviation, x.data, x.stride,
                                                        y.data, y.stride);
}

/* The inner axes without the channels that are one line: n points, `stride` apart; `outer` axes
 * are left. */
typedef struct lines {
  int outer;
  ritz_index n, stride, count;
} lines;

static lines lines_of(const ritz_field *field) {
  const ritz_index *n = field->shape.n, *stride = field->stride;
  int a = field->shape.rank - 2;
  lines l = {.n = n[a], .stride = stride[a], .count = 1};
  for (a--; a >= 0; a--) {
    if (n[a] == 1) continue;
    if (l.n == 1)
      l.stride = stride[a];
    else if (stride[a] != l.n * l.stride)
      break;
    l.n *= n[a];
  }
  l.outer = a + 1;
  for (; a >= 0; a--) l.count *= n[a];
  return l;
}

static ritz_index offset_of(const ritz_field *field, const lines *l, ritz_index line) {
  ritz_index offset = 0;
  for (int a = l->outer - 1; a >= 0; a--) {
    offset += line % field->shape.n[a] * field->stride[a];
    line /= field->shape.n[a];
  }
  return offset;
}

void ritz_field_contiguous(ritz_field *field) {
  ritz_index step = 1;
  for (int a = field->shape.rank - 1; a >= 0; a--) {
    field->stride[a] = step;
    step *= field->shape.n[a];
  }
}

ritz_index ritz_field_load(const ritz_field *field, const double *mean, const double *deviation,
                           ritz_dtype dtype, void *inside) {
  const ritz_index channels = field->shape.n[field->shape.rank - 1];
  const ritz_index channel_stride = field->stride[field->shape.rank - 1];
  const lines l = lines_of(field);
  const end from = {field->dtype, field->data, l.stride}, to = {dtype, inside, channels};
  for (ritz_index line = 0; line < l.count; line++) {
    const ritz_index offset = offset_of(field, &l, line);
    for (ritz_index start = 0; start < l.n; start += piece) {
      const ritz_index n = l.n - start < piece ? l.n - start : piece;
      const ritz_index place = (line * l.n + start) * channels;
      for (ritz_index c = 0; c < channels; c++)
        apply(normal, n, mean[c], deviation[c],
              moved(from, offset + start * l.stride + c * channel_stride), moved(to, place + c));
      const ritz_index at = ritz_first_not_finite(dtype, n * channels, moved(to, place).data);
      if (at >= 0) return place + at;
    }
  }
  return -1;
}

/* The first number that would not be finite as number of a field of format `outside`. */
static ritz_index first_bad(ritz_dtype outside, ritz_index rows, ritz_index channels,
                            const double *mean, const double *deviation, end from) {
  double room[piece];
  for (ritz_index c = 0; c < channels; c++)
    for (ritz_index start = 0; start < rows; start += piece) {
      const ritz_index n = rows - start < piece ? rows - start : piece;
      const end to = {outside, (char *)room, 1};
      apply(physical, n, mean[c], deviation[c], moved(from, start * channels + c), to);
      const ritz_index at = ritz_first_not_finite(outside, n, room);
      if (at >= 0) return (start + at) * channels + c;
    }
  return -1;
}

ritz_index ritz_field_store(const ritz_field *field, const double *mean, const double *deviation,
                            ritz_dtype dtype, const void *inside) {
  const ritz_index channels = field->shape.n[field->shape.rank - 1];
  const ritz_index channel_stride = field->stride[field->shape.rank - 1];
  const lines l = lines_of(field);
  const end from = {dtype, (char *)inside, channels}, to = {field->dtype, field->data, l.stride};
  const ritz_index bad = first_bad(field->dtype, l.count * l.n, channels, mean, deviation, from);
  if (bad >= 0) return bad;
  for (ritz_index line = 0; line < l.count; line++) {
    const ritz_index offset = offset_of(field, &l, line);
    for (ritz_index c = 0; c < channels; c++)
      apply(physical, l.n, mean[c], deviation[c], moved(from, line * l.n * channels + c),
            moved(to, offset + c * channel_stride));
  }
  return -1;
}
