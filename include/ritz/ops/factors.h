/* SPDX-License-Identifier: BSD-3-Clause
 * Products of the factors of tensors, which spectral weights may be made of. Complex tensors have
 * (re, im) on the axis of extent 2 in front of the last one or two.
 * Conventions: ritz/ops.h. */
#ifndef RITZ_OPS_FACTORS_H
#define RITZ_OPS_FACTORS_H

#include <ritz/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Mode product: a matrix applied to one axis,
 *     y[p, l, q, 2, :] = sum over a of u[l, a] t[p, a, q, 2, :].
 * Kolda & Bader 2009, SIAM Review 51:455, Sec. 2.5.
 *
 * @param t      [P..., A, Q..., 2, N...] complex.
 * @param u      [L..., 2, A] complex.
 * @param axis   Of A in t.
 * @param inner  Number of axes behind the 2.
 * @return       [P..., L..., Q..., 2, N...]; without L the axis disappears.
 * Cost: 8 P A L Q N flops.
 */
RITZ_API ritz_var ritz_mode_product(ritz_graph *graph, ritz_var t, ritz_var u, int axis, int inner);

/**
 * All pairs of rows, channel by channel: y[p, l, :] = t[p, :] u[l, :].
 *
 * @param t, u  [P..., 2, C] and [L..., 2, C] complex.
 * @return      [P..., L..., 2, C].
 */
RITZ_API ritz_var ritz_mode_scale(ritz_graph *graph, ritz_var t, ritz_var u);

/**
 * Both channel axes mapped, w[m] = A t[m] C for each mode m.
 *
 * @param a         [2, Ci, Ri] complex.
 * @param t         [M..., 2, Ri, Ro] complex; diagonal: [M..., 2, R].
 * @param c         [2, Ro, Co] complex, or RITZ_NO_VAR: w[m] = A t[m], not for a diagonal.
 * @return          [M..., 2, Ci, Co].
 * Cost: 8 M Ci (Ri Ro + Ro Co) flops; diagonal: 8 M Ci (R + R Co).
 */
RITZ_API ritz_var ritz_map_channels(ritz_graph *graph, ritz_var a, ritz_var t, ritz_var c,
                                    bool diagonal);

/**
 * Fixed linear combinations, y[t, r] = sum over k of matrix[t, k] x[k, r].
 *
 * @param x       Its first @p axes axes count as k, the others as r.
 * @param shape   Of y: any leading axes that count as t, then those of r.
 * @param matrix  [T, K], copied.
 * Cost: 2 T K R flops.
 */
RITZ_API ritz_var ritz_combine(ritz_graph *graph, ritz_var x, int axes, ritz_shape shape,
                               const double *matrix);

#ifdef __cplusplus
}
#endif
#endif
