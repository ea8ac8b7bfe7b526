/* SPDX-License-Identifier: BSD-3-Clause
 * Nine transforms (vorticity_adjoint.h): u, v, g, w_x, w_y to the grid, four products back. */
#include "solvers/spectral/vorticity_adjoint.h"

#include "core/fail.h"
#include "core/memory.h"

enum { U, V, G, WX, WY, there }; /* on the grid */
enum { UG, VG, GWX, GWY, back }; /* products, in the places of the first four */

struct ritz_vorticity_adjoint {
  const ritz_periodic_box *box;
  ritz_index fields;
  ritz_transform *forth, *home; /* of there and of back fields */
  double *modes;                /* [modes][2][there fields], then [modes][3][back fields] */
  double *grid, *product;       /* [points][there fields], [points][back fields] */
  void *scratch;
};

static ritz_status plan(ritz_vorticity_adjoint *a) {
  const ritz_periodic_box *box = a->box;
  const ritz_index n = a->fields, points = ritz_periodic_box_points(box);
  RITZ_TRY(ritz_periodic_box_transform(box, there * n, &a->forth));
  RITZ_TRY(ritz_periodic_box_transform(box, back * n, &a->home));
  RITZ_TRY(RITZ_NEW(box->modes * 3 * there * n, &a->modes));
  RITZ_TRY(RITZ_NEW(points * there * n, &a->grid));
  RITZ_TRY(RITZ_NEW(points * back * n, &a->product));
  const size_t s = ritz_transform_scratch(a->forth), t = ritz_transform_scratch(a->home);
  return ritz_calloc((ritz_index)(s > t ? s : t), 1, &a->scratch);
}

ritz_status ritz_vorticity_adjoint_create(const ritz_periodic_box *box, ritz_index fields,
                                          ritz_vorticity_adjoint **out) {
  *out = NULL;
  RITZ_REQUIRE(box->dim == 2, RITZ_ERR_ARGUMENT, "the vorticity equation has 2 axes, not %d",
               box->dim);
  ritz_vorticity_adjoint *a;
  RITZ_TRY(RITZ_NEW(1, &a));
  a->box = box;
  a->fields = fields;
  const ritz_status status = plan(a);
  if (status != RITZ_OK) ritz_vorticity_adjoint_destroy(&a);
  *out = a;
  return status;
}

void ritz_vorticity_adjoint_destroy(ritz_vorticity_adjoint **adjoint) {
  if (!adjoint || !*adjoint) return;
  ritz_vorticity_adjoint *a = *adjoint;
  ritz_transform_destroy(&a->forth);
  ritz_transform_destroy(&a->home);
  ritz_free(a->modes);
  ritz_free(a->grid);
  ritz_free(a->product);
  ritz_free(a->scratch);
  ritz_free(a);
  *adjoint = NULL;
}

static void spread(ritz_vorticity_adjoint *a, const double *w, const double *g) {
  const ritz_periodic_box *box = a->box;
  const ritz_index n = a->fields;
  for (ritz_index m = 0; m < box->modes; m++) {
    const double kx = box->k[0][m], ky = box->k[1][m];
    const double inverse = box->square[m] > 0 ? 1 / box->square[m] : 0;
    const double *re = w + 2 * m * n, *im = re + n, *g_re = g + 2 * m * n, *g_im = g_re + n;
    double *to_re = a->modes + 2 * m * there * n, *to_im = to_re + there * n;
    for (ritz_index c = 0; c < n; c++) {
      to_re[U * n + c] = -ky * inverse * im[c];
      to_im[U * n + c] = ky * inverse * re[c];
      to_re[V * n + c] = kx * inverse * im[c];
      to_im[V * n + c] = -kx * inverse * re[c];
      to_re[G * n + c] = g_re[c];
      to_im[G * n + c] = g_im[c];
      to_re[WX * n + c] = -kx * im[c];
      to_im[WX * n + c] = kx * re[c];
      to_re[WY * n + c] = -ky * im[c];
      to_im[WY * n + c] = ky * re[c];
    }
  }
}

static void multiply(ritz_vorticity_adjoint *a) {
  const ritz_index n = a->fields, points = ritz_periodic_box_points(a->box);
  for (ritz_index p = 0; p < points; p++) {
    const double *from = a->grid + p * there * n;
    double *to = a->product + p * back * n;
    for (ritz_index c = 0; c < n; c++) {
      const double g = from[G * n + c];
      to[UG * n + c] = g * from[U * n + c];
      to[VG * n + c] = g * from[V * n + c];
      to[GWX * n + c] = g * from[WX * n + c];
      to[GWY * n + c] = g * from[WY * n + c];
    }
  }
}

void ritz_vorticity_adjoint_apply(ritz_vorticity_adjoint *a, const double *w, const double *g,
                                  double *out) {
  const ritz_periodic_box *box = a->box;
  const ritz_index n = a->fields;
  spread(a, w, g);
  ritz_transform_from_modes(a->forth, false, false, a->modes, a->grid, a->scratch);
  multiply(a);
  ritz_transform_to_modes(a->home, false, false, a->product, a->modes, a->scratch);
  for (ritz_index m = 0; m < box->modes; m++) {
    const double kx = box->k[0][m], ky = box->k[1][m];
    const double inverse = box->square[m] > 0 ? 1 / box->square[m] : 0;
    const double *re = a->modes + (3 * m + 1) * back * n, *im = re + back * n;
    double *to_re = out + 2 * m * n, *to_im = to_re + n;
    for (ritz_index c = 0; c < n; c++) {
      /* i k . (u g) + (i ky (g w_x) - i kx (g w_y)) / |k|^2 */
      const double x_re = re[UG * n + c] - inverse * re[GWY * n + c];
      const double x_im = im[UG * n + c] - inverse * im[GWY * n + c];
      const double y_re = re[VG * n + c] + inverse * re[GWX * n + c];
      const double y_im = im[VG * n + c] + inverse * im[GWX * n + c];
      to_re[c] = -kx * x_im - ky * y_im;
      to_im[c] = kx * x_re + ky * y_re;
    }
  }
}
