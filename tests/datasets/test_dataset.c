/* SPDX-License-Identifier: BSD-3-Clause */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <ritz/dataset.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "datasets/reader.h"
#include "io/h5.h"
#include "io/map_writer.h"
#include "support.h"

#define DARCY   RITZ_REAL_DATA "/darcy_train_16.h5"
#define BURGERS RITZ_REAL_DATA "/burgers_train_16.h5"

static char directory[64], path[96];
static ritz_context *context;

static int set_up(void **state) {
  snprintf(directory, sizeof directory, "/tmp/ritz-set-XXXXXX");
  if (!mkdtemp(directory)) return -1;
  snprintf(path, sizeof path, "%s/set.h5", directory);
  return ritz_context_create(NULL, &context);
}

static int tear_down(void **state) {
  ritz_context_destroy(&context);
  char command[96];
  snprintf(command, sizeof command, "rm -rf %s", directory);
  return system(command);
}

/* The value at [i0, i1, ...] of a made-up data set: unique, exact in half precision's 11 bits only
 * where the test keeps it below 2048. */
typedef struct made {
  const char *name;
  int rank;
  ritz_index n[5];
  double offset;
} made;

static void make_file(int count, const made *set) {
  hid_t file;
  assert_ok(ritz_h5_create(path, &file));
  for (int k = 0; k < count; k++) {
    ritz_index total = 1;
    for (int a = 0; a < set[k].rank; a++) total *= set[k].n[a];
    double *value = calloc((size_t)total + 1, sizeof *value);
    for (ritz_index i = 0; i < total; i++) value[i] = (double)i + set[k].offset;
    assert_ok(
        ritz_h5_write_array(file, set[k].name, RITZ_H5_FLOAT64, set[k].rank, set[k].n, value));
    free(value);
  }
  assert_ok(ritz_h5_close(&file));
}

static ritz_status try_open(const char *options) {
  ritz_dataset *set;
  const ritz_status status = ritz_dataset_open(context, path, options, &set);
  if (status != RITZ_OK) assert_null(set);
  ritz_dataset_close(&set);
  return status;
}

static void real_darcy_data_are_read_by_path_alone(void **state) {
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, DARCY, NULL, &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  assert_int_equal(info->samples, 1000);
  assert_int_equal(info->dim, 2);
  assert_int_equal(info->grid[0], 16);
  assert_int_equal(info->grid[1], 16);
  assert_int_equal(info->channels_in, 1);
  assert_int_equal(info->channels_out, 1);
  assert_int_equal(info->periodic[0], -1);
  assert_string_equal(info->reader, "native");
  const ritz_index sample[3] = {999, 123, 0};
  float x[3 * 256], y[3 * 256];
  assert_ok(ritz_dataset_read(set, 3, sample, RITZ_FLOAT32, x, y));
  assert_near(y[15 * 16 + 7], 0.0787794440984726, 0);
  assert_near(y[256 + 4 * 16 + 5], 0.2853800058364868, 0);
  for (int i = 0; i < 3 * 256; i++) assert_true(x[i] == 0 || x[i] == 1);

  /* numpy's mean() and std(ddof=1) in double */
  double mean[2], std[2];
  ritz_dataset_stats stats = {&mean[0], &std[0], &mean[1], &std[1], 0};
  assert_ok(ritz_dataset_statistics(set, &stats));
  assert_int_equal(stats.count, 256000);
  assert_near(mean[0], 0.4994453125, 1e-13);
  assert_near(std[0], 0.5000006688864428, 1e-13);
  assert_near(mean[1], 0.38631561330488295, 1e-13);
  assert_near(std[1], 0.3399715957015244, 1e-13);
  ritz_dataset_close(&set);
}

static void configuration_may_give_a_path_alone(void **state) {
  ritz_value *value;
  ritz_dataset *set;
  assert_ok(ritz_value_create(RITZ_VALUE_SCALAR, "config.yaml", 7, &value));
  assert_ok(ritz_strdup(DARCY, &value->text));
  assert_ok(ritz_dataset_open_value(context, value, &set));
  assert_int_equal(ritz_dataset_get_info(set)->samples, 1000);
  ritz_dataset_close(&set);
  ritz_value_destroy(&value);
}

/* A foreign attribute that happens to be called units. */
static void numeric_units_are_ignored(void **state) {
  const made file = {"x", 2, {2, 9}, 0};
  make_file(1, &file);
  hid_t h5, x;
  assert_ok(ritz_h5_open_writable(path, &h5));
  assert_ok(ritz_h5_find(h5, "x", RITZ_H5_DEFAULT_CACHE, &x));
  assert_ok(ritz_h5_write_number(x, "units", 3));
  ritz_h5_dataset_close(&x);
  assert_ok(ritz_h5_close(&h5));
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, NULL, &set));
  assert_null(ritz_dataset_get_info(set)->x_units);
  assert_null(ritz_dataset_get_info(set)->y_name);
  ritz_dataset_close(&set);
}

static void real_burgers_data_need_a_time(void **state) {
  ritz_dataset *set;
  assert_int_equal(ritz_dataset_open(context, BURGERS, NULL, &set), RITZ_ERR_FORMAT);
  assert_null(set);
  assert_message_contains(
      "y: {dataset: y, axes: [sample, time, x], index: {time: -1}}"); /* and that works: */
  assert_ok(ritz_dataset_open(context, BURGERS,
                              "{x: {dataset: x, axes: [sample, x]}, grid: periodic, lengths: 1,\n"
                              " y: {dataset: y, axes: [sample, time, x], index: {time: -1}}}",
                              &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  assert_int_equal(info->dim, 1);
  assert_int_equal(info->grid[0], 16);
  assert_int_equal(info->channels_out, 1);
  assert_int_equal(info->periodic[0], 1);
  assert_near(info->length[0], 1, 0);
  const ritz_index sample = 799;
  double x[16], y[16];
  assert_ok(ritz_dataset_read(set, 1, &sample, RITZ_FLOAT64, x, y));
  assert_near(x[3], -0.5448822975158691, 0);
  assert_near(y[3], -0.10222708433866501, 0);
  ritz_dataset_close(&set);
  /* All times as channels. */
  assert_ok(ritz_dataset_open(context, BURGERS,
                              "{x: {dataset: x, axes: [sample, x]},\n"
                              " y: {dataset: y, axes: [sample, time, x]}, last: 1}",
                              &set));
  double all[16 * 17];
  assert_ok(ritz_dataset_read(set, 1, NULL, RITZ_FLOAT64, x, all));
  for (int i = 0; i < 16; i++) assert_near(all[i * 17 + 16], y[i], 0);
  assert_string_equal(ritz_dataset_get_info(set)->y_channel[16], "y[16]");
  ritz_dataset_close(&set);
}

/* Extents of sample, x, y, z, time, channel; all different, so that no mix-up goes unseen. */
enum { ns = 3, nx = 5, ny = 7, nz = 2, nt = 4, nc = 3 };

/* Offset in file of (s, i, j, t, c) when the file order is @p order, a word of the letters sxytc.
 */
static ritz_index file_position(const char *order, const ritz_index *at) {
  static const char letters[] = "sxytc";
  static const ritz_index extent[] = {ns, nx, ny, nt, nc};
  ritz_index position = 0;
  for (; *order; order++) {
    const ptrdiff_t k = strchr(letters, *order) - letters;
    position = position * extent[k] + at[k];
  }
  return position;
}

static void check_order(const char *order, ritz_dtype dtype, ritz_index stride) {
  static const char letters[] = "sxytc";
  static const ritz_index extent[] = {ns, nx, ny, nt, nc};
  static const char *const role[] = {"sample", "x", "y", "time", "channel"};
  made file = {.name = "d", .rank = (int)strlen(order)};
  char options[256] = "x: {dataset: d, axes: [";
  for (int a = 0; order[a]; a++) {
    const ptrdiff_t k = strchr(letters, order[a]) - letters;
    file.n[a] = extent[k];
    strcat(options, a ? ", " : "");
    strcat(options, role[k]);
  }
  char end[64];
  snprintf(end, sizeof end, "]}\nstride: [%td, 1]\n", stride);
  strcat(options, end);
  make_file(1, &file);
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, options, &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  const ritz_index kept = (nx - 1) / stride + 1;
  assert_int_equal(info->samples, ns);
  assert_int_equal(info->channels_in, nt * nc);
  assert_int_equal(info->grid[0], kept);
  const ritz_index sample[4] = {1, 2, 0, 2}; /* a run, then backwards */
  double out[4 * nx * ny * nt * nc];
  assert_ok(ritz_dataset_read(set, 4, sample, dtype, out, NULL));
  ritz_index at = 0;
  for (int s = 0; s < 4; s++)
    for (ritz_index i = 0; i < kept; i++)
      for (ritz_index j = 0; j < ny; j++)
        for (ritz_index t = 0; t < nt; t++)
          for (ritz_index c = 0; c < nc; c++)
            assert_near(
                number_at(dtype, out, at++),
                (double)file_position(order, (ritz_index[]){sample[s], i * stride, j, t, c}), 0);
  ritz_dataset_close(&set);
}

static void axes_come_out_channels_last_from_any_order(void **state) {
  static const char *const orders[] = {"sxytc", "sctxy", "yxcts", "tcsyx", "ytxsc", "sytxc"};
  for (int k = 0; k < 6; k++)
    for (ritz_index stride = 1; stride <= 6; stride += stride == 1 ? 1 : 4) {
      check_order(orders[k], RITZ_FLOAT64, stride);
      check_order(orders[k], RITZ_FLOAT32, stride);
    }
}

/* Too large to be read as a whole for a stride: rows are skipped in the file. */
static void large_fields_are_thinned_too(void **state) {
  const ritz_index n[3] = {1, 2053, 2049};
  uint8_t *value;
  double out[5 * 7];
  assert_ok(RITZ_NEW(n[1] * n[2], &value));
  for (ritz_index i = 0; i < n[1]; i++)
    for (ritz_index j = 0; j < n[2]; j++) value[i * n[2] + j] = (uint8_t)(i * 31 + j * 7);
  hid_t file;
  assert_ok(ritz_h5_create(path, &file));
  assert_ok(ritz_h5_write_array(file, "x", RITZ_H5_UINT8, 3, n, value));
  assert_ok(ritz_h5_close(&file));
  ritz_free(value);
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, "stride: [500, 300]", &set));
  assert_int_equal(ritz_dataset_get_info(set)->grid[0], 5);
  assert_int_equal(ritz_dataset_get_info(set)->grid[1], 7);
  assert_ok(ritz_dataset_read(set, 1, NULL, RITZ_FLOAT64, out, NULL));
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 7; j++)
      assert_near(out[i * 7 + j], (uint8_t)(i * 500 * 31 + j * 300 * 7), 0);
  ritz_dataset_close(&set);
}

/* Compressed, several samples in a chunk, chunks that do not divide the extents. */
static void compressed_chunks_are_read_in_any_order(void **state) {
  const hsize_t n[3] = {7, 11, 13}, chunk[3] = {3, 4, 5};
  double value[7 * 143], out[7 * 143];
  for (int i = 0; i < 7 * 143; i++) value[i] = i;
  hid_t file;
  assert_ok(ritz_h5_create(path, &file));
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(3, n, NULL);
  H5Pset_chunk(creation, 3, chunk);
  H5Pset_shuffle(creation);
  H5Pset_deflate(creation, 4);
  const hid_t x = H5Dcreate2(file, "x", H5T_IEEE_F32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  assert_true(H5Dwrite(x, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
  H5Dclose(x), H5Sclose(space), H5Pclose(creation);
  assert_ok(ritz_h5_close(&file));
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, NULL, &set));
  const ritz_index sample[7] = {6, 2, 3, 4, 0, 0, 1};
  for (int dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
    assert_ok(ritz_dataset_read(set, 7, sample, (ritz_dtype)dtype, out, NULL));
    for (int i = 0; i < 7 * 143; i++)
      assert_near(number_at((ritz_dtype)dtype, out, i), (double)(sample[i / 143] * 143 + i % 143),
                  0);
  }
  ritz_dataset_close(&set);
}

static void several_data_sets_become_channels(void **state) {
  const made file[4] = {{"a", 3, {2, 3, 5}, 0},
                        {"g/b", 4, {2, 3, 2, 5}, 1000},
                        {"mask", 2, {3, 5}, 2000},
                        {"nu", 1, {2}, 3000}};
  make_file(4, file);
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path,
                              "x:\n"
                              "- {dataset: a, axes: [sample, x, y]}\n"
                              "- {dataset: g/b, axes: [sample, x, channel, y]}\n"
                              "- {dataset: mask, axes: [x, y]}\n"
                              "- {dataset: nu, axes: [sample]}\n"
                              "y: {dataset: g/b, axes: [sample, x, channel, y], "
                              "index: {channel: 1}}\n",
                              &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  assert_int_equal(info->channels_in, 5);
  assert_int_equal(info->channels_out, 1);
  assert_string_equal(info->x_name, "a, g/b, mask, nu");
  assert_string_equal(info->x_channel[2], "g/b[1]");
  assert_string_equal(info->x_channel[3], "mask");
  double x[2 * 15 * 5], y[2 * 15];
  assert_ok(ritz_dataset_read(set, 2, NULL, RITZ_FLOAT64, x, y));
  for (int s = 0; s < 2; s++)
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 5; j++) {
        const double *v = x + ((s * 3 + i) * 5 + j) * 5;
        assert_near(v[0], (s * 3 + i) * 5 + j, 0);
        assert_near(v[1], 1000 + ((s * 3 + i) * 2 + 0) * 5 + j, 0);
        assert_near(v[2], 1000 + ((s * 3 + i) * 2 + 1) * 5 + j, 0);
        assert_near(v[3], 2000 + i * 5 + j, 0);
        assert_near(v[4], 3000 + s, 0);
        assert_near(y[(s * 3 + i) * 5 + j], v[2], 0);
      }
  ritz_dataset_close(&set);
}

static void ranges_select_samples_and_parts_of_axes(void **state) {
  const made file = {"d", 3, {10, 6, 9}, 0};
  make_file(1, &file);
  ritz_dataset *set;
  double x[10 * 54];
  assert_ok(ritz_dataset_open(context, path,
                              "{x: {dataset: d, axes: [sample, time, x], index: {time: [1, -3], x: "
                              "[2, 9]}}, stride: 3, samples: [4, 7], lengths: 8, grid: bounded}",
                              &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  assert_int_equal(info->samples, 3);
  assert_int_equal(info->channels_in, 2);
  assert_int_equal(info->grid[0], 3); /* points 2, 5, 8 of 0..8 */
  assert_near(info->length[0], 6, 1e-15);
  const ritz_index sample = 2;
  assert_ok(ritz_dataset_read(set, 1, &sample, RITZ_FLOAT64, x, NULL));
  for (int i = 0; i < 3; i++)
    for (int t = 0; t < 2; t++) assert_near(x[i * 2 + t], (6 * 6 + t + 1) * 9 + 2 + 3 * i, 0);
  ritz_dataset_close(&set);
  assert_ok(
      ritz_dataset_open(context, path, "{x: {dataset: d, axes: [sample, y, x]}, last: 2}", &set));
  assert_int_equal(ritz_dataset_get_info(set)->grid[0], 9);
  assert_ok(ritz_dataset_read(set, 1, NULL, RITZ_FLOAT64, x, NULL));
  assert_near(x[1], 8 * 54 + 9, 0); /* (x, y) = (0, 1) */
  ritz_dataset_close(&set);
}

static void numbers_of_every_format_are_read(void **state) {
  const hid_t half = H5Tcopy(H5T_IEEE_F32BE);
  H5Tset_fields(half, 15, 10, 5, 0, 10);
  H5Tset_size(half, 2);
  H5Tset_ebias(half, 15);
  const hid_t boolean = H5Tenum_create(H5T_STD_I8LE);
  int8_t no = 0, yes = 1;
  H5Tenum_insert(boolean, "FALSE", &no);
  H5Tenum_insert(boolean, "TRUE", &yes);
  const hid_t type[] = {half, H5T_STD_I64BE, H5T_STD_U16LE, H5T_IEEE_F64BE, boolean};
  const hsize_t n[3] = {2, 8, 8};
  double value[128];
  for (int k = 0; k < 5; k++) {
    for (int i = 0; i < 128; i++) value[i] = k == 4 ? i % 2 : k == 0 ? i / 8.0 : i;
    hid_t file;
    assert_ok(ritz_h5_create(path, &file));
    const hid_t space = H5Screate_simple(3, n, NULL);
    const hid_t d = H5Dcreate2(file, "x", type[k], space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    int8_t small[128];
    for (int i = 0; i < 128; i++) small[i] = (int8_t)(i % 2);
    assert_true(k == 4 ? H5Dwrite(d, boolean, H5S_ALL, H5S_ALL, H5P_DEFAULT, small) >= 0
                       : H5Dwrite(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    H5Dclose(d), H5Sclose(space);
    assert_ok(ritz_h5_close(&file));
    ritz_dataset *set;
    assert_ok(ritz_dataset_open(context, path, NULL, &set));
    for (int dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
      double out[128];
      assert_ok(ritz_dataset_read(set, 2, NULL, (ritz_dtype)dtype, out, NULL));
      for (int i = 0; i < 128; i++) assert_near(number_at((ritz_dtype)dtype, out, i), value[i], 0);
    }
    ritz_dataset_close(&set);
  }
  H5Tclose(half), H5Tclose(boolean);
}

static void shapes_decide_where_they_can(void **state) {
  const struct {
    int rank_x;
    ritz_index x[5];
    int rank_y;
    ritz_index y[5];
    int dim, channels_in, channels_out; /* dim 0: refused */
  } cases[] = {
      {3, {2, 9, 8}, 3, {2, 9, 8}, 2, 1, 1},
      {2, {2, 9}, 2, {2, 9}, 1, 1, 1},
      {4, {2, 9, 8, 11}, 4, {2, 9, 8, 11}, 3, 1, 1},
      {4, {2, 9, 9, 3}, 4, {2, 9, 9, 1}, 2, 3, 1},
      {4, {2, 3, 9, 9}, 4, {2, 1, 9, 9}, 2, 3, 1},
      {3, {2, 9, 8}, 4, {2, 9, 8, 3}, 2, 1, 3},
      {3, {2, 9, 3}, 2, {2, 9}, 1, 3, 1},
      {4, {2, 9, 9, 3}, 4, {2, 9, 9, 3}, 0, 0, 0}, /* 3-D or channels? */
      {4, {2, 1, 9, 9}, 4, {2, 1, 9, 9}, 0, 0, 0}, /* the same in front */
      {3, {2, 17, 16}, 3, {2, 16, 16}, 0, 0, 0},   /* grids that differ */
      {3, {2, 9, 9}, 4, {2, 9, 9, 9}, 0, 0, 0},    /* channels first or last? */
      {2, {2, 16}, 3, {2, 17, 16}, 0, 0, 0},       /* time? */
      {1, {9}, 1, {9}, 0, 0, 0},
      {2, {2, 9}, 4, {2, 9, 9, 9}, 0, 0, 0},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    made file[2] = {{.name = "x", .rank = cases[k].rank_x}, {.name = "y", .rank = cases[k].rank_y}};
    memcpy(file[0].n, cases[k].x, sizeof cases[k].x);
    memcpy(file[1].n, cases[k].y, sizeof cases[k].y);
    make_file(2, file);
    ritz_dataset *set;
    const ritz_status status = ritz_dataset_open(context, path, NULL, &set);
    if (cases[k].dim == 0) {
      assert_int_equal(status, RITZ_ERR_FORMAT);
      assert_message_contains("{dataset: y, axes: [sample");
      continue;
    }
    assert_ok(status);
    const ritz_dataset_info *info = ritz_dataset_get_info(set);
    assert_int_equal(info->dim, cases[k].dim);
    assert_int_equal(info->channels_in, cases[k].channels_in);
    assert_int_equal(info->channels_out, cases[k].channels_out);
    ritz_dataset_close(&set);
  }
}

static void make_native(ritz_index samples, ritz_dtype stored) {
  static const char *const names[2] = {"u", "v"};
  const ritz_map_spec spec = {.samples = samples,
                              .dim = 3,
                              .grid = {4, 1, 6},
                              .length = {1, 2, 3},
                              .periodic = {true, false, false},
                              .x = {.channels = 2, .channel = names, .units = "m/s"},
                              .y = {.channels = 1, .units = "Pa"},
                              .stored = stored,
                              .boundary = "mixed"};
  double *x = calloc((size_t)samples * 48, sizeof *x), *y = calloc((size_t)samples * 24, sizeof *y);
  fill_uniform(3, samples * 48, x);
  fill_uniform(4, samples * 24, y);
  ritz_map_writer *writer;
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  assert_ok(ritz_map_writer_write(writer, 0, samples, RITZ_FLOAT64, x, y, NULL));
  assert_ok(ritz_map_writer_finish(&writer));
  free(x), free(y);
}

static void native_files_describe_themselves(void **state) {
  make_native(7, RITZ_FLOAT64);
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, NULL, &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  assert_int_equal(info->dim, 3);
  assert_int_equal(info->channels_in, 2);
  assert_string_equal(info->x_channel[1], "v");
  assert_string_equal(info->x_units, "m/s");
  assert_string_equal(info->y_units, "Pa");
  assert_string_equal(info->boundary, "mixed");
  assert_int_equal(info->periodic[0], 1);
  assert_int_equal(info->periodic[2], 0);
  assert_near(info->length[2], 3, 0);
  double x[7 * 48], y[7 * 24], expected[7 * 48];
  assert_ok(ritz_dataset_read(set, 7, NULL, RITZ_FLOAT64, x, y));
  fill_uniform(3, 7 * 48, expected);
  assert_memory_equal(x, expected, sizeof x);
  fill_uniform(4, 7 * 24, expected);
  assert_memory_equal(y, expected, sizeof y);
  assert_ok(ritz_dataset_read(set, 0, NULL, RITZ_FLOAT64, NULL, NULL));
  ritz_dataset_close(&set);

  assert_ok(ritz_dataset_open(context, path, "{stride: [2, 1, 5], first: 3}", &set));
  info = ritz_dataset_get_info(set);
  assert_int_equal(info->grid[0], 2);
  assert_int_equal(info->grid[2], 2);
  assert_int_equal(info->samples, 3);
  assert_near(info->length[0], 1, 0); /* periodic: every second point of the same circle */
  assert_near(info->length[2], 3, 0);
  ritz_dataset_close(&set);
  assert_int_equal(try_open("{stride: [3, 1, 1]}"), RITZ_ERR_SHAPE);
  assert_message_contains("stride 3 does not divide the 4 points of periodic axis x");
  assert_ok(ritz_dataset_open(context, path, "{stride: [1, 1, 4]}", &set));
  assert_near(ritz_dataset_get_info(set)->length[2], 3 * 4 / 5.0, 1e-15);
  ritz_dataset_close(&set);
}

/* The offset would eat all digits of a textbook sum of squares. */
static void statistics_do_not_cancel(void **state) {
  const made file[2] = {{"x", 3, {37, 11, 13}, 1e9}, {"y", 3, {37, 11, 13}, 0}};
  make_file(2, file);
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, NULL, &set));
  double x_std, y_mean, x_mean;
  ritz_dataset_stats stats = {.x_mean = &x_mean, .x_std = &x_std, .y_mean = &y_mean};
  assert_ok(ritz_dataset_statistics(set, &stats));
  const double n = 37 * 11 * 13; /* of 0 .. n-1: variance n (n + 1) / 12 */
  assert_near(y_mean, (n - 1) / 2, 1e-9);
  assert_near(x_mean, 1e9 + (n - 1) / 2, 1e-6);
  assert_near(x_std, sqrt(n * (n + 1) / 12), 1e-9 * n);
  ritz_dataset_close(&set);
}

static void values_that_are_not_finite_are_located(void **state) {
  const ritz_index n[4] = {3, 9, 10, 2};
  double value[3 * 180] = {0};
  hid_t file;
  value[2 * 180 + (4 * 10 + 5) * 2 + 1] = INFINITY;
  assert_ok(ritz_h5_create(path, &file));
  assert_ok(ritz_h5_write_array(file, "x", RITZ_H5_FLOAT64, 3, n, value));
  assert_ok(ritz_h5_write_array(file, "y", RITZ_H5_FLOAT64, 4, n, value));
  assert_ok(ritz_h5_close(&file));
  ritz_dataset *set;
  double x[270], y[540];
  assert_ok(ritz_dataset_open(context, path, "{samples: [1, 3]}", &set));
  const ritz_index good = 0, bad = 1;
  assert_ok(ritz_dataset_read(set, 1, &good, RITZ_FLOAT64, x, y));
  for (int dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
    assert_int_equal(ritz_dataset_read(set, 1, &bad, (ritz_dtype)dtype, x, y), RITZ_ERR_NUMERIC);
    assert_message_contains(
        "set.h5: /y: sample 2 is not finite at grid point [4, 5], channel y[1]");
  }
  ritz_dataset_stats stats = {0};
  assert_int_equal(ritz_dataset_statistics(set, &stats), RITZ_ERR_NUMERIC);
  ritz_dataset_close(&set);
}

static void mistakes_are_named(void **state) {
  const made file[5] = {{"nu", 3, {4, 9, 10}, 0},
                        {"g/tensor", 4, {4, 2, 9, 10}, 0},
                        {"fine", 3, {4, 18, 20}, 0},
                        {"few", 3, {3, 9, 10}, 0},
                        {"none", 3, {0, 9, 10}, 0}};
  make_file(5, file);
  hid_t h5;
  assert_ok(ritz_h5_open_writable(path, &h5));
  const double pair[2] = {1, 2};
  assert_ok(ritz_h5_write_array(h5, "complex", RITZ_H5_COMPLEX128, 1, (ritz_index[]){1}, pair));
  assert_ok(ritz_h5_close(&h5));
#define NU "x: {dataset: nu, axes: [sample, x, y]}, "
  const struct {
    const char *options;
    ritz_status status;
    const char *says;
  } cases[] = {
      {NULL, RITZ_ERR_FORMAT, "there are: complex, few, fine, g/tensor, none, nu"},
      {"{reader: nothing}", RITZ_ERR_NOT_FOUND, "there are: auto, mapping, native"},
      {"{x: nux}", RITZ_ERR_NOT_FOUND, "no data set \"nux\"; there are: complex"},
      {"{reader: native}", RITZ_ERR_NOT_FOUND, "no data set \"x\""},
      {"{y: nu}", RITZ_ERR_CONFIG, "y is given without x"},
      {"{reader: native, x: nu}", RITZ_ERR_CONFIG, "reader native finds x and y itself"},
      {"{x: {axes: [sample]}}", RITZ_ERR_CONFIG, "dataset"},
      {"{x: {dataset: nu, axes: [sample, x]}}", RITZ_ERR_SHAPE,
       "/nu: is [4, 9, 10], but 2 axes are named"},
      {"{x: {dataset: nu, axes: [sample, x, x]}}", RITZ_ERR_SHAPE, "two axes are named x"},
      {"{x: {dataset: nu, axes: [sample, x, w]}}", RITZ_ERR_CONFIG, "no axis role \"w\""},
      {"{x: {dataset: nu, axes: [sample, x, z]}}", RITZ_ERR_SHAPE, "a role z but no y"},
      {"{x: {dataset: nu, axes: [sample, time, channel]}}", RITZ_ERR_SHAPE, "no grid"},
      {"{x: {dataset: complex, axes: [sample]}}", RITZ_ERR_FORMAT, "neither integers"},
      {"{" NU "y: {dataset: fine, axes: [sample, x, y]}}", RITZ_ERR_SHAPE,
       "nu has 9 entries along axis x, fine has 18"},
      {"{" NU "y: {dataset: few, axes: [sample, x, y]}}", RITZ_ERR_SHAPE,
       "nu has 4 entries along axis sample, few has 3"},
      {"{x: {dataset: none, axes: [sample, x, y]}}", RITZ_ERR_SHAPE, "empty along axis sample"},
      {"{" NU "y: {dataset: g/tensor, axes: [sample, time, x, y], index: {time: 2}}}",
       RITZ_ERR_CONFIG, "index of axis time is outside: g/tensor has 2"},
      {"{" NU "y: {dataset: g/tensor, axes: [sample, time, x, y], index: {channel: 0}}}",
       RITZ_ERR_CONFIG, "no axis channel"},
      {"{x: {dataset: nu, axes: [sample, x, y], index: {sample: 0}}}", RITZ_ERR_CONFIG,
       "picked with samples"},
      {"{x: {dataset: nu, axes: [sample, x, y], index: {x: a}}}", RITZ_ERR_CONFIG,
       "an index is a whole number"},
      {"{x: {dataset: nu, index: {x: 1}}}", RITZ_ERR_CONFIG, "index needs axes"},
      {"{x: [nu, fine], y: nu}", RITZ_ERR_CONFIG, "needs axes"},
      {"{x: []}", RITZ_ERR_CONFIG, "no data set"},
      {"{" NU "samples: [2, 5]}", RITZ_ERR_SHAPE, "has 4 samples, 5 are asked for"},
      {"{" NU "samples: [2, 2]}", RITZ_ERR_CONFIG, "is empty"},
      {"{" NU "samples: 3}", RITZ_ERR_CONFIG, "range [begin, end]"},
      {"{" NU "first: 2, last: 2}", RITZ_ERR_CONFIG, "only one of"},
      {"{" NU "last: 5}", RITZ_ERR_SHAPE, "has 4 samples, 5 are asked for"},
      {"{" NU "stride: [1, 1, 1]}", RITZ_ERR_CONFIG, "stride has 3 entries"},
      {"{" NU "stride: 0}", RITZ_ERR_CONFIG, "stride"},
      {"{" NU "lengths: [1, 1, 1]}", RITZ_ERR_CONFIG, "lengths has 3 entries"},
      {"{" NU "grids: bounded}", RITZ_ERR_CONFIG, "grids"},
      {"{path: other.h5}", RITZ_ERR_CONFIG, "other.h5"},
  };
#undef NU
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const ritz_status status = try_open(cases[k].options);
    if (status != cases[k].status)
      fail_msg("%s: status %d, %s", cases[k].options, status, ritz_error_message());
    assert_message_contains(cases[k].says);
  }
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, "x: {dataset: nu, axes: [sample, x, y]}", &set));
  double x[5 * 90];
  const ritz_index outside[2] = {0, 4};
  assert_int_equal(ritz_dataset_read(set, 2, outside, RITZ_FLOAT64, x, NULL), RITZ_ERR_ARGUMENT);
  assert_message_contains("sample 4 does not exist, there are 4");
  assert_int_equal(ritz_dataset_read(set, 5, NULL, RITZ_FLOAT64, x, NULL), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_dataset_read(set, 1, NULL, RITZ_FLOAT64, x, x), RITZ_ERR_ARGUMENT);
  assert_message_contains("has no y");
  ritz_dataset_close(&set);
  assert_int_equal(ritz_dataset_open(context, "/none.h5", NULL, &set), RITZ_ERR_IO);
  assert_int_equal(ritz_dataset_open(context, NULL, NULL, &set), RITZ_ERR_CONFIG);
}

/* Cut at many places: never a crash, never wrong values. */
static void truncated_files_are_refused(void **state) {
  for (int k = 0; k < 24; k++) {
    make_native(9, RITZ_FLOAT32);
    FILE *file = fopen(path, "r+");
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    fclose(file);
    assert_int_equal(truncate(path, size * k / 24), 0);
    assert_int_equal(try_open(NULL), RITZ_ERR_FORMAT);
  }
}

static void every_allocation_may_fail(void **state) {
  make_native(3, RITZ_FLOAT32);
  static const char options[] =
      "{x: [{dataset: x, axes: [sample, x, y, z, channel]}, {dataset: y, axes: [sample, x, y, z]}],"
      " y: y}";
  ritz_dataset *set;
  for (long k = 0;; k++) {
    ritz_test_fail_allocation(k);
    const ritz_status status = ritz_dataset_open(context, path, options, &set);
    ritz_test_fail_allocation(-1);
    if (status == RITZ_OK) break;
    assert_int_equal(status, RITZ_ERR_MEMORY);
    assert_null(set);
  }
  float x[72], y[24];
  ritz_dataset_stats stats = {0};
  ritz_test_fail_allocation(0);
  assert_int_equal(ritz_dataset_statistics(set, &stats), RITZ_ERR_MEMORY);
  ritz_test_fail_allocation(0);
  assert_int_equal(ritz_dataset_read(set, 1, NULL, RITZ_FLOAT32, x, y), RITZ_ERR_MEMORY);
  ritz_test_fail_allocation(-1);
  assert_ok(ritz_dataset_read(set, 1, NULL, RITZ_FLOAT32, x, y));
  ritz_dataset_close(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(real_darcy_data_are_read_by_path_alone),
      cmocka_unit_test(configuration_may_give_a_path_alone),
      cmocka_unit_test(numeric_units_are_ignored),
      cmocka_unit_test(real_burgers_data_need_a_time),
      cmocka_unit_test(axes_come_out_channels_last_from_any_order),
      cmocka_unit_test(large_fields_are_thinned_too),
      cmocka_unit_test(compressed_chunks_are_read_in_any_order),
      cmocka_unit_test(several_data_sets_become_channels),
      cmocka_unit_test(ranges_select_samples_and_parts_of_axes),
      cmocka_unit_test(numbers_of_every_format_are_read),
      cmocka_unit_test(shapes_decide_where_they_can),
      cmocka_unit_test(native_files_describe_themselves),
      cmocka_unit_test(statistics_do_not_cancel),
      cmocka_unit_test(values_that_are_not_finite_are_located),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(truncated_files_are_refused),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
