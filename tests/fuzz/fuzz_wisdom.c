/* SPDX-License-Identifier: BSD-3-Clause
 * Files of measured algorithms: taken as a whole, then written and read back, or not at all. */
#include <stdio.h>

#include "fuzz.h"
#include "kernels/spectral_wisdom.h"

static void add(ritz_spectral_wisdom *wisdom, int dim, ritz_index n, ritz_spectral_algorithm how) {
  ritz_transform_shape shape = {.dim = dim, .batch = 2, .channels = 3};
  static ritz_index frequency[3][5];
  for (int a = 0; a < dim; a++) {
    shape.grid[a] = n;
    shape.modes[a] = 5;
    shape.frequency[a] = frequency[a];
    for (int i = 0; i < 5; i++) frequency[a][i] = i;
  }
  fuzz_require(ritz_spectral_wisdom_add(wisdom, &shape, how) == RITZ_OK, "nothing is added");
}

void fuzz_write_seeds(const char *folder) {
  char path[512];
  ritz_spectral_wisdom *wisdom;
  snprintf(path, sizeof path, "%s/wisdom", folder);
  fuzz_require(ritz_spectral_wisdom_create(&wisdom) == RITZ_OK, "no wisdom");
  add(wisdom, 1, 32, RITZ_SPECTRAL_GEMM);
  add(wisdom, 2, 24, RITZ_SPECTRAL_FOLDED);
  fuzz_require(ritz_spectral_wisdom_save(wisdom, path) == RITZ_OK, "a seed cannot be written");
  ritz_spectral_wisdom_destroy(&wisdom);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *path = fuzz_file(data, size);
  ritz_spectral_wisdom *wisdom, *back;
  fuzz_require(ritz_spectral_wisdom_create(&wisdom) == RITZ_OK &&
                   ritz_spectral_wisdom_create(&back) == RITZ_OK,
               "no wisdom");
  if (ritz_spectral_wisdom_load(wisdom, path) == RITZ_OK) {
    fuzz_require(ritz_spectral_wisdom_save(wisdom, path) == RITZ_OK &&
                     ritz_spectral_wisdom_load(back, path) == RITZ_OK &&
                     ritz_spectral_wisdom_count(back) == ritz_spectral_wisdom_count(wisdom),
                 "what was read is not written and read back");
  } else {
    fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
    fuzz_require(ritz_spectral_wisdom_count(wisdom) == 0, "half of a file is taken");
  }
  ritz_spectral_wisdom_destroy(&wisdom);
  ritz_spectral_wisdom_destroy(&back);
  return 0;
}
