/* SPDX-License-Identifier: BSD-3-Clause
 * Arrays of any axes, chunks and number formats become fields, channels last. */
#include <stdio.h>

#include "core/memory.h"
#include "set_file.h"

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
                ritz_number_get(dtype, out, at++),
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
      assert_near(ritz_number_get((ritz_dtype)dtype, out, i),
                  (double)(sample[i / 143] * 143 + i % 143), 0);
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
      for (int i = 0; i < 128; i++)
        assert_near(ritz_number_get((ritz_dtype)dtype, out, i), value[i], 0);
    }
    ritz_dataset_close(&set);
  }
  H5Tclose(half), H5Tclose(boolean);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(axes_come_out_channels_last_from_any_order),
      cmocka_unit_test(large_fields_are_thinned_too),
      cmocka_unit_test(compressed_chunks_are_read_in_any_order),
      cmocka_unit_test(several_data_sets_become_channels),
      cmocka_unit_test(ranges_select_samples_and_parts_of_axes),
      cmocka_unit_test(numbers_of_every_format_are_read),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
