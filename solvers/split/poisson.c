/* SPDX-License-Identifier: BSD-3-Clause
 * Fast Poisson solver over slabs. Of a mode there is left T u = f with T = tridiag(-c0, d, -c0). A
 * rank's m planes obey
 *
 *   u_i = y_i + v_i b + w_i a,   y = T_m^-1 f,
 *
 * b the last value of the rank below, a the first one of the rank above, and v_1 = w_m, v_m = w_1.
 * With pivots g_i = 1 / (d - c0^2 g_(i-1)), v_1 = c0 g_m and v_m = c0 g_1 ... c0 g_m. First and
 * last y of all ranks meet on the rank that has the mode in its share, which finds all a and b;
 * then every rank solves with these as boundary values. */
#include <ritz/split_solve.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/precond/fast_poisson.h"
#include "solvers/split/slabs.h"

struct ritz_split_poisson {
  ritz_layout *layout;
  ritz_slabs nodes;
  ritz_slabs inner; /* planes of unknowns */
  ritz_index n[3];  /* nodes, of a flat grid n[1] = 1 */
  ritz_index plane; /* nodes of one */
  double c0;
  ritz_fast_poisson *transform;   /* of axes 1 and 2 */
  ritz_index modes, first, share; /* of a plane; of them on this rank where all meet */
  double *inverse;                /* [modes]: of the transforms there and back */
  double *pivot;                  /* [own planes][modes]: c0 g_i */
  double *near, *far;             /* [size][share]: v_1 and v_m of each rank */
  double *u;                      /* [own planes][modes] */
  double *below, *above;          /* [modes]: b, a; before that work space */
  double *ends, *all;             /* [rank][2][its share]; [rank][2][share] */
  double *chain;                  /* [4][size][share] */
  ritz_message *message;          /* [size] */
  void *scratch;
};

static ritz_index planes_of(const ritz_split_poisson *s, int rank) {
  return s->inner.offset[rank + 1] - s->inner.offset[rank];
}

static ritz_index share_of(const ritz_split_poisson *s, int rank, ritz_index *share) {
  ritz_index first;
  ritz_share_of(rank, s->inner.size, s->modes, &first, share);
  return first;
}

/* -- Creation ---------------------------------------------------------------------------------- */

/* g: from c0 times the pivots of a plane to those of the next, [n], of modes with d / c0 = 2 +
 * ratio. */
static void next_pivot(ritz_index n, const double *restrict ratio, double *restrict g) {
  for (ritz_index k = 0; k < n; k++) g[k] = 1 / (2 + ratio[k] - g[k]);
}

/* Pivots of the own planes; v_1 and v_m of each rank for the own share of modes. */
static void fill_pivots(ritz_split_poisson *s, const double *ratio) {
  const ritz_index own = planes_of(s, s->inner.rank);
  ritz_index most = 0;
  for (int r = 0; r < s->inner.size; r++)
    if (planes_of(s, r) > most) most = planes_of(s, r);
  double *const g = s->below, *const product = s->above;
  for (ritz_index k = 0; k < s->modes; k++) g[k] = 0, product[k] = 1;
  for (ritz_index i = 1; i <= most; i++) {
    next_pivot(s->modes, ratio, g);
    for (ritz_index k = 0; k < s->modes; k++) product[k] *= g[k];
    if (i <= own) memcpy(s->pivot + (i - 1) * s->modes, g, (size_t)s->modes * sizeof *g);
    for (int r = 0; r < s->inner.size; r++) {
      if (planes_of(s, r) != i) continue;
      memcpy(s->near + r * s->share, g + s->first, (size_t)s->share * sizeof *g);
      memcpy(s->far + r * s->share, product + s->first, (size_t)s->share * sizeof *g);
    }
  }
}

static ritz_status create_arrays(ritz_split_poisson *s) {
  const ritz_index field = planes_of(s, s->inner.rank) * s->modes, size = s->inner.size;
  RITZ_TRY(RITZ_NEW(s->modes, &s->inverse));
  RITZ_TRY(RITZ_NEW(field, &s->pivot));
  RITZ_TRY(RITZ_NEW(field, &s->u));
  RITZ_TRY(RITZ_NEW(size * s->share, &s->near));
  RITZ_TRY(RITZ_NEW(size * s->share, &s->far));
  RITZ_TRY(RITZ_NEW(s->modes, &s->below));
  RITZ_TRY(RITZ_NEW(s->modes, &s->above));
  RITZ_TRY(RITZ_NEW(2 * s->modes, &s->ends));
  RITZ_TRY(RITZ_NEW(2 * size * s->share, &s->all));
  RITZ_TRY(RITZ_NEW(4 * size * s->share + s->modes, &s->chain)); /* also modes of work space */
  RITZ_TRY(RITZ_NEW(size, &s->message));
  return ritz_calloc((ritz_index)ritz_fast_poisson_scratch(s->transform), 1, &s->scratch);
}

static ritz_status create(ritz_split_poisson *s, const double *h, double sigma) {
  const ritz_layout *layout = s->layout;
  RITZ_REQUIRE(sigma >= 0 && sigma < 1e300, RITZ_ERR_ARGUMENT, "sigma is %g, wanted at least 0",
               sigma);
  RITZ_TRY(ritz_slabs_of_layout(layout, h, &s->nodes));
  RITZ_TRY(ritz_slabs_init(s->nodes.comm, &s->inner));
  const bool flat = layout->dim == 2;
  const int last = layout->dim - 1;
  s->n[0] = layout->grid[0], s->n[1] = flat ? 1 : layout->grid[1], s->n[2] = layout->grid[last];
  s->plane = s->n[1] * s->n[2];
  for (int r = 0; r <= s->nodes.size; r++) {
    const ritz_index at = s->nodes.offset[r];
    s->inner.offset[r] = at < 1 ? 1 : at > s->n[0] - 1 ? s->n[0] - 1 : at;
  }
  const double depth = flat ? 1 : h[1], volume = h[0] * depth * h[last];
  s->c0 = depth * h[last] / h[0];
  /* Across a flat grid a constant is the only mode. */
  const ritz_fast_poisson_problem problem = {
      .n = {flat ? 1 : s->n[1] - 2, s->n[2] - 2},
      .c = {flat ? 1 : h[0] * h[last] / h[1], h[0] * depth / h[last]},
      .shift = volume * sigma,
      .ends = {flat ? RITZ_ENDS_NEUMANN : RITZ_ENDS_DIRICHLET, RITZ_ENDS_DIRICHLET}};
  RITZ_TRY(ritz_fast_poisson_plan(RITZ_FLOAT64, &problem, &s->transform));
  s->modes = ritz_fast_poisson_modes(s->transform);
  s->first = share_of(s, s->inner.rank, &s->share);
  RITZ_TRY(create_arrays(s));
  double *const ratio = s->ends; /* not in use yet */
  ritz_fast_poisson_eigenvalues(s->transform, &problem, ratio, s->inverse);
  for (ritz_index k = 0; k < s->modes; k++) ratio[k] /= s->c0, s->inverse[k] /= s->c0;
  fill_pivots(s, ratio);
  return RITZ_OK;
}

ritz_status ritz_split_poisson_create(ritz_layout *layout, const double *h, double sigma,
                                      ritz_split_poisson **out) {
  ritz_split_poisson *s;
  *out = NULL;
  ritz_status status = RITZ_NEW(1, &s);
  if (status == RITZ_OK) {
    s->layout = ritz_layout_retain(layout);
    status = create(s, h, sigma);
  }
  status = ritz_status_agree(layout->context, status);
  if (status != RITZ_OK) ritz_split_poisson_destroy(&s);
  *out = s;
  return status;
}

void ritz_split_poisson_destroy(ritz_split_poisson **poisson) {
  if (!poisson || !*poisson) return;
  ritz_split_poisson *s = *poisson;
  *poisson = NULL;
  double *const block[] = {s->inverse, s->pivot, s->near, s->far, s->u,
                           s->below,   s->above, s->ends, s->all, s->chain};
  for (size_t i = 0; i < sizeof block / sizeof *block; i++) ritz_free(block[i]);
  ritz_free(s->message);
  ritz_free(s->scratch);
  ritz_fast_poisson_destroy(&s->transform);
  ritz_slabs_clear(&s->inner);
  ritz_slabs_clear(&s->nodes);
  ritz_layout_destroy(&s->layout);
  ritz_free(s);
}

/* -- Own planes -------------------------------------------------------------------------------- */

/* Elimination down the planes, y_i = (f_i + y_(i-1)) g_i in units of c0, for first and last y
 * alone: y_1 is the sum of y_i times the pivots before i. */
static void find_ends(const ritz_split_poisson *s, double *restrict first, double *restrict last,
                      double *restrict product) {
  const ritz_index planes = planes_of(s, s->inner.rank);
  for (ritz_index k = 0; k < s->modes; k++) first[k] = last[k] = 0, product[k] = 1;
  for (ritz_index i = 0; i < planes; i++) {
    const double *restrict f = s->u + i * s->modes, *restrict g = s->pivot + i * s->modes;
    for (ritz_index k = 0; k < s->modes; k++) {
      last[k] = (f[k] + last[k]) * g[k];
      first[k] += product[k] * last[k];
      product[k] *= g[k];
    }
  }
}

/* u = T_m^-1 (f + b e_1 + a e_m). */
static void solve_planes(const ritz_split_poisson *s) {
  const ritz_index planes = planes_of(s, s->inner.rank), n = s->modes;
  for (ritz_index i = 0; i < planes; i++) {
    const double *restrict g = s->pivot + i * n;
    const double *restrict before = i ? s->u + (i - 1) * n : s->below;
    double *restrict u = s->u + i * n;
    for (ritz_index k = 0; k < n; k++) u[k] = (u[k] + before[k]) * g[k];
  }
  for (ritz_index i = planes - 1; i >= 0; i--) {
    const double *restrict g = s->pivot + i * n;
    const double *restrict after = i + 1 < planes ? s->u + (i + 1) * n : s->above;
    double *restrict u = s->u + i * n;
    for (ritz_index k = 0; k < n; k++) u[k] += g[k] * after[k];
  }
}

/* -- Between ranks ----------------------------------------------------------------------------- */

/* ends[rank][2][its share] and all[rank][2][share]: what is this rank's and others' share, what is
 * others' and this rank's share; there, or back. */
static ritz_status exchange(ritz_split_poisson *s, bool back) {
  int count = 0;
  for (int r = 0; r < s->inner.size; r++) {
    ritz_index theirs;
    const ritz_index at = share_of(s, r, &theirs);
    double *const end = s->ends + 2 * at, *const meeting = s->all + 2 * r * s->share;
    const ritz_index bytes = 2 * (ritz_index)sizeof(double);
    const ritz_index mine = planes_of(s, s->inner.rank) > 0 ? theirs * bytes : 0;
    const ritz_index other = planes_of(s, r) > 0 ? s->share * bytes : 0;
    if (r == s->inner.rank)
      memcpy(back ? end : meeting, back ? meeting : end, (size_t)mine);
    else if (mine > 0 || other > 0)
      s->message[count++] = (ritz_message){.rank = r,
                                           .out_bytes = back ? other : mine,
                                           .in_bytes = back ? mine : other,
                                           .out = back ? meeting : end,
                                           .in = back ? end : meeting};
  }
  return ritz_comm_swap(s->inner.comm, count, s->message);
}

/* b and a of all ranks for the own share of modes, in `all` in place of first and last y. A first
 * value is alpha + epsilon times the first one of the next rank, a last one beta + delta times it.
 */
static void solve_chain(ritz_split_poisson *s) {
  const ritz_index n = s->share, step = s->inner.size * n;
  double *const alpha = s->chain, *const epsilon = alpha + step, *const beta = epsilon + step,
                *const delta = beta + step;
  int before = -1;
  for (int r = 0; r < s->inner.size; r++) {
    if (planes_of(s, r) == 0) continue;
    const double *y = s->all + 2 * r * n, *v = s->near + r * n, *w = s->far + r * n;
    for (ritz_index k = 0, at = r * n; k < n; k++, at++) {
      const double b = before < 0 ? 0 : beta[before * n + k];
      const double d = before < 0 ? 0 : delta[before * n + k], pivot = 1 / (1 - v[k] * d);
      alpha[at] = (y[k] + v[k] * b) * pivot;
      epsilon[at] = w[k] * pivot;
      beta[at] = y[n + k] + w[k] * (b + d * alpha[at]);
      delta[at] = v[k] + w[k] * d * epsilon[at];
    }
    before = r;
  }
  /* Backwards: the first value of the rank above, then of this one. */
  double *const above = s->above;
  memset(above, 0, (size_t)n * sizeof *above);
  for (int r = s->inner.size - 1, below; r >= 0; r = below) {
    for (below = r - 1; below >= 0 && planes_of(s, below) == 0;) below--;
    if (planes_of(s, r) == 0) continue;
    double *const out = s->all + 2 * r * n;
    for (ritz_index k = 0, at = r * n; k < n; k++, at++) {
      const double first = alpha[at] + epsilon[at] * above[k];
      out[n + k] = above[k];
      out[k] = below < 0 ? 0 : beta[below * n + k] + delta[below * n + k] * first;
      above[k] = first;
    }
  }
}

/* Parts of two vectors of all modes, one after the other for each share, and back. */
static void pack(const ritz_split_poisson *s, double *first, double *last, bool back) {
  for (int r = 0; r < s->inner.size; r++) {
    ritz_index n;
    const ritz_index at = share_of(s, r, &n);
    double *const to = s->ends + 2 * at;
    memcpy(back ? first + at : to, back ? to : first + at, (size_t)n * sizeof *to);
    memcpy(back ? last + at : to + n, back ? to + n : last + at, (size_t)n * sizeof *to);
  }
}

static ritz_status find_neighbours(ritz_split_poisson *s) {
  const size_t bytes = (size_t)s->modes * sizeof(double);
  memset(s->below, 0, bytes);
  memset(s->above, 0, bytes);
  if (s->inner.size == 1) return RITZ_OK;
  find_ends(s, s->below, s->above, s->chain);
  pack(s, s->below, s->above, false);
  RITZ_TRY(exchange(s, false));
  solve_chain(s);
  RITZ_TRY(exchange(s, true));
  pack(s, s->below, s->above, true);
  return RITZ_OK;
}

/* -- A solve ----------------------------------------------------------------------------------- */

static ritz_status solve(ritz_split_poisson *s, const double *b, double *x) {
  const ritz_index start = ritz_slabs_first(&s->nodes), planes = planes_of(s, s->inner.rank);
  const ritz_index own = s->inner.offset[s->inner.rank] - start;
  const ritz_index corner = s->n[1] > 1 ? s->n[2] + 1 : 1;
  for (ritz_index i = 0; i < planes; i++) {
    double *restrict u = s->u + i * s->modes;
    ritz_fast_poisson_forward(s->transform, b + (own + i) * s->plane + corner, s->n[2], u,
                              s->scratch);
    for (ritz_index k = 0; k < s->modes; k++) u[k] *= s->inverse[k];
  }
  RITZ_TRY(find_neighbours(s));
  solve_planes(s);
  memset(x, 0, (size_t)((ritz_slabs_end(&s->nodes) - start) * s->plane) * sizeof *x);
  for (ritz_index i = 0; i < planes; i++)
    ritz_fast_poisson_backward(s->transform, s->u + i * s->modes, x + (own + i) * s->plane + corner,
                               s->n[2], s->scratch);
  return RITZ_OK;
}

int ritz_split_poisson_solve(void *poisson, const void *b, void *x) {
  return solve(poisson, b, x) != RITZ_OK;
}
