/* SPDX-License-Identifier: BSD-3-Clause
 * Y = U T along one axis, as real products of planes:
 *
 *   forward   Y_re = U_re T_re + (-U_im) T_im,        Y_im = U_re T_im + U_im T_re
 *   tensor    GT_re = U_re^T G_re + U_im^T G_im,      GT_im = U_re^T G_im + (-U_im)^T G_re
 *   matrix    GU_re = G_re T_re^T + G_im T_im^T,      GU_im = G_im T_re^T + G_re (-T_im)^T
 *
 * A task is one (p, q) and a block of columns; sums over tasks go to parts that shape alone fixes.
 */
#include "kernels/axis_product.h"

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"

/* Columns of a block in bytes; partial sums, and the most memory they may take. */
enum { BLOCK_BYTES = 512, MOST_PARTS = 16, PARTS_BYTES = 1 << 24, CHUNKS = 64 };

/* One of the six products of a block, written and then added to. */
typedef struct pair {
  ritz_gemm set, add;
} pair;

/* The products of a block of some width. */
typedef struct block_plan {
  pair forward, tensor, matrix;
} block_plan;

struct ritz_axis_product {
  ritz_axis_product_shape shape;
  const ritz_kernels *kernels;
  int threads;
  size_t size;              /* of a number */
  ritz_index width, blocks; /* columns of a block, blocks of a plane */
  ritz_index items, parts;  /* p q blocks, and how many partial sums over them */
  size_t plane;             /* bytes of L A numbers, up to a multiple of 64 */
  size_t block;             /* bytes of A width numbers, likewise */
  block_plan full, last;
};

static pair plan_pair(const ritz_axis_product *x, bool transpose, ritz_index m, ritz_index n,
                      ritz_index k, ritz_index lda, ritz_index ldb, ritz_index ldc) {
  const ritz_dtype dtype = x->shape.dtype;
  return (pair){ritz_gemm_plan(dtype, transpose, false, m, n, k, lda, ldb, ldc),
                ritz_gemm_plan(dtype, transpose, true, m, n, k, lda, ldb, ldc)};
}

static block_plan plan_block(const ritz_axis_product *x, ritz_index width) {
  const ritz_axis_product_shape *s = &x->shape;
  const ritz_index ld = 2 * s->q * s->n;
  return (block_plan){.forward = plan_pair(x, false, s->l, width, s->a, s->a, ld, ld),
                      .tensor = plan_pair(x, true, s->a, width, s->l, s->a, ld, ld),
                      .matrix = plan_pair(x, false, s->l, s->a, width, ld, s->a, s->a)};
}

ritz_status ritz_axis_product_create(const ritz_axis_product_shape *shape, int threads,
                                     ritz_axis_product **out) {
  *out = NULL;
  RITZ_REQUIRE(shape->p >= 1 && shape->a >= 1 && shape->l >= 1 && shape->q >= 1 && shape->n >= 1,
               RITZ_ERR_ARGUMENT, "axis product of [%td, %td, %td, 2, %td] with [%td, 2, %td]",
               shape->p, shape->a, shape->q, shape->n, shape->l, shape->a);
  ritz_axis_product *x;
  RITZ_TRY(RITZ_NEW(1, &x));
  x->shape = *shape;
  x->kernels = ritz_kernels_get(shape->dtype);
  x->threads = threads;
  x->size = ritz_dtype_size(shape->dtype);
  x->width = BLOCK_BYTES / (ritz_index)x->size;
  if (x->width > shape->n) x->width = shape->n;
  x->blocks = (shape->n + x->width - 1) / x->width;
  x->items = shape->p * shape->q * x->blocks;
  x->plane = ritz_aligned((size_t)(shape->l * shape->a) * x->size);
  x->block = ritz_aligned((size_t)(shape->a * x->width) * x->size);
  x->parts = (ritz_index)((size_t)PARTS_BYTES / (2 * x->plane));
  if (x->parts > MOST_PARTS) x->parts = MOST_PARTS;
  if (x->parts > x->items) x->parts = x->items;
  if (x->parts < 1) x->parts = 1;
  x->full = plan_block(x, x->width);
  x->last = plan_block(x, shape->n - (x->blocks - 1) * x->width);
  *out = x;
  return RITZ_OK;
}

void ritz_axis_product_destroy(ritz_axis_product **product) {
  ritz_free(*product);
  *product = NULL;
}

/* Planes (Re, Im, -Im) of U for the first two runs; partial sums and four blocks per thread for the
 * third. */
size_t ritz_axis_product_scratch(const ritz_axis_product *x) {
  const size_t sums = 2 * (size_t)x->parts * x->plane + 4 * (size_t)x->threads * x->block;
  return sums > 3 * x->plane ? sums : 3 * x->plane;
}

typedef struct product_run {
  const ritz_axis_product *product;
  const char *t, *gy;
  char *y, *gt, *gu, *scratch;
  bool add;
} product_run;

/* Where the first row of an item begins in T (rows = A) and in Y (rows = L), bytes. */
static size_t item_at(const ritz_axis_product *x, ritz_index item, ritz_index rows) {
  const ritz_axis_product_shape *s = &x->shape;
  const ritz_index block = item % x->blocks, q = item / x->blocks % s->q;
  const ritz_index p = item / x->blocks / s->q;
  return (size_t)((p * rows * s->q + q) * 2 * s->n + block * x->width) * x->size;
}

static const block_plan *item_plan(const ritz_axis_product *x, ritz_index item) {
  return item % x->blocks == x->blocks - 1 ? &x->last : &x->full;
}

/* Planes (Re, Im, -Im) of U, packed. */
static void pack_matrix(const ritz_axis_product *x, const void *u, char *planes) {
  const ritz_axis_product_shape *s = &x->shape;
  for (int plane = 0; plane < 2; plane++)
    x->kernels->row_copy(s->l, s->a, (const char *)u + (size_t)(plane * s->a) * x->size, 2 * s->a,
                         planes + (size_t)plane * x->plane, s->a, false);
  x->kernels->scale(s->l * s->a, -1, planes + x->plane, planes + 2 * x->plane, false);
}

static void over_items(product_run *run, ritz_task *task) {
  const ritz_index items = run->product->items;
  ritz_parallel(run->product->threads, items < CHUNKS ? items : CHUNKS, task, run);
}

static ritz_index cut(ritz_index items, ritz_index chunk) {
  return chunk * items / (items < CHUNKS ? items : CHUNKS);
}

static void forward_task(void *arg, ritz_index chunk, int thread) {
  const product_run *run = arg;
  const ritz_axis_product *x = run->product;
  const size_t im = (size_t)x->shape.n * x->size;
  const char *re_u = run->scratch, *im_u = re_u + x->plane, *minus_u = im_u + x->plane;
  for (ritz_index i = cut(x->items, chunk); i < cut(x->items, chunk + 1); i++) {
    const pair *product = &item_plan(x, i)->forward;
    const char *t = run->t + item_at(x, i, x->shape.a);
    char *y = run->y + item_at(x, i, x->shape.l);
    ritz_gemm_run(&product->set, re_u, t, y);
    ritz_gemm_run(&product->add, minus_u, t + im, y);
    ritz_gemm_run(&product->set, re_u, t + im, y + im);
    ritz_gemm_run(&product->add, im_u, t, y + im);
  }
}

void ritz_axis_product_forward(const ritz_axis_product *product, const void *t, const void *u,
                               void *y, void *scratch) {
  product_run run = {.product = product, .t = t, .y = y, .scratch = scratch};
  pack_matrix(product, u, scratch);
  over_items(&run, forward_task);
}

static void tensor_task(void *arg, ritz_index chunk, int thread) {
  const product_run *run = arg;
  const ritz_axis_product *x = run->product;
  const size_t im = (size_t)x->shape.n * x->size;
  const char *re_u = run->scratch, *im_u = re_u + x->plane, *minus_u = im_u + x->plane;
  for (ritz_index i = cut(x->items, chunk); i < cut(x->items, chunk + 1); i++) {
    const pair *product = &item_plan(x, i)->tensor;
    const ritz_gemm *first = run->add ? &product->add : &product->set;
    const char *g = run->gy + item_at(x, i, x->shape.l);
    char *gt = run->gt + item_at(x, i, x->shape.a);
    ritz_gemm_run(first, re_u, g, gt);
    ritz_gemm_run(&product->add, im_u, g + im, gt);
    ritz_gemm_run(first, re_u, g + im, gt + im);
    ritz_gemm_run(&product->add, minus_u, g, gt + im);
  }
}

void ritz_axis_product_vjp_tensor(const ritz_axis_product *product, const void *gy, const void *u,
                                  bool add, void *gt, void *scratch) {
  product_run run = {.product = product, .gy = gy, .gt = gt, .scratch = scratch, .add = add};
  pack_matrix(product, u, scratch);
  over_items(&run, tensor_task);
}

/* An item's block of T, transposed: planes (Re, Im, -Im) of [width, A] at `to`. */
static void transpose_block(const ritz_axis_product *x, ritz_index item, const char *t, char *to) {
  const ritz_axis_product_shape *s = &x->shape;
  const ritz_index width = item_plan(x, item)->matrix.set.k, ld = 2 * s->q * s->n;
  char *packed = to + 3 * x->block;
  for (int plane = 0; plane < 2; plane++) {
    x->kernels->row_copy(s->a, width, t + (size_t)(plane * s->n) * x->size, ld, packed, width,
                         false);
    x->kernels->transpose(s->a, width, packed, to + (size_t)plane * x->block);
  }
  x->kernels->scale(s->a * width, -1, to + x->block, to + 2 * x->block, false);
}

static void matrix_task(void *arg, ritz_index part, int thread) {
  const product_run *run = arg;
  const ritz_axis_product *x = run->product;
  const size_t im = (size_t)x->shape.n * x->size;
  char *re_gu = run->scratch + 2 * (size_t)part * x->plane, *im_gu = re_gu + x->plane;
  char *block = run->scratch + 2 * (size_t)x->parts * x->plane + 4 * (size_t)thread * x->block;
  const ritz_index begin = part * x->items / x->parts, end = (part + 1) * x->items / x->parts;
  for (ritz_index i = begin; i < end; i++) {
    const pair *product = &item_plan(x, i)->matrix;
    const ritz_gemm *first = i > begin ? &product->add : &product->set;
    const char *g = run->gy + item_at(x, i, x->shape.l);
    transpose_block(x, i, run->t + item_at(x, i, x->shape.a), block);
    ritz_gemm_run(first, g, block, re_gu);
    ritz_gemm_run(&product->add, g + im, block + x->block, re_gu);
    ritz_gemm_run(first, g + im, block, im_gu);
    ritz_gemm_run(&product->add, g, block + 2 * x->block, im_gu);
  }
}

/* Sums the parts of a range of rows in their order. */
static void sum_task(void *arg, ritz_index chunk, int thread) {
  const product_run *run = arg;
  const ritz_axis_product *x = run->product;
  const ritz_index a = x->shape.a, begin = cut(x->shape.l, chunk);
  const ritz_index rows = cut(x->shape.l, chunk + 1) - begin;
  for (ritz_index part = 0; part < x->parts; part++)
    for (int plane = 0; plane < 2; plane++)
      x->kernels->row_copy(
          rows, a,
          run->scratch + (size_t)(2 * part + plane) * x->plane + (size_t)(begin * a) * x->size, a,
          run->gu + (size_t)((2 * begin + plane) * a) * x->size, 2 * a, run->add || part > 0);
}

void ritz_axis_product_vjp_matrix(const ritz_axis_product *product, const void *t, const void *gy,
                                  bool add, void *gu, void *scratch) {
  const ritz_axis_product *x = product;
  product_run run = {.product = x, .t = t, .gy = gy, .gu = gu, .scratch = scratch, .add = add};
  ritz_parallel(x->threads, x->parts, matrix_task, &run);
  ritz_parallel(x->threads, x->shape.l < CHUNKS ? x->shape.l : CHUNKS, sum_task, &run);
}
