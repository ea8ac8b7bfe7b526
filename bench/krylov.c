/* SPDX-License-Identifier: BSD-3-Clause
 * Krylov methods: iterations, the time of one, and blocks of right-hand sides. */
#include "bench/krylov_cases.h"

static ritz_status table(const bench_case *self, const bench_call *call) {
  return krylov_table((const krylov_case *)self, call);
}

static ritz_status step(const bench_case *self, const bench_call *call) {
  return krylov_step((const krylov_case *)self, call);
}

static ritz_status block(const bench_case *self, const bench_call *call) {
  return krylov_block((const krylov_case *)self, call);
}

static const krylov_case cases[] = {
    {{"krylov/table-50", "iterations of 20 systems on 50^2 beside published ones", table}, 50},
    {{"krylov/table-100", "iterations of 20 systems on 100^2 beside published ones", table}, 100},
    {{"krylov/step-32", "an iteration of GMRES and of GCRO-DR on 32^2", step}, 32},
    {{"krylov/step-100", "an iteration of GMRES and of GCRO-DR on 100^2", step}, 100},
    {{"krylov/step-256", "an iteration of GMRES and of GCRO-DR on 256^2", step}, 256},
    {{"krylov/block-50", "right-hand sides in blocks and one by one on 50^2", block}, 50},
    {{"krylov/block-100", "right-hand sides in blocks and one by one on 100^2", block}, 100},
};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-krylov", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
