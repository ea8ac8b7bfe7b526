/* SPDX-License-Identifier: BSD-3-Clause
 * Number formats of a damaged file, which HDF5 would convert beyond its buffers. */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "io/h5.h"
#include "support.h"

/* The message of a data type in a file: class and version, 3 bytes of flags, size (4), then the
 * first bit (2) and the number of bits (2) (HDF5 File Format 2.0, section IV.A.2.d); of a float
 * also where its exponent (1) begins, its bits (1), and the same of its mantissa (1, 1). */
enum { PRECISION = 10, EXPONENT = 12, EXPONENT_BITS = 13, MANTISSA = 14, MANTISSA_BITS = 15 };

static const unsigned char integer[] = {0x10, 0x08, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0},
                           real[] = {0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52};

static size_t find(const file_bytes *file, const unsigned char *message, size_t size) {
  for (size_t at = 0; at + size <= file->count; at++)
    if (memcmp(file->byte + at, message, size) == 0) return at;
  fail_msg("no such number format in the file");
  return 0;
}

static void write_file(ritz_h5_type type) {
  const int64_t bits[4] = {1, 2, 3, 4};
  hid_t file;
  assert_ok(ritz_h5_create(in_folder("type.h5"), &file));
  assert_ok(ritz_h5_write_array(file, "x", type, 1, &(ritz_index){2}, bits));
  if (type == RITZ_H5_INT64) assert_ok(ritz_h5_write_integer(file, "a", 1));
  if (type == RITZ_H5_FLOAT64) assert_ok(ritz_h5_write_number(file, "a", 1));
  assert_ok(ritz_h5_close(&file));
}

/* Every copy of the message. */
static void damage(const unsigned char *message, size_t size, int at, unsigned char value) {
  const file_bytes file = file_read(in_folder("type.h5"));
  size_t place = find(&file, message, size);
  file.byte[place + (size_t)at] = value;
  for (place++; place + size <= file.count; place++)
    if (memcmp(file.byte + place, message, size) == 0) file.byte[place + (size_t)at] = value;
  file_write(in_folder("type.h5"), file.count, file.byte);
  free(file.byte);
}

static void damaged_formats_are_refused(void **state) {
  static const struct {
    ritz_h5_type type;
    int at;
    unsigned char value;
  } cases[] = {{RITZ_H5_INT64, PRECISION, 65},         {RITZ_H5_INT64, PRECISION, 0},
               {RITZ_H5_INT64, PRECISION - 2, 1},      {RITZ_H5_FLOAT64, 2, 133},
               {RITZ_H5_FLOAT64, PRECISION, 65},       {RITZ_H5_FLOAT64, EXPONENT, 54},
               {RITZ_H5_FLOAT64, EXPONENT_BITS, 255},  {RITZ_H5_FLOAT64, MANTISSA, 13},
               {RITZ_H5_FLOAT64, MANTISSA_BITS, 65},   {RITZ_H5_COMPLEX128, 2, 133},
               {RITZ_H5_COMPLEX128, MANTISSA_BITS, 65}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    const bool whole = cases[c].type == RITZ_H5_INT64;
    const unsigned char *message = whole ? integer : real;
    hid_t file, dataset;
    double value;
    write_file(cases[c].type);
    damage(message, whole ? sizeof integer : sizeof real, cases[c].at, cases[c].value);
    assert_ok(ritz_h5_open(in_folder("type.h5"), &file));
    const ritz_status status = ritz_h5_find(file, "x", RITZ_H5_DEFAULT_CACHE, &dataset);
    if (status != RITZ_ERR_FORMAT) fail_msg("case %d is taken", (int)c);
    assert_true(dataset < 0);
    assert_message_contains("type.h5");
    if (cases[c].type != RITZ_H5_COMPLEX128)
      assert_int_equal(ritz_h5_read_number(file, "a", &value), RITZ_ERR_FORMAT);
    assert_ok(ritz_h5_close(&file));
  }
}

static void formats_of_others_are_read(void **state) {
  hid_t file, dataset, half = H5Tcopy(H5T_IEEE_F32BE);
  double x[2] = {0};
  assert_true(H5Tset_fields(half, 15, 10, 5, 0, 10) >= 0);
  assert_true(H5Tset_size(half, 2) >= 0 && H5Tset_ebias(half, 15) >= 0);
  const hid_t types[] = {half, H5T_IEEE_F64BE, H5T_NATIVE_LDOUBLE, H5T_STD_I16BE, H5T_NATIVE_CHAR};
  const hid_t space = H5Screate_simple(1, &(hsize_t){2}, NULL);
  for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
    assert_ok(ritz_h5_create(in_folder("other.h5"), &file));
    dataset = H5Dcreate2(file, "x", types[t], space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_ok(ritz_h5_write(dataset, NULL, NULL, RITZ_H5_FLOAT64, (const double[]){-2, 9}));
    ritz_h5_dataset_close(&dataset);
    assert_ok(ritz_h5_find(file, "x", RITZ_H5_DEFAULT_CACHE, &dataset));
    assert_ok(ritz_h5_read(dataset, NULL, NULL, NULL, RITZ_H5_FLOAT64, x));
    assert_true(x[0] == -2 && x[1] == 9);
    ritz_h5_dataset_close(&dataset);
    assert_ok(ritz_h5_close(&file));
  }
  H5Sclose(space);
  H5Tclose(half);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(damaged_formats_are_refused),
      cmocka_unit_test(formats_of_others_are_read),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
