/* SPDX-License-Identifier: BSD-3-Clause
 * Where a window reads, point by point: for the textbook loops that kernels are compared with. */
#ifndef RITZ_TESTS_WINDOW_WALK_H
#define RITZ_TESTS_WINDOW_WALK_H

#include "kernels/window.h"

/* Position among the inputs of all samples that tap @p t of output @p o of @p sample reads; -1:
 * none, zeros are read. */
static inline ritz_index window_reads(const ritz_window *w, ritz_index sample, ritz_index o,
                                      ritz_index t) {
  const ritz_window_axis *a = w->axis;
  const ritz_index to[3] = {o / a[2].out / a[1].out, o / a[2].out % a[1].out, o % a[2].out};
  const ritz_index tap[3] = {t / a[2].kernel / a[1].kernel, t / a[2].kernel % a[1].kernel,
                             t % a[2].kernel};
  ritz_index in = sample;
  for (int i = 0; i < 3; i++) {
    const ritz_index at =
        ritz_window_source(&a[i], to[i] * a[i].stride - a[i].low + tap[i] * a[i].dilation);
    if (at < 0) return -1;
    in = in * a[i].in + at;
  }
  return in;
}

#endif
