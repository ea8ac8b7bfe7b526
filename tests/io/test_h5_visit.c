/* SPDX-License-Identifier: BSD-3-Clause
 * Listing the data sets of a file, also of one whose groups hold themselves. */
#include "allocations.h"
#include "files.h"
#include "io/h5.h"
#include "support.h"

static void write_one(hid_t where, const char *path) {
  const double one = 1;
  assert_ok(ritz_h5_write_array(where, path, RITZ_H5_FLOAT64, 1, &(ritz_index){1}, &one));
}

static hid_t new_group(hid_t where, const char *path) {
  hid_t group;
  assert_ok(ritz_h5_group(where, path, true, &group));
  return group;
}

static void names_are_those_of_data_sets(void **state) {
  char names[64], few[8];
  hid_t file, group;
  assert_ok(ritz_h5_create(in_folder("names.h5"), &file));
  ritz_h5_names(file, sizeof names, names);
  assert_string_equal(names, "none");
  group = new_group(file, "grid/empty");
  ritz_h5_group_close(&group);
  write_one(file, "y");
  write_one(file, "x");
  group = new_group(file, "grid");
  write_one(group, "t");
  assert_true(H5Lcreate_hard(file, "x", file, "z", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  assert_true(H5Lcreate_soft("/nowhere", file, "soft", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  ritz_h5_names(file, sizeof names, names);
  assert_string_equal(names, "grid/t, x, y");
  ritz_h5_names(group, sizeof names, names);
  assert_string_equal(names, "t");
  ritz_h5_names(file, sizeof few, few);
  assert_string_equal(few, "grid/t,");
  ritz_h5_group_close(&group);
  assert_ok(ritz_h5_close(&file));
}

/* As in a damaged file: HDF5 counts the names of an object to see that it meets it again. */
static void groups_in_themselves_are_listed_once(void **state) {
  char names[64];
  hid_t file;
  assert_ok(ritz_h5_create(in_folder("cycle.h5"), &file));
  hid_t group = new_group(file, "a");
  write_one(group, "x");
  assert_true(H5Lcreate_hard(file, "a", group, "again", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  assert_true(H5Lcreate_hard(file, "/", group, "up", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  assert_true(H5Odecr_refcount(group) >= 0);
  ritz_h5_names(file, sizeof names, names);
  assert_string_equal(names, "a/x");
  ritz_h5_group_close(&group);
  assert_ok(ritz_h5_close(&file));
}

static bool count_one(void *user, hid_t where, const char *path) {
  ++*(int *)user;
  return true;
}

static void deep_groups_are_refused(void **state) {
  int count = 0;
  hid_t file;
  assert_ok(ritz_h5_create(in_folder("deep.h5"), &file));
  hid_t group = new_group(file, "g");
  for (int depth = 2; depth < 64; depth++) {
    hid_t next = new_group(group, "g");
    ritz_h5_group_close(&group);
    group = next;
  }
  write_one(group, "x");
  assert_ok(ritz_h5_visit(file, count_one, &count));
  assert_int_equal(count, 1);
  hid_t last = new_group(group, "g");
  assert_int_equal(ritz_h5_visit(file, count_one, &count), RITZ_ERR_FORMAT);
  assert_message_contains("deep.h5");
  assert_message_contains("more than 64 deep");
  ritz_h5_group_close(&last);
  ritz_h5_group_close(&group);
  assert_ok(ritz_h5_close(&file));
}

static void survives_every_failed_allocation(void **state) {
  hid_t file;
  int count = 0;
  assert_ok(ritz_h5_create(in_folder("memory.h5"), &file));
  hid_t group = new_group(file, "a");
  write_one(group, "x");
  long k = 0;
  while (memory_fails(k, ritz_h5_visit(file, count_one, &count))) k++;
  assert_true(k > 1);
  ritz_h5_group_close(&group);
  assert_ok(ritz_h5_close(&file));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_those_of_data_sets),
      cmocka_unit_test(groups_in_themselves_are_listed_once),
      cmocka_unit_test(deep_groups_are_refused),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
