/* SPDX-License-Identifier: BSD-3-Clause
 * Positive coefficients made from a Gaussian field: two values, or its exponential. */
#ifndef RITZ_DATASETS_MEDIUM_H
#define RITZ_DATASETS_MEDIUM_H

#include "datasets/square.h"
#include "solvers/grid/diffusion.h"

/** In the order of the option's names. */
typedef enum ritz_medium { RITZ_MEDIUM_PIECEWISE, RITZ_MEDIUM_LOGNORMAL } ritz_medium;

/** Options of a config with fields of these names: field and coefficient. @param symbol  "a" */
#define RITZ_MEDIUM_OPTIONS(type, symbol, fallback, alpha_, tau_, low_, high_)          \
  RITZ_OPTION_CHOICE(                                                                   \
      type, coefficient, "piecewise|lognormal", fallback,                               \
      "piecewise: high where the field is >= 0, else low; lognormal: its exponential"), \
      RITZ_FIELD_OPTIONS(type, "", "the field", alpha_, tau_),                          \
      RITZ_OPTION_REAL(type, low, 1e-12, 1e12, low_,                                    \
                       "piecewise: " symbol " where the field is < 0"),                 \
      RITZ_OPTION_REAL(type, high, 1e-12, 1e12, high_,                                  \
                       "piecewise: " symbol " where the field is >= 0"),                \
      RITZ_OPTION_REAL(type, log_scale, 0, 100, "1",                                    \
                       "lognormal: " symbol " = exp(log_scale field)")

/** The coefficient from the field, in place. @param kind  A ritz_medium. */
void ritz_medium_apply(int kind, double low, double high, double log_scale, ritz_index count,
                       double *a);

/** @return  Larger over smaller value of a piecewise one; 1 of a lognormal one. */
double ritz_medium_jump(int kind, double low, double high);
/** Between nodes: harmonic means for jumps above 100. */
ritz_face_mean ritz_medium_faces(int kind, double low, double high);

#endif
