/* SPDX-License-Identifier: BSD-3-Clause
 * Texts that a file may hold or not. */
#ifndef RITZ_TOOLS_NOTE_H
#define RITZ_TOOLS_NOTE_H

#include "io/h5.h"

/** Attribute of a data set (or "/") as text; @p out stays as it is where there is none. */
void ritz_read_note(hid_t file, const char *object, const char *attribute, size_t size, char *out);

#endif
