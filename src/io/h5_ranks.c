/* SPDX-License-Identifier: BSD-3-Clause
 * HDF5 over MPI-IO. With another HDF5 nothing of it is there. */
#define _GNU_SOURCE
#include "io/h5_ranks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/memory.h"

ritz_status ritz_h5_reserve(const char *path) {
  struct stat about;
  const int descriptor = open(path, O_WRONLY | O_CLOEXEC);
  RITZ_REQUIRE(descriptor >= 0, RITZ_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
  int reason = 0;
  if (fstat(descriptor, &about) != 0) reason = errno;
#ifdef __linux__
  if (!reason && about.st_size > 0 && fallocate(descriptor, 0, 0, about.st_size) != 0)
    reason = errno;
#endif
  close(descriptor);
  const bool cannot = reason == EOPNOTSUPP || reason == ENOSYS;
  RITZ_REQUIRE(!reason || cannot, RITZ_ERR_IO, "%s: cannot be written: %s", path, strerror(reason));
  return RITZ_OK;
}

#ifdef RITZ_WITH_PARALLEL_HDF5

#include <mpi.h>

/* HDF5 1.10 and MPI-IO count the bytes of a transfer in an int here and there. */
enum { round_bytes = 1 << 26 };

/* Open MPI's own MPI-IO (4.1) tells nobody that a collective write has failed: what is on file is
 * looked at. Others are ROMIO's children, which tell. */
#ifdef OPEN_MPI
enum { looks_again = true };
#else
enum { looks_again = false };
#endif

bool ritz_h5_together(const void *ranks) { return ranks != NULL; }

ritz_status ritz_h5_open_together(const void *ranks, const char *path, hid_t *file) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  const hid_t list = ritz_h5_access_list(true);
  H5Pset_fapl_mpio(list, *(const MPI_Comm *)ranks, MPI_INFO_NULL);
  *file = H5Fopen(path, H5F_ACC_RDWR, list);
  if (*file < 0)
    status = RITZ_H5_FAIL(H5I_INVALID_HID, RITZ_ERR_IO, "%s: cannot be opened by all ranks", path);
  H5Pclose(list);
  ritz_h5_quiet_end(quiet);
  return status;
}

/* ---- transfers ----------------------------------------------------------------------------- */

typedef struct transfer {
  hid_t dataset, number, how;
  const ritz_h5_part *part;
  ritz_index from, end; /* numbers of the part in this round */
} transfer;

/* A rank that has nothing, or asks for what is not there, takes part with nothing. */
static ritz_status move(const transfer *t, bool writes, void *out, const void *in) {
  const hsize_t count = (hsize_t)(t->end - t->from);
  const hid_t space = H5Dget_space(t->dataset), memory = H5Screate_simple(1, &count, NULL);
  ritz_status status = RITZ_OK;
  if (!ritz_h5_select(space, t->part, t->from, t->end)) {
    status = RITZ_H5_FAIL(t->dataset, RITZ_ERR_SHAPE, "the part asked for is not inside");
    H5Sselect_none(space);
    H5Sselect_none(memory);
  }
  const herr_t error = writes ? H5Dwrite(t->dataset, t->number, memory, space, t->how, in)
                              : H5Dread(t->dataset, t->number, memory, space, t->how, out);
  if (error < 0 && status == RITZ_OK)
    status = RITZ_H5_FAIL(t->dataset, RITZ_ERR_IO, "cannot be %s", writes ? "written" : "read");
  H5Sclose(space);
  H5Sclose(memory);
  return status;
}

/* @param room  For what is read back; NULL: there is none, and this rank does not look. */
static ritz_status write_round(const transfer *t, const void *values, void *room) {
  const size_t bytes = (size_t)(t->end - t->from) * H5Tget_size(t->number);
  transfer back = *t;
  ritz_status status = move(t, true, NULL, values);
  if (!looks_again) return status;
  if (!room) back.end = back.from;
  const ritz_status read = move(&back, false, room, NULL);
  if (status == RITZ_OK) status = read;
  if (status == RITZ_OK && room && memcmp(room, values, bytes) != 0)
    status =
        RITZ_H5_REJECT(t->dataset, RITZ_ERR_IO, "cannot be written: it reads as something else");
  return status;
}

static ritz_status write_rounds(MPI_Comm comm, transfer *t, const char *values) {
  const ritz_index size = (ritz_index)H5Tget_size(t->number), round = round_bytes / size;
  const ritz_index count = ritz_h5_part_numbers(t->part);
  int64_t own = (count + round - 1) / round, rounds = 0;
  void *room = NULL;
  RITZ_REQUIRE(MPI_Allreduce(&own, &rounds, 1, MPI_INT64_T, MPI_MAX, comm) == MPI_SUCCESS,
               RITZ_ERR_COMMUNICATION, "MPI_Allreduce fails");
  ritz_status status = RITZ_OK;
  if (looks_again && count > 0)
    status = ritz_calloc(count < round ? count : round, (size_t)size, &room);
  for (int64_t k = 0; k < rounds; k++) {
    t->from = k < own ? k * round : count;
    t->end = count - t->from < round ? count : t->from + round;
    const ritz_status now = write_round(t, values + t->from * size, room);
    if (status == RITZ_OK) status = now;
  }
  ritz_free(room);
  return status;
}

ritz_status ritz_h5_write_together(const void *ranks, hid_t dataset, const ritz_h5_part *part,
                                   ritz_h5_type type, const void *values) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  transfer t = {.dataset = dataset,
                .number = ritz_h5_number_type(type, false),
                .how = H5Pcreate(H5P_DATASET_XFER),
                .part = part};
  H5Pset_dxpl_mpio(t.how, H5FD_MPIO_COLLECTIVE);
  const ritz_status status = write_rounds(*(const MPI_Comm *)ranks, &t, values);
  H5Pclose(t.how);
  H5Tclose(t.number);
  ritz_h5_quiet_end(quiet);
  return status;
}

#else

bool ritz_h5_together(const void *ranks) { return false; }

static ritz_status nobody(void) {
  return RITZ_FAIL(RITZ_ERR_UNSUPPORTED, "this HDF5 does not write files together");
}

ritz_status ritz_h5_open_together(const void *ranks, const char *path, hid_t *file) {
  *file = H5I_INVALID_HID;
  return nobody();
}

ritz_status ritz_h5_write_together(const void *ranks, hid_t dataset, const ritz_h5_part *part,
                                   ritz_h5_type type, const void *values) {
  return nobody();
}

#endif
