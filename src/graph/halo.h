/* SPDX-License-Identifier: BSD-3-Clause
 * What an op that meets a halo (op.h) asks for. Where its operand is no such box, there is none,
 * and all that follows does nothing. */
#ifndef RITZ_GRAPH_HALO_H
#define RITZ_GRAPH_HALO_H

#include "graph/op.h"
#include "kernels/halo.h"
#include "kernels/resize.h"

/** In plan(): the op's outputs see positions of @p box through a window, or with @p adjoint through
 * its transpose. */
ritz_status ritz_halo_see_window(const ritz_node *box, const ritz_window *window, bool adjoint);
/** The same where along the last axis they see them through a band, and along others their own. */
ritz_status ritz_halo_see_band(const ritz_node *box, const ritz_band *band);

/** @return  The halo of @p box as it comes, or as its cotangent leaves; NULL: none. The kernel that
 *           is given it meets it, once in each run. */
const ritz_halo *ritz_halo_of(const ritz_node *box, bool leaves);

#endif
