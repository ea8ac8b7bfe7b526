/* SPDX-License-Identifier: BSD-3-Clause */
#include "solvers/eigen/block.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/gemm.h"

enum { PANEL = 64 };

struct ritz_block {
  ritz_index n, m, ld;
  ritz_gemm gram, gram_tail, multiply, multiply_tail;
  double *panel; /* [PANEL][ld] */
};

ritz_index ritz_block_ld(ritz_index m) { return ritz_padded(m, sizeof(double)); }

ritz_status ritz_block_create(ritz_index n, ritz_index m, ritz_block **out) {
  ritz_block *b;
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, &b));
  const ritz_index ld = ritz_block_ld(m), tail = n % PANEL;
  *b = (ritz_block){.n = n, .m = m, .ld = ld};
  b->gram = ritz_gemm_plan(RITZ_FLOAT64, true, true, m, ld, PANEL, ld, ld, ld);
  b->gram_tail = ritz_gemm_plan(RITZ_FLOAT64, true, true, m, ld, tail, ld, ld, ld);
  b->multiply = ritz_gemm_plan(RITZ_FLOAT64, false, false, PANEL, ld, m, ld, ld, ld);
  b->multiply_tail = ritz_gemm_plan(RITZ_FLOAT64, false, false, tail, ld, m, ld, ld, ld);
  const ritz_status status = RITZ_NEW(PANEL * ld, &b->panel);
  if (status != RITZ_OK) ritz_block_destroy(&b);
  *out = b;
  return status;
}

void ritz_block_destroy(ritz_block **block) {
  if (!block || !*block) return;
  ritz_free((*block)->panel);
  ritz_free(*block);
  *block = NULL;
}

void ritz_block_gram(const ritz_block *b, const double *x, const double *y, double *g) {
  const ritz_index whole = b->n / PANEL * PANEL;
  memset(g, 0, (size_t)(b->m * b->ld) * sizeof *g);
  for (ritz_index i = 0; i < whole; i += PANEL)
    ritz_gemm_run(&b->gram, x + i * b->ld, y + i * b->ld, g);
  if (whole < b->n) ritz_gemm_run(&b->gram_tail, x + whole * b->ld, y + whole * b->ld, g);
}

void ritz_block_multiply(ritz_block *b, double *x, const double *t) {
  for (ritz_index i = 0; i < b->n; i += PANEL) {
    const ritz_index rows = b->n - i < PANEL ? b->n - i : PANEL;
    ritz_gemm_run(rows < PANEL ? &b->multiply_tail : &b->multiply, x + i * b->ld, t, b->panel);
    memcpy(x + i * b->ld, b->panel, (size_t)(rows * b->ld) * sizeof *x);
  }
}

/* Orthonormal columns ------------------------------------------------------------------------- */

/* Largest sum of |entries| off the diagonal of a row, after scaling to a unit diagonal; length [m]
 * in the diagonal of t. Infinite: a column has no length. */
static double scale(const ritz_block *b, double *g, double *t) {
  double largest = 0;
  memset(t, 0, (size_t)(b->m * b->ld) * sizeof *t);
  for (ritz_index i = 0; i < b->m; i++) {
    const double square = g[i * b->ld + i];
    if (!(square > 0) || !isfinite(square)) return INFINITY;
    t[i * b->ld + i] = 1 / sqrt(square);
  }
  for (ritz_index i = 0; i < b->m; i++) {
    double sum = 0;
    for (ritz_index j = 0; j < b->m; j++) {
      g[i * b->ld + j] *= t[i * b->ld + i] * t[j * b->ld + j];
      if (j != i) sum += fabs(g[i * b->ld + j]);
    }
    largest = sum <= largest ? largest : sum; /* NaN shows */
  }
  return largest;
}

/* g + shift = R^T R in the upper triangle. @return  false: a pivot is lost in rounding. */
static bool factor(const ritz_block *b, double shift, double *g) {
  const ritz_index m = b->m, ld = b->ld;
  for (ritz_index k = 0; k < m; k++) {
    double *row = g + k * ld;
    row[k] += shift;
    for (ritz_index i = 0; i < k; i++) {
      const double *above = g + i * ld, factor = above[k];
      for (ritz_index j = k; j < m; j++) row[j] -= factor * above[j];
    }
    if (!(row[k] > 10 * (double)m * DBL_EPSILON)) return false;
    const double root = sqrt(row[k]);
    for (ritz_index j = k; j < m; j++) row[j] /= root;
  }
  return true;
}

/* t = t R^-1 for t diagonal, each row by substitution. */
static void divide(const ritz_block *b, const double *r, double *t) {
  const ritz_index m = b->m, ld = b->ld;
  for (ritz_index i = 0; i < m; i++)
    for (ritz_index k = i; k < m; k++) {
      double *row = t + i * ld;
      row[k] /= r[k * ld + k];
      for (ritz_index j = k + 1; j < m; j++) row[j] -= row[k] * r[k * ld + j];
    }
}

bool ritz_block_orthonormalize(ritz_block *b, double *x, double *g, double *t) {
  for (int pass = 0; pass < 6; pass++) {
    ritz_block_gram(b, x, x, g);
    const double off = scale(b, g, t);
    if (!isfinite(off)) return false;
    bool shifted = false;
    if (!factor(b, 0, g)) {
      shifted = true;
      ritz_block_gram(b, x, x, g);
      scale(b, g, t);
      if (!factor(b, 100 * (double)b->m * DBL_EPSILON, g)) return false;
    }
    divide(b, g, t);
    ritz_block_multiply(b, x, t);
    /* Below 1/2 the condition of the columns is below 2: one pass leaves rounding alone. */
    if (!shifted && off < 0.5) return true;
  }
  return false;
}
