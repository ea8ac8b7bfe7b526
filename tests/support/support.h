/* SPDX-License-Identifier: BSD-3-Clause
 * What every test file needs: cmocka, exact comparison helpers, reproducible numbers. */
#ifndef RITZ_TESTS_SUPPORT_H
#define RITZ_TESTS_SUPPORT_H

/* cmocka wants these first, in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ritz/context.h>
#include <ritz/random.h>

#include "core/dtype.h"
#include "core/shape.h"

/** The call must give RITZ_OK; prints the library's sentence otherwise. */
#define assert_ok(call)                                                          \
  do {                                                                           \
    const ritz_status assert_ok_ = (call);                                       \
    if (assert_ok_ != RITZ_OK)                                                   \
      fail_msg("%s: %s (%s)", #call, ritz_error_message(), ritz_error_origin()); \
  } while (0)

/** |a - b| <= tolerance; shows both. */
#define assert_near(a, b, tolerance)                                                       \
  do {                                                                                     \
    const double near_a_ = (a), near_b_ = (b), near_t_ = (tolerance);                      \
    if (!(near_a_ - near_b_ <= near_t_ && near_b_ - near_a_ <= near_t_))                   \
      fail_msg("%s = %.17g, %s = %.17g: differ by more than %g", #a, near_a_, #b, near_b_, \
               near_t_);                                                                   \
  } while (0)

/** The last error sentence must contain @p text. */
void assert_message_contains(const char *text);

/** out[i]: reproducible uniform numbers in [-1, 1), a different stream per @p stream. */
void fill_uniform(uint32_t stream, ritz_index count, double *out);

/** The same in the number format @p dtype. */
void fill_uniform_as(ritz_dtype dtype, uint32_t stream, ritz_index count, void *out);

/** @p count zeros. Release with ritz_free(). */
void *zeros(ritz_dtype dtype, ritz_index count);

/** @p count numbers of fill_uniform_as(). Release with ritz_free(). */
void *random_numbers(ritz_dtype dtype, uint32_t stream, ritz_index count);

/** Largest |a[i] - b[i]| divided by the largest |b[i]| (or 1 where all are zero). */
double relative_error(ritz_index count, const double *a, const double *b);

#endif
