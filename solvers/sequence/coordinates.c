/* SPDX-License-Identifier: BSD-3-Clause
 * Low cosine coefficients of fields, the most telling of them, and Hilbert's curve. */
#include "solvers/sequence/coordinates.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

static const double pi = 3.14159265358979323846;

/* Coefficients along the last axis: [rows][n] to [rows][modes], summing in the order of nodes. */
static void transform(ritz_index rows, ritz_index n, int modes, const double *x, double *y) {
  for (ritz_index r = 0; r < rows; r++)
    for (int k = 0; k < modes; k++) {
      double sum = 0;
      for (ritz_index i = 0; i < n; i++)
        sum += x[r * n + i] * cos(pi * k * ((double)i + 0.5) / (double)n);
      y[r * modes + k] = sum * (k == 0 ? 1 : sqrt(2)) / sqrt((double)n);
    }
}

/* [rows][columns] to [columns][rows] */
static void turn(ritz_index rows, ritz_index columns, const double *x, double *y) {
  for (ritz_index r = 0; r < rows; r++)
    for (ritz_index c = 0; c < columns; c++) y[c * rows + r] = x[r * columns + c];
}

/* Axis by axis, each turned to the front when done: the coefficients come in the order of axes. */
static ritz_index low_modes(int dim, const ritz_index *nodes, int modes, const double *field,
                            double *work, double *out) {
  ritz_index count = 1;
  for (int a = 0; a < dim; a++) count *= nodes[a];
  memcpy(out, field, (size_t)count * sizeof *out);
  for (int a = dim - 1; a >= 0; a--) {
    const ritz_index n = nodes[a], rows = count / n;
    const int kept = modes < n ? modes : (int)n;
    transform(rows, n, kept, out, work);
    turn(rows, kept, work, out);
    count = rows * kept;
  }
  return count;
}

/* The positions of greatest variance in [count][length], most varying first. */
static int choose(ritz_index count, ritz_index length, const double *all,
                  ritz_index best[RITZ_COORDINATES]) {
  double most[RITZ_COORDINATES];
  int used = 0;
  for (ritz_index p = 0; p < length; p++) {
    double mean = 0, variance = 0;
    for (ritz_index s = 0; s < count; s++) mean += all[s * length + p] / (double)count;
    for (ritz_index s = 0; s < count; s++) variance += pow(all[s * length + p] - mean, 2);
    int at = used < RITZ_COORDINATES ? used++ : RITZ_COORDINATES;
    for (; at > 0 && variance > most[at - 1]; at--)
      if (at < RITZ_COORDINATES) most[at] = most[at - 1], best[at] = best[at - 1];
    if (at < RITZ_COORDINATES) most[at] = variance, best[at] = p;
  }
  return used;
}

ritz_status ritz_sequence_coordinates(ritz_index count, int dim, const ritz_index *nodes, int modes,
                                      const double *fields, int *used, double **out) {
  *out = NULL;
  ritz_status status;
  ritz_index numbers = 1, length = 0, best[RITZ_COORDINATES];
  double *work = NULL, *one = NULL, *all = NULL;
  for (int a = 0; a < dim; a++) numbers *= nodes[a];
  RITZ_TRY_DONE(RITZ_NEW(numbers, &work));
  RITZ_TRY_DONE(RITZ_NEW(numbers, &one));
  length = modes ? low_modes(dim, nodes, modes, fields, work, one) : numbers;
  RITZ_TRY_DONE(RITZ_NEW(count * length, &all));
  for (ritz_index s = 0; s < count; s++) {
    if (modes) low_modes(dim, nodes, modes, fields + s * numbers, work, one);
    memcpy(all + s * length, modes ? one : fields + s * numbers, (size_t)length * sizeof *all);
  }
  *used = choose(count, length, all, best);
  RITZ_TRY_DONE(RITZ_NEW(count * *used, out));
  for (ritz_index s = 0; s < count; s++)
    for (int d = 0; d < *used; d++) (*out)[s * *used + d] = all[s * length + best[d]];
done:
  ritz_free(work);
  ritz_free(one);
  ritz_free(all);
  return status;
}

/* Skilling 2004: axes to the transposed index by undoing rotations from the highest bit, then Gray
 * code; its bits interleaved are the place. */
uint64_t ritz_hilbert_place(int dim, const uint32_t *point) {
  uint32_t x[RITZ_COORDINATES], t = 0;
  memcpy(x, point, (size_t)dim * sizeof *x);
  for (uint32_t q = 1u << (RITZ_CURVE_BITS - 1); q > 1; q >>= 1)
    for (int i = 0; i < dim; i++) {
      if (x[i] & q) {
        x[0] ^= q - 1;
      } else {
        const uint32_t swap = (x[0] ^ x[i]) & (q - 1);
        x[0] ^= swap;
        x[i] ^= swap;
      }
    }
  for (int i = 1; i < dim; i++) x[i] ^= x[i - 1];
  for (uint32_t q = 1u << (RITZ_CURVE_BITS - 1); q > 1; q >>= 1)
    if (x[dim - 1] & q) t ^= q - 1;
  uint64_t place = 0;
  for (int bit = RITZ_CURVE_BITS - 1; bit >= 0; bit--)
    for (int i = 0; i < dim; i++) place = place << 1 | ((x[i] ^ t) >> bit & 1);
  return place;
}
