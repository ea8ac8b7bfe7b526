/* SPDX-License-Identifier: BSD-3-Clause
 * The progress line. */
#define _DEFAULT_SOURCE /* struct winsize */
#include "tools/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/clock.h"

static const double least_interval = 0.1; /* seconds between two lines */

static int terminal_width(void) {
  struct winsize size;
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - 1 : 79; /* a full line would wrap */
}

void ritz_progress_begin(ritz_progress *progress, const char *what, const char *unit,
                         ritz_index total, ritz_index before) {
  const char *terminal = getenv("TERM");
  *progress = (ritz_progress){.what = what, .unit = unit, .total = total, .before = before};
  progress->live = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
  progress->start = ritz_clock_seconds();
}

double ritz_progress_seconds(const ritz_progress *progress) {
  return ritz_clock_seconds() - progress->start;
}

const char *ritz_duration_text(double seconds, char out[32]) {
  const long long whole = (long long)(seconds + 0.5);
  if (!(seconds >= 0 && seconds < 1e9))
    snprintf(out, 32, "?");
  else if (seconds < 10)
    snprintf(out, 32, "%.2g s", seconds);
  else if (whole < 60)
    snprintf(out, 32, "%lld s", whole);
  else if (whole < 3600)
    snprintf(out, 32, "%lld min %02lld s", whole / 60, whole % 60);
  else
    snprintf(out, 32, "%lld h %02lld min", whole / 3600, whole % 3600 / 60);
  return out;
}

/* The old line is covered by blanks. */
static void write_over(ritz_progress *progress, const char *text) {
  const int most = terminal_width(), length = (int)strlen(text) < most ? (int)strlen(text) : most;
  const int blanks = progress->width > length ? progress->width - length : 0;
  fprintf(stderr, "\r%.*s%*s\r%.*s", length, text, blanks, "", length, text);
  fflush(stderr);
  progress->width = length;
  progress->shown = ritz_clock_seconds();
}

void ritz_progress_text(ritz_progress *progress, const char *format, ...) {
  if (!progress->live || ritz_clock_seconds() - progress->shown < least_interval) return;
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  write_over(progress, text);
}

void ritz_progress_show(ritz_progress *progress, ritz_index done) {
  const double seconds = ritz_progress_seconds(progress);
  const double rate = (double)(done - progress->before) / seconds;
  char left[32] = "?";
  if (rate > 0) ritz_duration_text((double)(progress->total - done) / rate, left);
  ritz_progress_text(progress, "%s: %td of %td %s (%.0f %%), %.3g %s/s, %s left", progress->what,
                     done, progress->total, progress->unit,
                     100 * (double)done / (double)progress->total, rate, progress->unit, left);
}

void ritz_progress_end(ritz_progress *progress) {
  if (progress->width) fprintf(stderr, "\r%*s\r", progress->width, "");
  progress->width = 0;
}
