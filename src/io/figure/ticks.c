/* SPDX-License-Identifier: BSD-3-Clause
 * Nice numbers. Labels are put together from integers: printf's decimal point follows the locale of
 * the host program, a figure must not. */
#include "io/figure/ticks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MINUS "\u2212"
#define TIMES "\u00d7"

bool ritz_drawable(double value) { return fabs(value) <= 1e300; }

bool ritz_range_open(double low, double high) {
  return high - low > 1e-9 * fmax(fabs(low), fabs(high)) && high - low > 1e-290;
}

void ritz_range_widen(double *low, double *high) {
  if (ritz_range_open(*low, *high)) return;
  const double size = fmax(fabs(*low), fabs(*high));
  const double room = size > 1e-280 ? size / 10 : 1;
  *low -= room;
  *high += room;
}

/* 10^k; exact where double is. */
static double power_of_ten(int k) { return k >= 0 ? pow(10, k) : 1 / pow(10, -k); }

static int order(double v) { return (int)floor(log10(v) + 1e-12); }

/* "-12.50" from an integer count of 10^-decimals. */
static void write_fixed(double v, int decimals, char label[RITZ_TICK_LABEL]) {
  const long long scale = llround(power_of_ten(decimals));
  const long long n = llround(fabs(v) * (double)scale);
  const char *sign = v < 0 && n != 0 ? MINUS : "";
  if (decimals == 0)
    snprintf(label, RITZ_TICK_LABEL, "%s%lld", sign, n);
  else
    snprintf(label, RITZ_TICK_LABEL, "%s%lld.%0*lld", sign, n / scale, decimals, n % scale);
}

/* First and last multiple of step in the range; rounding of the ends is forgiven. */
static int multiples(double low, double high, double step, double *first) {
  *first = ceil(low / step - 1e-6);
  return (int)fmin(floor(high / step + 1e-6) - *first + 1, 1000);
}

void ritz_range_round(double *low, double *high) {
  ritz_ticks ticks;
  ritz_ticks_linear(*low, *high, 6, &ticks);
  if (ticks.count < 2) return;
  const double step = ticks.value[1] - ticks.value[0], near = 0.02 * (*high - *low);
  const double below = ticks.value[0] - step, above = ticks.value[ticks.count - 1] + step;
  if (*low - below < near) *low = fabs(below) < 1e-9 * step ? 0 : below;
  if (above - *high < near) *high = fabs(above) < 1e-9 * step ? 0 : above;
}

void ritz_ticks_linear(double low, double high, int most, ritz_ticks *out) {
  static const struct {
    double factor;
    int extra_decimals;
  } nice[] = {{1, 0}, {2, 0}, {2.5, 1}, {5, 0}, {10, -1}, {20, -1}, {25, 0}, {50, -1}, {100, -2}};
  const int k = order((high - low) / most);
  double step = 0, first = 0;
  int decimals = 0;
  for (size_t i = 0; i < sizeof nice / sizeof *nice; i++) {
    step = k >= 0 ? nice[i].factor * power_of_ten(k) : nice[i].factor / power_of_ten(-k);
    decimals = nice[i].extra_decimals - k;
    out->count = multiples(low, high, step, &first);
    if (out->count <= most) break;
  }
  const int size = order(fmax(fabs(low), fabs(high)));
  out->exponent = size >= 5 || size < -3 ? size : 0;
  decimals += out->exponent;
  decimals = decimals < 0 ? 0 : decimals > 12 ? 12 : decimals;
  for (int i = 0; i < out->count; i++) {
    out->value[i] = (first + i) * step;
    write_fixed(out->value[i] / power_of_ten(out->exponent), decimals, out->label[i]);
  }
}

/* m 10^k: "200", "0.05", "5×10^{-7}", "10^{-7}"; m = 1 is a power everywhere if @p powers. */
static void write_log(int m, int k, bool powers, char label[RITZ_TICK_LABEL]) {
  const char *sign = k < 0 ? MINUS : "";
  if (!powers && k >= -3 && k <= 3)
    write_fixed(m * power_of_ten(k), k < 0 ? -k : 0, label);
  else if (m == 1)
    snprintf(label, RITZ_TICK_LABEL, "10^{%s%d}", sign, abs(k));
  else
    snprintf(label, RITZ_TICK_LABEL, "%d" TIMES "10^{%s%d}", m, sign, abs(k));
}

static void add_log(double low, double high, int m, int k, bool powers, ritz_ticks *out) {
  const double v = m * power_of_ten(k);
  if (v < low * (1 - 1e-9) || v > high * (1 + 1e-9) || out->count == RITZ_TICKS_MAX) return;
  out->value[out->count] = v;
  write_log(m, k, powers, out->label[out->count++]);
}

void ritz_ticks_log(double low, double high, int most, ritz_ticks *out) {
  *out = (ritz_ticks){0};
  const int first = order(low), last = order(high);
  const bool few = last - first < 3 && 3 * (last - first) + 1 <= most;
  const int stride = 1 + (last - first) / most;
  for (int k = first; k <= last; k++) {
    if (!few && ((k % stride) + stride) % stride != 0) continue;
    add_log(low, high, 1, k, !few, out);
    if (few) add_log(low, high, 2, k, false, out), add_log(low, high, 5, k, false, out);
  }
  if (out->count < 2 || out->count > most) ritz_ticks_linear(low, high, most, out);
}
