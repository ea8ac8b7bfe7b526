/* SPDX-License-Identifier: BSD-3-Clause
 * What generators of trajectories share: options, time steps, frames, and an estimate of the error
 * of the steps. A pair is x, the state at `start`, and y, the frames at 1, 2, ... intervals after
 * it. */
#ifndef RITZ_DATASETS_TRAJECTORY_H
#define RITZ_DATASETS_TRAJECTORY_H

#include "datasets/generator.h"
#include "solvers/spectral/periodic_box.h"
#include "solvers/spectral/stepper.h"

/** The first member of such a generator's configuration. */
typedef struct ritz_trajectory_config {
  ritz_ints resolution;
  ritz_index refine, frames;
  int scheme;
  double length, start, interval, dt, tolerance;
} ritz_trajectory_config;

#define RITZ_TRAJECTORY_OPTIONS(axes, resolution_, frames_, interval_, dt_)                      \
  RITZ_OPTION_INTS(ritz_trajectory_config, resolution, 4, 65536, resolution_,                    \
                   "nodes per periodic axis of the stored fields: " axes),                       \
      RITZ_OPTION_INT(ritz_trajectory_config, refine, 1, 64, "1",                                \
                      "nodes of the solver's grid for one stored node, per axis"),               \
      RITZ_OPTION_REAL(ritz_trajectory_config, length, 1e-6, 1e6, "1", "extent of every axis"),  \
      RITZ_OPTION_INT(ritz_trajectory_config, frames, 1, 10000, frames_, "frames of y"),         \
      RITZ_OPTION_REAL(ritz_trajectory_config, interval, 1e-9, 1e6, interval_,                   \
                       "time from one frame to the next, x being the one before the first"),     \
      RITZ_OPTION_REAL(ritz_trajectory_config, start, 0, 1e6, "0",                               \
                       "time from the initial state to x"),                                      \
      RITZ_OPTION_REAL(ritz_trajectory_config, dt, 1e-9, 1e3, dt_,                               \
                       "largest time step; an interval has a whole number of equal ones"),       \
      RITZ_OPTION_CHOICE(ritz_trajectory_config, scheme, RITZ_STEPPER_SCHEMES, "etdrk4",         \
                         "time steps: exponential Runge-Kutta of order 4, Runge-Kutta of order " \
                         "4 or Euler with Crank-Nicolson for diffusion"),                        \
      RITZ_OPTION_REAL(ritz_trajectory_config, tolerance, 1e-14, 1e3, "1e-3",                    \
                       "largest estimated relative error of the time steps")

/** The equation to be stepped; @p user of its calls is a worker's own. */
typedef struct ritz_trajectory_equation {
  /* Of a mode with |k|^2 = @p square, <= 0; see stepper.h. @param config  The generator's. */
  double (*rate)(const void *config, double square);
  ritz_stepper_rhs *rhs;
  void (*field)(void *user, const double *u, double *grid); /* values on the solver's grid */
} ritz_trajectory_equation;

typedef struct ritz_trajectory {
  const ritz_trajectory_config *config;
  ritz_trajectory_equation equation;
  ritz_periodic_box box;        /* the solver's grid */
  ritz_index nodes[2];          /* stored grid */
  ritz_index lanes;             /* samples that are stepped side by side */
  ritz_index lead_steps, steps; /* up to x; of an interval */
  ritz_stepper *lead, *step, *half_step;
  double *times; /* [frames] after x */
  int threads;
  double **work; /* [threads] */
} ritz_trajectory;

/** What ranges cannot say. @param dim  Axes of the equation. */
ritz_status ritz_trajectory_check(const ritz_trajectory_config *config, int dim);

/** Box, steps and memory. Release with ritz_trajectory_clear(), also on failure. */
ritz_status ritz_trajectory_init(const ritz_trajectory_config *config, int dim,
                                 const ritz_trajectory_equation *equation, int threads,
                                 ritz_trajectory *out);
void ritz_trajectory_clear(ritz_trajectory *trajectory);

/** Grid, lengths and frames for the data set; @p name of the stored field. */
void ritz_trajectory_describe(const ritz_trajectory *trajectory, const char *name,
                              ritz_generator_info *info);

/**
 * Makes x [count, nodes] and y [count, frames, nodes] from the initial spectra u [modes][2][lanes],
 * the first @p count of which count; u is lost.
 *
 * The error is estimated after each interval: steps times the distance between one step and two of
 * half the size from there, relative to the state; a report has the sum as its residual. Should a
 * value of a sample overflow, its frames from there on repeat the last finite one.
 */
void ritz_trajectory_run(const ritz_trajectory *trajectory, int thread, void *user, double *u,
                         ritz_index count, double *x, double *y, ritz_solve_report *reports);

#endif
