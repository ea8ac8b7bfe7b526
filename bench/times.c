/* SPDX-License-Identifier: BSD-3-Clause
 * Timing jobs in turn. */
#include "bench/bench.h"
#include "core/clock.h"
#include "core/median.h"
#include "core/memory.h"
#include "kernels/machine.h"
#include "tests/support/heap.h"

enum { rivals_most = 32, readings_least = 5, readings_most = 20000 };
static const double shortest_reading = 20e-6; /* a clock reading costs some 30 ns */
static const double part_of_peak = 0.2;       /* of the time goes to reading it, at most */

typedef struct series {
  int inner;      /* runs per reading */
  int count;      /* readings */
  double *values; /* seconds of one run, or flops per second; by reading */
  long allocations;
} series;

static double read_once(const bench_job *job, int inner) {
  const double start = ritz_clock_seconds();
  for (int i = 0; i < inner; i++) job->run(job->arg);
  return (ritz_clock_seconds() - start) / inner;
}

/* Three runs and a tenth of the time, which also finds out how long a run takes; one run if there
 * is no time. */
static int warm_up(const bench_job *job, double seconds) {
  const double end = ritz_clock_seconds() + seconds / 10;
  double least = read_once(job, 1);
  for (int i = 0; seconds > 0 && (i < 2 || ritz_clock_seconds() < end); i++) {
    const double now = read_once(job, 1);
    if (now < least) least = now;
  }
  return least < shortest_reading ? (int)(shortest_reading / (least + 1e-9)) + 1 : 1;
}

static bench_times summarise(series *s, double peak) {
  const double median = ritz_median(s->count, s->values); /* sorts them */
  const int p99 = (99 * s->count + 99) / 100 - 1;         /* nearest rank */
  return (bench_times){.median = median,
                       .least = s->values[0],
                       .p99 = s->values[p99],
                       .peak = peak,
                       .count = s->count * s->inner,
                       .allocations = s->allocations};
}

static void run_round(int count, const bench_job *jobs, series *s) {
  for (int j = 0; j < count; j++) {
    heap_count_begin();
    s[j].values[s[j].count++] = read_once(&jobs[j], s[j].inner);
    s[j].allocations += heap_count_end();
  }
}

static void run_rounds(const bench_call *call, ritz_dtype dtype, int count, const bench_job *jobs,
                       series *s, series *peak) {
  const int least = call->seconds > 0 ? readings_least : 1;
  const double begin = ritz_clock_seconds(), end = begin + call->seconds * count;
  double in_peak = 0;
  for (int round = 0; round < readings_most; round++) {
    const double now = ritz_clock_seconds();
    if (round >= least && now >= end) return;
    run_round(count, jobs, s);
    if (in_peak > part_of_peak * (now - begin)) continue;
    const double start = ritz_clock_seconds();
    peak->values[peak->count++] = ritz_machine_peak_now(dtype, call->threads);
    in_peak += ritz_clock_seconds() - start;
  }
}

ritz_status bench_measure(const bench_call *call, ritz_dtype dtype, int count,
                          const bench_job *jobs, bench_times *times) {
  series s[rivals_most + 1] = {0}; /* the last: the peak */
  double *memory;
  RITZ_REQUIRE(count <= rivals_most, RITZ_ERR_ARGUMENT, "%d rivals, at most %d", count,
               rivals_most);
  RITZ_TRY(RITZ_NEW((ritz_index)(count + 1) * (readings_most + 2), &memory));
  for (int j = 0; j <= count; j++) s[j].values = memory + (ritz_index)j * (readings_most + 2);
  for (int i = 0; i < 2; i++) /* warms up, too */
    s[count].values[s[count].count++] = ritz_machine_peak_now(dtype, call->threads);
  for (int j = 0; j < count; j++) s[j].inner = warm_up(&jobs[j], call->seconds);
  run_rounds(call, dtype, count, jobs, s, &s[count]);
  const double peak = ritz_median(s[count].count, s[count].values);
  for (int j = 0; j < count; j++) times[j] = summarise(&s[j], peak);
  ritz_free(memory);
  return RITZ_OK;
}
