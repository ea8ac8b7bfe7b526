/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers to and from text. Whole numbers never pass through floating point. */
#define _POSIX_C_SOURCE 200809L
#include "core/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* value = (-1)^negative * digits * 10^exponent, the point counted in `whole` digits before it. */
typedef struct decimal {
  bool negative;
  const char *digits, *end; /* with the point among them */
  long whole, exponent;
} decimal;

static const char *skip_digits(const char *c) {
  while (*c >= '0' && *c <= '9') c++;
  return c;
}

/* Exponents beyond 10^6 stay there: nothing of this size is a number we can hold. */
static const char *read_exponent(const char *c, long *exponent) {
  const bool negative = *c == '-';
  if (*c == '+' || *c == '-') c++;
  const char *const end = skip_digits(c);
  if (end == c) return NULL;
  for (; c < end; c++)
    if (*exponent < 1000000) *exponent = 10 * *exponent + (*c - '0');
  if (negative) *exponent = -*exponent;
  return end;
}

static bool read_decimal(const char *text, decimal *number) {
  *number = (decimal){.negative = *text == '-'};
  const char *c = text + (*text == '+' || *text == '-');
  number->digits = c;
  c = skip_digits(c);
  number->whole = c - number->digits;
  if (number->whole > 1 && *number->digits == '0') return false;
  long fraction = 0;
  if (*c == '.') {
    const char *const first = c + 1;
    c = skip_digits(first);
    fraction = c - first;
  }
  if (number->whole + fraction == 0) return false;
  number->end = c;
  if (*c == 'e' || *c == 'E') c = read_exponent(c + 1, &number->exponent);
  return c && *c == '\0';
}

bool ritz_text_is_number(const char *text) {
  decimal number;
  return read_decimal(text, &number);
}

static bool append_digit(ritz_index *value, int digit) {
  return !__builtin_mul_overflow(*value, 10, value) &&
         !__builtin_add_overflow(*value, digit, value);
}

bool ritz_text_to_index(const char *text, ritz_index *out) {
  decimal number;
  if (!read_decimal(text, &number)) return false;
  const long places = number.whole + number.exponent; /* digits of the whole part */
  const int sign = number.negative ? -1 : 1; /* digits carry it: -2^63 has no positive twin */
  ritz_index value = 0;
  long place = 0;
  for (const char *c = number.digits; c < number.end; c++) {
    if (*c == '.') continue;
    if (place++ >= places) {
      if (*c != '0') return false;
    } else if (!append_digit(&value, sign * (*c - '0'))) {
      return false;
    }
  }
  for (; place < places && value != 0; place++)
    if (!append_digit(&value, 0)) return false;
  *out = value;
  return true;
}

/* The host may have set a locale with a decimal comma; this changes the calling thread only. */
static locale_t enter_c_locale(locale_t *own) {
  *own = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  return *own ? uselocale(*own) : (locale_t)0;
}

static void leave_c_locale(locale_t own, locale_t previous) {
  if (!own) return;
  uselocale(previous);
  freelocale(own);
}

bool ritz_text_to_real(const char *text, double *out) {
  if (!ritz_text_is_number(text)) return false;
  locale_t own;
  const locale_t previous = enter_c_locale(&own);
  const double value = strtod(text, NULL);
  leave_c_locale(own, previous);
  if (!isfinite(value)) return false;
  *out = value;
  return true;
}

void ritz_real_to_text(double value, char out[32]) {
  locale_t own;
  const locale_t previous = enter_c_locale(&own);
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(out, 32, "%.*g", digits, value);
    if (strtod(out, NULL) == value) break;
  }
  leave_c_locale(own, previous);
}
