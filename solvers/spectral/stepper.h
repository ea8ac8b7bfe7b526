/* SPDX-License-Identifier: BSD-3-Clause
 * Time steps of  du/dt = G u + F(u)  with a diagonal G (diffusion, drag), mode by mode implicit or
 * exact, and F (transport, forcing) explicit. */
#ifndef RITZ_SOLVERS_SPECTRAL_STEPPER_H
#define RITZ_SOLVERS_SPECTRAL_STEPPER_H

#include <ritz/status.h>

typedef enum ritz_stepper_scheme {
  /* Exponential Runge-Kutta, order 4, four evaluations of F: Cox & Matthews 2002,
   * doi:10.1006/jcph.2002.6995; coefficients by contour means, Kassam & Trefethen 2005,
   * doi:10.1137/S1064827502410633. */
  RITZ_STEPPER_ETDRK4,
  /* Low-storage Runge-Kutta with Crank-Nicolson between the stages, order 4 in F and 2 in G, five
   * evaluations: Carpenter & Kennedy 1994, NASA TM-109112. */
  RITZ_STEPPER_RK4_CN,
  /* Euler for F, Crank-Nicolson for G, order 1: the scheme of the data of Li et al. 2021. */
  RITZ_STEPPER_EULER_CN
} ritz_stepper_scheme;

/** Choices of an option, in this order. */
#define RITZ_STEPPER_SCHEMES "etdrk4|rk4_cn|euler_cn"

/** f = F(u); both are [modes][2][fields] and never overlap. Writes all of f. */
typedef void ritz_stepper_rhs(void *user, const double *u, double *f);

/** A scheme with its step size; unchanged by steps, so threads may share it. */
typedef struct ritz_stepper ritz_stepper;

/**
 * @param fields  Fields side by side in u.
 * @param rate    [modes] G of each mode, <= 0.
 * @param dt      Step size.
 */
ritz_status ritz_stepper_create(ritz_stepper_scheme scheme, ritz_index modes, ritz_index fields,
                                const double *rate, double dt, ritz_stepper **out);
void ritz_stepper_destroy(ritz_stepper **stepper);

/** @return  Numbers of working memory that a step needs. */
ritz_index ritz_stepper_work(const ritz_stepper *stepper);

/** Takes @p steps steps from u, in place. Allocates nothing. */
void ritz_stepper_advance(const ritz_stepper *stepper, ritz_stepper_rhs *rhs, void *user,
                          ritz_index steps, double *u, double *work);

#endif
