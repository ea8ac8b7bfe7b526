/* SPDX-License-Identifier: BSD-3-Clause
 * Timing jobs in turn. */
#include <stdlib.h>

#include "bench/bench.h"
#include "core/clock.h"
#include "core/memory.h"
#include "tests/support/heap.h"

enum { rivals_most = 8, readings_least = 5, readings_most = 20000 };
static const double shortest_reading = 20e-6; /* a clock reading costs some 30 ns */

typedef struct series {
  int inner;       /* runs per reading */
  double *seconds; /* of one run, by reading */
} series;

static double read_once(const bench_job *job, int inner) {
  const double start = ritz_clock_seconds();
  for (int i = 0; i < inner; i++) job->run(job->arg);
  return (ritz_clock_seconds() - start) / inner;
}

/* Three runs and a tenth of the time, which also finds out how long a run takes. */
static int warm_up(const bench_job *job, double seconds) {
  const double end = ritz_clock_seconds() + seconds / 10;
  double least = read_once(job, 1);
  for (int i = 0; i < 2 || ritz_clock_seconds() < end; i++) {
    const double now = read_once(job, 1);
    if (now < least) least = now;
  }
  return least < shortest_reading ? (int)(shortest_reading / (least + 1e-9)) + 1 : 1;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static bench_times summarise(series *s, int readings, long allocations) {
  qsort(s->seconds, (size_t)readings, sizeof *s->seconds, ascending);
  const int p99 = (99 * readings + 99) / 100 - 1; /* nearest rank */
  return (bench_times){.median = s->seconds[readings / 2],
                       .least = s->seconds[0],
                       .p99 = s->seconds[p99],
                       .count = readings * s->inner,
                       .allocations = allocations};
}

ritz_status bench_measure(double seconds, int count, const bench_job *jobs, bench_times *times) {
  series s[rivals_most] = {0};
  long allocations[rivals_most] = {0};
  double *memory;
  RITZ_REQUIRE(count <= rivals_most, RITZ_ERR_ARGUMENT, "%d rivals, at most %d", count,
               rivals_most);
  RITZ_TRY(RITZ_NEW((ritz_index)count * readings_most, &memory));
  for (int j = 0; j < count; j++)
    s[j] = (series){warm_up(&jobs[j], seconds), memory + (ritz_index)j * readings_most};
  int readings = 0;
  const double end = ritz_clock_seconds() + seconds * count;
  for (; readings < readings_most; readings++) {
    if (readings >= readings_least && ritz_clock_seconds() >= end) break;
    for (int j = 0; j < count; j++) {
      heap_count_begin();
      s[j].seconds[readings] = read_once(&jobs[j], s[j].inner);
      allocations[j] += heap_count_end();
    }
  }
  for (int j = 0; j < count; j++) times[j] = summarise(&s[j], readings, allocations[j]);
  ritz_free(memory);
  return RITZ_OK;
}
