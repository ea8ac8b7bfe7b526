/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of a fetch (fetch.c), and the halo that its user meets (fetch_halo.c). */
#ifndef RITZ_GRAPH_FETCH_H
#define RITZ_GRAPH_FETCH_H

#include "dist/transfer.h"
#include "graph/distribute.h"
#include "graph/halo.h"

typedef struct ritz_fetch_attr {
  ritz_reach reach[3];
} ritz_fetch_attr;

/* Points of one part that stand at positions of another part's box, along an axis. */
typedef struct ritz_meeting {
  ritz_index count;
  ritz_index *point, *position; /* both from the beginnings of part and box */
} ritz_meeting;

typedef struct ritz_fetch_state {
  ritz_layout *layout;
  ritz_index field[3], box[3]; /* own extents */
  /* Per axis and part of it: my points in its box, and its points in mine. */
  ritz_meeting *mine[3], *its[3];
  ritz_message *message; /* [ranks] */
  size_t points;         /* bytes of a grid point */
  size_t sent;           /* bytes of all that goes to others forward; what comes lies behind */
  bool zeros;            /* some position stands for nothing */
  ritz_transfer *ahead;  /* of a box whose user meets the halo; NULL: all is waited for here */
  /* Then, along each of three axes, how many of the first i positions of the box, and of the first
   * i outputs of its user, come from other ranks or see what does. */
  ritz_index *others[3], *touching[3];
  ritz_halo halo[2]; /* that comes forward, that goes back */
} ritz_fetch_state;

/** What the halo's user waits for, and what it sends; @p arg is the node. */
void ritz_fetch_arrive(void *arg);
void ritz_fetch_leave(void *arg);

/** Of a box with @p messages, whose lengths are known. */
ritz_status ritz_fetch_plan_halo(ritz_node *node, int messages);
void ritz_fetch_release_halo(ritz_fetch_state *state);

#endif
