/* SPDX-License-Identifier: BSD-3-Clause
 * Attention, forward and with all gradients.
 *
 * Flops count the products alone: five halves of forward's for the gradients. Before anything is
 * timed, some outputs are compared with the definition in double, and the gradients with two sums
 * they must have. */
#include <math.h>
#include <ritz/ops.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/one_op.h"
#include "graph/op.h"

typedef struct attention_case {
  bench_case base;
  ritz_index batch, queries, keys, heads, width;
  ritz_index window, shift; /* of a grid keys x keys; 0: attention over all tokens */
  bool latent;              /* queries: tokens, the same for all windows; else the grid's points */
} attention_case;

/* -- One case as a graph ----------------------------------------------------------------------- */

typedef struct attention {
  const attention_case *c;
  one_op op; /* in: q, k, v */
} attention;

static ritz_status create(attention *a, ritz_context *context) {
  const attention_case *c = a->c;
  one_op *op = &a->op;
  const ritz_index n = c->keys, w = c->window, channels = c->heads * c->width;
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1};
  const ritz_shape grid = RITZ_SHAPE(c->batch, n, n, channels);
  const ritz_shape queries = RITZ_SHAPE(c->batch, c->queries, channels);
  const ritz_shape latent = RITZ_SHAPE(c->queries, channels);
  const ritz_shape keys = RITZ_SHAPE(c->batch, c->keys, channels);
  RITZ_TRY(one_op_begin(context, op));
  op->inputs = 3;
  const ritz_var q = op->in[0] = ritz_input(op->graph, "q",
                                            c->latent ? latent
                                            : w       ? grid
                                                      : queries);
  const ritz_var k = op->in[1] = ritz_input(op->graph, "k", w ? grid : keys);
  const ritz_var v = op->in[2] = ritz_input(op->graph, "v", w ? grid : keys);
  ritz_attention_options o = {.heads = c->heads};
  const ritz_attention_windows windows = {.window = {w, w}, .shift = {c->shift, c->shift}};
  if (w && !c->latent)
    o.bias = ritz_parameter(op->graph, op->params, init, RITZ_SHAPE(2 * w - 1, 2 * w - 1, c->heads),
                            -1, "bias");
  op->out = w ? ritz_window_attention(op->graph, q, k, v, &o, &windows)
              : ritz_attention(op->graph, q, k, v, &o);
  return one_op_plan(op);
}

/* -- Checking ---------------------------------------------------------------------------------- */

/* Whether point j of a sample's grid is a key of query i, and the bias. */
static bool sees(const attention *a, ritz_index i, ritz_index j, ritz_index head, double *bias) {
  const ritz_index n = a->c->keys, w = a->c->window, shift = a->c->shift;
  *bias = 0;
  if (!w) return true;
  const ritz_index key[2] = {j / n, j % n};
  if (a->c->latent) return i / a->c->queries == key[0] / w * (n / w) + key[1] / w;
  const ritz_index at[2] = {i / n, i % n};
  for (int d = 0; d < 2; d++)
    if ((at[d] - shift + n) % n / w != (key[d] - shift + n) % n / w || labs(at[d] - key[d]) >= w)
      return false;
  const ritz_index row = (at[0] - key[0] + w - 1) * (2 * w - 1) + at[1] - key[1] + w - 1;
  *bias = ((const float *)ritz_params_data(a->op.params))[row * a->c->heads + head];
  return true;
}

/* Largest error of the output of a few queries of the first sample. */
static double output_error(const attention *a) {
  const attention_case *c = a->c;
  const ritz_index channels = c->heads * c->width;
  const ritz_index keys = ritz_rows(a->op.in[1]) / c->batch,
                   queries = ritz_rows(a->op.out) / c->batch;
  const float *q = ritz_plan_value(a->op.plan, a->op.in[0]),
              *k = ritz_plan_value(a->op.plan, a->op.in[1]);
  const float *v = ritz_plan_value(a->op.plan, a->op.in[2]),
              *out = ritz_plan_value(a->op.plan, a->op.out);
  double worst = 0;
  for (ritz_index i = 0; i < queries; i += queries / 7 + 1)
    for (ritz_index h = 0; h < c->heads; h++) {
      double sum = 0, mean = 0, bias;
      const float *query = q + (c->latent ? i % c->queries : i) * channels;
      for (ritz_index j = 0; j < keys; j++) {
        if (!sees(a, i, j, h, &bias)) continue;
        double score = 0;
        for (ritz_index d = h * c->width; d < (h + 1) * c->width; d++)
          score += (double)query[d] * (double)k[j * channels + d];
        const double weight = exp(score / sqrt((double)c->width) + bias);
        sum += weight;
        mean += weight * (double)v[j * channels + h * c->width];
      }
      worst = fmax(worst, fabs((double)out[i * channels + h * c->width] - mean / sum));
    }
  return worst;
}

/* The cotangent is all ones: each channel of v's gradient sums to the number of queries, and the
 * gradients of q and k agree on q . gq = k . gk, the sum of score gradients times scores. */
static double gradient_error(const attention *a) {
  const ritz_index count = ritz_shape_count(&a->op.in[0]->shape),
                   keys = ritz_shape_count(&a->op.in[1]->shape);
  const ritz_index queries = ritz_shape_count(&a->op.out->shape);
  const float *q = ritz_plan_value(a->op.plan, a->op.in[0]),
              *k = ritz_plan_value(a->op.plan, a->op.in[1]);
  const float *gq = ritz_plan_input_gradient(a->op.plan, a->op.in[0]);
  const float *gk = ritz_plan_input_gradient(a->op.plan, a->op.in[1]);
  const float *gv = ritz_plan_input_gradient(a->op.plan, a->op.in[2]);
  double along_q = 0, along_k = 0, size = 0, sum = 0;
  for (ritz_index i = 0; i < count; i++) {
    along_q += (double)q[i] * (double)gq[i];
    size += fabs((double)q[i] * (double)gq[i]);
  }
  for (ritz_index i = 0; i < keys; i++) {
    along_k += (double)k[i] * (double)gk[i];
    sum += (double)gv[i];
  }
  return fmax(fabs(along_q - along_k) / size, fabs(sum / (double)queries - 1));
}

/* -- Running ----------------------------------------------------------------------------------- */

static ritz_status run(const bench_case *self, const bench_call *call) {
  attention a = {.c = (const attention_case *)self};
  char heads[40];
  ritz_status status;
  RITZ_TRY_DONE(create(&a, call->context));
  one_op_run(&a.op);
  const double error = fmax(output_error(&a), gradient_error(&a));
  snprintf(heads, sizeof heads, "\"heads\": %td, ", a.c->heads);
  one_op_fill_cotangent(&a.op); /* without a pattern */
  RITZ_TRY_DONE(one_op_measure(&a.op, self, call, 3.5, error, 1e-4, heads));
done:
  one_op_end(&a.op);
  return status;
}

#define ALL(name, about, batch, queries, keys, heads, width) \
  { {"attention/" name, about, run}, batch, queries, keys, heads, width, 0, 0, false }
#define WINDOWS(name, about, batch, grid, heads, width, window, shift) \
  { {"attention/" name, about, run}, batch, grid, grid, heads, width, window, shift, false }
#define LATENT(name, about, batch, queries, grid, heads, width, window) \
  { {"attention/" name, about, run}, batch, queries, grid, heads, width, window, 0, true }

static const attention_case cases[] = {
    ALL("1024-64-4", "1024 tokens, 4 heads of 64", 2, 1024, 1024, 4, 64),
    ALL("4096-32-4", "4096 tokens, 4 heads of 32", 1, 4096, 4096, 4, 32),
    ALL("latent-encode", "16 tokens see 4096, 8 heads of 32", 4, 16, 4096, 8, 32),
    ALL("latent-decode", "4096 tokens see 16, 8 heads of 32", 4, 4096, 16, 8, 32),
    WINDOWS("windows-8", "8 x 8 windows of 64^2, shifted, 3 heads of 32", 4, 64, 3, 32, 8, 4),
    WINDOWS("windows-16", "16 x 16 windows of 32^2, shifted, 3 heads of 16: Poseidon-T", 8, 32, 3,
            16, 16, 8),
    LATENT("latent-patches", "4 tokens see 4 x 4 patches of 64^2, 8 heads of 8: LSM", 20, 4, 64, 8,
           8, 4),
};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-attention", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
