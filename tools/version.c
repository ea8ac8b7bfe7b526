/* SPDX-License-Identifier: BSD-3-Clause
 * ritz --version. */
#include "tools/version.h"

#include <hdf5.h>
#include <ritz/version.h>
#include <stdio.h>

#include "kernels/kernels.h"

#ifdef RITZ_WITH_XSMM
#define PRODUCTS "libxsmm"
#else
#define PRODUCTS "BLAS"
#endif
#ifdef RITZ_WITH_FFTW
#define TRANSFORMS "FFTW"
#else
#define TRANSFORMS "matrix products"
#endif
#ifdef RITZ_WITH_MPI
#define RANKS "MPI"
#else
#define RANKS "one process"
#endif
#if defined RITZ_WITH_PARALLEL_HDF5
#define WRITERS "; ranks write files together"
#elif defined RITZ_WITH_MPI
#define WRITERS "; ranks write files one after the other"
#else
#define WRITERS ""
#endif

void ritz_print_version(void) {
  unsigned major, minor, release;
  H5get_libversion(&major, &minor, &release);
  printf("ritz %s\n", ritz_version());
  printf("instruction set: %s\n", ritz_kernels_get(RITZ_FLOAT32)->isa);
  printf("small products: " PRODUCTS "; full spectra: " TRANSFORMS "; runs on: " RANKS "\n");
  printf("HDF5 %u.%u.%u" WRITERS "\n", major, minor, release);
}
