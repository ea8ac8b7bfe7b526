/* SPDX-License-Identifier: BSD-3-Clause
 * Convolutions, dense and depthwise: forward and their two gradients.
 *
 * Flops count the multiplications and additions of the definition whatever the algorithm does, so
 * Winograd's may exceed the peak; bytes count each field and the weight once. */
#include "conv_cases.h"

static ritz_status measure(conv_problem *p, conv_direction direction, const bench_call *call,
                           double error) {
  conv_run run = {p, direction};
  const bench_job job = {conv_run_job, &run};
  bench_line line = conv_line(p);
  RITZ_TRY(bench_measure(call, line.dtype, 1, &job, &line.times));
  bench_print(call, &line, "\"direction\": \"%s\", \"batch\": %td, \"error\": %.1e",
              conv_direction_names[direction], p->c->batch, error);
  return RITZ_OK;
}

int main(int argc, char **argv) { return conv_main(argc, argv, "ritz-bench-conv", measure); }
