/* SPDX-License-Identifier: BSD-3-Clause */
#include "datasets/square.h"

#include <math.h>

#include "core/fail.h"
#include "kernels/kernels.h"

ritz_status ritz_square_check(const ritz_ints *resolution) {
  RITZ_REQUIRE(resolution->count == 1 || resolution->count == 2, RITZ_ERR_CONFIG,
               "resolution has %d numbers, wanted N or [N0, N1]", resolution->count);
  return RITZ_OK;
}

ritz_square ritz_square_of(const ritz_ints *resolution) {
  ritz_square s = {.size = 1};
  for (int axis = 0; axis < 2; axis++) {
    s.n[axis] = ritz_ints_at(resolution, axis, 0);
    s.h[axis] = 1 / (double)(s.n[axis] - 1);
    s.size *= s.n[axis];
  }
  return s;
}

double ritz_square_norm(const ritz_square *square, const double *x) {
  double sum;
  ritz_kernels_get(RITZ_FLOAT64)->dot(square->size, x, x, &sum);
  return sqrt(sum);
}

void ritz_square_describe(const ritz_square *square, ritz_generator_info *info) {
  info->dim = 2;
  for (int axis = 0; axis < 2; axis++) {
    info->nodes[axis] = square->n[axis];
    info->length[axis] = 1;
  }
}

ritz_generator_field ritz_square_field(const ritz_square *square, const char *name, int channels,
                                       const char *const *channel) {
  ritz_generator_field field = {.name = name,
                                .unit = "1",
                                .shape = RITZ_SHAPE(square->n[0], square->n[1]),
                                .channel = channel};
  if (channels > 1) field.shape.n[field.shape.rank++] = channels;
  return field;
}

ritz_status ritz_square_gaussian(const ritz_square *square, double alpha, double tau,
                                 ritz_index modes, ritz_gaussian **out) {
  const ritz_gaussian_options o = {
      .nodes = {square->n[0], square->n[1]},
      .modes = {modes ? modes : square->n[0], modes ? modes : square->n[1]},
      .alpha = alpha,
      .tau = tau};
  return ritz_gaussian_create(&o, out);
}
