/* SPDX-License-Identifier: BSD-3-Clause
 * Entries of the operator on a box for one PACK; no include guard. */

static ALWAYS_INLINE PACK OF(constant)(real value) { return (PACK){0} + value; }

/* Coupling of the point at k with its neighbour in direction (r, c). */
static ALWAYS_INLINE PACK OF(coupling)(const pack_box *v, ritz_index k, int r, int c) {
  const ritz_index u = v->row, s = v->step;
  if (r == 0) return LOAD(v->east + k - (c < 0 ? s : 0));
  if (c == 0) return LOAD(v->south + k - (r < 0 ? u : 0));
  if (r == c) return LOAD(v->southeast + k - (r < 0 ? u + s : 0));
  return LOAD(v->southwest + k - (r < 0 ? u - s : 0));
}
