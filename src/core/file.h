/* SPDX-License-Identifier: BSD-3-Clause
 * Files that are there whole or not at all: written beside their place, then renamed; and those
 * that grow. */
#ifndef RITZ_CORE_FILE_H
#define RITZ_CORE_FILE_H

#include <ritz/status.h>
#include <stdio.h>

/** Puts the contents of @p what into a file. The caller looks for errors of the file; a status of
 * its own is for others. */
typedef ritz_status ritz_file_put(FILE *file, const void *what);

/**
 * Writes PATH.tmp and publishes it: at @p path there is the old file or the whole new one, never a
 * part; on failure the temporary file is removed.
 *
 * @return  RITZ_ERR_IO  names the file and the system's reason; else what @p put returns, its
 *          message with the file's name before it
 */
ritz_status ritz_file_write(const char *path, ritz_file_put *put, const void *what);

/** Puts @p what behind what is in a file. Nothing is forced to the disk, and after a failure a part
 * of it may be there. */
ritz_status ritz_file_append(const char *path, ritz_file_put *put, const void *what);

/** fsync, rename, fsync of the directory. RITZ_ERR_IO; nothing is removed. */
ritz_status ritz_file_publish(const char *temporary, const char *path);

#endif
