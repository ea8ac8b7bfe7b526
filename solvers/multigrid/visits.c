/* SPDX-License-Identifier: BSD-3-Clause
 * V-, W- and F-cycles (Trottenberg, Oosterlee & Schueller 2001, Sec. 2.4), and the way up to a
 * first guess. */
#include "solvers/multigrid/visits.h"

void ritz_visit(const ritz_visits *visits, void *hierarchy, int levels, int l, ritz_cycle cycle,
                bool guess, const void *b, void *x, double *dot) {
  if (l + 1 == levels) {
    visits->bottom(hierarchy, b, x, dot);
    return;
  }
  void *coarse_b, *coarse_x;
  const bool last = l + 2 == levels; /* the next one is visited once */
  visits->fields(hierarchy, l + 1, &coarse_b, &coarse_x);
  visits->descend(hierarchy, l, guess, b, x);
  ritz_visit(visits, hierarchy, levels, l + 1, cycle, false, coarse_b, coarse_x, NULL);
  if (cycle != RITZ_CYCLE_V && !last)
    ritz_visit(visits, hierarchy, levels, l + 1, cycle == RITZ_CYCLE_F ? RITZ_CYCLE_V : cycle, true,
               coarse_b, coarse_x, NULL);
  visits->ascend(hierarchy, l, guess, b, x, dot);
}

void ritz_visit_start(const ritz_visits *visits, void *hierarchy, int levels, ritz_cycle cycle,
                      void *b, void *x) {
  void *here_b = b, *here_x = x;
  for (int l = 0; l + 1 < levels; l++) {
    visits->restricts(hierarchy, l, here_b);
    visits->fields(hierarchy, l + 1, &here_b, &here_x);
  }
  if (visits->bottom_start)
    visits->bottom_start(hierarchy, here_b, here_x);
  else
    visits->bottom(hierarchy, here_b, here_x, NULL);
  for (int l = levels - 2; l >= 0; l--) {
    here_b = b, here_x = x;
    if (l > 0) visits->fields(hierarchy, l, &here_b, &here_x);
    visits->prolong(hierarchy, l, here_x);
    if (l > 0) ritz_visit(visits, hierarchy, levels, l, cycle, true, here_b, here_x, NULL);
  }
}
