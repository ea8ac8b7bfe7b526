/* SPDX-License-Identifier: BSD-3-Clause
 * A learned map of points of the plane to the unit square. Li, Huang, Liu & Anandkumar 2022,
 * arXiv:2207.05209, Sec. 3.3, in the form of the published geo-FNO:
 *
 *     xi = x + x m(x),  m a network of x, its angle and distance from near the origin, and
 *                       sin and cos(2^j pi .) of these four, j = 0 ... 7
 *
 * and, if there is one, of a code of the geometry. */
#ifndef RITZ_OPERATORS_DEFORMATION_H
#define RITZ_OPERATORS_DEFORMATION_H

#include "operators/layers.h"

/**
 * @param x     [B, N, 2].
 * @param code  [B, N, K], the same at all points of a sample, or RITZ_NO_VAR.
 * @return      [B, N, 2].
 */
ritz_var ritz_layer_deformation(ritz_graph *g, ritz_params *p, ritz_var x, ritz_var code);

#endif
