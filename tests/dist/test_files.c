/* SPDX-License-Identifier: BSD-3-Clause
 * Files that ranks write together: the bytes of one writer, whoever has what, and no rank that
 * waits for one that cannot write. */
#define _XOPEN_SOURCE 700
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/fail.h"
#include "core/memory.h"
#include "io/h5_ranks.h"
#include "ranks_train.h"
#include "train/agree.h"

/* Without parallel HDF5, or on one rank, there is nothing to try. */
static const void *ranks_that_write(void) {
  const void *ranks = ritz_comm_native(together->comm);
  if (!ritz_h5_together(ranks)) skip();
  return ranks;
}

static const ritz_index extent[3] = {5, 6, 7};
enum { numbers = 5 * 6 * 7 };

/* One data set in one piece, one in chunks, one of complex numbers. */
static void make_file(const char *path, bool fill) {
  static double all[2 * numbers];
  const ritz_index chunk[3] = {1, 6, 7};
  hid_t file, set;
  for (int i = 0; i < 2 * numbers; i++) all[i] = i + 1;
  assert_ok(ritz_h5_create(path, &file));
  assert_ok(ritz_h5_create_dataset(file, "a/x", RITZ_H5_FLOAT64, 3, extent, NULL, &set));
  if (fill) assert_ok(ritz_h5_write(set, NULL, NULL, RITZ_H5_FLOAT64, all));
  ritz_h5_dataset_close(&set);
  assert_ok(ritz_h5_create_dataset(file, "y", RITZ_H5_FLOAT64, 3, extent, chunk, &set));
  if (fill) assert_ok(ritz_h5_write(set, NULL, NULL, RITZ_H5_FLOAT64, all));
  ritz_h5_dataset_close(&set);
  assert_ok(ritz_h5_create_dataset(file, "z", RITZ_H5_COMPLEX128, 3, extent, NULL, &set));
  if (fill) assert_ok(ritz_h5_write(set, NULL, NULL, RITZ_H5_COMPLEX128, all));
  ritz_h5_dataset_close(&set);
  assert_ok(ritz_h5_close(&file));
  assert_ok(ritz_h5_reserve(path));
}

static ritz_status write_part(hid_t file, const char *name, ritz_h5_type type,
                              const ritz_h5_part *part, const void *values) {
  hid_t set;
  assert_ok(ritz_h5_find(file, name, RITZ_H5_DEFAULT_CACHE, &set));
  const ritz_status status =
      ritz_h5_write_together(ritz_comm_native(together->comm), set, part, type, values);
  ritz_h5_dataset_close(&set);
  return status;
}

/* What the first rank has made is open on all. */
static hid_t open_made(const char *name, bool fill) {
  hid_t file;
  if (rank == 0) make_file(in_folder("%s", name), fill);
  assert_ok(ritz_comm_barrier(together->comm));
  assert_ok(ritz_agree_on_opening(together, in_folder("%s", name), &file));
  return file;
}

static void assert_as_of_one(const char *name) {
  assert_ok(ritz_comm_barrier(together->comm));
  if (rank == 0) {
    make_file(in_folder("alone.h5"), true);
    assert_files_equal(in_folder("%s", name), in_folder("alone.h5"));
  }
  assert_ok(ritz_comm_barrier(together->comm));
}

/* Rank r has every number i whose run of `length` is its own, in runs that end anywhere. */
static void write_runs(hid_t file, const char *name, bool complex, int length) {
  ritz_h5_range range[numbers];
  double values[2 * numbers];
  ritz_h5_part part = {.count = {5, 6, 7}, .range = range};
  int have = 0;
  for (int from = 0, run = 0; from < numbers; from += length, run++) {
    const int count = numbers - from < length ? numbers - from : length;
    if (run * 7 % size != rank) continue;
    range[part.ranges++] = (ritz_h5_range){.first = from, .count = count};
    for (int i = from * (1 + complex); i < (from + count) * (1 + complex); i++)
      values[have++] = i + 1;
  }
  assert_ok(write_part(file, name, complex ? RITZ_H5_COMPLEX128 : RITZ_H5_FLOAT64, &part, values));
}

static void runs_of_ranks_are_the_file_of_one(void **state) {
  static const int length[] = {1, 4, 7, 11, 42, 43, numbers};
  ranks_that_write();
  for (size_t k = 0; k < sizeof length / sizeof *length; k++) {
    hid_t file = open_made("runs.h5", false);
    write_runs(file, "a/x", false, length[k]);
    write_runs(file, "y", false, length[k]);
    write_runs(file, "z", true, length[k]);
    assert_ok(ritz_h5_close(&file));
    assert_as_of_one("runs.h5");
  }
}

/* Slabs of the middle axis; ranks beyond its length have nothing. */
static void write_slab(hid_t file, const char *name, bool complex) {
  double values[2 * numbers];
  ritz_index first, share;
  int have = 0;
  ritz_share_of(rank, size, 6, &first, &share);
  ritz_h5_range all = {.count = 5 * share * 7};
  const ritz_h5_part part = {
      .start = {0, first, 0}, .count = {5, share, 7}, .ranges = 1, .range = &all};
  for (int i = 0; i < 5; i++)
    for (ritz_index k = ((i * 6) + first) * 7; k < ((i * 6) + first + share) * 7; k++)
      for (int c = 0; c < 1 + complex; c++) values[have++] = (double)(k * (1 + complex) + c + 1);
  assert_ok(write_part(file, name, complex ? RITZ_H5_COMPLEX128 : RITZ_H5_FLOAT64, &part, values));
}

static void slabs_of_ranks_are_the_file_of_one(void **state) {
  ranks_that_write();
  hid_t file = open_made("slabs.h5", false);
  write_slab(file, "a/x", false);
  write_slab(file, "y", false);
  write_slab(file, "z", true);
  assert_ok(ritz_h5_close(&file));
  assert_as_of_one("slabs.h5");
}

/* The last rank asks for what is not there, and is told; the others write. */
static void a_part_outside_is_told_to_who_asks(void **state) {
  const ritz_h5_range one = {.count = 1};
  const bool last = rank == size - 1;
  ranks_that_write();
  hid_t file = open_made("outside.h5", true);
  const ritz_h5_part part = {
      .start = {last ? 5 : 0, 0, rank % 7}, .count = {1, 1, 1}, .ranges = rank < 7, .range = &one};
  const double value = 1 + rank;
  const ritz_status status = write_part(file, "a/x", RITZ_H5_FLOAT64, &part, &value);
  assert_int_equal(status, last && rank < 7 ? RITZ_ERR_SHAPE : RITZ_OK);
  assert_ok(ritz_h5_close(&file));
  assert_as_of_one("outside.h5");
}

/* A rank that has no memory to look at what it has written takes part in everything. */
static void a_rank_without_memory_holds_up_nobody(void **state) {
  ranks_that_write();
  hid_t file = open_made("memory.h5", false), set;
  const ritz_index before = rank * numbers / size, end = (rank + 1) * numbers / size;
  const ritz_h5_range mine = {.first = before, .count = end - before};
  const ritz_h5_part part = {.count = {5, 6, 7}, .ranges = 1, .range = &mine};
  double values[numbers];
  for (ritz_index i = before; i < end; i++) values[i - before] = (double)(i + 1);
  write_runs(file, "y", false, 7);
  write_runs(file, "z", true, 7);
  assert_ok(ritz_h5_find(file, "a/x", RITZ_H5_DEFAULT_CACHE, &set));
  ritz_test_fail_allocation(rank == 1 ? 0 : -1);
  const ritz_status status =
      ritz_h5_write_together(ritz_comm_native(together->comm), set, &part, RITZ_H5_FLOAT64, values);
  ritz_test_fail_allocation(-1);
  ritz_h5_dataset_close(&set);
  if (status != RITZ_OK) assert_int_equal(status, RITZ_ERR_MEMORY);
  if (status != RITZ_OK) assert_int_equal(rank, 1);
  assert_ok(ritz_h5_close(&file));
  assert_as_of_one("memory.h5");
}

/* ---- more than a round, and more than the disk has ----------------------------------------- */

static const ritz_index many = (ritz_index)9 << 20; /* of doubles: 72 MiB */

static hid_t open_long(const char *name, ritz_index count) {
  hid_t file, set;
  if (rank == 0) {
    assert_ok(ritz_h5_create(in_folder("%s", name), &file));
    assert_ok(ritz_h5_create_dataset(file, "x", RITZ_H5_FLOAT64, 1, &count, NULL, &set));
    ritz_h5_dataset_close(&set);
    assert_ok(ritz_h5_close(&file));
  }
  assert_ok(ritz_comm_barrier(together->comm));
  assert_ok(ritz_agree_on_opening(together, in_folder("%s", name), &file));
  return file;
}

/* The last rank has two rounds of numbers, the others one number each. */
static void rounds_go_on_until_all_is_written(void **state) {
  const bool last = rank == size - 1;
  const ritz_h5_range mine = {.first = rank, .count = last ? many : 1};
  const ritz_h5_part part = {.count = {size - 1 + many}, .ranges = 1, .range = &mine};
  double *x;
  ranks_that_write();
  hid_t file = open_long("long.h5", size - 1 + many);
  assert_ok(RITZ_NEW(many, &x));
  for (ritz_index i = 0; i < mine.count; i++) x[i] = (double)(rank + i);
  assert_ok(write_part(file, "x", RITZ_H5_FLOAT64, &part, x));
  assert_ok(ritz_h5_close(&file));
  assert_ok(ritz_comm_barrier(together->comm));
  if (last) {
    double *all;
    const ritz_index n = size - 1 + many;
    assert_ok(RITZ_NEW(n, &all));
    assert_ok(ritz_h5_open(in_folder("long.h5"), &file));
    assert_ok(ritz_h5_read_array(file, "x", RITZ_H5_FLOAT64, 1, &n, all));
    assert_ok(ritz_h5_close(&file));
    for (ritz_index i = 0; i < n; i++)
      if (all[i] != (double)i) fail_msg("%td is %g", i, all[i]);
    ritz_free(all);
  }
  ritz_free(x);
}

/* Whoever it is that writes for others cannot: some rank says so, and all come out of it. */
static void a_full_disk_is_told(void **state) {
  enum { each = 1 << 18 };
  static double x[each];
  struct rlimit before, small;
  ranks_that_write();
  hid_t file = open_long("full.h5", (ritz_index)size * each);
  for (int i = 0; i < each; i++) x[i] = 1 + i;
  const ritz_h5_range mine = {.first = (ritz_index)rank * each, .count = each};
  const ritz_h5_part part = {.count = {(ritz_index)size * each}, .ranges = 1, .range = &mine};
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 1 << 16;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  const ritz_status status = write_part(file, "x", RITZ_H5_FLOAT64, &part, x);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  if (status != RITZ_OK) assert_message_contains("/x: cannot be");
  assert_int_equal(ritz_status_agree(together, status), RITZ_ERR_IO);
  ritz_h5_close(&file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_of_ranks_are_the_file_of_one),
      cmocka_unit_test(slabs_of_ranks_are_the_file_of_one),
      cmocka_unit_test(a_part_outside_is_told_to_who_asks),
      cmocka_unit_test(a_rank_without_memory_holds_up_nobody),
      cmocka_unit_test(rounds_go_on_until_all_is_written),
      cmocka_unit_test(a_full_disk_is_told),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, ranks_folder_make, ranks_folder_remove));
}
