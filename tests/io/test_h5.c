/* SPDX-License-Identifier: BSD-3-Clause */
#define _POSIX_C_SOURCE 200809L
#include "io/h5.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/memory.h"
#include "files.h"
#include "support.h"

static void attributes_come_back_as_written(void **state) {
  hid_t file;
  assert_ok(ritz_h5_create(in_folder("a.h5"), &file));
  const char *const names[3] = {"sample", "", "größe"};
  const int64_t integers[2] = {-7, INT64_C(1) << 60};
  const double numbers[3] = {0.1, -1e300, 3};
  assert_ok(ritz_h5_write_text(file, "text", "first"));
  assert_ok(ritz_h5_write_text(file, "text", "replaced"));
  assert_ok(ritz_h5_write_texts(file, "texts", 3, names));
  assert_ok(ritz_h5_write_integers(file, "integers", 2, integers));
  assert_ok(ritz_h5_write_numbers(file, "numbers", 3, numbers));
  assert_ok(ritz_h5_write_integer(file, "one", 5));
  assert_ok(ritz_h5_write_number(file, "pi", 3.25));
  assert_ok(ritz_h5_close(&file));

  assert_ok(ritz_h5_open(in_folder("a.h5"), &file));
  char *text, *texts[4];
  int count;
  int64_t whole[2], one;
  double real[3], pi;
  assert_ok(ritz_h5_read_text(file, "text", &text));
  assert_string_equal(text, "replaced");
  ritz_free(text);
  assert_ok(ritz_h5_read_texts(file, "texts", 4, &count, texts));
  assert_int_equal(count, 3);
  for (int i = 0; i < 3; i++) assert_string_equal(texts[i], names[i]), ritz_free(texts[i]);
  assert_ok(ritz_h5_read_integers(file, "integers", 2, &count, whole));
  assert_true(whole[0] == -7 && whole[1] == INT64_C(1) << 60);
  assert_ok(ritz_h5_read_numbers(file, "numbers", 3, &count, real));
  assert_memory_equal(real, numbers, sizeof real);
  assert_ok(ritz_h5_read_integer(file, "one", &one));
  assert_int_equal(one, 5);
  assert_ok(ritz_h5_read_number(file, "one", &pi)); /* integers may be read as numbers */
  assert_near(pi, 5, 0);

  assert_int_equal(ritz_h5_read_number(file, "none", &pi), RITZ_ERR_NOT_FOUND);
  assert_message_contains("no attribute none");
  assert_int_equal(ritz_h5_read_number(file, "text", &pi), RITZ_ERR_FORMAT);
  assert_int_equal(ritz_h5_read_numbers(file, "numbers", 2, &count, real), RITZ_ERR_SHAPE);
  assert_int_equal(ritz_h5_read_texts(file, "texts", 2, &count, texts), RITZ_ERR_SHAPE);
  assert_null(texts[0]);
  assert_ok(ritz_h5_close(&file));
}

static void fixed_length_texts_are_read(void **state) {
  hid_t file;
  assert_ok(ritz_h5_create(in_folder("fixed.h5"), &file));
  const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, 6);
  H5Tset_strpad(type, H5T_STR_SPACEPAD);
  const hid_t attribute = H5Acreate2(file, "t", type, space, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(H5Awrite(attribute, type, "abc   ") >= 0);
  H5Aclose(attribute), H5Sclose(space), H5Tclose(type);
  char *text;
  assert_ok(ritz_h5_read_text(file, "t", &text));
  assert_string_equal(text, "abc");
  ritz_free(text);
  assert_ok(ritz_h5_close(&file));
}

/* Each type, extents 1, odd and prime, groups made on the way. */
static void arrays_come_back_as_written(void **state) {
  enum { count = 1 * 7 * 13 };
  const ritz_index n[3] = {1, 7, 13};
  double real[count], back[count];
  float single[count];
  fill_uniform(1, count, real);
  hid_t file;
  assert_ok(ritz_h5_create(in_folder("b.h5"), &file));
  assert_ok(ritz_h5_write_array(file, "deep/er/real", RITZ_H5_FLOAT64, 3, n, real));
  assert_ok(ritz_h5_read_array(file, "deep/er/real", RITZ_H5_FLOAT64, 3, n, back));
  assert_memory_equal(real, back, sizeof real);
  assert_ok(ritz_h5_read_array(file, "deep/er/real", RITZ_H5_FLOAT32, 3, n, single));
  for (int i = 0; i < count; i++) assert_true(single[i] == (float)real[i]);
  assert_true(ritz_h5_exists(file, "deep/er"));
  assert_true(ritz_h5_exists(file, "/deep/er/real"));
  assert_false(ritz_h5_exists(file, "deep/no/real"));

  const ritz_index pairs = count / 2;
  assert_ok(ritz_h5_write_array(file, "c", RITZ_H5_COMPLEX128, 1, &pairs, real));
  assert_ok(ritz_h5_read_array(file, "c", RITZ_H5_COMPLEX128, 1, &pairs, back));
  assert_memory_equal(real, back, (size_t)pairs * 2 * sizeof *real);
  assert_ok(ritz_h5_read_array(file, "c", RITZ_H5_COMPLEX64, 1, &pairs, single));
  for (int i = 0; i < 2 * pairs; i++) assert_true(single[i] == (float)real[i]);
  hid_t dataset;
  ritz_h5_info info;
  assert_ok(ritz_h5_find(file, "c", RITZ_H5_DEFAULT_CACHE, &dataset));
  assert_ok(ritz_h5_describe(dataset, &info));
  assert_int_equal(info.class, RITZ_H5_CLASS_COMPLEX);
  assert_int_equal(info.rank, 1);
  ritz_h5_dataset_close(&dataset);

  const double value = 2.5;
  double scalar;
  assert_ok(ritz_h5_write_array(file, "scalar", RITZ_H5_FLOAT64, 0, NULL, &value));
  assert_ok(ritz_h5_read_array(file, "scalar", RITZ_H5_FLOAT64, 0, NULL, &scalar));
  assert_near(scalar, value, 0);

  const ritz_index wrong[3] = {1, 13, 7};
  assert_int_equal(ritz_h5_read_array(file, "deep/er/real", RITZ_H5_FLOAT64, 3, wrong, back),
                   RITZ_ERR_SHAPE);
  assert_message_contains("b.h5: /deep/er/real: is [1, 7, 13], expected [1, 13, 7]");
  assert_int_equal(ritz_h5_read_array(file, "c", RITZ_H5_FLOAT64, 1, &pairs, back),
                   RITZ_ERR_FORMAT);
  assert_int_equal(ritz_h5_read_array(file, "d", RITZ_H5_FLOAT64, 1, &pairs, back),
                   RITZ_ERR_NOT_FOUND);
  assert_message_contains("c, deep/er/real, scalar");
  assert_ok(ritz_h5_close(&file));
}

static void boxes_with_steps_are_read(void **state) {
  const ritz_index n[2] = {5, 7};
  double value[35], box[6];
  for (int i = 0; i < 35; i++) value[i] = i;
  hid_t file, dataset;
  assert_ok(ritz_h5_create(in_folder("box.h5"), &file));
  assert_ok(ritz_h5_write_array(file, "v", RITZ_H5_FLOAT64, 2, n, value));
  assert_ok(ritz_h5_find(file, "v", 0, &dataset));
  assert_ok(ritz_h5_read(dataset, (ritz_index[]){1, 0}, (ritz_index[]){3, 3}, (ritz_index[]){2, 3},
                         RITZ_H5_FLOAT64, box));
  const double expected[6] = {7, 10, 13, 28, 31, 34};
  assert_memory_equal(box, expected, sizeof box);
  assert_int_equal(
      ritz_h5_read(dataset, (ritz_index[]){4, 0}, NULL, (ritz_index[]){2, 3}, RITZ_H5_FLOAT64, box),
      RITZ_ERR_SHAPE);
  ritz_h5_dataset_close(&dataset);
  assert_ok(ritz_h5_close(&file));
}

/* Of two chunks one is never written, and the file says not to fill it. */
static void what_was_never_written_is_nan(void **state) {
  const hsize_t n = 6, chunk = 3, none = 0;
  const double first[3] = {1, 2, 3};
  double value[6] = {7, 7, 7, 7, 7, 7};
  int64_t whole[6] = {7, 7, 7, 7, 7, 7};
  hid_t file;
  assert_ok(ritz_h5_create(in_folder("holes.h5"), &file));
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &n, NULL);
  H5Pset_chunk(creation, 1, &chunk);
  H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
  const hid_t v = H5Dcreate2(file, "v", H5T_NATIVE_DOUBLE, space, 0, creation, 0);
  const hid_t i = H5Dcreate2(file, "i", H5T_NATIVE_INT64, space, 0, creation, 0);
  const hid_t memory = H5Screate_simple(1, &chunk, NULL);
  H5Sselect_hyperslab(space, H5S_SELECT_SET, &none, NULL, &chunk, NULL);
  assert_true(H5Dwrite(v, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, first) >= 0);
  H5Dclose(v), H5Dclose(i), H5Sclose(memory), H5Sclose(space), H5Pclose(creation);
  const ritz_index count = 6;
  assert_ok(ritz_h5_read_array(file, "v", RITZ_H5_FLOAT64, 1, &count, value));
  assert_ok(ritz_h5_read_array(file, "i", RITZ_H5_INT64, 1, &count, whole));
  for (int k = 0; k < 6; k++) {
    assert_true(k < 3 ? value[k] == first[k] : isnan(value[k]));
    assert_int_equal(whole[k], -1);
  }
  assert_ok(ritz_h5_close(&file));
}

static void bad_files_are_named(void **state) {
  hid_t file;
  assert_int_equal(ritz_h5_open(in_folder("missing.h5"), &file), RITZ_ERR_IO);
  assert_message_contains("missing.h5");
  assert_message_contains("No such file");
  assert_int_equal(ritz_h5_open("", &file), RITZ_ERR_ARGUMENT);
  file_write_text(in_folder("text.h5"), "x,y\n1,2\n");
  assert_int_equal(ritz_h5_open(in_folder("text.h5"), &file), RITZ_ERR_FORMAT);
  assert_message_contains("not an HDF5 file");
  file_write_text(in_folder("empty.h5"), "");
  assert_int_equal(ritz_h5_open(in_folder("empty.h5"), &file), RITZ_ERR_FORMAT);
  assert_int_equal(ritz_h5_create(in_folder("no/such/place.h5"), &file), RITZ_ERR_IO);
  assert_message_contains("its folder does not exist");
  assert_true(file < 0);
  assert_int_equal(ritz_h5_open(folder_name(), &file), RITZ_ERR_IO);
  assert_message_contains("is a folder, wanted a file");

  const ritz_index n = 4096;
  double *value = calloc((size_t)n, sizeof *value);
  assert_ok(ritz_h5_create(in_folder("cut.h5"), &file));
  assert_ok(ritz_h5_write_array(file, "v", RITZ_H5_FLOAT64, 1, &n, value));
  assert_ok(ritz_h5_close(&file));
  assert_int_equal(truncate(in_folder("cut.h5"), 5000), 0);
  assert_int_equal(ritz_h5_open(in_folder("cut.h5"), &file), RITZ_ERR_FORMAT);
  assert_message_contains("truncated");
  free(value);
}

/* Another descriptor's lock is to HDF5 what another process's is. */
static void a_file_that_another_process_writes_is_left_alone(void **state) {
  hid_t file;
  int64_t version;
  const char *path = in_folder("busy.h5");
  assert_ok(ritz_h5_create(path, &file));
  assert_ok(ritz_h5_write_integer(file, "version", 1));
  assert_ok(ritz_h5_close(&file));
  const int other = open(path, O_RDWR);
  assert_int_equal(flock(other, LOCK_EX), 0);
  assert_int_equal(ritz_h5_open(path, &file), RITZ_ERR_FORMAT);
  assert_message_contains("busy.h5: damaged, cut short or in use: another process has it open");
  assert_int_equal(ritz_h5_create(path, &file), RITZ_ERR_IO);
  assert_message_contains("busy.h5: cannot be written: another process has it open");
  close(other);
  assert_ok(ritz_h5_open(path, &file));
  assert_ok(ritz_h5_read_integer(file, "version", &version));
  assert_int_equal(version, 1);
  assert_ok(ritz_h5_close(&file));
}

static herr_t count_print(hid_t stack, void *counter) {
  ++*(int *)counter;
  return 0;
}

/* The caller's own error handler is not called by us and is there again afterwards. */
static void hdf5_stays_silent_and_keeps_its_handler(void **state) {
  int printed = 0;
  H5Eset_auto2(H5E_DEFAULT, count_print, &printed);
  hid_t file, dataset;
  assert_int_equal(ritz_h5_open(in_folder("text.h5"), &file), RITZ_ERR_FORMAT);
  assert_ok(ritz_h5_create(in_folder("quiet.h5"), &file));
  assert_int_equal(ritz_h5_find(file, "a/b", RITZ_H5_DEFAULT_CACHE, &dataset), RITZ_ERR_NOT_FOUND);
  assert_int_equal(printed, 0);
  assert_ok(ritz_h5_close(&file));
  H5Gopen2(H5I_INVALID_HID, "x", H5P_DEFAULT);
  assert_int_equal(printed, 1);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static void commit_replaces_in_one_step(void **state) {
  char path[128], *temporary;
  hid_t file;
  int64_t value;
  snprintf(path, sizeof path, "%s", in_folder("model.h5"));
  assert_ok(ritz_strjoin(path, ".tmp", &temporary));
  for (int version = 1; version <= 2; version++) {
    assert_ok(ritz_h5_create(temporary, &file));
    assert_ok(ritz_h5_write_integer(file, "version", version));
    assert_ok(ritz_h5_commit(&file, temporary, path));
    assert_true(file < 0);
    assert_int_not_equal(access(temporary, F_OK), 0);
  }
  /* A third one that is given up, and one that has nowhere to go, leave the second in place. */
  assert_ok(ritz_h5_create(temporary, &file));
  ritz_h5_abandon(&file, temporary);
  assert_int_not_equal(access(temporary, F_OK), 0);
  assert_ok(ritz_h5_create(temporary, &file));
  assert_int_equal(ritz_h5_commit(&file, temporary, in_folder("none/model.h5")), RITZ_ERR_IO);
  assert_int_not_equal(access(temporary, F_OK), 0);
  assert_ok(ritz_h5_open(path, &file));
  assert_ok(ritz_h5_read_integer(file, "version", &value));
  assert_int_equal(value, 2);
  assert_ok(ritz_h5_close(&file));
  ritz_free(temporary);
}

/* No file may pass 64 kB: what a full disk does. HDF5 must still come to an end quietly. */
static void full_disk_leaves_the_old_file(void **state) {
  char path[128], *temporary;
  hid_t file;
  snprintf(path, sizeof path, "%s", in_folder("old.h5"));
  assert_ok(ritz_strjoin(path, ".tmp", &temporary));
  assert_ok(ritz_h5_create(path, &file));
  assert_ok(ritz_h5_close(&file));
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 16, 1 << 16});
    static double value[1 << 14];
    const ritz_index n = 1 << 14;
    if (ritz_h5_create(temporary, &file) != RITZ_OK) _exit(1);
    if (ritz_h5_write_array(file, "v", RITZ_H5_FLOAT64, 1, &n, value) != RITZ_ERR_IO) _exit(2);
    if (!strstr(ritz_error_message(), "File too large")) _exit(3);
    ritz_h5_abandon(&file, temporary);
    if (access(temporary, F_OK) == 0) _exit(4);
    _exit(H5close() < 0 ? 5 : 0);
  }
  int how;
  assert_int_equal(waitpid(child, &how, 0), child);
  assert_true(WIFEXITED(how));
  assert_int_equal(WEXITSTATUS(how), 0);
  assert_ok(ritz_h5_open(path, &file));
  assert_ok(ritz_h5_close(&file));
  ritz_free(temporary);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(attributes_come_back_as_written),
      cmocka_unit_test(fixed_length_texts_are_read),
      cmocka_unit_test(arrays_come_back_as_written),
      cmocka_unit_test(boxes_with_steps_are_read),
      cmocka_unit_test(what_was_never_written_is_nan),
      cmocka_unit_test(bad_files_are_named),
      cmocka_unit_test(a_file_that_another_process_writes_is_left_alone),
      cmocka_unit_test(hdf5_stays_silent_and_keeps_its_handler),
      cmocka_unit_test(commit_replaces_in_one_step),
      cmocka_unit_test(full_disk_leaves_the_old_file),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
