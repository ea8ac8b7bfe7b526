/* SPDX-License-Identifier: BSD-3-Clause
 * What communication will cost: bytes to the last one, and jobs far beyond this machine. What
 * graphs on split grids hold and send is told in every check_splits(), a training step in
 * test_train.c. */
#include <math.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "dist/imagined.h"
#include "split_check.h"
#include "train/forecast.h"

/* Around the limits of a short sum, of packed parts and of a block. */
static const ritz_index counts[] = {0, 1, 2, 7, 511, 512, 513, 1025, 9000, 40000, 300001};
enum { count_cases = sizeof counts / sizeof *counts, most = 300001 };

static double *numbers, *more;

static void check_sent(const char *what, ritz_index count, uint64_t before,
                       const ritz_traffic *told) {
  const double sent = (double)(ritz_comm_bytes(together->comm) - before);
  if (told->bytes != sent)
    fail_msg("%s of %td sends %.0f bytes, told were %.0f", what, count, sent, told->bytes);
  assert_true((told->messages > 0) == (told->seconds > 0) && told->messages >= (sent > 0));
}

#define CHECK(what, count, call, tell)                         \
  do {                                                         \
    ritz_traffic told = {.network = {1e-6, 1e-9}}, *t = &told; \
    const uint64_t before = ritz_comm_bytes(comm);             \
    assert_ok(call);                                           \
    tell;                                                      \
    check_sent(what, count, before, t);                        \
  } while (0)

/* Uneven parts, one of them empty. */
static void cut(ritz_index count, ritz_index offset[9]) {
  for (int r = 0; r <= size; r++)
    offset[r] = r == size ? count : r == 1 ? 0 : count * r / (2 * size);
}

static void collectives_send_what_was_told(void **state) {
  ritz_comm *comm = together->comm;
  for (int i = 0; i < count_cases; i++) {
    const ritz_index n = counts[i], third = n / 3;
    ritz_index offset[9];
    cut(n, offset);
    for (int d = 0; d < 2; d++) {
      const ritz_dtype dtype = d ? RITZ_FLOAT64 : RITZ_FLOAT32;
      CHECK("the sum", n, ritz_comm_sum(comm, dtype, n, numbers),
            ritz_traffic_add_sum(t, comm, dtype, n));
      CHECK("the sum of shares", n, ritz_comm_sum_share(comm, dtype, third, 3, numbers, more),
            ritz_traffic_add_sum_share(t, comm, dtype, third, 3));
      CHECK("the sum of parts", n, ritz_comm_sum_part(comm, dtype, offset, numbers),
            ritz_traffic_add_sum_part(t, comm, dtype, offset));
    }
    CHECK("the gather of shares", n, ritz_comm_gather_shares(comm, n, 8, numbers, more),
          ritz_traffic_add_gather_shares(t, comm, n, 8));
    CHECK("the gather of parts", n, ritz_comm_gather_parts(comm, 4, offset, numbers),
          ritz_traffic_add_gather_parts(t, comm, 4, offset));
    CHECK("the largest", n, ritz_comm_largest(comm, n, numbers),
          ritz_traffic_add_largest(t, comm, n));
  }
  CHECK("an agreement", 1, ritz_status_agree(together, RITZ_OK),
        ritz_traffic_add_agreement(t, comm));
}

/* By hand: three rounds reach 8 ranks. */
static void times_are_those_of_the_network(void **state) {
  ritz_traffic t = {.network = {.latency = 10, .byte_time = 1}};
  ritz_traffic_add_message(&t, 0);
  assert_near(t.seconds + t.messages + t.bytes, 0, 0);
  ritz_traffic_add_message(&t, 5);
  assert_near(t.seconds, 15, 0);
  ritz_traffic_add_gather(&t, 8, 5);
  assert_near(t.seconds, 15 + 3 * 10 + 7 * 5, 0);
  ritz_traffic_add_exchange(&t, 8, 1); /* 3 rounds of 4 bytes: 42; straight 7 messages: 77 */
  assert_near(t.seconds, 80 + 42, 0);
  ritz_traffic_add_exchange(&t, 8, 100); /* 7 messages of 100: 770; rounds: 1230 */
  assert_near(t.seconds, 122 + 770, 0);
  assert_near(t.messages, 1 + 3 + 3 + 7, 0);
  assert_near(t.bytes, 5 + 35 + 7 + 700, 0);
}

/* ---- jobs ---------------------------------------------------------------------------------- */

typedef struct job {
  ritz_context *context;
  ritz_operator *op;
  ritz_forecast_request request;
} job;

/* m^3 kept modes on a slice of the spectrum's half: 4 x 4 x 3. */
static ritz_status create_with(const char *options, job *j) {
  *j = (job){.request = {.dim = 3,
                         .grid = {64, 64, 64},
                         .batch = 1,
                         .channels_in = 1,
                         .ranks = 8,
                         .threads = 1,
                         .parts = {.count = 3, .n = {2, 2, 2}},
                         .optimizer = "adamw",
                         .network = {2e-6, 1e-10},
                         .machine = {1e11, 1e10}}};
  ritz_status status = ritz_context_create(NULL, &j->context);
  if (status == RITZ_OK) status = ritz_operator_create(j->context, "fno", options, &j->op);
  if (status == RITZ_OK)
    status = ritz_params_create(j->context, RITZ_FLOAT32, 1, &j->request.params);
  if (status == RITZ_OK) status = ritz_loss_type_find("rel_l2", &j->request.loss);
  j->request.op = j->op;
  return status;
}

static ritz_status create(job *j) {
  return create_with("{n_modes: [4, 4, 4], hidden_channels: 6, n_layers: 2}", j);
}

static void destroy(job *j) {
  ritz_params_destroy(&j->request.params);
  ritz_operator_destroy(&j->op);
  ritz_context_destroy(&j->context);
}

/* A spectral layer sends its kept modes, whatever the grid: 2 layers, forward, of B C numbers. */
static void what_is_sent_does_not_depend_on_the_grid(void **state) {
  job j;
  ritz_forecast small, large;
  assert_ok(create(&j));
  assert_ok(ritz_forecast_job(&j.request, &small));
  for (int a = 0; a < 3; a++) j.request.grid[a] = 4096;
  assert_ok(ritz_forecast_job(&j.request, &large));
  assert_near(small.grid.bytes, 2 * 7.0 / 8 * 2 * (2 * 4 * 4 * 3 * 6) * sizeof(float), 0);
  assert_near(large.grid.bytes, small.grid.bytes, 0);
  assert_near(large.flops / small.flops, 262144, 0.1 * 262144);
  assert_true(large.plan > 1e5 * (double)small.plan);
  assert_int_equal(large.part[0], 2048);
  destroy(&j);
}

/* 8 slabs of few points: columns and modes, each way, are less than sums of all modes. */
static void slabs_of_few_points_exchange_lines(void **state) {
  job j;
  ritz_forecast told;
  assert_ok(create_with("{n_modes: [16, 16, 16], hidden_channels: 6, n_layers: 2}", &j));
  for (int a = 0; a < 3; a++) j.request.grid[a] = 64, j.request.parts.n[a] = a ? 1 : 8;
  assert_ok(ritz_forecast_job(&j.request, &told));
  const double each = 7.0 / 8 * (64 + 16) / 8 * 2 * (16 * 9 * 6) * sizeof(float);
  assert_near(told.grid.bytes, 2 * 2 * each, 0);
  assert_true(told.grid.bytes < 2 * 2 * 7.0 / 8 * 2 * (16 * 16 * 9 * 6) * sizeof(float));
  destroy(&j);
}

static void thousands_of_ranks_need_nobody(void **state) {
  job j;
  ritz_forecast told;
  assert_ok(create(&j));
  j.request.ranks = 8192;
  j.request.train = true;
  j.request.batch = 3;
  for (int a = 0; a < 3; a++) j.request.grid[a] = 4096, j.request.parts.n[a] = 16;
  assert_ok(ritz_forecast_job(&j.request, &told));
  assert_int_equal(told.domains, 2);
  assert_int_equal(told.samples, 2);
  assert_int_equal(told.part[2], 256);
  assert_true(told.plan > (size_t)1 << 30 && told.optimizer < told.weights);
  assert_true(told.gradient < told.weights / 4); /* one mode of 48, or none, of each layer */
  assert_true(told.grid.seconds > 0 && told.gradients.seconds > 0 && told.compute > 0);
  assert_near(ritz_forecast_seconds(&told), told.compute + told.grid.seconds + told.exposed, 0);
  assert_near(told.exposed, told.gradients.seconds, 0); /* few numbers: one bucket, at the end */
  assert_true(ritz_forecast_memory(&told, true) > ritz_forecast_memory(&told, false));
  destroy(&j);
}

/* 9 MiB of weights on 4 ranks: while there is something to compute, all buckets but the last may
 * travel; the parameters then do not. */
static void buckets_travel_while_gradients_are_computed(void **state) {
  job j;
  ritz_forecast fast, slow;
  assert_ok(create_with("{n_modes: [16, 16, 16], hidden_channels: 16, n_layers: 2}", &j));
  j.request.train = true;
  j.request.batch = j.request.ranks = 4;
  j.request.parts = (ritz_ints){0};
  j.request.machine = (ritz_roofline){1e9, 1e9};
  assert_ok(ritz_forecast_job(&j.request, &slow));
  j.request.machine = (ritz_roofline){1e30, 1e30};
  assert_ok(ritz_forecast_job(&j.request, &fast));
  assert_near(fast.gradients.seconds, slow.gradients.seconds, 0);
  assert_near(fast.exposed, fast.gradients.seconds, 1e-12);
  assert_true(slow.exposed > 0.5 * slow.gradients.seconds);
  assert_true(slow.exposed < 0.7 * slow.gradients.seconds);
  destroy(&j);
}

static void impossible_jobs_are_refused(void **state) {
  job j;
  ritz_forecast told;
  assert_ok(create(&j));
  j.request.ranks = 12;
  assert_int_equal(ritz_forecast_job(&j.request, &told), RITZ_ERR_CONFIG);
  assert_message_contains("do not divide 12 ranks");
  j.request.ranks = 8;
  j.request.grid[1] = 1;
  assert_int_equal(ritz_forecast_job(&j.request, &told), RITZ_ERR_SHAPE);
  assert_message_contains("grid axis 1 has 1 points");
  j.request.grid[1] = 64;
  j.request.dim = 2;
  assert_int_equal(ritz_forecast_job(&j.request, &told), RITZ_ERR_CONFIG);
  assert_message_contains("the data's grid has 2 axes");
  j.request.batch = 0;
  assert_int_equal(ritz_forecast_job(&j.request, &told), RITZ_ERR_ARGUMENT);
  destroy(&j);
}

static void imagined_ranks_do_not_answer(void **state) {
  ritz_context *context;
  double number = 1;
  assert_ok(ritz_context_imagine(NULL, 1, 3, &context));
  assert_int_equal(ritz_comm_rank(context->comm), 1);
  assert_int_equal(ritz_comm_sum(context->comm, RITZ_FLOAT64, 1, &number), RITZ_ERR_COMMUNICATION);
  assert_message_contains("imagined");
  ritz_context_destroy(&context);
  assert_int_equal(ritz_context_imagine(NULL, 3, 3, &context), RITZ_ERR_ARGUMENT);
  assert_null(context);
}

static void every_allocation_may_fail(void **state) {
  job j;
  ritz_forecast told;
  assert_ok(create(&j));
  j.request.train = true;
  assert_ok(ritz_forecast_job(&j.request, &told)); /* from here on the parameters are there */
  long k = 0;
  while (memory_fails(k, ritz_forecast_job(&j.request, &told))) k += 1 + k / 16;
  destroy(&j);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(collectives_send_what_was_told),
      cmocka_unit_test(times_are_those_of_the_network),
      cmocka_unit_test(what_is_sent_does_not_depend_on_the_grid),
      cmocka_unit_test(slabs_of_few_points_exchange_lines),
      cmocka_unit_test(thousands_of_ranks_need_nobody),
      cmocka_unit_test(buckets_travel_while_gradients_are_computed),
      cmocka_unit_test(impossible_jobs_are_refused),
      cmocka_unit_test(imagined_ranks_do_not_answer),
      cmocka_unit_test(every_allocation_may_fail),
  };
  if (ritz_calloc(most + 1, sizeof *numbers, (void **)&numbers) != RITZ_OK) return 1;
  if (ritz_calloc(most + 1, sizeof *more, (void **)&more) != RITZ_OK) return 1;
  const int failures = run_split_tests(sizeof tests / sizeof *tests, tests);
  ritz_free(numbers);
  ritz_free(more);
  return failures;
}
