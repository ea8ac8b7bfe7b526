/* SPDX-License-Identifier: BSD-3-Clause
 * Texts that a file may hold or not. */
#ifndef RITZ_TOOLS_NOTE_H
#define RITZ_TOOLS_NOTE_H

#include "io/h5.h"

/** An open file, and the failure that latched while its notes were read. */
typedef struct ritz_notes {
  hid_t file;
  ritz_status status;
} ritz_notes;

ritz_status ritz_notes_open(const char *path, ritz_notes *out);

/** Attribute of a data set (or "/") as text; @p out stays as it is where there is none. Only that
 * there is no memory for it latches. */
void ritz_read_note(ritz_notes *notes, const char *object, const char *attribute, size_t size,
                    char *out);

/** @return  What has latched, or that the file could not be closed. */
ritz_status ritz_notes_close(ritz_notes *notes);

#endif
