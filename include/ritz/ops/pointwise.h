/* SPDX-License-Identifier: BSD-3-Clause
 * Maps of each number or of each point by itself: linear maps, activations, arithmetic.
 * Conventions: ritz/ops.h. */
#ifndef RITZ_OPS_POINTWISE_H
#define RITZ_OPS_POINTWISE_H

#include <ritz/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Pointwise linear map, y = x W + b.
 *
 * @param w  [Ci, Co] parameter.
 * @param b  [Co] parameter, or RITZ_NO_VAR.
 * Cost: 2 P Ci Co flops.
 */
RITZ_API ritz_var ritz_linear(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var b);

/** y[..., c] = x[..., c] + b[c]. @param b  [C] parameter. */
RITZ_API ritz_var ritz_bias(ritz_graph *graph, ritz_var x, ritz_var b);
/** Soft gating, y[..., c] = x[..., c] w[c]. @param w  [C] parameter. */
RITZ_API ritz_var ritz_gate(ritz_graph *graph, ritz_var x, ritz_var w);

/**
 * A factor and a summand for every number of a sample, y[b, ...] = x[b, ...] w[...] + b[...].
 *
 * @param w, b  [X0, ..., C] parameters.
 */
RITZ_API ritz_var ritz_affine(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var b);

/**
 * Fixed weights of the grid points, y[b, p, c] = weights[p] x[b, p, c]: masks, quadrature, and
 * frequencies where the points are coefficients.
 *
 * @param x        [B, X0, ..., C], 1 to 3 grid axes, else RITZ_ERR_SHAPE.
 * @param weights  [X0 X1 ...] of the whole grid, copied; stored once for every number of a sample.
 * Cost: one sweep over x and the weights.
 */
RITZ_API ritz_var ritz_weigh(ritz_graph *graph, ritz_var x, const double *weights);

/**
 * A linear map of its own at each grid point, y[b, p, :] = x[b, p, :] w[p]: dense weights of modes,
 * where the points of x are coefficients.
 *
 * @param x  [B, X0, ..., Ci].
 * @param w  [X0, ..., Ci, Co] parameter.
 * @return   [B, X0, ..., Co].
 * Cost: 2 B X0 ... Ci Co flops; each weight is read once.
 */
RITZ_API ritz_var ritz_point_linear(ritz_graph *graph, ritz_var x, ritz_var w);

/** GELU, y = x Phi(x), exact error function. Hendrycks & Gimpel 2016, arXiv:1606.08415. */
RITZ_API ritz_var ritz_gelu(ritz_graph *graph, ritz_var x);
/** tanh(x). */
RITZ_API ritz_var ritz_tanh(ritz_graph *graph, ritz_var x);
/** max(x, 0); the derivative at 0 is 0. */
RITZ_API ritz_var ritz_relu(ritz_graph *graph, ritz_var x);
/** x > 0 ? x : slope x; the derivative at 0 is @p slope >= 0. */
RITZ_API ritz_var ritz_leaky_relu(ritz_graph *graph, ritz_var x, double slope);
/** 1 / (1 + exp(-x)). */
RITZ_API ritz_var ritz_sigmoid(ritz_graph *graph, ritz_var x);
/** SiLU, x / (1 + exp(-x)). Elfwing, Uchibe & Doya 2017, arXiv:1702.03118. */
RITZ_API ritz_var ritz_silu(ritz_graph *graph, ritz_var x);
/** sin(x). */
RITZ_API ritz_var ritz_sine(ritz_graph *graph, ritz_var x);
/** y[..., c] = exp(x[..., c]) / sum over c of exp(x[..., c]). */
RITZ_API ritz_var ritz_softmax(ritz_graph *graph, ritz_var x);
/** Soft shrinkage, y = sign(x) max(|x| - lambda, 0); the derivative is 0 at |x| = lambda. */
RITZ_API ritz_var ritz_softshrink(ritz_graph *graph, ritz_var x, double lambda);

/**
 * Trigonometric series of each number,
 *     y[..., c] = sum over m = 0 ... b-1 of w[m, c] sin(pi m x/b) + w[b + m, c] cos(pi m x/b)
 * with x = x[..., c]. Wu et al. 2023, arXiv:2301.12664, Sec. 3.2.
 *
 * @param w  [2 b, C] parameter.
 * Cost: 10 flops for each number and m.
 */
RITZ_API ritz_var ritz_trigonometric_series(ritz_graph *graph, ritz_var x, ritz_var w);

/** x + y, same shapes. */
RITZ_API ritz_var ritz_add(ritz_graph *graph, ritz_var x, ritz_var y);
/** x - y, same shapes. */
RITZ_API ritz_var ritz_subtract(ritz_graph *graph, ritz_var x, ritz_var y);
/** x y, number by number, same shapes. */
RITZ_API ritz_var ritz_multiply(ritz_graph *graph, ritz_var x, ritz_var y);

/**
 * z = x + y with y repeated along the leading axes of x.
 *
 * @param y  A parameter or a computed value; its shape is that of the trailing axes of x.
 */
RITZ_API ritz_var ritz_add_broadcast(ritz_graph *graph, ritz_var x, ritz_var y);

/**
 * Dropout: in a training graph each number is 0 with probability @p rate, else divided by
 * 1 - rate; outside training the identity. Srivastava et al. 2014, JMLR 15:1929.
 *
 * @param rate  0 <= rate < 1.
 */
RITZ_API ritz_var ritz_dropout(ritz_graph *graph, ritz_var x, double rate);

/**
 * Gaussian noise: in a training graph y = x + deviation xi with standard normal xi of its own for
 * each number and run; outside training the identity.
 *
 * @param deviation  0 or more, finite.
 */
RITZ_API ritz_var ritz_noise(ritz_graph *graph, ritz_var x, double deviation);

/** x, which counts as a constant to the gradient. */
RITZ_API ritz_var ritz_detach(ritz_graph *graph, ritz_var x);

#ifdef __cplusplus
}
#endif
#endif
