/* SPDX-License-Identifier: BSD-3-Clause
 * Convolutions forward and their two gradients. One JSON line per case and direction.
 *
 *   ritz-measure-conv [seconds per measurement, default 0.3 [threads, default 2 [case]]]
 *
 * Some entries of every result are checked against the defining sum in double before anything is
 * timed. "gflops" counts the multiplications of the definition whatever the algorithm does,
 * "peak_fraction" = gflops / (threads * rate of a product in the first-level cache in this run),
 * "gbytes_per_s" counts each field and the weight once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conv_cases.h"
#include "core/clock.h"
#include "kernels/kernels.h"

/* @return  Whether the answer is right. */
static bool measure(conv_problem *p, conv_direction direction, double seconds, int threads,
                    double peak) {
  enum { most = 10000 };
  static double time[most];
  conv_problem_run(p, direction);
  const double error = conv_problem_error(p, direction);
  if (!(error < 1e-5)) {
    fprintf(stderr, "ritz-measure-conv: %s %s: error %g\n", p->c->name,
            conv_direction_names[direction], error);
    return false;
  }
  int count = 0;
  for (double total = 0; (total < seconds && count < most) || count < 3; count++) {
    const double start = ritz_clock_seconds();
    conv_problem_run(p, direction);
    time[count] = ritz_clock_seconds() - start;
    total += time[count];
  }
  double median, least;
  summarise(count, time, &median, &least);
  const double gflops = ritz_conv_flops(p->conv) / median * 1e-9;
  printf(
      "{\"case\": \"conv/%s\", \"direction\": \"%s\", \"batch\": %td, \"threads\": %d, \"isa\": "
      "\"%s\", \"median_ms\": %.4f, \"min_ms\": %.4f, \"gflops\": %.1f, \"gbytes_per_s\": %.2f, "
      "\"peak_fraction\": %.3f, \"error\": %.1e}\n",
      p->c->name, conv_direction_names[direction], p->c->batch, threads,
      ritz_kernels_get(RITZ_FLOAT32)->isa, median * 1e3, least * 1e3, gflops,
      4e-9 * (double)(p->nx + p->ny + p->nw) / median, gflops / (threads * peak), error);
  fflush(stdout);
  return true;
}

int main(int argc, char **argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 0.3;
  const int threads = argc > 2 ? atoi(argv[2]) : 2;
  const double peak = gemm_peak();
  bool right = true;
  for (int i = 0; i < conv_case_count; i++) {
    if (argc > 3 && strcmp(argv[3], conv_cases[i].name) != 0) continue;
    conv_problem p = conv_problem_create(&conv_cases[i], threads);
    for (conv_direction d = 0; d < CONV_DIRECTIONS; d++)
      right &= measure(&p, d, seconds, threads, peak);
    conv_problem_destroy(&p);
  }
  return right ? 0 : 1;
}
