/* SPDX-License-Identifier: BSD-3-Clause
 * The equation of a data set of the generator navier_stokes, for those who go on with it. */
#ifndef RITZ_DATASETS_NAVIER_STOKES_H
#define RITZ_DATASETS_NAVIER_STOKES_H

#include "core/options.h"
#include "solvers/spectral/periodic_box.h"

typedef struct ritz_flow {
  double viscosity, drag, length;
  double interval; /* from frame to frame */
  bool forced, diagonal;
  double amplitude;
  ritz_index wavenumber;
} ritz_flow;

/** From the generator's options, as a data set has them in its attribute `parameters`. */
ritz_status ritz_flow_read(const ritz_value *map, ritz_flow *out);

/** Spectrum [modes][2] of the forcing, over zeros; one beyond the modes is left out.
 * @param user  A ritz_flow. */
void ritz_flow_forcing(const void *user, const ritz_periodic_box *box, double *spectrum);

#endif
