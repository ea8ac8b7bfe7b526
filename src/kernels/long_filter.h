/* SPDX-License-Identifier: BSD-3-Clause
 * Long convolutions of lines, channel by channel, y[b, i, c] = sum over j of k[j, c] x[b, i - j, c]
 * with x = 0 before the line (causal) or periodic. With few taps as the sum (depthwise.h), with
 * many by transforms (spectral.h), of the line followed by zeros where it is causal. Fu et al.
 * 2024, arXiv:2311.05908. */
#ifndef RITZ_KERNELS_LONG_FILTER_H
#define RITZ_KERNELS_LONG_FILTER_H

#include <ritz/status.h>

typedef enum ritz_long_form { RITZ_LONG_AUTO, RITZ_LONG_SUM, RITZ_LONG_SPECTRAL } ritz_long_form;

typedef struct ritz_long_filter_shape {
  ritz_dtype dtype;
  ritz_index lines, points, channels; /* x and y [lines, points, channels] */
  ritz_index taps;                    /* k [taps, channels]; at most as many as points */
  bool causal;                        /* else periodic */
  ritz_index modes;    /* 0: all; else only the lowest so many frequencies of k, 0 and up */
  ritz_long_form form; /* AUTO: by cost; a sum has all modes */
} ritz_long_filter_shape;

typedef struct ritz_long_filter ritz_long_filter;

/**
 * @param gradients  Plan them as well.
 * @param threads    Threads the runs may use; results do not depend on it.
 * @param out        NULL on failure. RITZ_ERR_ARGUMENT: a sum of few modes.
 */
ritz_status ritz_long_filter_create(const ritz_long_filter_shape *shape, bool gradients,
                                    int threads, ritz_long_filter **out);
void ritz_long_filter_destroy(ritz_long_filter **plan);

/** @return  Whether it is a sum. */
bool ritz_long_filter_is_sum(const ritz_long_filter *plan);
/** @return  Bytes between the runs. */
size_t ritz_long_filter_saved(const ritz_long_filter *plan);
/** @return  Bytes of scratch each run needs, 64-byte aligned. */
size_t ritz_long_filter_scratch(const ritz_long_filter *plan);
/** @return  Flops of one forward run. */
double ritz_long_filter_flops(const ritz_long_filter *plan);

/** Fills @p saved. */
void ritz_long_filter_forward(const ritz_long_filter *plan, const void *x, const void *k,
                              void *saved, void *y, void *scratch);
/** gx (+)= ..., gk (+)= ...; either may be NULL. */
void ritz_long_filter_vjp(const ritz_long_filter *plan, const void *x, const void *k,
                          const void *saved, const void *gy, void *gx, bool add_x, void *gk,
                          bool add_k, void *scratch);

#endif
