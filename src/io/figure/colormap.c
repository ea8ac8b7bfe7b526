/* SPDX-License-Identifier: BSD-3-Clause
 * Colour maps as paths through Oklab, where equal distances look equal (B. Ottosson 2020,
 * "A perceptual color space for image processing"); L lightness, C chroma, h hue.
 *
 * Sequential, 0 <= t <= 1: L rises linearly, h turns from violet through teal to yellow, C stays
 * just inside sRGB (its border is nearest at t = 0.55): a path that touches it shows a false edge.
 * Diverging: L falls linearly from near white in the middle to equal values at a blue and a red
 * end, C grows with the distance from the middle. Lightness alone, as in a grey print, orders the
 * values of the first and the magnitudes of the second. */
#include "io/figure/colormap.h"

#include <math.h>

static const double degree = 3.14159265358979323846 / 180;

static double linear_from_srgb(double v) {
  return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double srgb_from_linear(double v) {
  return v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

static void linear_rgb(double L, double C, double h, double rgb[3]) {
  const double a = C * cos(h * degree), b = C * sin(h * degree);
  const double l = pow(L + 0.3963377774 * a + 0.2158037573 * b, 3);
  const double m = pow(L - 0.1055613458 * a - 0.0638541728 * b, 3);
  const double s = pow(L - 0.0894841775 * a - 1.2914855480 * b, 3);
  rgb[0] = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
  rgb[1] = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
  rgb[2] = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;
}

static ritz_rgb from_oklch(double L, double C, double h) {
  double rgb[3];
  linear_rgb(L, C, h, rgb);
  unsigned char byte[3];
  for (int k = 0; k < 3; k++)
    byte[k] = (unsigned char)(255 * fmin(fmax(srgb_from_linear(rgb[k]), 0), 1) + 0.5);
  return (ritz_rgb){byte[0], byte[1], byte[2]};
}

static ritz_rgb sequential(double t) {
  const double L = 0.25 + 0.67 * t;
  const double h = 308 - 203 * pow(t, 1.15);
  const double C = 0.12 - 0.127 * t + 0.182 * t * t;
  return from_oklch(L, C, h);
}

static ritz_rgb diverging(double t) {
  const double away = fabs(2 * t - 1);
  const double L = 0.97 - 0.52 * away;
  const double C = 0.16 * (1.4 - 0.4 * away) * away;
  return from_oklch(L, C, t < 0.5 ? 258 : 27);
}

void ritz_colormap_build(ritz_map_colors colors, ritz_colormap *out) {
  for (int i = 0; i < RITZ_COLORMAP_SIZE; i++) {
    const double t = (double)i / (RITZ_COLORMAP_SIZE - 1);
    out->color[i] = colors == RITZ_MAP_DIVERGING ? diverging(t) : sequential(t);
  }
}

ritz_rgb ritz_colormap_at(const ritz_colormap *map, double low, double high, double value) {
  const double t = fmin(fmax((value - low) / (high - low), 0), 1);
  return map->color[(int)(t * (RITZ_COLORMAP_SIZE - 1) + 0.5)];
}

double ritz_color_lightness(ritz_rgb color) {
  const double r = linear_from_srgb(color.r / 255.0), g = linear_from_srgb(color.g / 255.0),
               b = linear_from_srgb(color.b / 255.0);
  return 0.2104542553 * cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) +
         0.7936177850 * cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) -
         0.0040720468 * cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
}
