/* SPDX-License-Identifier: BSD-3-Clause
 * Files of recycle spaces: as many directions as there is room for, or a sentence. */
#include <ritz/krylov.h>
#include <stdio.h>

#include "fuzz.h"

enum { LENGTH = 12, ROOM = 3 };

static void write_seed(const char *folder, const char *name, ritz_scalar scalar, int count) {
  double directions[2 * ROOM * LENGTH];
  char path[512];
  ritz_recycle *space;
  for (int i = 0; i < 2 * ROOM * LENGTH; i++) directions[i] = 1.0 / (1 + i % 7);
  snprintf(path, sizeof path, "%s/%s", folder, name);
  fuzz_require(ritz_recycle_create(scalar, LENGTH, ROOM, &space) == RITZ_OK &&
                   ritz_recycle_set(space, count, directions) == RITZ_OK &&
                   ritz_recycle_save(space, path) == RITZ_OK,
               "a seed cannot be written");
  ritz_recycle_destroy(&space);
}

void fuzz_write_seeds(const char *folder) {
  write_seed(folder, "double", RITZ_REAL_DOUBLE, ROOM);
  write_seed(folder, "complex", RITZ_COMPLEX_DOUBLE, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *path = fuzz_file(data, size);
  for (int scalar = RITZ_REAL_DOUBLE; scalar <= RITZ_COMPLEX_DOUBLE; scalar += 2) {
    ritz_recycle *space;
    fuzz_require(ritz_recycle_create((ritz_scalar)scalar, LENGTH, ROOM, &space) == RITZ_OK,
                 "no space");
    if (ritz_recycle_load(space, path) != RITZ_OK)
      fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
    fuzz_require(ritz_recycle_dimension(space) >= 0 && ritz_recycle_dimension(space) <= ROOM,
                 "more directions than there is room for");
    ritz_recycle_destroy(&space);
  }
  return 0;
}
