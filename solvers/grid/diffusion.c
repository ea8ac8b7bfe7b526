/* SPDX-License-Identifier: BSD-3-Clause
 * Face weights and the five-point operator. */
#include "solvers/grid/diffusion.h"

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/kernels.h"

struct ritz_diffusion {
  const ritz_kernels *kernels;
  ritz_index n0, n1;
  double c0, c1; /* h1/h0, h0/h1 */
  double *w0;    /* [n0 - 1, n1]: weight between (i, j) and (i+1, j) */
  double *w1;    /* [n0, n1]: between (i, j) and (i, j+1); the last column is not used */
};

ritz_status ritz_diffusion_create(ritz_index n0, ritz_index n1, double h0, double h1,
                                  ritz_diffusion **out) {
  *out = NULL;
  RITZ_REQUIRE(n0 >= 3 && n1 >= 3, RITZ_ERR_ARGUMENT,
               "grid is [%td, %td] nodes, wanted at least 3 per axis", n0, n1);
  RITZ_REQUIRE(h0 > 0 && h1 > 0, RITZ_ERR_ARGUMENT, "spacing is %g, %g, wanted positive numbers",
               h0, h1);
  ritz_status status;
  ritz_diffusion *d;
  RITZ_TRY(RITZ_NEW(1, &d));
  *d = (ritz_diffusion){
      .kernels = ritz_kernels_get(RITZ_FLOAT64), .n0 = n0, .n1 = n1, .c0 = h1 / h0, .c1 = h0 / h1};
  RITZ_TRY_DONE(RITZ_NEW((n0 - 1) * n1, &d->w0));
  RITZ_TRY_DONE(RITZ_NEW(n0 * n1, &d->w1));
  *out = d;
  return RITZ_OK;
done:
  ritz_diffusion_destroy(&d);
  return status;
}

void ritz_diffusion_destroy(ritz_diffusion **diffusion) {
  if (!diffusion || !*diffusion) return;
  ritz_free((*diffusion)->w0);
  ritz_free((*diffusion)->w1);
  ritz_free(*diffusion);
  *diffusion = NULL;
}

/* w[i] = c mean(a[i], a[i + step]). */
static void face_weights(ritz_index count, ritz_index step, double c, ritz_face_mean mean,
                         const double *restrict a, double *restrict w) {
  const double *restrict b = a + step;
  if (mean == RITZ_FACE_ARITHMETIC)
    for (ritz_index i = 0; i < count; i++) w[i] = 0.5 * c * (a[i] + b[i]);
  else
    for (ritz_index i = 0; i < count; i++) w[i] = 2 * c / (1 / a[i] + 1 / b[i]);
}

void ritz_diffusion_set(ritz_diffusion *diffusion, const double *a, ritz_face_mean mean) {
  const ritz_diffusion *d = diffusion;
  face_weights((d->n0 - 1) * d->n1, d->n1, d->c0, mean, a, d->w0);
  for (ritz_index i = 0; i < d->n0; i++)
    face_weights(d->n1 - 1, 1, d->c1, mean, a + i * d->n1, d->w1 + i * d->n1);
}

void ritz_diffusion_apply(void *diffusion, const double *x, double *y) {
  const ritz_diffusion *d = diffusion;
  d->kernels->diffusion_apply(d->n0, d->n1, d->w0, d->w1, x, y);
}

void ritz_diffusion_diagonal(const ritz_diffusion *diffusion, double *diagonal) {
  const ritz_diffusion *d = diffusion;
  for (ritz_index k = 0; k < d->n0 * d->n1; k++) diagonal[k] = 1;
  for (ritz_index i = 1; i < d->n0 - 1; i++)
    for (ritz_index j = 1; j < d->n1 - 1; j++) {
      const ritz_index k = i * d->n1 + j;
      diagonal[k] = d->w0[k - d->n1] + d->w0[k] + d->w1[k - 1] + d->w1[k];
    }
}
