/* SPDX-License-Identifier: BSD-3-Clause
 * The call of the generator. */
#include "bench/generation.h"

void generation_run(void *of) {
  generation *g = of;
  const ritz_status status =
      ritz_generator_run(g->generator, 1, 0, g->samples, g->dtype, g->x, g->y, g->reports);
  if (status != RITZ_OK) g->status = status;
}
