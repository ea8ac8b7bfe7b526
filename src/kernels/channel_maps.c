/* SPDX-License-Identifier: BSD-3-Clause
 * W = A T C mode by mode, in real products. With V = A T held side by side, rows (V_re | V_im),
 *
 *   V_re = E0 (T_re; T_im),  V_im = E1 (T_re; T_im)      E0 = (A_re | -A_im),  E1 = (A_im | A_re)
 *   W_re = V F0,             W_im = V F1                 F0 = (C_re; -C_im),   F1 = (C_im; C_re)
 *
 * and the gradients are those of real products, folded at the end:
 *   GV = GW_re F0^T + GW_im F1^T,     GF0 += V^T GW_re,     GF1 += V^T GW_im,
 *   GT = E0^T GV_re + E1^T GV_im,     GE0 += GV_re T^T,     GE1 += GV_im T^T.
 * With T diagonal, V = A scaled column by column. Without C, W = V plane by plane. */
#include "kernels/channel_maps.h"

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"

/* Partial sums of the maps' gradients, and the most memory they may take. */
enum { MOST_PARTS = 16, PARTS_BYTES = 1 << 24, CHUNKS = 64 };

struct ritz_channel_maps {
  ritz_channel_maps_shape shape;
  const ritz_kernels *kernels;
  int threads;
  size_t size;                        /* of a number */
  ritz_index parts;                   /* partial sums */
  size_t e, f, v, t;                  /* bytes of E0, F0, V and T[m] */
  ritz_gemm left;                     /* V_re = E0 T, a plane of V */
  ritz_gemm right;                    /* W_re = V F0 */
  ritz_gemm back, back_add;           /* GV = GW_re F0^T + ... */
  ritz_gemm tensor, tensor_add;       /* GT = E0^T GV_re + ... */
  ritz_gemm left_sum, left_sum_add;   /* GE0 (+)= GV_re T^T */
  ritz_gemm right_sum, right_sum_add; /* GF0 (+)= V^T GW_re */
};

static size_t bytes(const ritz_channel_maps *x, ritz_index numbers) {
  return ritz_aligned((size_t)numbers * x->size);
}

/* Distance of V's rows, and of V_im from V_re: side by side, or in planes where V is W. */
static ritz_index v_row(const ritz_channel_maps *x) {
  return x->shape.co ? 2 * x->shape.ro : x->shape.ro;
}
static size_t v_im(const ritz_channel_maps *x) {
  return (size_t)(x->shape.co ? x->shape.ro : x->shape.ci * x->shape.ro) * x->size;
}

static void plan_left(ritz_channel_maps *x) {
  const ritz_channel_maps_shape *s = &x->shape;
  const ritz_dtype dtype = s->dtype;
  const ritz_index k = 2 * s->ri, ro = s->ro, row = v_row(x);
  x->left = ritz_gemm_plan(dtype, false, false, s->ci, ro, k, k, ro, row);
  x->tensor = ritz_gemm_plan(dtype, true, false, k, ro, s->ci, k, row, ro);
  x->tensor_add = ritz_gemm_plan(dtype, true, true, k, ro, s->ci, k, row, ro);
  x->left_sum = ritz_gemm_plan(dtype, false, false, s->ci, k, ro, row, k, k);
  x->left_sum_add = ritz_gemm_plan(dtype, false, true, s->ci, k, ro, row, k, k);
}

static void plan_right(ritz_channel_maps *x) {
  const ritz_channel_maps_shape *s = &x->shape;
  const ritz_dtype dtype = s->dtype;
  const ritz_index k = 2 * s->ro, co = s->co;
  x->right = ritz_gemm_plan(dtype, false, false, s->ci, co, k, k, co, co);
  x->back = ritz_gemm_plan(dtype, false, false, s->ci, k, co, co, k, k);
  x->back_add = ritz_gemm_plan(dtype, false, true, s->ci, k, co, co, k, k);
  x->right_sum = ritz_gemm_plan(dtype, true, false, k, co, s->ci, k, co, co);
  x->right_sum_add = ritz_gemm_plan(dtype, true, true, k, co, s->ci, k, co, co);
}

ritz_status ritz_channel_maps_create(const ritz_channel_maps_shape *shape, int threads,
                                     ritz_channel_maps **out) {
  *out = NULL;
  RITZ_REQUIRE(shape->modes >= 1 && shape->ci >= 1 && shape->ri >= 1 && shape->ro >= 1 &&
                   shape->co >= 0 && (!shape->diagonal || (shape->ri == shape->ro && shape->co)),
               RITZ_ERR_ARGUMENT, "channel maps %td -> %td -> %td -> %td of %td modes", shape->ci,
               shape->ri, shape->ro, shape->co, shape->modes);
  ritz_channel_maps *x;
  RITZ_TRY(RITZ_NEW(1, &x));
  x->shape = *shape;
  x->kernels = ritz_kernels_get(shape->dtype);
  x->threads = threads;
  x->size = ritz_dtype_size(shape->dtype);
  x->e = bytes(x, 2 * shape->ci * shape->ri);
  x->f = bytes(x, 2 * shape->ro * shape->co);
  x->v = bytes(x, 2 * shape->ci * shape->ro);
  x->t = bytes(x, 2 * shape->ri * (shape->diagonal ? 1 : shape->ro));
  x->parts = (ritz_index)((size_t)PARTS_BYTES / (2 * (x->e + x->f)));
  if (x->parts > MOST_PARTS) x->parts = MOST_PARTS;
  if (x->parts > shape->modes) x->parts = shape->modes;
  if (x->parts < 1) x->parts = 1;
  if (!shape->diagonal) plan_left(x);
  if (shape->co) plan_right(x);
  *out = x;
  return RITZ_OK;
}

void ritz_channel_maps_destroy(ritz_channel_maps **maps) {
  ritz_free(*maps);
  *maps = NULL;
}

/* Embedded maps E0, E1, F0, F1 (backward: F0^T, F1^T too), partial sums of GE and GF, and for each
 * thread V, GV and T^T. */
static size_t thread_bytes(const ritz_channel_maps *x) { return 2 * x->v + x->t; }
size_t ritz_channel_maps_scratch(const ritz_channel_maps *x) {
  return 2 * x->e + 4 * x->f + (size_t)x->parts * 2 * (x->e + x->f) +
         (size_t)x->threads * thread_bytes(x);
}

double ritz_channel_maps_flops(const ritz_channel_maps *x) {
  const ritz_channel_maps_shape *s = &x->shape;
  const double left = (double)(s->diagonal ? s->ri : s->ri * s->ro);
  return 8.0 * (double)(s->modes * s->ci) * (left + (double)(s->ro * s->co));
}

typedef struct maps_run {
  const ritz_channel_maps *maps;
  const char *t, *gw;
  char *w, *e[2], *f[2], *back[2], *sums, *work;
  const ritz_channel_maps_gradients *gradients;
} maps_run;

/* E0 and E1, or for a diagonal T the rows of A side by side, (A_re | A_im), in E0. */
static void embed_left(const ritz_channel_maps *x, const char *a, char *const e[2]) {
  const ritz_index ci = x->shape.ci, ri = x->shape.ri;
  const size_t half = (size_t)ri * x->size;
  const char *im = a + (size_t)(ci * ri) * x->size;
  x->kernels->row_copy(ci, ri, a, ri, e[0], 2 * ri, false);
  x->kernels->row_copy(ci, ri, im, ri, x->shape.diagonal ? e[0] + half : e[1], 2 * ri, false);
  if (x->shape.diagonal) return;
  x->kernels->row_copy(ci, ri, a, ri, e[1] + half, 2 * ri, false);
  for (ritz_index i = 0; i < ci; i++) {
    const size_t row = (size_t)(2 * i * ri) * x->size;
    x->kernels->scale(ri, -1, e[1] + row, e[0] + row + half, false);
  }
}

static void embed_right(const ritz_channel_maps *x, const char *c, char *const f[2]) {
  const ritz_index n = x->shape.ro * x->shape.co;
  const size_t half = (size_t)n * x->size;
  x->kernels->scale(n, 1, c, f[0], false);
  x->kernels->scale(n, -1, c + half, f[0] + half, false);
  x->kernels->scale(n, 1, c + half, f[1], false);
  x->kernels->scale(n, 1, c, f[1] + half, false);
}

static maps_run start(const ritz_channel_maps *x, const char *a, const char *t, const char *c,
                      char *scratch) {
  maps_run run = {.maps = x, .t = t, .e = {scratch, scratch + x->e}};
  char *next = scratch + 2 * x->e;
  for (int i = 0; i < 2; i++) run.f[i] = next, next += x->f;
  for (int i = 0; i < 2; i++) run.back[i] = next, next += x->f;
  run.sums = next;
  run.work = next + (size_t)x->parts * 2 * (x->e + x->f);
  embed_left(x, a, run.e);
  if (x->shape.co) embed_right(x, c, run.f);
  return run;
}

static const char *tensor_of(const maps_run *run, ritz_index m) {
  const ritz_channel_maps_shape *s = &run->maps->shape;
  return run->t + (size_t)(2 * m * s->ri * (s->diagonal ? 1 : s->ro)) * run->maps->size;
}

static size_t weight_plane(const ritz_channel_maps *x) {
  return (size_t)(x->shape.ci * (x->shape.co ? x->shape.co : x->shape.ro)) * x->size;
}

/* V = A T[m]. */
static void map_left(const maps_run *run, ritz_index m, char *v) {
  const ritz_channel_maps *x = run->maps;
  const char *t = tensor_of(run, m);
  if (!x->shape.diagonal) {
    ritz_gemm_run(&x->left, run->e[0], t, v);
    ritz_gemm_run(&x->left, run->e[1], t, v + v_im(x));
    return;
  }
  for (ritz_index i = 0; i < x->shape.ci; i++) {
    const size_t row = (size_t)(2 * i * x->shape.ri) * x->size;
    x->kernels->mode_scale(1, x->shape.ri, run->e[0] + row, t, 1, v + row);
  }
}

static ritz_index cut(ritz_index modes, ritz_index chunk) {
  return chunk * modes / (modes < CHUNKS ? modes : CHUNKS);
}

static void forward_task(void *arg, ritz_index chunk, int thread) {
  const maps_run *run = arg;
  const ritz_channel_maps *x = run->maps;
  const size_t plane = weight_plane(x);
  char *v = run->work + (size_t)thread * thread_bytes(x);
  for (ritz_index m = cut(x->shape.modes, chunk); m < cut(x->shape.modes, chunk + 1); m++) {
    char *w = run->w + 2 * (size_t)m * plane;
    map_left(run, m, x->shape.co ? v : w);
    if (!x->shape.co) continue;
    ritz_gemm_run(&x->right, v, run->f[0], w);
    ritz_gemm_run(&x->right, v, run->f[1], w + plane);
  }
}

void ritz_channel_maps_forward(const ritz_channel_maps *maps, const void *a, const void *t,
                               const void *c, void *w, void *scratch) {
  maps_run run = start(maps, a, t, c, scratch);
  run.w = w;
  const ritz_index modes = maps->shape.modes;
  ritz_parallel(maps->threads, modes < CHUNKS ? modes : CHUNKS, forward_task, &run);
}

/* GT[m] = A^H GV and this mode's share of GA, T a full matrix. */
static void vjp_left(const maps_run *run, ritz_index m, const char *gv, char *ge, char *transposed,
                     bool first) {
  const ritz_channel_maps *x = run->maps;
  const ritz_channel_maps_shape *s = &x->shape;
  const ritz_channel_maps_gradients *g = run->gradients;
  if (g->t) {
    char *gt = (char *)g->t + (size_t)(2 * m * s->ri * s->ro) * x->size;
    ritz_gemm_run(g->add_t ? &x->tensor_add : &x->tensor, run->e[0], gv, gt);
    ritz_gemm_run(&x->tensor_add, run->e[1], gv + v_im(x), gt);
  }
  if (!g->a) return;
  const ritz_gemm *product = first ? &x->left_sum : &x->left_sum_add;
  x->kernels->transpose(2 * s->ri, s->ro, tensor_of(run, m), transposed);
  ritz_gemm_run(product, gv, transposed, ge);
  ritz_gemm_run(product, gv + v_im(x), transposed, ge + x->e);
}

/* The same with T[m] a diagonal; rows of GV and GA side by side. */
static void vjp_diagonal(const maps_run *run, ritz_index m, const char *gv, char *ga, char *row,
                         bool first) {
  const ritz_channel_maps *x = run->maps;
  const ritz_index r = x->shape.ri;
  const ritz_channel_maps_gradients *g = run->gradients;
  for (ritz_index i = 0; i < x->shape.ci; i++) {
    const size_t at = (size_t)(2 * i * r) * x->size;
    if (g->t)
      x->kernels->mode_scale_vjp(1, r, run->e[0] + at, gv + at,
                                 (char *)g->t + (size_t)(2 * m * r) * x->size, g->add_t || i > 0);
    if (!g->a) continue;
    x->kernels->mode_scale(1, r, gv + at, tensor_of(run, m), -1, first ? ga + at : row);
    if (!first) x->kernels->scale(2 * r, 1, row, ga + at, true);
  }
}

static void vjp_task(void *arg, ritz_index part, int thread) {
  const maps_run *run = arg;
  const ritz_channel_maps *x = run->maps;
  const size_t plane = weight_plane(x);
  char *v = run->work + (size_t)thread * thread_bytes(x), *gv = v + x->v, *more = gv + x->v;
  char *ge = run->sums + (size_t)part * 2 * (x->e + x->f), *gf = ge + 2 * x->e;
  const ritz_index begin = part * x->shape.modes / x->parts;
  const ritz_index end = (part + 1) * x->shape.modes / x->parts;
  for (ritz_index m = begin; m < end; m++) {
    const char *gw = run->gw + 2 * (size_t)m * plane;
    const bool first = m == begin;
    if (x->shape.co) {
      ritz_gemm_run(&x->back, gw, run->back[0], gv);
      ritz_gemm_run(&x->back_add, gw + plane, run->back[1], gv);
    }
    if (run->gradients->c) {
      const ritz_gemm *product = first ? &x->right_sum : &x->right_sum_add;
      map_left(run, m, v);
      ritz_gemm_run(product, v, gw, gf);
      ritz_gemm_run(product, v, gw + plane, gf + x->f);
    }
    if (x->shape.diagonal)
      vjp_diagonal(run, m, gv, ge, more, first);
    else
      vjp_left(run, m, x->shape.co ? gv : gw, ge, more, first);
  }
}

/* GA (+)= what its two places in E0 and E1 received. */
static void fold_left(const maps_run *run, const char *ge, char *ga, bool add) {
  const ritz_channel_maps *x = run->maps;
  const ritz_index ci = x->shape.ci, ri = x->shape.ri;
  const size_t half = (size_t)ri * x->size;
  char *im = ga + (size_t)(ci * ri) * x->size;
  x->kernels->row_copy(ci, ri, ge, 2 * ri, ga, ri, add);
  if (x->shape.diagonal) {
    x->kernels->row_copy(ci, ri, ge + half, 2 * ri, im, ri, add);
    return;
  }
  x->kernels->row_copy(ci, ri, ge + x->e + half, 2 * ri, ga, ri, true);
  x->kernels->row_copy(ci, ri, ge + x->e, 2 * ri, im, ri, add);
  for (ritz_index i = 0; i < ci; i++)
    x->kernels->scale(ri, -1, ge + (size_t)(2 * i * ri) * x->size + half,
                      im + (size_t)(i * ri) * x->size, true);
}

static void fold_right(const maps_run *run, const char *gf, char *gc, bool add) {
  const ritz_channel_maps *x = run->maps;
  const ritz_index n = x->shape.ro * x->shape.co;
  const size_t half = (size_t)n * x->size;
  x->kernels->scale(n, 1, gf, gc, add);
  x->kernels->scale(n, 1, gf + x->f + half, gc, true);
  x->kernels->scale(n, 1, gf + x->f, gc + half, add);
  x->kernels->scale(n, -1, gf + half, gc + half, true);
}

void ritz_channel_maps_vjp(const ritz_channel_maps *maps, const void *a, const void *t,
                           const void *c, const void *gw,
                           const ritz_channel_maps_gradients *gradients, void *scratch) {
  const ritz_channel_maps *x = maps;
  maps_run run = start(x, a, t, c, scratch);
  run.gw = gw, run.gradients = gradients;
  for (int i = 0; x->shape.co && i < 2; i++)
    x->kernels->transpose(2 * x->shape.ro, x->shape.co, run.f[i], run.back[i]);
  ritz_parallel(x->threads, x->parts, vjp_task, &run);
  for (ritz_index part = 0; part < x->parts; part++) {
    const char *ge = run.sums + (size_t)part * 2 * (x->e + x->f);
    if (gradients->a) fold_left(&run, ge, gradients->a, gradients->add_a || part > 0);
    if (gradients->c) fold_right(&run, ge + 2 * x->e, gradients->c, gradients->add_c || part > 0);
  }
}
