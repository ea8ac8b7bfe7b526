/* SPDX-License-Identifier: BSD-3-Clause */
#define _POSIX_C_SOURCE 200809L
#include "io/map_layout.h"
#include "io/map_writer.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "allocations.h"
#include "core/memory.h"
#include "files.h"
#include "io/h5.h"
#include "io/xdmf.h"

static char path[96], part[128];

static int make_folder(void **state) {
  if (folder_create(state) != 0) return -1;
  snprintf(path, sizeof path, "%s/maps.h5", folder_name());
  snprintf(part, sizeof part, "%s.part", path);
  return 0;
}

/* 5 samples on 3 x 7 points, one channel in, two out. */
enum { samples = 5, points = 21 };
static const char *const output_name[2] = {"u & v", "\"<w>\""};
static const ritz_map_spec spec = {
    .samples = samples,
    .first_sample = 100,
    .dim = 2,
    .grid = {3, 7},
    .length = {1, 2},
    .periodic = {false, true},
    .coordinate_units = "m",
    .x = {.channels = 1, .long_name = "permeability", .units = "1"},
    .y = {.channels = 2, .channel = output_name},
    .stored = RITZ_FLOAT32,
    .seed = 42,
    .generator = "test",
    .boundary = "dirichlet",
    .parameters = "{\"contrast\": 4, \"smoothness\": 2}",
    .extras = 2,
    .extra = {{.name = "residual"}, {.name = "iterations", .integer = true}},
};

static double x[samples * points], y[samples * points * 2], residual[samples], iterations[samples];

static void fill(void) {
  fill_uniform(1, samples * points, x);
  fill_uniform(2, samples * points * 2, y);
  for (int s = 0; s < samples; s++) residual[s] = 1e-9 * (s + 1), iterations[s] = 10 + s;
}

static ritz_status write_samples(ritz_map_writer *writer, ritz_index first, ritz_index count) {
  const double *const part_extra[2] = {residual + first, iterations + first};
  return ritz_map_writer_write(writer, first, count, RITZ_FLOAT64, x + first * points,
                               y + first * points * 2, part_extra);
}

static void check_file(void) {
  hid_t file;
  float fx[samples * points], fy[samples * points * 2];
  int64_t number[samples], its[samples];
  double back[samples];
  const ritz_index n = samples;
  assert_ok(ritz_h5_open(path, &file));
  assert_ok(ritz_h5_read_array(file, "x", RITZ_H5_FLOAT32, 3, (ritz_index[]){samples, 3, 7}, fx));
  assert_ok(
      ritz_h5_read_array(file, "y", RITZ_H5_FLOAT32, 4, (ritz_index[]){samples, 3, 7, 2}, fy));
  for (int i = 0; i < samples * points; i++) assert_true(fx[i] == (float)x[i]);
  for (int i = 0; i < samples * points * 2; i++) assert_true(fy[i] == (float)y[i]);
  assert_ok(ritz_h5_read_array(file, "sample", RITZ_H5_INT64, 1, &n, number));
  assert_ok(ritz_h5_read_array(file, "iterations", RITZ_H5_INT64, 1, &n, its));
  assert_ok(ritz_h5_read_array(file, "residual", RITZ_H5_FLOAT64, 1, &n, back));
  for (int s = 0; s < samples; s++) {
    assert_int_equal(number[s], 100 + s);
    assert_int_equal(its[s], 10 + s);
    assert_near(back[s], residual[s], 0);
  }
  double coordinate[7];
  assert_ok(
      ritz_h5_read_array(file, "x_coordinate", RITZ_H5_FLOAT64, 1, (ritz_index[]){3}, coordinate));
  for (int i = 0; i < 3; i++) assert_near(coordinate[i], i / 2.0, 0);
  assert_ok(
      ritz_h5_read_array(file, "y_coordinate", RITZ_H5_FLOAT64, 1, (ritz_index[]){7}, coordinate));
  for (int i = 0; i < 7; i++) assert_near(coordinate[i], 2.0 * i / 7, 1e-16);
  assert_ok(ritz_h5_close(&file));
}

static void remove_files(void) {
  char *xdmf;
  unlink(path), unlink(part);
  assert_ok(ritz_xdmf_path(path, &xdmf));
  unlink(xdmf);
  ritz_free(xdmf);
}

static void samples_come_back_in_any_order_of_writing(void **state) {
  ritz_map_writer *writer;
  fill();
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  assert_int_equal(ritz_map_writer_next(writer, 0), 0);
  assert_ok(write_samples(writer, 3, 2));
  assert_ok(write_samples(writer, 0, 1));
  assert_int_equal(ritz_map_writer_next(writer, 0), 1);
  assert_int_equal(ritz_map_writer_done(writer), 3);
  assert_int_not_equal(access(path, F_OK), 0);
  assert_ok(write_samples(writer, 1, 2));
  assert_int_equal(ritz_map_writer_next(writer, 0), samples);
  assert_ok(ritz_map_writer_finish(&writer));
  assert_null(writer);
  assert_int_not_equal(access(part, F_OK), 0);
  check_file();
  remove_files();
}

static void closed_writer_is_continued(void **state) {
  ritz_map_writer *writer;
  fill();
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  assert_ok(write_samples(writer, 1, 3));
  ritz_map_writer_close(&writer);
  assert_null(writer);
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  assert_int_equal(ritz_map_writer_done(writer), 3);
  assert_int_equal(ritz_map_writer_next(writer, 0), 0);
  assert_int_equal(ritz_map_writer_next(writer, 1), 4);
  assert_int_equal(ritz_map_writer_finish(&writer), RITZ_ERR_ARGUMENT);
  assert_message_contains("2 of 5 samples are missing, the first is 0");
  assert_null(writer);
  assert_int_not_equal(access(path, F_OK), 0);
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  assert_ok(write_samples(writer, 0, 1));
  assert_ok(write_samples(writer, 4, 1));
  assert_ok(ritz_map_writer_finish(&writer));
  check_file();
  remove_files();
}

/* A child is killed without warning after each number of writes; the parent goes on. */
static void killed_writer_is_continued(void **state) {
  fill();
  for (int s = 0; s < samples; s++) {
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
      ritz_map_writer *writer;
      if (ritz_map_writer_open(path, &spec, &writer) == RITZ_OK) write_samples(writer, s, 1);
      raise(SIGKILL);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    ritz_map_writer *writer;
    assert_ok(ritz_map_writer_open(path, &spec, &writer));
    assert_int_equal(ritz_map_writer_done(writer), s + 1);
    ritz_map_writer_close(&writer);
  }
  ritz_map_writer *writer;
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  assert_ok(ritz_map_writer_finish(&writer));
  check_file();
  remove_files();
}

static void other_settings_are_refused_with_the_difference(void **state) {
  ritz_map_writer *writer;
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  ritz_map_writer_close(&writer);
  ritz_map_spec other = spec;
  other.parameters = "{\"contrast\": 8, \"smoothness\": 2}";
  assert_int_equal(ritz_map_writer_open(path, &other, &writer), RITZ_ERR_CONFIG);
  assert_null(writer);
  assert_message_contains("\"contrast\": 4");
  assert_message_contains("\"contrast\": 8");
  other = spec;
  other.seed = 43;
  assert_int_equal(ritz_map_writer_open(path, &other, &writer), RITZ_ERR_CONFIG);
  assert_message_contains("was begun with \"seed: 42\", this run has \"seed: 43\"");
  other = spec;
  other.grid[1] = 8;
  assert_int_equal(ritz_map_writer_open(path, &other, &writer), RITZ_ERR_CONFIG);
  assert_message_contains("7 (periodic");
  other = spec;
  other.extras = 1;
  assert_int_equal(ritz_map_writer_open(path, &other, &writer), RITZ_ERR_CONFIG);
  assert_message_contains("extras: residual iterations");
  remove_files();
}

static void bad_arguments_are_named(void **state) {
  ritz_map_writer *writer;
  ritz_map_spec bad = spec;
  bad.samples = 0;
  assert_int_equal(ritz_map_writer_open(path, &bad, &writer), RITZ_ERR_ARGUMENT);
  bad = spec, bad.dim = 4;
  assert_int_equal(ritz_map_writer_open(path, &bad, &writer), RITZ_ERR_ARGUMENT);
  bad = spec, bad.length[0] = NAN;
  assert_int_equal(ritz_map_writer_open(path, &bad, &writer), RITZ_ERR_ARGUMENT);
  bad = spec, bad.samples = (ritz_index)1 << 46;
  assert_int_equal(ritz_map_writer_open(path, &bad, &writer), RITZ_ERR_IO);
  assert_message_contains("GB are free");
  assert_int_equal(ritz_map_writer_open("/proc/none/maps.h5", &spec, &writer), RITZ_ERR_IO);
  assert_message_contains("/proc/none/maps.h5");
  assert_int_equal(ritz_map_writer_open(folder_name(), &spec, &writer), RITZ_ERR_IO);
  assert_message_contains("is a directory");
  assert_null(writer);

  fill();
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  assert_int_equal(write_samples(writer, 4, 2), RITZ_ERR_ARGUMENT);
  y[(2 * points + 8) * 2 + 1] = NAN;
  assert_int_equal(write_samples(writer, 0, 5), RITZ_ERR_NUMERIC);
  assert_message_contains("y of sample 102");
  assert_message_contains("point 8, channel 1");
  y[(2 * points + 8) * 2 + 1] = 1e60; /* fine in double, not in the float of the file */
  assert_int_equal(write_samples(writer, 0, 5), RITZ_ERR_NUMERIC);
  assert_int_equal(ritz_map_writer_done(writer), 0);
  ritz_map_writer_close(&writer);
  remove_files();
}

/* No more than 64 kB a file: the system refuses the write that would grow it. */
static void full_disk_is_an_error_and_leaves_nothing_at_the_path(void **state) {
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit = {1 << 16, 1 << 16};
    setrlimit(RLIMIT_FSIZE, &limit);
    ritz_map_spec large = spec;
    large.grid[0] = large.grid[1] = 128;
    ritz_map_writer *writer;
    ritz_status status = ritz_map_writer_open(path, &large, &writer);
    _exit(status == RITZ_ERR_IO && !writer && access(path, F_OK) != 0 && access(part, F_OK) != 0
              ? 0
              : 1);
  }
  int how;
  assert_int_equal(waitpid(child, &how, 0), child);
  assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

static void every_allocation_may_fail(void **state) {
  ritz_map_writer *writer;
  fill();
  remove_files();
  long k = 0;
  while (creation_fails(k, writer, ritz_map_writer_open(path, &spec, &writer))) {
    remove_files();
    k++;
  }
  ritz_map_writer_close(&writer);
  remove_files();
}

static void sidecar_names_every_channel_of_every_sample(void **state) {
  ritz_map_writer *writer;
  char *xdmf;
  fill();
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  assert_ok(write_samples(writer, 0, samples));
  assert_ok(ritz_map_writer_finish(&writer));
  assert_ok(ritz_xdmf_path(path, &xdmf));
  assert_string_equal(xdmf + strlen(xdmf) - 10, "/maps.xdmf");
  char *text = (char *)file_read(xdmf).byte;
  assert_non_null(strstr(text, "Dimensions=\"1 3 7\""));
  assert_non_null(strstr(text, "<Time Value=\"104\"/>"));
  assert_non_null(strstr(text, "Name=\"y u &amp; v\""));
  assert_non_null(strstr(text, "Name=\"y &quot;&lt;w&gt;&quot;\""));
  /* last sample, second channel: start, step, count along sample, x, y, channel */
  assert_non_null(strstr(text, "4 0 0 1 1 1 1 1 1 3 7 1</DataItem>"));
  assert_non_null(strstr(text, ">maps.h5:/y<"));
  free(text);
  ritz_free(xdmf);
  remove_files();
}

/* y with two frames of time in front of its grid axes, begun, left and continued. */
static void frames_of_time_have_an_axis(void **state) {
  static const double times[2] = {0.5, 1.25};
  ritz_map_spec timed = spec;
  timed.x.channels = timed.y.channels = 1;
  timed.y.channel = NULL;
  timed.y.frames = 2;
  timed.y.times = times;
  timed.extras = 0;
  ritz_map_writer *writer;
  fill();
  for (int half = 0; half < 2; half++) {
    const ritz_index first = half ? 3 : 0, count = half ? 2 : 3;
    assert_ok(ritz_map_writer_open(path, &timed, &writer));
    assert_int_equal(ritz_map_writer_next(writer, 0), first);
    assert_ok(ritz_map_writer_write(writer, first, count, RITZ_FLOAT64, x + first * points,
                                    y + first * points * 2, NULL));
    if (half) break;
    ritz_map_writer_close(&writer);
    timed.y.frames = 1;
    assert_int_equal(ritz_map_writer_open(path, &timed, &writer), RITZ_ERR_CONFIG);
    assert_message_contains("frames of y: 2");
    timed.y.frames = 2;
  }
  assert_ok(ritz_map_writer_finish(&writer));
  hid_t file, dataset;
  char *role[5];
  int roles;
  double back[samples * points * 2], back_times[2];
  const ritz_index two = 2;
  assert_ok(ritz_h5_open(path, &file));
  assert_ok(
      ritz_h5_read_array(file, "y", RITZ_H5_FLOAT64, 4, (ritz_index[]){samples, 2, 3, 7}, back));
  for (int i = 0; i < samples * points * 2; i++) assert_true(back[i] == (float)y[i]);
  assert_ok(ritz_h5_read_array(file, "y_time", RITZ_H5_FLOAT64, 1, &two, back_times));
  assert_memory_equal(back_times, times, sizeof times);
  assert_ok(ritz_h5_find(file, "y", RITZ_H5_DEFAULT_CACHE, &dataset));
  assert_ok(ritz_h5_read_texts(dataset, "axes", 5, &roles, role));
  assert_int_equal(roles, 4);
  assert_string_equal(role[1], "time");
  for (int i = 0; i < roles; i++) ritz_free(role[i]);
  ritz_h5_dataset_close(&dataset);
  assert_ok(ritz_h5_close(&file));
  remove_files();
  static const double backwards[2] = {1, 0.5};
  timed.y.times = backwards;
  assert_int_equal(ritz_map_writer_open(path, &timed, &writer), RITZ_ERR_ARGUMENT);
}

/* HDF5 has no chunks of 4 GiB. */
static void samples_of_4_gib_are_several_chunks(void **state) {
  const ritz_map_field one = {.channels = 1}, frames = {.channels = 3, .frames = 100};
  ritz_map_spec large = {.samples = 7, .dim = 3, .grid = {1024, 1024, 1024}};
  ritz_index chunk[RITZ_MAX_RANK];
  ritz_map_chunk(&large, &one, chunk);
  assert_memory_equal(chunk, ((ritz_index[]){1, 512, 1024, 1024}), 4 * sizeof *chunk);
  large.grid[0] = 1023;
  ritz_map_chunk(&large, &one, chunk);
  assert_memory_equal(chunk, ((ritz_index[]){1, 1023, 1024, 1024}), 4 * sizeof *chunk);
  large.stored = RITZ_FLOAT64;
  ritz_map_chunk(&large, &one, chunk);
  assert_memory_equal(chunk, ((ritz_index[]){1, 256, 1024, 1024}), 4 * sizeof *chunk);
  ritz_map_chunk(&large, &frames, chunk);
  assert_memory_equal(chunk, ((ritz_index[]){1, 1, 128, 1024, 1024, 3}), 6 * sizeof *chunk);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(frames_of_time_have_an_axis),
      cmocka_unit_test(samples_come_back_in_any_order_of_writing),
      cmocka_unit_test(closed_writer_is_continued),
      cmocka_unit_test(killed_writer_is_continued),
      cmocka_unit_test(other_settings_are_refused_with_the_difference),
      cmocka_unit_test(bad_arguments_are_named),
      cmocka_unit_test(full_disk_is_an_error_and_leaves_nothing_at_the_path),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(sidecar_names_every_channel_of_every_sample),
      cmocka_unit_test(samples_of_4_gib_are_several_chunks),
  };
  return cmocka_run_group_tests(tests, make_folder, folder_remove);
}
