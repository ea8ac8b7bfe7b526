/* SPDX-License-Identifier: BSD-3-Clause
 * Recycle spaces as objects: content, age, files. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "io/h5.h"
#include "solvers/krylov/method.h"

static size_t column_bytes(const ritz_recycle *space) {
  return (size_t)space->ld * ritz_scalar_size(space->scalar);
}

static char *column(const ritz_recycle *space, int j) {
  return (char *)space->u + (size_t)j * column_bytes(space);
}

ritz_status ritz_recycle_create(ritz_scalar scalar, ritz_index n, int capacity,
                                ritz_recycle **out) {
  *out = NULL;
  RITZ_TRY(ritz_scalar_check(scalar));
  RITZ_REQUIRE(n >= 0, RITZ_ERR_ARGUMENT, "vector length is %td, wanted at least 0", n);
  RITZ_REQUIRE(capacity >= 1, RITZ_ERR_ARGUMENT, "capacity is %d directions, wanted at least 1",
               capacity);
  ritz_status status;
  ritz_recycle *space;
  RITZ_TRY(RITZ_NEW(1, &space));
  space->scalar = scalar;
  space->n = n;
  space->ld = ritz_krylov_pitch(n);
  space->capacity = capacity;
  void **const blocks[] = {&space->u, &space->c, &space->t};
  for (int i = 0; i < 3; i++)
    RITZ_TRY_DONE(ritz_calloc(space->ld * capacity, ritz_scalar_size(scalar), blocks[i]));
  const size_t wide = scalar >= RITZ_COMPLEX_FLOAT ? 2 * sizeof(double) : sizeof(double);
  void **const squares[] = {&space->unit, &space->f, &space->s};
  for (int i = 0; i < 3; i++)
    RITZ_TRY_DONE(ritz_calloc((ritz_index)capacity * capacity, wide, squares[i]));
  RITZ_TRY_DONE(RITZ_NEW(capacity, &space->length));
  *out = space;
  return RITZ_OK;
done:
  ritz_recycle_destroy(&space);
  return status;
}

void ritz_recycle_destroy(ritz_recycle **space) {
  if (!space || !*space) return;
  void *const blocks[] = {(*space)->u, (*space)->c, (*space)->t,     (*space)->unit,
                          (*space)->f, (*space)->s, (*space)->length};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_free(*space);
  *space = NULL;
}

void ritz_recycle_reset(ritz_recycle *space) {
  space->dimension = space->age = 0;
  space->current = space->has_targets = space->has_shadow = false;
  space->debtor = NULL;
}

int ritz_recycle_dimension(const ritz_recycle *space) { return space->dimension; }

int ritz_recycle_age(const ritz_recycle *space) { return space->age; }

const void *ritz_recycle_direction(const ritz_recycle *space, int j) {
  return j >= 0 && j < space->dimension ? column(space, j) : NULL;
}

ritz_status ritz_recycle_set(ritz_recycle *space, int count, const void *directions) {
  RITZ_REQUIRE(count >= 0 && count <= space->capacity, RITZ_ERR_ARGUMENT,
               "%d directions given, the recycle space has room for %d", count, space->capacity);
  const size_t bytes = (size_t)space->n * ritz_scalar_size(space->scalar);
  ritz_recycle_reset(space);
  for (int j = 0; j < count; j++)
    memcpy(column(space, j), (const char *)directions + (size_t)j * bytes, bytes);
  space->dimension = count;
  return RITZ_OK;
}

/* Files ---------------------------------------------------------------------------------------*/

static ritz_h5_type file_type(ritz_scalar scalar) {
  static const ritz_h5_type types[] = {RITZ_H5_FLOAT32, RITZ_H5_FLOAT64, RITZ_H5_COMPLEX64,
                                       RITZ_H5_COMPLEX128};
  return types[scalar];
}

static ritz_status write_directions(const ritz_recycle *space, hid_t file) {
  ritz_status status;
  hid_t dataset = H5I_INVALID_HID;
  RITZ_TRY_DONE(ritz_h5_write_text(file, "scalar", ritz_scalar_text(space->scalar)));
  RITZ_TRY_DONE(ritz_h5_write_integer(file, "age", space->age));
  RITZ_TRY_DONE(ritz_h5_create_dataset(file, "directions", file_type(space->scalar), 2,
                                       (ritz_index[]){space->dimension, space->n}, NULL, &dataset));
  for (int j = 0; j < space->dimension; j++)
    RITZ_TRY_DONE(ritz_h5_write(dataset, (ritz_index[]){j, 0}, (ritz_index[]){1, space->n},
                                file_type(space->scalar), column(space, j)));
done:
  ritz_h5_dataset_close(&dataset);
  return status;
}

ritz_status ritz_recycle_save(const ritz_recycle *space, const char *path) {
  ritz_status status;
  char *temporary = NULL;
  hid_t file = H5I_INVALID_HID;
  RITZ_TRY(ritz_strjoin(path, ".tmp", &temporary));
  RITZ_TRY_DONE(ritz_h5_create(temporary, &file));
  status = write_directions(space, file);
  if (status == RITZ_OK)
    status = ritz_h5_commit(&file, temporary, path);
  else
    ritz_h5_abandon(&file, temporary);
done:
  ritz_free(temporary);
  return status;
}

static ritz_status read_directions(ritz_recycle *space, const char *path, hid_t file) {
  ritz_status status;
  hid_t dataset = H5I_INVALID_HID;
  char *scalar = NULL;
  ritz_h5_info info;
  int64_t age = 0;
  RITZ_TRY_DONE(ritz_h5_read_text(file, "scalar", &scalar));
  RITZ_TRY_DONE(ritz_h5_read_integer(file, "age", &age));
  RITZ_TRY_DONE(ritz_h5_find(file, "directions", RITZ_H5_DEFAULT_CACHE, &dataset));
  RITZ_TRY_DONE(ritz_h5_describe(dataset, &info));
  if (strcmp(scalar, ritz_scalar_text(space->scalar)) != 0) {
    status = RITZ_FAIL(RITZ_ERR_SHAPE, "%s: directions are %s, the recycle space is %s", path,
                       scalar, ritz_scalar_text(space->scalar));
  } else if (info.rank != 2 || info.n[1] != space->n || info.n[0] > space->capacity) {
    status =
        RITZ_FAIL(RITZ_ERR_SHAPE, "%s: directions are [%td, %td], wanted at most %d of length %td",
                  path, info.n[0], info.rank > 1 ? info.n[1] : 0, space->capacity, space->n);
  } else {
    ritz_recycle_reset(space);
    for (int j = 0; j < info.n[0]; j++)
      RITZ_TRY_DONE(ritz_h5_read(dataset, (ritz_index[]){j, 0}, NULL, (ritz_index[]){1, space->n},
                                 file_type(space->scalar), column(space, j)));
    space->dimension = (int)info.n[0];
    space->age = (int)age;
  }
done:
  ritz_free(scalar);
  ritz_h5_dataset_close(&dataset);
  return status;
}

ritz_status ritz_recycle_load(ritz_recycle *space, const char *path) {
  hid_t file = H5I_INVALID_HID;
  RITZ_TRY(ritz_h5_open(path, &file));
  const ritz_status status = read_directions(space, path, file);
  ritz_h5_close(&file);
  return status;
}
