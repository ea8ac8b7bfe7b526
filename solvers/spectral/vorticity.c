/* SPDX-License-Identifier: BSD-3-Clause
 * Transport of vorticity with four transforms instead of five (vorticity.h): Basdevant 1983,
 * doi:10.1016/0021-9991(83)90064-5,
 *
 *   u . grad w = (d_xx - d_yy) (u v) + d_xy (v^2 - u^2). */
#include "solvers/spectral/vorticity.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

struct ritz_vorticity {
  const ritz_periodic_box *box;
  ritz_index fields;
  double *forcing;      /* [modes][2] or NULL */
  ritz_transform *pair; /* of 2 fields */
  ritz_transform *one;  /* of the vorticity itself */
  double *velocity;     /* [modes][2][2 fields]: u of all fields, then v */
  double *grid;         /* [n0][n1][2 fields]: u and v, then u v and v^2 - u^2 */
  double *product;      /* [modes][3][2 fields] */
  void *scratch;
};

static ritz_status plan(ritz_vorticity *s, const double *forcing) {
  const ritz_periodic_box *box = s->box;
  RITZ_TRY(ritz_periodic_box_transform(box, 2 * s->fields, &s->pair));
  RITZ_TRY(ritz_periodic_box_transform(box, s->fields, &s->one));
  RITZ_TRY(RITZ_NEW(box->modes * 4 * s->fields, &s->velocity));
  RITZ_TRY(RITZ_NEW(ritz_periodic_box_points(box) * 2 * s->fields, &s->grid));
  RITZ_TRY(RITZ_NEW(box->modes * 6 * s->fields, &s->product));
  const size_t a = ritz_transform_scratch(s->pair), b = ritz_transform_scratch(s->one);
  RITZ_TRY(ritz_calloc((ritz_index)(a > b ? a : b), 1, &s->scratch));
  if (!forcing) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(2 * box->modes, &s->forcing));
  memcpy(s->forcing, forcing, 2 * (size_t)box->modes * sizeof *forcing);
  return RITZ_OK;
}

ritz_status ritz_vorticity_create(const ritz_periodic_box *box, ritz_index fields,
                                  const double *forcing, ritz_vorticity **out) {
  *out = NULL;
  RITZ_REQUIRE(box->dim == 2, RITZ_ERR_ARGUMENT, "the vorticity equation has 2 axes, not %d",
               box->dim);
  ritz_vorticity *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  s->box = box;
  s->fields = fields;
  const ritz_status status = plan(s, forcing);
  if (status != RITZ_OK) ritz_vorticity_destroy(&s);
  *out = s;
  return status;
}

void ritz_vorticity_destroy(ritz_vorticity **vorticity) {
  if (!vorticity || !*vorticity) return;
  ritz_vorticity *s = *vorticity;
  ritz_transform_destroy(&s->pair);
  ritz_transform_destroy(&s->one);
  ritz_free(s->forcing);
  ritz_free(s->velocity);
  ritz_free(s->grid);
  ritz_free(s->product);
  ritz_free(s->scratch);
  ritz_free(s);
  *vorticity = NULL;
}

void ritz_vorticity_field(ritz_vorticity *s, const double *w, double *field) {
  ritz_transform_from_modes(s->one, false, false, w, field, s->scratch);
}

/* u = i k_y w / |k|^2, v = -i k_x w / |k|^2. */
static void velocity(ritz_vorticity *s, const double *w) {
  const ritz_periodic_box *box = s->box;
  const ritz_index n = s->fields;
  for (ritz_index m = 0; m < box->modes; m++) {
    const double inverse = box->square[m] > 0 ? 1 / box->square[m] : 0;
    const double a = box->k[0][m] * inverse, b = box->k[1][m] * inverse;
    const double *re = w + 2 * m * n, *im = re + n;
    double *to_re = s->velocity + 4 * m * n, *to_im = to_re + 2 * n;
    for (ritz_index c = 0; c < n; c++) {
      to_re[c] = -b * im[c];
      to_im[c] = b * re[c];
      to_re[n + c] = a * im[c];
      to_im[n + c] = -a * re[c];
    }
  }
}

static void multiply(ritz_vorticity *s) {
  const ritz_index n = s->fields, points = ritz_periodic_box_points(s->box);
  for (ritz_index p = 0; p < points; p++) {
    double *u = s->grid + 2 * p * n, *v = u + n;
    for (ritz_index c = 0; c < n; c++) {
      const double uv = u[c] * v[c], difference = (v[c] - u[c]) * (v[c] + u[c]);
      u[c] = uv;
      v[c] = difference;
    }
  }
}

void ritz_vorticity_transport(void *user, const double *w, double *f) {
  ritz_vorticity *s = user;
  const ritz_periodic_box *box = s->box;
  const ritz_index n = s->fields;
  velocity(s, w);
  ritz_transform_from_modes(s->pair, false, false, s->velocity, s->grid, s->scratch);
  multiply(s);
  ritz_transform_to_modes(s->pair, false, false, s->grid, s->product, s->scratch);
  for (ritz_index m = 0; m < box->modes; m++) {
    const double kx = box->k[0][m], ky = box->k[1][m], a = (kx - ky) * (kx + ky), b = kx * ky;
    const double *p = s->product + (6 * m + 2) * n; /* [re, im][u v, v^2 - u^2] */
    for (int part = 0; part < 2; part++, p += 2 * n) {
      const double added = s->forcing ? s->forcing[2 * m + part] : 0;
      double *to = f + (2 * m + part) * n;
      for (ritz_index c = 0; c < n; c++) to[c] = a * p[c] + b * p[n + c] + added;
    }
  }
}

void ritz_vorticity_energy(const ritz_vorticity *s, const double *w, ritz_index field,
                           double *energy, double *enstrophy) {
  const ritz_periodic_box *box = s->box;
  *energy = *enstrophy = 0;
  for (ritz_index m = 0; m < box->modes; m++) {
    const double re = w[2 * m * s->fields + field], im = w[(2 * m + 1) * s->fields + field];
    const double half = 0.5 * ritz_periodic_box_weight(box, m) * (re * re + im * im);
    *enstrophy += half;
    if (box->square[m] > 0) *energy += half / box->square[m];
  }
}
