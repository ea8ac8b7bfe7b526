/* SPDX-License-Identifier: BSD-3-Clause
 * Files of a test: a folder of its own under /tmp, whole files in memory, bytes compared. */
#ifndef RITZ_TESTS_FILES_H
#define RITZ_TESTS_FILES_H

#include <stdbool.h>

#include "support.h"

/** Group setup and teardown. Only the process that made the folder removes it. */
int folder_create(void **state);
int folder_remove(void **state);

/** The folder, "/tmp/...". Processes that share one are told its name: folder_bytes of them. */
enum { folder_bytes = 64 };
char *folder_name(void);

/** FOLDER/name, printf-style; one of 32 rotating buffers. */
const char *in_folder(const char *format, ...) RITZ_PRINTF(1, 2);

typedef struct file_bytes {
  size_t count;
  unsigned char *byte; /* NULL: no such file */
} file_bytes;

/** The whole file, and a zero behind it; release with free(). */
file_bytes file_read(const char *path);
/** Replaces a file by the first @p count bytes. */
void file_write(const char *path, size_t count, const void *byte);
void file_write_text(const char *path, const char *text);
void file_copy(const char *from, const char *to);
bool file_exists(const char *path);
void assert_files_equal(const char *a, const char *b);

/** Number of entries of a folder whose names end so. */
int files_ending(const char *folder, const char *suffix);

#endif
