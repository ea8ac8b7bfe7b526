/* SPDX-License-Identifier: BSD-3-Clause
 * Random fields on a periodic box, mode by mode (periodic_gaussian.h). */
#include "solvers/fields/periodic_gaussian.h"

#include <math.h>
#include <ritz/random.h>

void ritz_periodic_gaussian_variance(const ritz_periodic_box *box, double scale, double tau,
                                     double alpha, double *variance) {
  for (ritz_index m = 0; m < box->modes; m++)
    variance[m] = box->square[m] > 0 ? scale * pow(box->square[m] + tau * tau, -alpha) : 0;
}

/* Number of a mode among those of the half plane q1 > 0, or q1 = 0 < q0: shell s has 4 s of them,
 * first (s, 0), then the rows q1 = 1 ... s-1 at q0 = -s and s, then q1 = s from q0 = -s to s. */
static uint64_t number_in_plane(ritz_index q0, ritz_index q1) {
  const ritz_index a = q0 < 0 ? -q0 : q0, s = a > q1 ? a : q1;
  const ritz_index before = 2 * s * (s - 1);
  if (q1 == 0) return (uint64_t)before;
  if (q1 < s) return (uint64_t)(before + 1 + 2 * (q1 - 1) + (q0 > 0));
  return (uint64_t)(before + 1 + 2 * (s - 1) + q0 + s);
}

void ritz_periodic_gaussian_sample(const ritz_periodic_box *box, const double *variance,
                                   uint64_t seed, uint32_t sample, ritz_index fields,
                                   ritz_index field, double *spectrum) {
  const ritz_random stream = {.seed = seed, .purpose = RITZ_RANDOM_FIELD, .sample = sample};
  for (ritz_index m = 0; m < box->modes; m++) {
    double *re = spectrum + 2 * m * fields + field, *im = re + fields;
    const ritz_index q0 = box->q[0][m], q1 = box->q[1][m];
    *re = *im = 0;
    if (q0 == 0 && q1 == 0) continue;
    /* Where both of a conjugate pair are stored, the second is the conjugate of the first. */
    const bool mirrored = box->dim == 2 && q1 == 0 && q0 < 0;
    const uint64_t number =
        box->dim == 1 ? (uint64_t)(q0 - 1) : number_in_plane(mirrored ? -q0 : q0, q1);
    double xi[2];
    ritz_random_normals(stream, 2 * number, 2, xi);
    const double amplitude = sqrt(0.5 * variance[m]);
    *re = amplitude * xi[0];
    *im = mirrored ? -amplitude * xi[1] : amplitude * xi[1];
  }
}
