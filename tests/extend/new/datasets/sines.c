/* SPDX-License-Identifier: BSD-3-Clause
 * Poisson's equation on an interval in closed form: an example of a generator.
 *
 *     -u'' = f on (0, 1), u(0) = u(1) = 0;  f = sum over k = 1 ... M of n_k sin(pi k x) / k,
 *     u = the same sum of n_k sin(pi k x) / (pi^2 k^3),  n_k standard normal. */
#include <math.h>
#include <ritz/random.h>

#include "core/fail.h"
#include "datasets/generator.h"

typedef struct sines_config {
  ritz_ints resolution;
  ritz_index modes;
} sines_config;

static const ritz_option options[] = {
    RITZ_OPTION_INTS(sines_config, resolution, 2, 1 << 24, "64", "nodes, both ends included"),
    RITZ_OPTION_INT(sines_config, modes, 1, 64, "8", "M: sines"),
    RITZ_OPTION_END,
};

typedef struct sines_state {
  const sines_config *config;
} sines_state;

static ritz_status check(const void *config) {
  const sines_config *c = config;
  RITZ_REQUIRE(c->resolution.count == 1, RITZ_ERR_CONFIG, "resolution is %d numbers, wanted one",
               c->resolution.count);
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  const sines_config *c = ((sines_state *)state)->config = config;
  const ritz_index nodes = c->resolution.n[0];
  info->dim = 1;
  info->nodes[0] = nodes;
  info->length[0] = 1;
  info->x = (ritz_generator_field){.name = "source", .unit = "1", .shape = RITZ_SHAPE(nodes)};
  info->y = (ritz_generator_field){.name = "solution", .unit = "1", .shape = RITZ_SHAPE(nodes)};
  return RITZ_OK;
}

static void sample(void *state, int thread, uint64_t seed, uint32_t number, double *x, double *y,
                   ritz_solve_report *report) {
  static const double pi = 3.14159265358979323846;
  const sines_config *c = ((sines_state *)state)->config;
  const ritz_index nodes = c->resolution.n[0];
  double normal[64];
  ritz_random_normals((ritz_random){seed, RITZ_RANDOM_FIELD, number}, 0, c->modes, normal);
  for (ritz_index i = 0; i < nodes; i++) {
    x[i] = y[i] = 0;
    for (ritz_index k = 1; k <= c->modes; k++) {
      const double term =
          normal[k - 1] / (double)k * sin(pi * (double)(k * i) / (double)(nodes - 1));
      x[i] += term;
      y[i] += term / (pi * pi * (double)(k * k));
    }
  }
  *report = (ritz_solve_report){.reason = RITZ_SOLVE_CONVERGED};
}

static void destroy(void *state) {}

const ritz_generator_type ritz_generator_type_sines = {
    .name = "sines",
    .summary = "-u'' = f on an interval, u = 0 at its ends; source f -> u",
    .paper = "sums of sines; an example",
    .options = options,
    .config_size = sizeof(sines_config),
    .check = check,
    .state_size = sizeof(sines_state),
    .create = create,
    .sample = sample,
    .destroy = destroy,
};
