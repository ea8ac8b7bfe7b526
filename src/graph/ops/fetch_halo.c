/* SPDX-License-Identifier: BSD-3-Clause
 * The halo of a box whose user works while it travels: what of the box comes from others, and what
 * the user makes of that. */
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/fetch.h"
#include "graph/ops/ops.h"

static void move_on(void *arg) {
  const ritz_node *node = arg;
  const ritz_status status = ritz_transfer_move_on(((ritz_fetch_state *)node->state)->ahead);
  if (status != RITZ_OK) ritz_graph_latch(node->graph, status);
}

/* The three axes of kernels: the last one is the last one of the grid. */
static ritz_index positions_along(const ritz_fetch_state *s, int axis) {
  const int a = axis - (3 - s->layout->dim);
  return a < 0 ? 1 : s->box[a];
}

static ritz_status find_others(ritz_fetch_state *s, int axis) {
  const int a = axis - (3 - s->layout->dim);
  const ritz_index n = positions_along(s, axis);
  RITZ_TRY(RITZ_NEW(n + 1, &s->others[axis]));
  for (int p = 0; a >= 0 && p < s->layout->ranks[a]; p++)
    for (ritz_index k = 0; p != s->layout->place[a] && k < s->its[a][p].count; k++)
      s->others[axis][s->its[a][p].position[k] + 1] = 1;
  for (ritz_index i = 0; i < n; i++) s->others[axis][i + 1] += s->others[axis][i];
  return RITZ_OK;
}

ritz_status ritz_fetch_plan_halo(ritz_node *node, int messages) {
  ritz_fetch_state *s = node->state;
  for (int leaves = 0; leaves < 2; leaves++)
    s->halo[leaves] = (ritz_halo){.leaves = leaves,
                                  .meet = leaves ? ritz_fetch_leave : ritz_fetch_arrive,
                                  .move_on = move_on,
                                  .arg = node};
  for (int axis = 0; axis < 3; axis++) {
    RITZ_TRY(find_others(s, axis));
    for (int leaves = 0; leaves < 2; leaves++) {
      s->halo[leaves].outputs[axis] = positions_along(s, axis);
      s->halo[leaves].touching[axis] = s->others[axis];
    }
  }
  return ritz_transfer_create(ritz_layout_comm(s->layout), messages, s->message, &s->ahead);
}

void ritz_fetch_release_halo(ritz_fetch_state *s) {
  ritz_transfer_destroy(&s->ahead);
  for (int axis = 0; axis < 3; axis++) {
    ritz_free(s->others[axis]);
    ritz_free(s->touching[axis]);
  }
}

static ritz_fetch_state *state_of(const ritz_node *box) {
  ritz_fetch_state *s = box->ahead ? box->state : NULL;
  return s && s->ahead ? s : NULL;
}

const ritz_halo *ritz_halo_of(const ritz_node *box, bool leaves) {
  const ritz_fetch_state *s = state_of(box);
  return s ? &s->halo[leaves] : NULL;
}

/* Output i sees the positions point[k * step], k = start[i] ... start[i + 1] - 1. */
static ritz_status see(ritz_fetch_state *s, int axis, ritz_index outputs, const ritz_index *start,
                       const ritz_index *point, ritz_index step) {
  ritz_index *touching;
  RITZ_TRY(RITZ_NEW(outputs + 1, &touching));
  for (ritz_index i = 0; i < outputs; i++) {
    bool touches = false;
    for (ritz_index k = start[i]; k < start[i + 1] && !touches; k++)
      touches = s->others[axis][point[k * step] + 1] > s->others[axis][point[k * step]];
    touching[i + 1] = touching[i] + touches;
  }
  s->halo[0].outputs[axis] = outputs;
  s->halo[0].touching[axis] = s->touching[axis] = touching;
  return RITZ_OK;
}

ritz_status ritz_halo_see_window(const ritz_node *box, const ritz_window *window, bool adjoint) {
  ritz_fetch_state *s = state_of(box);
  for (int axis = 0; s && axis < 3; axis++) {
    ritz_sights sights;
    RITZ_TRY(ritz_sights_init(&window->axis[axis], adjoint, &sights));
    const ritz_status status = see(s, axis, sights.rows, sights.start, &sights.entry->point,
                                   sizeof(ritz_sight) / sizeof(ritz_index));
    ritz_sights_release(&sights);
    RITZ_TRY(status);
  }
  return RITZ_OK;
}

ritz_status ritz_halo_see_band(const ritz_node *box, const ritz_band *band) {
  ritz_fetch_state *s = state_of(box);
  return s ? see(s, 2, band->rows, band->start, band->column, 1) : RITZ_OK;
}
