/* SPDX-License-Identifier: BSD-3-Clause
 * Sums that go on in buckets: the bits of the plain sum, whatever the pace of each rank, and no
 * rank that waits for one that has given up. */
#include <math.h>
#include <string.h>

#include "allocations.h"
#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/buckets.h"
#include "dist/ranks.h"
#include "ranks.h"

static ritz_comm *comm;

enum { most_ranks = 32, most_buckets = 11 };

/* Buckets from the end of an array, and what the others tell of it. */
typedef struct sample {
  ritz_dtype dtype;
  int buckets;
  ritz_index length, offset[most_buckets * (most_ranks + 1)];
  void *values, *plain;
  ritz_buckets *made;
} sample;

/* Slices of very different lengths, some empty; bucket 2 is so as a whole. */
static ritz_index slice(int bucket, int r) {
  const ritz_index some = (7919 * (bucket + 1) + 104729 * r) % 997;
  return bucket == 2 || (bucket + r) % 5 == 3 ? 0 : some * (bucket % 3 == 0 ? 11 : 1);
}

/* Numbers of very different size: another order of adding them gives other bits. */
static void fill(sample *s, uint32_t run) {
  const ritz_random stream = {1, RITZ_RANDOM_TEST, run * 100 + (uint32_t)rank};
  for (ritz_index i = 0; i < s->length; i++)
    ritz_number_set(
        s->dtype, s->values, i,
        ldexp(ritz_random_uniform(stream, (uint64_t)i) - 0.5, 3 * (int)((i + 5 * rank) % 13)));
  memcpy(s->plain, s->values, (size_t)s->length * ritz_dtype_size(s->dtype));
  assert_ok(ritz_comm_sum(comm, s->dtype, s->length, s->plain));
}

static void begin(sample *s, ritz_dtype dtype, int buckets) {
  *s = (sample){.dtype = dtype, .buckets = buckets};
  for (int b = buckets - 1; b >= 0; b--)
    for (int r = 0; r <= size; r++) {
      s->offset[b * (size + 1) + r] = s->length;
      if (r < size) s->length += slice(b, r);
    }
  assert_ok(ritz_calloc(s->length, ritz_dtype_size(dtype), &s->values));
  assert_ok(ritz_calloc(s->length, ritz_dtype_size(dtype), &s->plain));
  assert_ok(ritz_buckets_create(comm, dtype, buckets, s->offset, &s->made));
}

static void end(sample *s) {
  ritz_buckets_destroy(&s->made);
  ritz_free(s->values);
  ritz_free(s->plain);
}

/* Own slices are those of the plain sum; then all numbers are. */
static void check(sample *s) {
  const size_t number = ritz_dtype_size(s->dtype);
  for (int b = 0; b < s->buckets; b++) {
    const ritz_index *own = s->offset + b * (size + 1) + rank;
    assert_memory_equal((char *)s->values + (size_t)own[0] * number,
                        (char *)s->plain + (size_t)own[0] * number,
                        (size_t)(own[1] - own[0]) * number);
  }
  assert_ok(ritz_buckets_gather(s->made, s->values));
  assert_memory_equal(s->values, s->plain, (size_t)s->length * number);
}

/* Rank r says what is ready in steps of its own, often or rarely, or not at all. */
static void go_on(sample *s, int pace) {
  ritz_buckets_begin_sum(s->made, s->values);
  for (int ready = 0; pace > 0 && ready <= s->buckets; ready += pace)
    for (int often = 0; often < 8 / pace; often++) ritz_buckets_go_on(s->made, ready);
}

static void sums_have_the_bits_of_the_plain_one(void **state) {
  sample s;
  if (size == 1) return;
  for (int buckets = 1; buckets <= most_buckets; buckets += 5)
    for (int precise = 0; precise < 2; precise++) {
      begin(&s, precise ? RITZ_FLOAT64 : RITZ_FLOAT32, buckets);
      for (uint32_t run = 0; run < 3; run++) {
        fill(&s, run);
        go_on(&s, (rank + (int)run) % 4);
        assert_ok(ritz_buckets_finish_sum(s.made));
        check(&s);
      }
      end(&s);
    }
}

/* A rank that is not ready holds up the sum of a bucket, and may write its numbers until it is. */
static void numbers_may_be_written_until_they_are_ready(void **state) {
  sample s;
  if (size == 1) return;
  begin(&s, RITZ_FLOAT64, 3);
  fill(&s, 0);
  double *x = s.values;
  const bool late = rank == size - 1;
  for (ritz_index i = 0; late && i < s.length; i++) x[i] = -x[i];
  ritz_buckets_begin_sum(s.made, x);
  for (int i = 0; i < 20; i++) ritz_buckets_go_on(s.made, late ? 0 : 3);
  for (ritz_index i = 0; late && i < s.length; i++) x[i] = -x[i];
  assert_ok(ritz_buckets_finish_sum(s.made));
  check(&s);
  end(&s);
}

/* The rank breaks off in the middle of its pass: it joins the end, tells, and the next sum is right
 * again. */
static void a_rank_that_gives_up_leaves_nobody_waiting(void **state) {
  sample s;
  if (size == 1) return;
  begin(&s, RITZ_FLOAT32, most_buckets);
  fill(&s, 7);
  for (int failing = 0; failing < size; failing++)
    for (int at = 0; at < most_buckets; at += 5) {
      ritz_status status = RITZ_OK;
      ritz_buckets_begin_sum(s.made, s.values);
      for (int ready = 0; ready <= s.buckets && status == RITZ_OK; ready++) {
        ritz_buckets_go_on(s.made, ready);
        if (rank == failing && ready == at) status = RITZ_FAIL(RITZ_ERR_NUMERIC, "half way");
      }
      assert_ok(ritz_buckets_finish_sum(s.made));
      assert_int_equal(ritz_status_agree(together, status), RITZ_ERR_NUMERIC);
      assert_message_contains("half way");
    }
  fill(&s, 8);
  go_on(&s, 1);
  assert_ok(ritz_buckets_finish_sum(s.made));
  check(&s);
  end(&s);
}

static void what_is_sent_is_told(void **state) {
  sample s;
  ritz_traffic told = {0};
  if (size == 1) return;
  begin(&s, RITZ_FLOAT32, most_buckets);
  fill(&s, 3);
  const uint64_t before = ritz_comm_bytes(comm);
  go_on(&s, 2);
  assert_ok(ritz_buckets_finish_sum(s.made));
  for (int b = 0; b < s.buckets; b++) ritz_buckets_add_sum(s.made, b, &told);
  assert_near(told.bytes, (double)(ritz_comm_bytes(comm) - before), 0);
  assert_ok(ritz_buckets_gather(s.made, s.values));
  ritz_buckets_add_gather(s.made, &told);
  assert_near(told.bytes, (double)(ritz_comm_bytes(comm) - before), 0);
  end(&s);
}

/* ---- a transport that breaks --------------------------------------------------------------- */

static int tasks, started;

static ritz_status make_task(void *state, ritz_task_kind kind, int messages, void **task) {
  *task = &tasks;
  tasks++;
  return RITZ_OK;
}
static ritz_status start(void *task, int count, const ritz_message *message) {
  return ++started == 3 ? RITZ_FAIL(RITZ_ERR_COMMUNICATION, "the cable is cut") : RITZ_OK;
}
static ritz_status test(void *task, bool *done) {
  *done = false;
  return RITZ_OK;
}
static ritz_status wait(void *task) {
  fail_msg("nobody may wait behind a failure");
  return RITZ_OK;
}
static void destroy_task(void *task) { tasks--; }
static void destroy_nothing(void *state) {}

static const ritz_transport cut = {.make_task = make_task,
                                   .start = start,
                                   .test = test,
                                   .wait = wait,
                                   .destroy_task = destroy_task,
                                   .destroy = destroy_nothing};
static const ritz_index thirds[] = {20, 25, 30, 10, 15, 20, 0, 5, 10};

static void a_failure_comes_out_at_the_end(void **state) {
  float values[30] = {0};
  ritz_comm *two;
  ritz_buckets *b;
  int nothing = 0;
  assert_ok(ritz_comm_create(&cut, &nothing, 0, 2, &two));
  assert_ok(ritz_buckets_create(two, RITZ_FLOAT32, 3, thirds, &b));
  ritz_buckets_begin_sum(b, values);
  ritz_buckets_go_on(b, 2);
  assert_int_equal(started, 2);
  ritz_buckets_go_on(b, 3);
  ritz_buckets_go_on(b, 3);
  assert_int_equal(started, 3);
  assert_int_equal(ritz_buckets_finish_sum(b), RITZ_ERR_COMMUNICATION);
  ritz_buckets_destroy(&b);
  assert_int_equal(tasks, 0);
  ritz_comm_destroy(&two);
}

static void memory_failures_leave_nothing(void **state) {
  ritz_comm *two;
  ritz_buckets *b;
  int nothing = 0;
  long k = 0;
  assert_ok(ritz_comm_create(&cut, &nothing, 0, 2, &two));
  while (creation_fails(k, b, ritz_buckets_create(two, RITZ_FLOAT32, 3, thirds, &b))) {
    assert_int_equal(tasks, 0);
    k++;
  }
  assert_true(k >= 4);
  ritz_buckets_destroy(&b);
  ritz_comm_destroy(&two);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_have_the_bits_of_the_plain_one),
      cmocka_unit_test(numbers_may_be_written_until_they_are_ready),
      cmocka_unit_test(a_rank_that_gives_up_leaves_nobody_waiting),
      cmocka_unit_test(what_is_sent_is_told),
      cmocka_unit_test(a_failure_comes_out_at_the_end),
      cmocka_unit_test(memory_failures_leave_nothing),
  };
  ranks_begin();
  comm = together->comm;
  return ranks_end(cmocka_run_group_tests(tests, NULL, NULL));
}
