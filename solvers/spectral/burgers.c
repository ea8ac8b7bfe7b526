/* SPDX-License-Identifier: BSD-3-Clause
 * Burgers' transport, one transform there and one back (burgers.h). */
#include "solvers/spectral/burgers.h"

#include "core/fail.h"
#include "core/memory.h"

struct ritz_burgers {
  const ritz_periodic_box *box;
  ritz_index fields;
  ritz_transform *transform;
  double *field; /* [nodes][fields] */
  double *modes; /* [modes][3][fields] */
  void *scratch;
};

static ritz_status plan(ritz_burgers *b) {
  const ritz_periodic_box *box = b->box;
  RITZ_TRY(ritz_periodic_box_transform(box, b->fields, &b->transform));
  RITZ_TRY(RITZ_NEW(box->nodes[0] * b->fields, &b->field));
  RITZ_TRY(RITZ_NEW(box->modes * 3 * b->fields, &b->modes));
  return ritz_calloc((ritz_index)ritz_transform_scratch(b->transform), 1, &b->scratch);
}

ritz_status ritz_burgers_create(const ritz_periodic_box *box, ritz_index fields,
                                ritz_burgers **out) {
  *out = NULL;
  RITZ_REQUIRE(box->dim == 1, RITZ_ERR_ARGUMENT, "Burgers' equation has 1 axis, not %d", box->dim);
  ritz_burgers *b;
  RITZ_TRY(RITZ_NEW(1, &b));
  b->box = box;
  b->fields = fields;
  const ritz_status status = plan(b);
  if (status != RITZ_OK) ritz_burgers_destroy(&b);
  *out = b;
  return status;
}

void ritz_burgers_destroy(ritz_burgers **burgers) {
  if (!burgers || !*burgers) return;
  ritz_transform_destroy(&(*burgers)->transform);
  ritz_free((*burgers)->field);
  ritz_free((*burgers)->modes);
  ritz_free((*burgers)->scratch);
  ritz_free(*burgers);
  *burgers = NULL;
}

void ritz_burgers_field(ritz_burgers *b, const double *u, double *field) {
  ritz_transform_from_modes(b->transform, false, false, u, field, b->scratch);
}

void ritz_burgers_transport(void *user, const double *u, double *f) {
  ritz_burgers *b = user;
  const ritz_index count = b->box->nodes[0] * b->fields, width = b->fields;
  ritz_burgers_field(b, u, b->field);
  for (ritz_index i = 0; i < count; i++) b->field[i] *= 0.5 * b->field[i];
  ritz_transform_to_modes(b->transform, false, false, b->field, b->modes, b->scratch);
  for (ritz_index m = 0; m < b->box->modes; m++) {
    const double k = b->box->k[0][m];
    const double *re = b->modes + (3 * m + 1) * width, *im = re + width;
    for (ritz_index c = 0; c < width; c++) { /* f = -i k (u^2 / 2) */
      f[2 * m * width + c] = k * im[c];
      f[(2 * m + 1) * width + c] = -k * re[c];
    }
  }
}
