/* SPDX-License-Identifier: BSD-3-Clause
 * L D L^T of a band matrix for one PACK, exactly (Golub & Van Loan 2013, Alg. 4.3.5); no include
 * guard. */

/* In place: entry (k, k - o) at band[k][o]; 1 / D in band[k][0]. */
static void OF(band_factor)(const band_order *at, ritz_index step, real *band) {
  const ritz_index width = (at->width + 1) * step;
  for (ritz_index k = 0; k < at->count; k++) {
    real *row = band + k * width;
    PACK pivot = LOAD(row);
    for (ritz_index o = at->width; o >= 1; o--) {
      if (o > k) continue;
      const real *other = row - o * width;
      PACK u = LOAD(row + o * step);
      for (ritz_index c = o + 1; c <= at->width && c <= k; c++)
        if (c - o <= at->width) u -= LOAD(row + c * step) * LOAD(other + (c - o) * step);
      STORE(row + o * step, u); /* of L D; the next loop divides */
    }
    for (ritz_index o = 1; o <= at->width && o <= k; o++) {
      const PACK u = LOAD(row + o * step), ratio = u * LOAD(row - o * width);
      pivot -= u * ratio;
      STORE(row + o * step, ratio);
    }
    STORE(row, 1 / pivot);
  }
}

/* x = A^-1 b by the factor; dot [lanes of the pack] = b . x unless NULL. */
static void OF(band_solve)(const band_order *at, ritz_index step, const real *band, const real *b,
                           real *x, double *dot) {
  const ritz_index width = (at->width + 1) * step;
  for (ritz_index k = 0; k < at->count; k++) {
    PACK sum = LOAD(b + band_place(at, k));
    for (ritz_index o = 1; o <= at->width && o <= k; o++)
      sum -= LOAD(band + k * width + o * step) * LOAD(x + band_place(at, k - o));
    STORE(x + band_place(at, k), sum);
  }
  PACK total = {0};
  for (ritz_index k = at->count - 1; k >= 0; k--) {
    PACK sum = LOAD(x + band_place(at, k)) * LOAD(band + k * width);
    for (ritz_index o = 1; o <= at->width && o < at->count - k; o++)
      sum -= LOAD(band + (k + o) * width + o * step) * LOAD(x + band_place(at, k + o));
    STORE(x + band_place(at, k), sum);
    total += LOAD(b + band_place(at, k)) * sum;
  }
  real sums[sizeof(PACK) / sizeof(real)];
  STORE(sums, total);
  for (size_t t = 0; dot && t < sizeof(PACK) / sizeof(real); t++) dot[t] = (double)sums[t];
}
