/* SPDX-License-Identifier: BSD-3-Clause
 * Matrix Market files: a matrix whose rows are in order and whose columns exist, or a sentence. */
#include <ritz/sparse.h>

#include "fuzz.h"

void fuzz_write_seeds(const char *folder) {
  fuzz_write(folder, "general",
             "%%MatrixMarket matrix coordinate real general\n% a remark\n3 4 3\n1 1 1.5\n3 4 "
             "-2e-3\n2 1 7\n",
             -1);
  fuzz_write(folder, "symmetric",
             "%%MatrixMarket matrix coordinate integer symmetric\n3 3 3\n1 1 2\n2 1 -1\n3 2 4\n",
             -1);
  fuzz_write(folder, "hermitian",
             "%%MatrixMarket matrix coordinate complex hermitian\n2 2 2\n1 1 2 0\n2 1 0.5 -1\n",
             -1);
  fuzz_write(folder, "pattern",
             "%%MatrixMarket matrix coordinate pattern skew-symmetric\n4 4 2\n2 1\n4 3\n", -1);
}

static void check(const ritz_sparse_parts *a) {
  fuzz_require(a->start[0] == 0 && a->start[a->rows] == a->entries, "rows miss entries");
  for (ritz_index r = 0; r < a->rows; r++)
    for (ritz_index e = a->start[r]; e < a->start[r + 1]; e++)
      fuzz_require(a->column[e] >= 0 && a->column[e] < a->columns &&
                       (e == a->start[r] || a->column[e] > a->column[e - 1]),
                   "columns are not in order");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *path = fuzz_file(data, size);
  for (int scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar += 3) {
    ritz_sparse *matrix;
    if (ritz_sparse_read(path, (ritz_scalar)scalar, &matrix) == RITZ_OK) {
      const ritz_sparse_parts parts = ritz_sparse_describe(matrix);
      check(&parts);
    } else {
      fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
    }
    ritz_sparse_destroy(&matrix);
  }
  return 0;
}
