/* SPDX-License-Identifier: BSD-3-Clause
 * Collectives and agreement, on any number of ranks. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "allocations.h"
#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/layout.h"
#include "dist/transport.h"
#include "ranks.h"

static ritz_comm *comm;

static void parts_follow_each_other(void **state) {
  const ritz_index counts[] = {0, 1, 2, 3, 4, 5, 17, 1000003};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    ritz_index first, share, expected = 0;
    ritz_comm_share(comm, counts[i], &first, &share);
    for (int r = 0; r < rank; r++) expected += counts[i] / size + (r < counts[i] % size);
    assert_int_equal(first, expected);
    assert_int_equal(share, counts[i] / size + (rank < counts[i] % size));
  }
}

/* Numbers of very different size: another order of adding them gives other bits. */
static double addend(int of, ritz_index i) {
  const ritz_random stream = {.seed = 1, .purpose = RITZ_RANDOM_TEST, .sample = (uint32_t)of};
  return (ritz_random_uniform(stream, (uint64_t)i) - 0.5) * pow(10, (double)((i + 5 * of) % 13));
}

static void check_sum(ritz_dtype dtype, ritz_index count) {
  void *values, *expected;
  const size_t number = ritz_dtype_size(dtype);
  assert_ok(ritz_calloc(count + 1, number, &values));
  assert_ok(ritz_calloc(count + 1, number, &expected));
  for (ritz_index i = 0; i < count; i++) {
    double total = 0;
    for (int r = 0; r < size; r++) {
      const double value = addend(r, i);
      total += dtype == RITZ_FLOAT64 ? value : (float)value;
      if (r == rank) ritz_number_set(dtype, values, i, value);
    }
    ritz_number_set(dtype, expected, i, total);
  }
  ritz_number_set(dtype, values, count, 42);
  ritz_number_set(dtype, expected, count, 42); /* nothing behind the end is touched */
  assert_ok(ritz_comm_sum(comm, dtype, count, values));
  assert_memory_equal(values, expected, (size_t)(count + 1) * number);
  ritz_free(values);
  ritz_free(expected);
}

/* Around the change from one message to slices, and around the block. */
static void sums_are_in_rank_order_to_the_bit(void **state) {
  const ritz_index block = RITZ_MESSAGE_BYTES / (ritz_index)sizeof(double);
  const ritz_index counts[] = {0, 1, 2, 3, 7, 511, 512, 513, 1024, 1025, 40961};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    check_sum(RITZ_FLOAT64, counts[i]);
    check_sum(RITZ_FLOAT32, counts[i]);
  }
  check_sum(RITZ_FLOAT64, block + 5);
  check_sum(RITZ_FLOAT32, 2 * block + 1);
}

static void every_rank_can_broadcast(void **state) {
  const ritz_index counts[] = {0, 1, 13, RITZ_MESSAGE_BYTES, RITZ_MESSAGE_BYTES + 3};
  unsigned char *data;
  assert_ok(RITZ_NEW(RITZ_MESSAGE_BYTES + 4, &data));
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
    const int root = (int)c % size;
    for (ritz_index i = 0; i < counts[c]; i++)
      data[i] = rank == root ? (unsigned char)(i * 7 + root) : 0;
    data[counts[c]] = 99;
    assert_ok(ritz_comm_broadcast(comm, root, counts[c], data));
    for (ritz_index i = 0; i < counts[c]; i++)
      if (data[i] != (unsigned char)(i * 7 + root)) fail_msg("byte %td of %td", i, counts[c]);
    assert_int_equal(data[counts[c]], 99);
  }
  ritz_free(data);
}

static void data_move_between_two_ranks_only(void **state) {
  const ritz_index count = RITZ_MESSAGE_BYTES / 4 + 11;
  int *data;
  assert_ok(RITZ_NEW(count, &data));
  for (int from = 0; from < size; from++) {
    const int to = size - 1 - from;
    for (ritz_index i = 0; i < count; i++) data[i] = rank * 1000 + (int)(i % 1000);
    assert_ok(ritz_comm_move(comm, from, to, count * (ritz_index)sizeof *data, data));
    const int owner = rank == to ? from : rank;
    for (ritz_index i = 0; i < count; i++)
      if (data[i] != owner * 1000 + (int)(i % 1000)) fail_msg("number %td", i);
  }
  ritz_free(data);
}

static void check_share_sum(ritz_dtype dtype, ritz_index count, ritz_index width) {
  ritz_index first, share;
  ritz_comm_share(comm, count, &first, &share);
  void *in, *out, *expected;
  const size_t number = ritz_dtype_size(dtype), bytes = (size_t)(share * width) * number;
  assert_ok(ritz_calloc(count * width, number, &in));
  assert_ok(ritz_calloc(share * width, number, &out));
  assert_ok(ritz_calloc(share * width, number, &expected));
  for (ritz_index i = 0; i < count * width; i++) ritz_number_set(dtype, in, i, addend(rank, i));
  for (ritz_index i = 0; i < share * width; i++) {
    double total = 0;
    for (int r = 0; r < size; r++) {
      const double value = addend(r, first * width + i);
      total += dtype == RITZ_FLOAT64 ? value : (float)value;
    }
    ritz_number_set(dtype, expected, i, total);
  }
  assert_ok(ritz_comm_sum_share(comm, dtype, count, width, in, out));
  assert_memory_equal(out, expected, bytes);
  ritz_free(in);
  ritz_free(out);
  ritz_free(expected);
}

static void sums_of_shares_are_in_rank_order_to_the_bit(void **state) {
  const ritz_index counts[] = {0, 1, 2, 3, 5, 7, 130};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    check_share_sum(RITZ_FLOAT64, counts[i], 1);
    check_share_sum(RITZ_FLOAT32, counts[i], 27);
  }
  check_share_sum(RITZ_FLOAT64, 9, 70001); /* several blocks */
}

static void shares_are_gathered_in_rank_order(void **state) {
  const ritz_index counts[] = {0, 1, 2, 3, 5, 7, 130, 2 * RITZ_MESSAGE_BYTES + 3};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    const ritz_index count = counts[i], bytes = i < 7 ? 12 : 1;
    ritz_index first, share;
    unsigned char *all;
    ritz_comm_share(comm, count, &first, &share);
    assert_ok(RITZ_NEW(count * bytes + 1, &all));
    all[count * bytes] = 99;
    for (ritz_index k = first * bytes; k < (first + share) * bytes; k++)
      all[k] = (unsigned char)(k * 7 + 1);
    assert_ok(ritz_comm_gather_shares(comm, count, bytes, all + first * bytes, all));
    for (ritz_index k = 0; k < count * bytes; k++)
      if (all[k] != (unsigned char)(k * 7 + 1)) fail_msg("byte %td of %td", k, count * bytes);
    assert_int_equal(all[count * bytes], 99);
    ritz_free(all);
  }
}

static void the_largest_number_is_everyones(void **state) {
  double value[3] = {rank, -rank, rank == size / 2 ? NAN : 1};
  assert_ok(ritz_comm_largest(comm, 3, value));
  assert_true(value[0] == size - 1 && value[1] == 0 && (size == 1 || isnan(value[2])));
}

/* Rank r tells rank q of r + 2 q numbers; some messages are empty one way or both. */
static void messages_of_all_lengths_are_swapped(void **state) {
  enum { most = 32 };
  int *out, *in;
  ritz_message message[most];
  int count = 0;
  assert_ok(RITZ_NEW(most * 3 * most, &out));
  assert_ok(RITZ_NEW(most * 3 * most, &in));
  for (int q = size - 1; q >= 0; q--) {
    if (q == rank) continue;
    const int mine = rank % 3 == 2 ? 0 : rank + 2 * q, theirs = q % 3 == 2 ? 0 : q + 2 * rank;
    for (int i = 0; i < mine; i++) out[q * 3 * most + i] = 1000 * rank + q + 7 * i;
    message[count++] =
        (ritz_message){q, mine * 4, theirs * 4, out + q * 3 * most, in + q * 3 * most};
  }
  assert_ok(ritz_comm_swap(comm, count, message));
  for (int k = 0; k < count; k++)
    for (int i = 0; i < (int)message[k].in_bytes / 4; i++)
      assert_int_equal(((int *)message[k].in)[i], 1000 * message[k].rank + rank + 7 * i);
  ritz_free(out);
  ritz_free(in);
}

static void ranks_of_one_colour_form_a_context(void **state) {
  ritz_context *part;
  assert_ok(ritz_context_split(together, rank % 2, &part));
  assert_int_equal(ritz_comm_size(part->comm), size == 1 ? 1 : (size + 1 - rank % 2) / 2);
  assert_int_equal(ritz_comm_rank(part->comm), rank / 2);
  double sum = rank, expected = 0;
  for (int r = rank % 2; r < size; r += 2) expected += r;
  assert_ok(ritz_comm_sum(part->comm, RITZ_FLOAT64, 1, &sum));
  assert_true(sum == expected);
  ritz_context_destroy(&part);
}

static void sent_bytes_are_counted(void **state) {
  const uint64_t others = (uint64_t)size - 1, before = ritz_comm_bytes(comm);
  double value[3] = {1, 2, 3};
  assert_ok(ritz_comm_sum(comm, RITZ_FLOAT64, 3, value));
  assert_int_equal(ritz_comm_bytes(comm) - before, 24 * others);
  assert_ok(ritz_comm_broadcast(comm, 0, 10, value));
  assert_int_equal(ritz_comm_bytes(comm) - before, 24 * others + (rank == 0 ? 10 * others : 0));
  assert_ok(ritz_comm_barrier(comm));
}

static void one_failure_is_everyones(void **state) {
  char expected[64];
  assert_int_equal(ritz_status_agree(together, RITZ_OK), RITZ_OK);
  for (int failing = 0; failing < size; failing++) {
    ritz_status status = RITZ_OK;
    if (rank == failing) status = RITZ_FAIL(RITZ_ERR_IO, "disk %d is full", failing);
    assert_int_equal(ritz_status_agree(together, status), RITZ_ERR_IO);
    int used = 0;
    if (failing > 0) used = snprintf(expected, sizeof expected, "rank %d: ", failing);
    snprintf(expected + used, sizeof expected - (size_t)used, "disk %d is full", failing);
    assert_string_equal(ritz_error_message(), expected);
    /* Agreed once more, further out: no second prefix. */
    assert_int_equal(ritz_status_agree(together, RITZ_ERR_IO), RITZ_ERR_IO);
    assert_string_equal(ritz_error_message(), expected);
  }
}

static void the_first_of_several_failures_is_told(void **state) {
  ritz_status status = RITZ_OK;
  if (rank == size - 1) status = RITZ_FAIL(RITZ_ERR_MEMORY, "rank %d has no memory", rank);
  if (size > 2 && rank == size - 2) status = RITZ_FAIL(RITZ_ERR_SHAPE, "a shape");
  assert_int_equal(ritz_status_agree(together, status),
                   size > 2 ? RITZ_ERR_SHAPE : RITZ_ERR_MEMORY);
  status = RITZ_FAIL(RITZ_ERR_CONFIG, "line 3");
  assert_int_equal(ritz_status_agree(together, status), RITZ_ERR_CONFIG);
  assert_string_equal(ritz_error_message(), "line 3"); /* all the same: nobody is named */
}

/* A sentence as long as it can be, with the prefix cut off behind. */
static void long_messages_survive(void **state) {
  char text[1200];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = 0;
  ritz_status status = RITZ_OK;
  if (rank == size - 1) status = RITZ_FAIL(RITZ_ERR_IO, "%s", text);
  assert_int_equal(ritz_status_agree(together, status), RITZ_ERR_IO);
  assert_true(strlen(ritz_error_message()) > 1000);
}

/* A communicator whose transport breaks: the failure comes out, nothing is left behind. */
static ritz_status broken(void *state, int bytes, const void *in, void *out) {
  return RITZ_FAIL(RITZ_ERR_COMMUNICATION, "the cable is cut");
}

static void destroy_nothing(void *state) { *(int *)state += 1; }

static void failures_of_the_transport_come_out(void **state) {
  static const ritz_transport cut = {
      .gather_all = broken, .exchange = broken, .destroy = destroy_nothing};
  static double values[2000];
  int destroyed = 0;
  ritz_context *alone;
  assert_ok(ritz_context_create(NULL, &alone));
  alone->destroy_comm = ritz_comm_destroy;
  assert_ok(ritz_comm_create(&cut, &destroyed, 1, 3, &alone->comm));
  assert_int_equal(ritz_comm_sum(alone->comm, RITZ_FLOAT64, 2, values), RITZ_ERR_COMMUNICATION);
  assert_int_equal(ritz_comm_sum(alone->comm, RITZ_FLOAT64, 2000, values), RITZ_ERR_COMMUNICATION);
  assert_int_equal(ritz_status_agree(alone, RITZ_OK), RITZ_ERR_COMMUNICATION);
  assert_message_contains("the cable is cut");
  ritz_context_destroy(&alone);
  assert_int_equal(destroyed, 1);
}

static void memory_failures_leave_nothing(void **state) {
  static const ritz_transport none = {.destroy = destroy_nothing};
  ritz_comm *made;
  int destroyed = 0;
  long k = 0;
  while (creation_fails(k, made, ritz_comm_create(&none, &destroyed, 0, 2, &made))) {
    assert_int_equal(destroyed, 0); /* still the caller's */
    k++;
  }
  ritz_comm_destroy(&made);
  assert_int_equal(destroyed, 1);
}

#if RITZ_WITH_MPI
#include <ritz/mpi.h>

static void wrong_communicators_are_refused(void **state) {
  ritz_context *made = together;
  assert_int_equal(ritz_context_create_mpi(MPI_COMM_NULL, NULL, &made), RITZ_ERR_ARGUMENT);
  assert_null(made);
  ritz_context_options options;
  ritz_context_options_defaults(&options);
  options.threads = -1;
  assert_int_equal(ritz_context_create_mpi(MPI_COMM_WORLD, &options, &made), RITZ_ERR_ARGUMENT);
  assert_null(made);
}

static void a_rank_without_memory_stops_all_contexts(void **state) {
  ritz_context *made;
  long k = 0;
  while (creation_fails(rank == size - 1 ? k : -1, made,
                        ritz_context_create_mpi(MPI_COMM_WORLD, NULL, &made))) {
    char prefix[32];
    snprintf(prefix, sizeof prefix, "rank %d: ", size - 1);
    if (size > 1) assert_int_equal(strncmp(ritz_error_message(), prefix, strlen(prefix)), 0);
    k++;
  }
  assert_in_range(k, 4, 100);
  ritz_context_destroy(&made);
}

static void the_host_keeps_its_communicator(void **state) {
  ritz_context *made;
  MPI_Comm own;
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, -rank, &own); /* two halves, in reverse */
  assert_ok(ritz_context_create_mpi(own, NULL, &made));
  const int half = (size + (rank % 2 == 0)) / 2;
  assert_int_equal(ritz_comm_size(made->comm), half);
  double sum = 1;
  assert_ok(ritz_comm_sum(made->comm, RITZ_FLOAT64, 1, &sum));
  assert_near(sum, half, 0);
  MPI_Comm_free(&own); /* ours is a duplicate */
  assert_ok(ritz_comm_barrier(made->comm));
  ritz_context_destroy(&made);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(parts_follow_each_other),
    cmocka_unit_test(sums_are_in_rank_order_to_the_bit),
    cmocka_unit_test(every_rank_can_broadcast),
    cmocka_unit_test(data_move_between_two_ranks_only),
    cmocka_unit_test(sums_of_shares_are_in_rank_order_to_the_bit),
    cmocka_unit_test(shares_are_gathered_in_rank_order),
    cmocka_unit_test(the_largest_number_is_everyones),
    cmocka_unit_test(messages_of_all_lengths_are_swapped),
    cmocka_unit_test(ranks_of_one_colour_form_a_context),
    cmocka_unit_test(sent_bytes_are_counted),
    cmocka_unit_test(one_failure_is_everyones),
    cmocka_unit_test(the_first_of_several_failures_is_told),
    cmocka_unit_test(long_messages_survive),
    cmocka_unit_test(failures_of_the_transport_come_out),
    cmocka_unit_test(memory_failures_leave_nothing),
#if RITZ_WITH_MPI
    cmocka_unit_test(wrong_communicators_are_refused),
    cmocka_unit_test(a_rank_without_memory_stops_all_contexts),
    cmocka_unit_test(the_host_keeps_its_communicator),
#endif
  };
  ranks_begin();
  comm = together->comm;
  return ranks_end(cmocka_run_group_tests(tests, NULL, NULL));
}
