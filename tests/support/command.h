/* SPDX-License-Identifier: BSD-3-Clause
 * Runs the command `ritz` and looks at what it says, in a directory of its own. */
#ifndef RITZ_TESTS_COMMAND_H
#define RITZ_TESTS_COMMAND_H

#include "support.h"

/** cmocka fixtures: an empty directory that relative names refer to; removed afterwards. */
int enter_directory(void **state);
int leave_directory(void **state);

/** What the last run wrote; cut to what fits. */
extern char command_out[1 << 16], command_err[1 << 14];

/** What starts the command, "mpirun -n 2"; empty: nothing. */
extern const char *command_launcher;

/** `ritz ARGUMENTS`, the rest of the line as for printf and the shell. @return  Exit status. */
int run_command(const char *format, ...) RITZ_PRINTF(1, 2);

/** It must exit with @p code and, unless NULL, say @p text on stdout (0) or stderr (other codes).
 * A failure is one line. A plot leaves its picture, and only if it succeeds. */
void expect(int code, const char *text, const char *format, ...) RITZ_PRINTF(3, 4);

/** How often a text holds a word. */
int times(const char *text, const char *word);

/** Waits for a file, starts nothing. Fails the test after some seconds. */
void wait_for_file(const char *path);

#endif
