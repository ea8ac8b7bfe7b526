/* SPDX-License-Identifier: BSD-3-Clause
 * Exponential and implicit-explicit Runge-Kutta steps (stepper.h). */
#include "solvers/spectral/stepper.h"

#include <complex.h>
#include <math.h>

#include "core/fail.h"
#include "core/memory.h"

enum { etd_parts = 6, contour_points = 32 };

struct ritz_stepper {
  ritz_stepper_scheme scheme;
  ritz_index modes, width; /* width: numbers of a mode, 2 fields */
  double dt;
  double *rate;
  double *etd; /* [modes][etd_parts]: exp(z), exp(z/2), Q, f1, f2, f3 with z = dt G */
};

/* Means over a circle around z of functions that cancel near 0. */
static void etd_coefficients(double z, double dt, double *out) {
  double complex q = 0, f1 = 0, f2 = 0, f3 = 0;
  for (int j = 0; j < contour_points; j++) {
    const double complex r = z + cexp(I * (3.14159265358979323846 * (j + 0.5) / contour_points));
    const double complex e = cexp(r), r3 = r * r * r;
    q += (cexp(0.5 * r) - 1) / r;
    f1 += (-4 - r + e * (4 - 3 * r + r * r)) / r3;
    f2 += (2 + r + e * (r - 2)) / r3;
    f3 += (-4 - 3 * r - r * r + e * (4 - r)) / r3;
  }
  const double mean = dt / contour_points;
  out[0] = exp(z);
  out[1] = exp(0.5 * z);
  out[2] = mean * creal(q);
  out[3] = mean * creal(f1);
  out[4] = mean * creal(f2);
  out[5] = mean * creal(f3);
}

ritz_status ritz_stepper_create(ritz_stepper_scheme scheme, ritz_index modes, ritz_index fields,
                                const double *rate, double dt, ritz_stepper **out) {
  *out = NULL;
  RITZ_REQUIRE(dt > 0 && isfinite(dt), RITZ_ERR_ARGUMENT,
               "the time step is %g, wanted a positive number", dt);
  ritz_stepper *s;
  ritz_status status;
  RITZ_TRY(RITZ_NEW(1, &s));
  *s = (ritz_stepper){.scheme = scheme, .modes = modes, .width = 2 * fields, .dt = dt};
  RITZ_TRY_DONE(RITZ_NEW(modes, &s->rate));
  for (ritz_index m = 0; m < modes; m++) s->rate[m] = rate[m];
  if (scheme == RITZ_STEPPER_ETDRK4) {
    RITZ_TRY_DONE(RITZ_NEW(modes * etd_parts, &s->etd));
    for (ritz_index m = 0; m < modes; m++)
      etd_coefficients(dt * rate[m], dt, s->etd + m * etd_parts);
  }
  *out = s;
  return RITZ_OK;
done:
  ritz_stepper_destroy(&s);
  return status;
}

void ritz_stepper_destroy(ritz_stepper **stepper) {
  if (!stepper || !*stepper) return;
  ritz_free((*stepper)->rate);
  ritz_free((*stepper)->etd);
  ritz_free(*stepper);
  *stepper = NULL;
}

ritz_index ritz_stepper_work(const ritz_stepper *s) {
  return (s->scheme == RITZ_STEPPER_ETDRK4 ? 6 : 2) * s->modes * s->width;
}

/* ---- exponential --------------------------------------------------------------------------- */

/* out = exp(z/2) u + Q (a f + b g) */
static void half_stage(const ritz_stepper *s, const double *u, double a, const double *f, double b,
                       const double *g, double *out) {
  for (ritz_index m = 0, i = 0; m < s->modes; m++) {
    const double *c = s->etd + m * etd_parts;
    for (const ritz_index end = i + s->width; i < end; i++)
      out[i] = c[1] * u[i] + c[2] * (a * f[i] + b * g[i]);
  }
}

static void etdrk4(const ritz_stepper *s, ritz_stepper_rhs *rhs, void *user, double *u,
                   double *work) {
  const ritz_index n = s->modes * s->width;
  double *fu = work, *fa = fu + n, *fb = fa + n, *fc = fb + n, *a = fc + n, *b = a + n;
  rhs(user, u, fu);
  half_stage(s, u, 1, fu, 0, fu, a);
  rhs(user, a, fa);
  half_stage(s, u, 1, fa, 0, fa, b);
  rhs(user, b, fb);
  half_stage(s, a, 2, fb, -1, fu, b); /* the third stage, c */
  rhs(user, b, fc);
  for (ritz_index m = 0, i = 0; m < s->modes; m++) {
    const double *c = s->etd + m * etd_parts;
    for (const ritz_index end = i + s->width; i < end; i++)
      u[i] = c[0] * u[i] + c[3] * fu[i] + 2 * c[4] * (fa[i] + fb[i]) + c[5] * fc[i];
  }
}

/* ---- implicit-explicit --------------------------------------------------------------------- */

/* Stage k: h <- F(u) + beta_k h, then (1 - mu G) u <- (1 + mu G) u + gamma_k dt h with
 * mu = dt (alpha_{k+1} - alpha_k) / 2. */
typedef struct stages {
  int count;
  double alpha[6], beta[5], gamma[5];
} stages;

static const stages euler = {.count = 1, .alpha = {0, 1}, .beta = {0}, .gamma = {1}};

static const stages carpenter_kennedy = {
    .count = 5,
    .alpha = {0, 0.1496590219993, 0.3704009573644, 0.6222557631345, 0.9582821306748, 1},
    .beta = {0, -0.4178904745, -1.192151694643, -1.697784692471, -1.514183444257},
    .gamma = {0.1496590219993, 0.3792103129999, 0.8229550293869, 0.6994504559488, 0.1530572479681},
};

static void low_storage(const ritz_stepper *s, const stages *t, ritz_stepper_rhs *rhs, void *user,
                        double *u, double *work) {
  double *h = work, *f = work + s->modes * s->width;
  for (int k = 0; k < t->count; k++) {
    const double mu = 0.5 * s->dt * (t->alpha[k + 1] - t->alpha[k]), step = t->gamma[k] * s->dt;
    rhs(user, u, f);
    for (ritz_index m = 0, i = 0; m < s->modes; m++) {
      const double forth = 1 + mu * s->rate[m], back = 1 / (1 - mu * s->rate[m]);
      for (const ritz_index end = i + s->width; i < end; i++) {
        h[i] = k == 0 ? f[i] : f[i] + t->beta[k] * h[i];
        u[i] = back * (forth * u[i] + step * h[i]);
      }
    }
  }
}

void ritz_stepper_advance(const ritz_stepper *s, ritz_stepper_rhs *rhs, void *user,
                          ritz_index steps, double *u, double *work) {
  for (ritz_index n = 0; n < steps; n++) {
    if (s->scheme == RITZ_STEPPER_ETDRK4)
      etdrk4(s, rhs, user, u, work);
    else
      low_storage(s, s->scheme == RITZ_STEPPER_RK4_CN ? &carpenter_kennedy : &euler, rhs, user, u,
                  work);
  }
}
