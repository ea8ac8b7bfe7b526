/* SPDX-License-Identifier: BSD-3-Clause
 * An operator of one's own: a graph of ops, its plan, and runs of it. One Fourier layer,
 *
 *     v = P x,   w = v + gelu( K v + W v ),   y = Q w,
 *
 * with K a spectral convolution, learns the derivative of periodic functions. The loss and its
 * gradient are written by hand:
 *
 *     L = 1/2 sum (y - t)^2,   dL/dy = y - t,
 *
 * the plan turns dL/dy into the gradients of all parameters.
 *
 *     $ 03_build_graph
 *     slope of the loss: 1.0000 of what the gradient says
 *     loss 87.4 before, 0.015 after 400 steps */
#include <math.h>
#include <ritz/ritz.h>
#include <stdio.h>
#include <stdlib.h>

enum { B = 8, N = 33, WIDTH = 6, MODES = 5 };

typedef struct network {
  ritz_var x, y;
  ritz_params *params;
  ritz_plan *plan;
} network;

static void check(ritz_status status) {
  if (status == RITZ_OK) return;
  fprintf(stderr, "%s\n", ritz_error_message());
  exit(EXIT_FAILURE);
}

static ritz_var linear(ritz_graph *g, ritz_params *p, ritz_var v, ritz_index out,
                       const char *name) {
  const ritz_shape shape = ritz_var_shape(v);
  const ritz_index in = shape.rank ? shape.n[shape.rank - 1] : 0;
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1 / sqrt((double)in)};
  ritz_var w = ritz_parameter(g, p, init, RITZ_SHAPE(in, out), -1, "%s.weight", name);
  ritz_var b = ritz_parameter(g, p, init, RITZ_SHAPE(out), -1, "%s.bias", name);
  return ritz_linear(g, v, w, b);
}

/* Errors latch in the graph, so the equations need no checks between them. */
static ritz_var fourier_layer(ritz_graph *g, ritz_params *p, ritz_var x) {
  const ritz_spectral_options options = {.modes = {MODES}};
  const ritz_init init = {RITZ_INIT_NORMAL, 1.0 / WIDTH};
  ritz_var v = linear(g, p, x, WIDTH, "lifting");
  ritz_var r = ritz_parameter(g, p, init, RITZ_SHAPE(MODES, 2, WIDTH, WIDTH), 1, "spectral.weight");
  ritz_var k = ritz_spectral_conv(g, v, r, &options);
  ritz_var u = ritz_gelu(g, ritz_add(g, k, linear(g, p, v, WIDTH, "skip")));
  return linear(g, p, ritz_add(g, v, u), 1, "projection");
}

static void build(ritz_context *context, network *net) {
  const ritz_plan_options options = {.gradients = true};
  ritz_graph *graph;
  check(ritz_params_create(context, RITZ_FLOAT64, 1, &net->params));
  check(ritz_graph_create(context, RITZ_FLOAT64, &graph));
  net->x = ritz_input(graph, "x", RITZ_SHAPE(B, N, 1));
  net->y = fourier_layer(graph, net->params, net->x);
  check(ritz_graph_plan(graph, 1, &net->y, &options, &net->plan)); /* owns the graph from here */
}

/* x = cos(k s + phase), t = dx/ds / k for k = 1 ... 4. */
static void fill(double *x, double *t) {
  for (int b = 0; b < B; b++)
    for (int i = 0; i < N; i++) {
      const double k = 1 + b % 4, s = 2 * acos(-1) * i / N;
      x[b * N + i] = cos(k * s + b);
      t[b * N + i] = -sin(k * s + b);
    }
}

/* Forward run, loss, backward run. */
static double loss_and_gradient(network *net, const double *t) {
  const double *y = ritz_plan_value(net->plan, net->y);
  double *dy = ritz_plan_cotangent(net->plan), loss = 0;
  ritz_plan_forward(net->plan);
  for (int i = 0; i < B * N; i++) {
    dy[i] = y[i] - t[i];
    loss += dy[i] * dy[i] / 2;
  }
  ritz_plan_backward(net->plan);
  return loss;
}

/* p -= rate g. @return |g|^2. */
static double descend(network *net, double rate) {
  double *p = ritz_params_data(net->params), squares = 0;
  const double *g = ritz_plan_parameter_gradient(net->plan);
  for (ritz_index i = 0; i < ritz_params_length(net->params); i++) {
    squares += g[i] * g[i];
    p[i] -= rate * g[i];
  }
  return squares;
}

static void print_plan(const network *net) {
  char *text;
  check(ritz_plan_describe(net->plan, &text));
  printf("%s", text);
  ritz_text_free(text);
}

int main(void) {
  ritz_context *context;
  network net;
  double t[B * N];
  check(ritz_context_create(NULL, &context));
  build(context, &net);
  print_plan(&net);
  fill(ritz_plan_value(net.plan, net.x), t);

  /* A tiny step along -g changes the loss by -|g|^2 times its length. */
  const double tiny = 1e-9, before = loss_and_gradient(&net, t);
  const double slope = descend(&net, tiny), after = loss_and_gradient(&net, t);
  const double ratio = (before - after) / (tiny * slope);
  printf("slope of the loss: %.4f of what the gradient says\n", ratio);

  double loss = after;
  for (int step = 0; step < 400; step++) {
    descend(&net, 2e-3);
    loss = loss_and_gradient(&net, t);
  }
  printf("loss %.1f before, %.3f after 400 steps\n", before, loss);

  ritz_plan_destroy(&net.plan);
  ritz_params_destroy(&net.params);
  ritz_context_destroy(&context);
  return fabs(ratio - 1) < 1e-3 && loss < before / 20 ? EXIT_SUCCESS : EXIT_FAILURE;
}
