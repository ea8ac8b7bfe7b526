/* SPDX-License-Identifier: BSD-3-Clause
 * Errors of HDF5 in our words; opening, closing and publishing files. */
#define _POSIX_C_SOURCE 200809L
#include "io/h5.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/file.h"

ritz_h5_quiet ritz_h5_quiet_begin(void) {
  ritz_h5_quiet quiet = {0};
  H5Eget_auto2(H5E_DEFAULT, &quiet.print, &quiet.data);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  return quiet;
}

void ritz_h5_quiet_end(ritz_h5_quiet quiet) { H5Eset_auto2(H5E_DEFAULT, quiet.print, quiet.data); }

static const char open_elsewhere[] = "another process has it open";

/* The innermost description is the most telling one; of "unable to open file: name = ..., errno =
 * 2, error message = 'No such file or directory', ..." the system's words are enough, but for those
 * about a lock, which name no cause. */
static herr_t keep_first_reason(unsigned n, const H5E_error2_t *error, void *user) {
  char *reason = user;
  if (!error->desc || !error->desc[0]) return 0;
  static const char mark[] = "error message = '";
  const char *system = strstr(error->desc, mark);
  if (strstr(error->desc, "unable to lock file"))
    snprintf(reason, 256, "%s", open_elsewhere);
  else if (system)
    snprintf(reason, 256, "%.*s", (int)strcspn(system + strlen(mark), "'"), system + strlen(mark));
  else
    snprintf(reason, 256, "%.*s", (int)strcspn(error->desc, "\n"), error->desc);
  return 1;
}

ritz_status ritz_h5_fail(ritz_status status, const char *file, int line, const char *function,
                         hid_t object, bool with_reason, const char *format, ...) {
  char reason[256] = "", path[256] = "", name[128] = "", sentence[512];
  /* Before any other call, which would clear HDF5's stack. */
  if (with_reason) H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first_reason, reason);
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  if (object >= 0 && H5Fget_name(object, path, sizeof path) < 0) path[0] = 0;
  if (object >= 0 && H5Iget_name(object, name, sizeof name) <= 0) name[0] = 0;
  H5Eclear2(H5E_DEFAULT);
  ritz_h5_quiet_end(quiet);
  va_list args;
  va_start(args, format);
  vsnprintf(sentence, sizeof sentence, format, args);
  va_end(args);
  const bool named = name[0] && strcmp(name, "/") != 0;
  return ritz_fail(status, file, line, function, "%s%s%s%s%s%s%s", path, path[0] ? ": " : "",
                   named ? name : "", named ? ": " : "", sentence, reason[0] ? ": " : "", reason);
}

/* A file being written is closed with all objects still open in it, else it would not reach the
 * disk; one being read may be open elsewhere in the process, under other rules. Locks are taken
 * where the file system has them. Old formats are kept: HDF5 1.8 reads what we write. */
hid_t ritz_h5_access_list(bool writing) {
  const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  if (writing) H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
  H5Pset_libver_bounds(list, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
#if H5_VERSION_GE(1, 10, 7)
  H5Pset_file_locking(list, true, true);
#endif
  return list;
}

static ritz_status open_existing(const char *path, unsigned flags, hid_t *file) {
  *file = H5I_INVALID_HID;
  RITZ_REQUIRE(path && path[0], RITZ_ERR_ARGUMENT, "the path of an HDF5 file is empty");
  RITZ_REQUIRE(access(path, flags == H5F_ACC_RDWR ? R_OK | W_OK : R_OK) == 0, RITZ_ERR_IO,
               "%s: cannot be opened: %s", path, strerror(errno));
  struct stat place;
  RITZ_REQUIRE(stat(path, &place) != 0 || !S_ISDIR(place.st_mode), RITZ_ERR_IO,
               "%s: is a folder, wanted a file", path);
  RITZ_TRY(ritz_h5_check_heaps(path));
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  const hid_t list = ritz_h5_access_list(flags == H5F_ACC_RDWR);
  const htri_t is_hdf5 = H5Fis_hdf5(path);
  if (is_hdf5 == 0)
    status = RITZ_FAIL(RITZ_ERR_FORMAT, "%s: not an HDF5 file", path);
  else if ((*file = H5Fopen(path, flags, list)) < 0)
    status = RITZ_H5_FAIL(H5I_INVALID_HID, is_hdf5 > 0 ? RITZ_ERR_FORMAT : RITZ_ERR_IO,
                          "%s: damaged, cut short or in use", path);
  H5Pclose(list);
  ritz_h5_quiet_end(quiet);
  return status;
}

ritz_status ritz_h5_open(const char *path, hid_t *file) {
  return open_existing(path, H5F_ACC_RDONLY, file);
}

ritz_status ritz_h5_open_writable(const char *path, hid_t *file) {
  return open_existing(path, H5F_ACC_RDWR, file);
}

/* Before HDF5 sees the file: it empties one that another process writes and asks for the lock
 * afterwards, and HDF5 1.10 never recovers from one whose first block cannot be written (it
 * complains when the process ends). */
static ritz_status probe_place(const char *path) {
  static const char block[8192];
  const int descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  RITZ_REQUIRE(descriptor >= 0, RITZ_ERR_IO, "%s: cannot be written: %s", path,
               errno == ENOENT ? "its folder does not exist" : strerror(errno));
  const bool busy = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (busy) close(descriptor);
  RITZ_REQUIRE(!busy, RITZ_ERR_IO, "%s: cannot be written: %s", path, open_elsewhere);
  const bool fresh = lseek(descriptor, 0, SEEK_END) == 0;
  errno = 0;
  const bool fits = !fresh || write(descriptor, block, sizeof block) == (ssize_t)sizeof block;
  const int reason = errno ? errno : ENOSPC;
  close(descriptor);
  if (!fits) unlink(path);
  RITZ_REQUIRE(fits, RITZ_ERR_IO, "%s: cannot be written: %s", path, strerror(reason));
  return RITZ_OK;
}

ritz_status ritz_h5_create(const char *path, hid_t *file) {
  *file = H5I_INVALID_HID;
  RITZ_REQUIRE(path && path[0], RITZ_ERR_ARGUMENT, "the path of an HDF5 file is empty");
  RITZ_TRY(probe_place(path));
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  const hid_t list = ritz_h5_access_list(true);
  *file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, list);
  if (*file < 0) status = RITZ_H5_FAIL(H5I_INVALID_HID, RITZ_ERR_IO, "%s: cannot be written", path);
  H5Pclose(list);
  ritz_h5_quiet_end(quiet);
  return status;
}

ritz_status ritz_h5_flush(hid_t file) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  unsigned intent = H5F_ACC_RDONLY;
  H5Fget_intent(file, &intent);
  if ((intent & H5F_ACC_RDWR) && H5Fflush(file, H5F_SCOPE_LOCAL) < 0)
    status = RITZ_H5_FAIL(file, RITZ_ERR_IO, "cannot be written");
  ritz_h5_quiet_end(quiet);
  return status;
}

ritz_status ritz_h5_close(hid_t *file) {
  if (*file < 0) return RITZ_OK;
  ritz_status status = ritz_h5_flush(*file);
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  if (H5Fclose(*file) < 0 && status == RITZ_OK)
    status = RITZ_H5_FAIL(H5I_INVALID_HID, RITZ_ERR_IO, "a file cannot be closed");
  *file = H5I_INVALID_HID;
  ritz_h5_quiet_end(quiet);
  return status;
}

ritz_status ritz_h5_look(const char *path) {
  hid_t file;
  RITZ_TRY(ritz_h5_open(path, &file));
  return ritz_h5_close(&file);
}

ritz_status ritz_h5_commit(hid_t *file, const char *temporary, const char *path) {
  ritz_status status = ritz_h5_flush(*file);
  if (status == RITZ_OK) status = ritz_h5_close(file);
  if (status == RITZ_OK) status = ritz_file_publish(temporary, path);
  if (status != RITZ_OK) ritz_h5_abandon(file, temporary);
  return status;
}

/* HDF5 1.10 crashes at the end of the process if a file could not be closed. Where a full disk or a
 * limit on the size of files is in the way, the file has to shrink first: on disk by cutting it
 * off, in HDF5's books by removing what is in it. */
static void empty_file(hid_t file, const char *path) {
  if (truncate(path, 0) != 0) return;
  while (H5Ldelete_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, 0, H5P_DEFAULT) >= 0) continue;
}

void ritz_h5_abandon(hid_t *file, const char *temporary) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  if (*file >= 0) {
    empty_file(*file, temporary);
    H5Fclose(*file);
  }
  *file = H5I_INVALID_HID;
  ritz_h5_quiet_end(quiet);
  unlink(temporary);
}
