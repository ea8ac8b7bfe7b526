/* SPDX-License-Identifier: BSD-3-Clause
 * Ops that see neighbours: pooling, resampling, and grids cut into pieces.
 *
 * All of them are linear in x (max pooling where the places stay), so y . r = x . gx for the
 * gradient gx of y . r: checked before anything is timed. */
#include <math.h>
#include <ritz/ops.h>

#include "bench/one_op.h"
#include "graph/op.h"

typedef struct local_case {
  bench_case base;
  ritz_var (*build)(ritz_graph *g, ritz_var x, ritz_index size);
  ritz_index batch, grid, channels, size; /* size: of the window, factor or new grid */
} local_case;

static ritz_var max_pool(ritz_graph *g, ritz_var x, ritz_index k) {
  return ritz_max_pool(g, x, (ritz_index[]){k, k}, NULL);
}
static ritz_var average_pool(ritz_graph *g, ritz_var x, ritz_index k) {
  return ritz_average_pool(g, x, (ritz_index[]){k, k}, NULL, false);
}
static ritz_var nearest(ritz_graph *g, ritz_var x, ritz_index n) {
  return ritz_interpolate(g, x, (ritz_index[]){n, n}, RITZ_INTERPOLATE_NEAREST, false);
}
static ritz_var linear(ritz_graph *g, ritz_var x, ritz_index n) {
  return ritz_interpolate(g, x, (ritz_index[]){n, n}, RITZ_INTERPOLATE_LINEAR, true);
}
static ritz_var cubic(ritz_graph *g, ritz_var x, ritz_index n) {
  return ritz_interpolate(g, x, (ritz_index[]){n, n}, RITZ_INTERPOLATE_CUBIC, true);
}
static ritz_var spectral(ritz_graph *g, ritz_var x, ritz_index n) {
  return ritz_spectral_resize(g, x, (ritz_index[]){n, n});
}
static ritz_var shuffle(ritz_graph *g, ritz_var x, ritz_index r) {
  return ritz_pixel_shuffle(g, x, (ritz_index[]){r, r});
}
static ritz_var patches(ritz_graph *g, ritz_var x, ritz_index size) {
  return ritz_patchify(g, x, (ritz_index[]){size, size});
}

/* |a . b - c . d| relative to the sum of the magnitudes. */
static double mismatch(ritz_index n, const float *a, const float *b, ritz_index m, const float *c,
                       const float *d) {
  double left = 0, right = 0, scale = 1e-30;
  for (ritz_index i = 0; i < n; i++)
    left += (double)a[i] * b[i], scale += fabs((double)a[i] * b[i]);
  for (ritz_index i = 0; i < m; i++) right += (double)c[i] * d[i];
  return fabs(left - right) / scale;
}

static double transpose_error(one_op *op) {
  const ritz_index n = ritz_shape_count(&op->in[0]->shape), m = ritz_shape_count(&op->out->shape);
  one_op_run(op);
  return mismatch(m, ritz_plan_value(op->plan, op->out), ritz_plan_cotangent(op->plan), n,
                  ritz_plan_input_gradient(op->plan, op->in[0]),
                  ritz_plan_value(op->plan, op->in[0]));
}

static ritz_status run(const bench_case *self, const bench_call *call) {
  const local_case *c = (const local_case *)self;
  one_op op;
  ritz_status status;
  RITZ_TRY_DONE(one_op_begin(call->context, &op));
  const ritz_shape shape = RITZ_SHAPE(c->batch, c->grid, c->grid, c->channels);
  op.inputs = 1;
  op.in[0] = ritz_input(op.graph, "x", shape);
  op.out = c->build(op.graph, op.in[0], c->size);
  RITZ_TRY_DONE(one_op_plan(&op));
  one_op_fill_cotangent(&op);
  RITZ_TRY_DONE(one_op_measure(&op, self, call, 2, transpose_error(&op), 1e-6, ""));
done:
  one_op_end(&op);
  return status;
}

static const local_case cases[] = {
    {{"pool/max-2x2-128-64", "128^2, 64 channels", run}, max_pool, 8, 128, 64, 2},
    {{"pool/average-2x2-128-64", "128^2, 64 channels", run}, average_pool, 8, 128, 64, 2},
    {{"resample/nearest-64-64", "64^2 to 128^2, 64 channels", run}, nearest, 8, 64, 64, 128},
    {{"resample/linear-64-64", "64^2 to 128^2, 64 channels", run}, linear, 8, 64, 64, 128},
    {{"resample/cubic-64-64", "64^2 to 128^2, 64 channels", run}, cubic, 8, 64, 64, 128},
    {{"resample/spectral-64-64", "64^2 to 128^2, 64 channels", run}, spectral, 8, 64, 64, 128},
    {{"pieces/shuffle-2x2-64-64", "64^2, 64 channels to 128^2, 16", run}, shuffle, 8, 64, 64, 2},
    {{"pieces/patchify-4x4-128-32", "128^2, 32 channels to 32^2, 512", run},
     patches,
     8,
     128,
     32,
     4},
};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-local", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
