/* SPDX-License-Identifier: BSD-3-Clause
 * The functions of the bases of ritz_harmonic_analysis(). */
#ifndef RITZ_GRAPH_OPS_HARMONIC_H
#define RITZ_GRAPH_OPS_HARMONIC_H

#include <ritz/ops.h>

/** Function @p k of the orthonormal basis on @p points points at point @p n. */
double ritz_basis_value(ritz_basis basis, ritz_index k, ritz_index n, ritz_index points);

#endif
