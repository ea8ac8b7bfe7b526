/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers of the samples of one PACK, to and from double; no include guard. */

/* total += lanes of sum. */
static ALWAYS_INLINE void OF(collect)(PACK sum, double *total) {
  real t[sizeof(PACK) / sizeof(real)];
  STORE(t, sum);
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) total[i] += (double)t[i];
}

static ALWAYS_INLINE PACK OF(scalars)(const double *v) {
  real t[sizeof(PACK) / sizeof(real)];
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) t[i] = (real)v[i];
  return LOAD(t);
}
