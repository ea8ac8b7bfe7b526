/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers as text, the same in every locale.
 *
 * A number is a JSON number that may also start with '+' and may lack the digits on one side of its
 * point: 3, -0.5, +1, .5, 1., 1e-3. No leading zeros (is 010 ten or eight?), no hexadecimal, no
 * underscores, no infinities. */
#ifndef RITZ_CORE_NUMBER_H
#define RITZ_CORE_NUMBER_H

#include <ritz/types.h>

bool ritz_text_is_number(const char *text);

/** Exact; 1e3 and 2.0 are whole numbers, 1.5 is not.
 * @return  false if @p text is no whole number or does not fit into 64 bits. */
bool ritz_text_to_index(const char *text, ritz_index *out);

/** @return  false if @p text is no number or beyond the range of double. */
bool ritz_text_to_real(const char *text, double *out);

/** Fewest digits (15 to 17) that read back to the same double; @p value must be finite. */
void ritz_real_to_text(double value, char out[32]);

#endif
