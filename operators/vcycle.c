/* SPDX-License-Identifier: BSD-3-Clause
 * The V-cycle of convolutions. A transfer halves n to ceil(n / 2) points (margin 1) or to
 * floor((n - 1) / 2) (margin 0); P leads back to n exactly, by what is cut off or left zero at the
 * far end. */
#include "operators/vcycle.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"

enum { most_levels = 32, kernel = 3, name_size = 96 };

typedef struct cycle {
  ritz_graph *g;
  ritz_params *p;
  const ritz_vcycle_options *o;
  const char *name;
  int dim;
  ritz_index f_channels; /* on level 0 */
  ritz_var u[most_levels], f[most_levels];
} cycle;

/* -- Grids ------------------------------------------------------------------------------------ */

static ritz_index coarser(const ritz_vcycle_options *o, ritz_index n) {
  return (n + 2 * o->margin - kernel) / 2 + 1;
}

static ritz_status check_axis(const ritz_vcycle_options *o, const char *owner, int axis,
                              ritz_index n) {
  const ritz_index whole = n;
  for (int l = 0; l < o->levels; l++) {
    const bool last = l == o->levels - 1;
    const ritz_index reflect = o->boundary == RITZ_BOUNDARY_REFLECT ? 2 : 1;
    const ritz_index least = !last && o->margin == 0 ? kernel : reflect;
    RITZ_REQUIRE(n >= least, RITZ_ERR_SHAPE,
                 "%s: axis %d of %td points has %td left on level %d of %d, wanted %td or more",
                 owner, axis, whole, n > 0 ? n : 0, l, o->levels, least);
    RITZ_REQUIRE(last || o->boundary != RITZ_BOUNDARY_PERIODIC || n % 2 == 0, RITZ_ERR_SHAPE,
                 "%s: periodic axis %d of %td points has %td on level %d, wanted an even number: "
                 "a multiple of %d points in all",
                 owner, axis, whole, n, l, 1 << (o->levels - 1));
    n = coarser(o, n);
  }
  return RITZ_OK;
}

ritz_status ritz_vcycle_check_grid(const ritz_vcycle_options *o, const char *owner, int dim,
                                   const ritz_index *grid) {
  for (int a = 0; a < dim; a++) RITZ_TRY(check_axis(o, owner, a, grid[a]));
  return RITZ_OK;
}

/* -- Convolutions ----------------------------------------------------------------------------- */

/* "NAME.level.L." and what follows. */
static void RITZ_PRINTF(4, 5)
    write_name(const cycle *c, int level, char out[name_size], const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int used = snprintf(out, name_size, "%s.level.%d.", c->name, level);
  vsnprintf(out + used, name_size - (size_t)used, format, arguments);
  va_end(arguments);
}

static ritz_shape kernel_shape(const cycle *c, ritz_index extent, ritz_index a, ritz_index b) {
  ritz_shape shape = {.rank = c->dim + 2};
  for (int i = 0; i < c->dim; i++) shape.n[i] = extent;
  shape.n[c->dim] = a;
  shape.n[c->dim + 1] = b;
  return shape;
}

static ritz_index u_channels(const cycle *c, int level) {
  return c->o->channels * (c->o->widening ? level + 1 : 1);
}
static ritz_index f_channels(const cycle *c, int level) {
  return c->f_channels * (c->o->widening ? level + 1 : 1);
}

/* Uniform in +-1/sqrt(fan), fan the channels times taps. */
static ritz_init uniform(const cycle *c, ritz_index extent, ritz_index channels) {
  return (ritz_init){RITZ_INIT_SYMMETRIC, 1 / sqrt((double)channels * pow((double)extent, c->dim))};
}

/* A or S: keeps the grid. */
static ritz_var same(const cycle *c, ritz_var x, ritz_index to, const char *name) {
  const ritz_index from = x ? ritz_channels(x) : 1;
  const ritz_init init = uniform(c, kernel, from);
  ritz_conv_options options = {0};
  for (int a = 0; a < c->dim; a++) {
    options.window.low[a] = options.window.high[a] = 1;
    options.window.boundary[a] = c->o->boundary;
  }
  ritz_var w =
      ritz_parameter(c->g, c->p, init, kernel_shape(c, kernel, from, to), -1, "%s.weight", name);
  ritz_var b = RITZ_NO_VAR;
  if (c->o->bias) b = ritz_parameter(c->g, c->p, init, RITZ_SHAPE(to), -1, "%s.bias", name);
  return ritz_conv(c->g, x, w, b, &options);
}

/* Pi or R: from `level` to the next. */
static ritz_var down(const cycle *c, ritz_var x, ritz_index to, const char *name) {
  const ritz_index from = x ? ritz_channels(x) : 1;
  const ritz_init weighting = {RITZ_INIT_HAT, pow(0.5, c->dim)};
  ritz_conv_options options = {0};
  for (int a = 0; a < c->dim; a++) {
    options.window.stride[a] = 2;
    options.window.low[a] = options.window.high[a] = c->o->margin;
    options.window.boundary[a] = c->o->boundary;
  }
  ritz_var w = ritz_parameter(c->g, c->p, c->o->textbook ? weighting : uniform(c, kernel, from),
                              kernel_shape(c, kernel, from, to), -1, "%s.weight", name);
  return ritz_conv(c->g, x, w, RITZ_NO_VAR, &options);
}

/* P: from level + 1 to the grid of `fine` on `level`. */
static ritz_var up(const cycle *c, ritz_var x, ritz_var fine, int level) {
  const ritz_index extent = c->o->up_kernel[level], to = u_channels(c, level);
  const ritz_init interpolation = {RITZ_INIT_HAT, 1};
  ritz_conv_options options = {0};
  if (!x || !fine) return RITZ_NO_VAR;
  for (int a = 0; a < c->dim; a++) {
    const ritz_index whole = (x->shape.n[a + 1] - 1) * 2 + extent;
    const ritz_index after = whole - c->o->margin - fine->shape.n[a + 1];
    options.window.stride[a] = 2;
    options.window.low[a] = c->o->margin;
    options.window.high[a] = after > 0 ? after : 0;
    options.extra[a] = after < 0 ? -after : 0;
    options.window.boundary[a] = c->o->wrapped_up ? c->o->boundary : RITZ_BOUNDARY_ZERO;
  }
  ritz_var w = ritz_parameter(c->g, c->p, c->o->textbook ? interpolation : uniform(c, extent, to),
                              kernel_shape(c, extent, to, ritz_channels(x)), -1,
                              "%s.level.%d.up.weight", c->name, level);
  return ritz_conv_transpose(c->g, x, w, RITZ_NO_VAR, &options);
}

/* -- The cycle -------------------------------------------------------------------------------- */

/* Step `i`: u + S (f - A u); S f where there is no u yet. */
static ritz_var step(const cycle *c, int level, const char *stage, int i, ritz_var u, ritz_var f) {
  char a[name_size], s[name_size];
  write_name(c, level, a, "%s.%d.A", stage, i);
  write_name(c, level, s, "%s.%d.S", stage, i);
  if (!u) return same(c, f, u_channels(c, level), s);
  ritz_var r = ritz_subtract(c->g, f, same(c, u, f_channels(c, level), a));
  return ritz_add(c->g, u, same(c, r, u_channels(c, level), s));
}

/* From `level` to the next one. */
static void restrict_both(cycle *c, int level) {
  char a[name_size], r[name_size], pi[name_size];
  const int next = level + 1;
  write_name(c, next, a, "A");
  write_name(c, next, r, "R");
  write_name(c, next, pi, "Pi");
  ritz_var f = c->f[level], u = c->u[level];
  if (c->o->residual) f = ritz_subtract(c->g, f, same(c, u, f_channels(c, level), a));
  c->f[next] = down(c, f, f_channels(c, next), r);
  c->u[next] = down(c, u, u_channels(c, next), pi);
}

static void correct(cycle *c, int level) {
  char name[name_size];
  write_name(c, level, name, "norm");
  ritz_var correction = up(c, c->u[level + 1], c->u[level], level);
  ritz_var u = ritz_add(c->g, c->u[level], correction);
  c->u[level] = ritz_layer_field_norm(c->g, c->p, u, c->o->norm, name);
}

ritz_var ritz_vcycle(ritz_graph *g, ritz_params *p, ritz_var f, const ritz_vcycle_options *o,
                     const char *name) {
  cycle c = {.g = g, .p = p, .o = o, .name = name, .f[0] = f};
  if (!f) return RITZ_NO_VAR;
  c.dim = ritz_grid_dim(f);
  c.f_channels = ritz_channels(f);
  const ritz_status status = ritz_vcycle_check_grid(o, name, c.dim, &f->shape.n[1]);
  if (status != RITZ_OK) return ritz_graph_latch(g, status);
  for (int l = 0; l < o->levels; l++) {
    if (l > 0) restrict_both(&c, l - 1);
    for (int i = 0; i < o->pre[l]; i++) c.u[l] = step(&c, l, "pre", i, c.u[l], c.f[l]);
  }
  for (int l = o->levels - 1; l >= 0; l--) {
    if (l < o->levels - 1) correct(&c, l);
    for (int i = 0; o->post && i < o->post[l]; i++) c.u[l] = step(&c, l, "post", i, c.u[l], c.f[l]);
  }
  return c.u[0];
}

/* -- Norms of whole fields -------------------------------------------------------------------- */

ritz_var ritz_layer_field_norm(ritz_graph *g, ritz_params *p, ritz_var x, ritz_field_norm norm,
                               const char *name) {
  if (norm == RITZ_FIELD_NORM_NONE || !x) return x;
  ritz_shape sample = {.rank = x->shape.rank - 1};
  for (int a = 0; a < sample.rank; a++) sample.n[a] = x->shape.n[a + 1];
  x = ritz_group_norm(g, x, 1, 1e-5, RITZ_NO_VAR, RITZ_NO_VAR);
  if (norm == RITZ_FIELD_NORM_PLAIN) return x;
  const ritz_init one = {RITZ_INIT_CONSTANT, 1}, zero = {RITZ_INIT_ZERO, 0};
  return ritz_affine(g, x, ritz_parameter(g, p, one, sample, -1, "%s.weight", name),
                     ritz_parameter(g, p, zero, sample, -1, "%s.bias", name));
}
