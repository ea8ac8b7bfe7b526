/* SPDX-License-Identifier: BSD-3-Clause */
#include "kernels/machine.h"

#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "kernels/gemm.h"

enum { rounds = 8 };

/* The fastest of several rounds, each of as many runs as fill its share of the time. */
static double fastest(void (*job)(void *), void *arg, double seconds) {
  double best = INFINITY;
  job(arg); /* warms up */
  for (int round = 0; round < rounds; round++) {
    const double begin = ritz_clock_seconds();
    double now = begin, last;
    do {
      last = now;
      job(arg);
      now = ritz_clock_seconds();
      best = fmin(best, now - last);
    } while (now - begin < seconds / rounds);
  }
  return best;
}

/* C[32, 64] += A[32, 32] B: 20 KiB in float, 40 KiB in double. */
enum { m = 32, n = 64, k = 32, products = 200 };

typedef struct product {
  ritz_gemm gemm;
  _Alignas(64) double a[m * k], b[k * n], c[m * n];
} product;

static void make_product(ritz_dtype dtype, product *p) {
  p->gemm = ritz_gemm_plan(dtype, false, true, m, n, k, k, n, n);
  memset(p->a, 0x3c, sizeof p->a); /* small numbers in either format */
  memset(p->b, 0x3c, sizeof p->b);
  memset(p->c, 0, sizeof p->c);
}

static void run_products(void *arg) {
  product *p = arg;
  for (int i = 0; i < products; i++) ritz_gemm_run(&p->gemm, p->a, p->b, p->c);
}

double ritz_machine_peak(ritz_dtype dtype, double seconds) {
  product p;
  make_product(dtype, &p);
  return 2.0 * m * n * k * products / fastest(run_products, &p, seconds);
}

enum { blocks = 4 }; /* long beside waking the threads */

static void run_blocks(void *dtype, ritz_index chunk, int thread) {
  product p;
  make_product(*(ritz_dtype *)dtype, &p);
  for (int i = 0; i < blocks; i++) run_products(&p);
}

double ritz_machine_peak_now(ritz_dtype dtype, int threads) {
  const double begin = ritz_clock_seconds();
  ritz_parallel(threads, threads, run_blocks, &dtype);
  return 2.0 * m * n * k * products * blocks * threads / (ritz_clock_seconds() - begin);
}

/* Small enough that the C library's copy does not turn to stores that go around the caches. */
static const ritz_index chunk_bytes = 64 << 10;

typedef struct copy {
  int threads;
  ritz_index chunks;
  char *from, *to;
} copy;

static void copy_chunk(void *arg, ritz_index chunk, int thread) {
  const copy *c = arg;
  memcpy(c->to + chunk * chunk_bytes, c->from + chunk * chunk_bytes, (size_t)chunk_bytes);
}

static void run_copy(void *arg) {
  copy *c = arg;
  ritz_parallel(c->threads, c->chunks, copy_chunk, c);
  char *const swap = c->from; /* what was written is read next, as from step to step of a plan */
  c->from = c->to, c->to = swap;
}

ritz_status ritz_machine_bandwidth(int threads, size_t bytes, double seconds, double *out) {
  copy c = {.threads = threads, .chunks = (ritz_index)bytes / 2 / chunk_bytes + 1};
  if (c.chunks < threads) c.chunks = threads;
  ritz_status status;
  *out = 0;
  RITZ_TRY_DONE(RITZ_NEW(c.chunks * chunk_bytes, &c.from));
  RITZ_TRY_DONE(RITZ_NEW(c.chunks * chunk_bytes, &c.to));
  *out = 2.0 * (double)(c.chunks * chunk_bytes) / fastest(run_copy, &c, seconds);
done:
  ritz_free(c.from);
  ritz_free(c.to);
  return status;
}
