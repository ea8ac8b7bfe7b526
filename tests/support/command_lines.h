/* SPDX-License-Identifier: BSD-3-Clause
 * A short run of every command, for what may happen to any of them. */
#ifndef RITZ_TESTS_COMMAND_LINES_H
#define RITZ_TESTS_COMMAND_LINES_H

#include "support.h"

typedef struct command_line {
  const char *arguments;
  const char *file; /**< What it leaves in the end, complete or not at all; NULL: only text. */
} command_line;

extern const command_line command_lines[];
extern const int command_line_count;

/** cmocka fixture: enter_directory(), with the data, configurations and models that the lines
 * read. What they write goes into the folder `out`, which is empty. Ends with leave_directory(). */
int enter_command_directory(void **state);

/** Empties the folder `out`. */
void clear_out(void);

/** Each command has a line; fails the test otherwise. */
void assert_every_command_has_a_line(void);

#endif
