/* SPDX-License-Identifier: BSD-3-Clause */
#define _POSIX_C_SOURCE 200809L
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/memory.h"

static ritz_status fail_write(const char *path, int reason) {
  return RITZ_FAIL(RITZ_ERR_IO, "%s: cannot be written: %s", path, strerror(reason));
}

static ritz_status put_all(const char *path, const char *mode, ritz_file_put *put,
                           const void *what) {
  FILE *file = fopen(path, mode);
  if (!file) return fail_write(path, errno);
  const ritz_status status = put(file, what);
  /* What did not fit earlier is still in the buffer as a rule and fails again, with its reason. */
  errno = 0;
  const bool written = fflush(file) == 0 && !ferror(file);
  const int reason = errno ? errno : EIO;
  const bool closed = fclose(file) == 0;
  if (status != RITZ_OK) return ritz_fail_prefix(status, "%s", path);
  return written && closed ? RITZ_OK : fail_write(path, written ? errno : reason);
}

static ritz_status sync_path(const char *path) {
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  RITZ_REQUIRE(descriptor >= 0, RITZ_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
  /* Some file systems cannot sync a directory; they say EINVAL and lose nothing by it. */
  const bool failed = fsync(descriptor) != 0 && errno != EINVAL;
  const int reason = errno;
  close(descriptor);
  RITZ_REQUIRE(!failed, RITZ_ERR_IO, "%s: cannot be forced to the disk: %s", path,
               strerror(reason));
  return RITZ_OK;
}

static ritz_status publish(const char *temporary, const char *path, const char *directory) {
  RITZ_TRY(sync_path(temporary));
  RITZ_REQUIRE(rename(temporary, path) == 0, RITZ_ERR_IO, "%s: cannot be renamed to %s: %s",
               temporary, path, strerror(errno));
  return sync_path(directory);
}

ritz_status ritz_file_publish(const char *temporary, const char *path) {
  char *directory;
  RITZ_TRY(ritz_strdup(path, &directory));
  char *slash = strrchr(directory, '/');
  if (slash) slash[slash == directory] = 0;
  const ritz_status status = publish(temporary, path, slash ? directory : ".");
  ritz_free(directory);
  return status;
}

ritz_status ritz_file_write(const char *path, ritz_file_put *put, const void *what) {
  char *temporary;
  RITZ_TRY(ritz_strjoin(path, ".tmp", &temporary));
  ritz_status status = put_all(temporary, "wb", put, what);
  if (status == RITZ_OK) status = ritz_file_publish(temporary, path);
  if (status != RITZ_OK) remove(temporary);
  ritz_free(temporary);
  return status;
}

ritz_status ritz_file_append(const char *path, ritz_file_put *put, const void *what) {
  return put_all(path, "ab", put, what);
}
