/* SPDX-License-Identifier: BSD-3-Clause
 * Edges of strips for one PACK; no include guard. */

/* Columns 0 and n1 + 1 of the row whose column 0 is at x, from columns n1 and 1 of the lanes
 * beside; at the ends they are boundary. Lane l - 1 of a column is the number in front of lane l,
 * so that this is a load one number off. */
static ALWAYS_INLINE void OF(exchange)(const pack_box *v, real *x) {
  if (!v->strips) return;
  const ritz_index s = v->step;
  real *const end = x + (v->n1 + 1) * s;
  STORE(x, LOAD(x + v->n1 * s - 1));
  x[0] = 0;
  STORE(end, LOAD(x + s + 1));
  end[s - 1] = 0;
}
