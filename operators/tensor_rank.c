/* SPDX-License-Identifier: BSD-3-Clause
 * Ranks for a share of the dense tensor's entries, as the reference implementation (TensorLy)
 * chooses them. */
#include "operators/tensor_rank.h"

#include <math.h>

#include "core/fail.h"

static double entries(int order, const ritz_index *n) {
  double product = 1;
  for (int i = 0; i < order; i++) product *= (double)n[i];
  return product;
}

static bool is_fixed(const ritz_ints *fixed, int axis) {
  for (int i = 0; i < fixed->count; i++)
    if (fixed->n[i] == axis) return true;
  return false;
}

/* Entries of core and matrices less the wanted ones, for ranks c n: P c^q + S c + F - share P with
 * q free axes, S their squares and F those of the fixed ones (times c, as the reference has it). */
static double tucker_excess(int order, const ritz_index *n, const ritz_ints *fixed, double share,
                            double c) {
  const double all = entries(order, n);
  double core = all, matrices = 0;
  for (int i = 0; i < order; i++) {
    matrices += (double)(n[i] * n[i]) * c;
    if (!is_fixed(fixed, i)) core *= c;
  }
  return core + matrices - share * all;
}

static void tucker_ranks(int order, const ritz_index *n, const ritz_ints *fixed, double share,
                         ritz_index *out) {
  double low = 0, high = share > 1 ? share : 1;
  for (int i = 0; i < 200; i++) {
    const double middle = 0.5 * (low + high);
    if (tucker_excess(order, n, fixed, share, middle) > 0)
      high = middle;
    else
      low = middle;
  }
  for (int i = 0; i < order; i++) {
    out[i] = is_fixed(fixed, i) ? n[i] : (ritz_index)rint(low * (double)n[i]);
    if (out[i] < 1) out[i] = 1;
  }
}

/* Ranks f times the mean m of the extents beside them: A f^2 + B f = share P, the end cores making
 * B and the inner ones A (of two cores one counts as inner). */
static void train_ranks(int order, const ritz_index *n, double share, ritz_index *out) {
  double mean[RITZ_TENSOR_AXES] = {0}, inner = 0;
  for (int i = 0; i + 1 < order; i++) mean[i] = 0.5 * (double)(n[i] + n[i + 1]);
  for (int i = 1; i + 1 < order; i++) inner += mean[i - 1] * (double)n[i] * mean[i];
  if (order == 2) inner = mean[0] * mean[0] * (double)n[0];
  const double ends = (double)n[0] * mean[0] + (double)n[order - 1] * mean[order - 2];
  const double f = (sqrt(ends * ends + 4 * inner * share * entries(order, n)) - ends) / (2 * inner);
  for (int i = 0; i + 1 < order; i++) {
    out[i] = (ritz_index)rint(f * mean[i]);
    if (out[i] < 1) out[i] = 1;
  }
}

static ritz_status cp_rank(int order, const ritz_index *n, double share, ritz_index *out) {
  double per_component = 0;
  for (int i = 0; i < order; i++) per_component += (double)n[i];
  *out = (ritz_index)rint(share * entries(order, n) / per_component);
  RITZ_REQUIRE(*out >= 1, RITZ_ERR_CONFIG, "rank %g leaves no component of a cp factorization",
               share);
  return RITZ_OK;
}

static int rank_count(ritz_factorization kind, int order) {
  return kind == RITZ_CP ? 1 : kind == RITZ_TT ? order - 1 : order;
}

static ritz_status given_ranks(ritz_factorization kind, int order, const ritz_index *n,
                               const ritz_reals *rank, const ritz_ints *fixed, ritz_index *out) {
  const int count = rank_count(kind, order);
  RITZ_REQUIRE(rank->count == 1 || rank->count == count, RITZ_ERR_CONFIG,
               "rank has %d numbers, this factorization of %d axes has %d", rank->count, order,
               count);
  for (int i = 0; i < count; i++) {
    const double r = ritz_reals_at(rank, i, 1);
    RITZ_REQUIRE(r >= 1 && r == floor(r), RITZ_ERR_CONFIG,
                 "rank %g in a list, wanted whole numbers of at least 1", r);
    out[i] = kind == RITZ_TUCKER && is_fixed(fixed, i) ? n[i] : (ritz_index)r;
  }
  return RITZ_OK;
}

ritz_status ritz_tensor_ranks(ritz_factorization kind, int order, const ritz_index *n,
                              const ritz_reals *rank, const ritz_ints *fixed, ritz_index *out) {
  RITZ_REQUIRE(fixed->count == 0 || kind == RITZ_TUCKER, RITZ_ERR_CONFIG,
               "fixed_rank_modes is for the tucker factorization");
  for (int i = 0; i < fixed->count; i++)
    RITZ_REQUIRE(fixed->n[i] < order, RITZ_ERR_CONFIG,
                 "fixed_rank_modes names axis %td, the weight has %d", fixed->n[i], order);
  const double r = rank->v[0];
  if (rank->is_list || (r > 1 && r == floor(r)))
    return given_ranks(kind, order, n, rank, fixed, out);
  switch (kind) {
    case RITZ_CP: return cp_rank(order, n, r, out);
    case RITZ_TT: train_ranks(order, n, r, out); break;
    case RITZ_TUCKER: tucker_ranks(order, n, fixed, r, out); break;
    case RITZ_DENSE: break;
  }
  return RITZ_OK;
}

ritz_index ritz_tensor_numbers(ritz_factorization kind, int order, const ritz_index *n,
                               const ritz_index *rank) {
  ritz_index sum = 0, product = 1;
  for (int i = 0; i < order; i++) {
    switch (kind) {
      case RITZ_TUCKER: sum += n[i] * rank[i], product *= rank[i]; break;
      case RITZ_CP: sum += n[i] * rank[0], product = rank[0]; break;
      case RITZ_TT:
        sum += (i > 0 ? rank[i - 1] : 1) * n[i] * (i + 1 < order ? rank[i] : 1);
        product = 0;
        break;
      case RITZ_DENSE: product *= n[i]; break;
    }
  }
  return sum + product;
}
