/* SPDX-License-Identifier: BSD-3-Clause
 * Layouts: offsets per axis, and who is where. */
#include "dist/layout.h"

#include "core/fail.h"
#include "core/memory.h"

static ritz_status check_arguments(const ritz_context *context, int dim, const ritz_index *grid,
                                   const int *ranks) {
  RITZ_REQUIRE(dim >= 1 && dim <= 3, RITZ_ERR_ARGUMENT, "a layout of %d grid axes, 1 to 3 expected",
               dim);
  ritz_index all = 1;
  for (int a = 0; a < dim; a++) {
    RITZ_REQUIRE(grid[a] >= 1 && ranks[a] >= 1, RITZ_ERR_ARGUMENT,
                 "grid axis %d has %td points in %d parts, at least 1 of both expected", a, grid[a],
                 ranks[a]);
    all *= ranks[a];
  }
  const int size = ritz_comm_size(context->comm);
  RITZ_REQUIRE(all == size, RITZ_ERR_ARGUMENT, "a layout of %td parts for %d ranks", all, size);
  return RITZ_OK;
}

static ritz_status set_offsets(ritz_layout *layout, int a, const ritz_index *given) {
  const ritz_index n = layout->grid[a], ranks = layout->ranks[a];
  RITZ_TRY(RITZ_NEW(ranks + 1, &layout->offset[a]));
  for (ritz_index r = 0; r <= ranks; r++) {
    const ritz_index left = n % ranks; /* the first parts take what is left */
    layout->offset[a][r] = given ? given[r] : r * (n / ranks) + (r < left ? r : left);
    RITZ_REQUIRE(r == 0 || layout->offset[a][r] >= layout->offset[a][r - 1], RITZ_ERR_SHAPE,
                 "grid axis %d: offset %td is %td, before offset %td, %td", a, r,
                 layout->offset[a][r], r - 1, layout->offset[a][r - 1]);
  }
  RITZ_REQUIRE(layout->offset[a][0] == 0 && layout->offset[a][ranks] == n, RITZ_ERR_SHAPE,
               "grid axis %d: offsets go from %td to %td, wanted 0 to %td", a, layout->offset[a][0],
               layout->offset[a][ranks], n);
  return RITZ_OK;
}

ritz_status ritz_layout_create(ritz_context *context, int dim, const ritz_index *grid,
                               const int *ranks, const ritz_index *const *offsets,
                               ritz_layout **out) {
  ritz_layout *layout;
  ritz_status status;
  *out = NULL;
  RITZ_TRY(check_arguments(context, dim, grid, ranks));
  RITZ_TRY(RITZ_NEW(1, &layout));
  *layout = (ritz_layout){.references = 1, .context = ritz_context_retain(context), .dim = dim};
  for (int a = 0; a < 3; a++) {
    layout->ranks[a] = a < dim ? ranks[a] : 1;
    layout->grid[a] = a < dim ? grid[a] : 1;
  }
  ritz_layout_place_of(layout, ritz_comm_rank(context->comm), layout->place);
  for (int a = 0; a < 3; a++)
    RITZ_TRY_DONE(set_offsets(layout, a, a < dim && offsets ? offsets[a] : NULL));
done:
  if (status != RITZ_OK) ritz_layout_destroy(&layout);
  *out = layout;
  return status;
}

ritz_layout *ritz_layout_retain(ritz_layout *layout) {
  __atomic_add_fetch(&layout->references, 1, __ATOMIC_RELAXED);
  return layout;
}

void ritz_layout_destroy(ritz_layout **layout) {
  if (!layout || !*layout) return;
  ritz_layout *l = *layout;
  *layout = NULL;
  if (__atomic_sub_fetch(&l->references, 1, __ATOMIC_ACQ_REL) > 0) return;
  for (int a = 0; a < 3; a++) ritz_free(l->offset[a]);
  ritz_context_destroy(&l->context);
  ritz_free(l);
}

int ritz_layout_dim(const ritz_layout *layout) { return layout->dim; }
ritz_index ritz_layout_extent(const ritz_layout *layout, int axis) { return layout->grid[axis]; }
int ritz_layout_ranks(const ritz_layout *layout, int axis) { return layout->ranks[axis]; }
const ritz_index *ritz_layout_offsets(const ritz_layout *layout, int axis) {
  return layout->offset[axis];
}

void ritz_layout_part(const ritz_layout *layout, int axis, ritz_index *first, ritz_index *count) {
  const ritz_index *offset = layout->offset[axis] + layout->place[axis];
  *first = offset[0];
  *count = offset[1] - offset[0];
}

int ritz_layout_rank_at(const ritz_layout *layout, const int *place) {
  int rank = 0;
  for (int a = 0; a < layout->dim; a++) rank = rank * layout->ranks[a] + place[a];
  return rank;
}

void ritz_layout_place_of(const ritz_layout *layout, int rank, int place[3]) {
  for (int a = 2; a >= 0; a--) {
    place[a] = rank % layout->ranks[a];
    rank /= layout->ranks[a];
  }
}

ritz_index ritz_layout_points(const ritz_layout *layout, int rank) {
  int place[3];
  ritz_index points = 1;
  ritz_layout_place_of(layout, rank, place);
  for (int a = 0; a < 3; a++)
    points *= layout->offset[a][place[a] + 1] - layout->offset[a][place[a]];
  return points;
}

bool ritz_layout_has_empty(const ritz_layout *layout) {
  for (int a = 0; a < layout->dim; a++)
    for (int r = 0; r < layout->ranks[a]; r++)
      if (layout->offset[a][r] == layout->offset[a][r + 1]) return true;
  return false;
}

bool ritz_layout_same(const ritz_layout *a, const ritz_layout *b) {
  if (a == b) return true;
  bool same = a->dim == b->dim && ritz_layout_comm(a) == ritz_layout_comm(b);
  for (int i = 0; same && i < a->dim; i++) {
    same = a->ranks[i] == b->ranks[i];
    for (int r = 0; same && r <= a->ranks[i]; r++) same = a->offset[i][r] == b->offset[i][r];
  }
  return same;
}

ritz_status ritz_layout_scale(const ritz_layout *layout, const ritz_index *grid,
                              ritz_layout **out) {
  ritz_index *offset[3] = {NULL};
  ritz_status status = RITZ_OK;
  *out = NULL;
  for (int a = 0; a < layout->dim; a++) {
    const ritz_index n = layout->grid[a];
    RITZ_TRY_DONE(RITZ_NEW(layout->ranks[a] + 1, &offset[a]));
    for (int r = 0; r <= layout->ranks[a]; r++)
      offset[a][r] = (layout->offset[a][r] * grid[a] + n - 1) / n;
  }
  RITZ_TRY_DONE(ritz_layout_create(layout->context, layout->dim, grid, layout->ranks,
                                   (const ritz_index *const *)offset, out));
done:
  for (int a = 0; a < 3; a++) ritz_free(offset[a]);
  return status;
}

/* What each rank does alone. */
static ritz_status make_part(ritz_context *context, ritz_context **out) {
  RITZ_TRY(ritz_context_create(&context->options, out));
  (*out)->threads = context->threads;
  (*out)->destroy_comm = ritz_comm_destroy;
  return ritz_comm_make_part(context->comm, &(*out)->comm);
}

ritz_status ritz_context_split(ritz_context *context, int color, ritz_context **out) {
  ritz_status status;
  *out = NULL;
  RITZ_TRY_DONE(ritz_status_agree(context, make_part(context, out)));
  RITZ_TRY_DONE(ritz_comm_split(context->comm, color, (*out)->comm));
  return RITZ_OK;
done:
  ritz_context_destroy(out);
  return status;
}
