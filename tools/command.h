/* SPDX-License-Identifier: BSD-3-Clause
 * What a subcommand of `ritz` is: a descriptor in cmd_<name>.c and a line in commands.def. */
#ifndef RITZ_TOOLS_COMMAND_H
#define RITZ_TOOLS_COMMAND_H

#include <ritz/context.h>
#include <stdio.h>

#include "tools/arguments.h"

/** Exit status; 75 is EX_TEMPFAIL of sysexits.h: run the same command again. */
typedef enum ritz_exit {
  RITZ_EXIT_OK = 0,
  RITZ_EXIT_FAILED = 1,
  RITZ_EXIT_USAGE = 2,
  RITZ_EXIT_STOPPED = 75
} ritz_exit;

/** A parsed command line. */
typedef struct ritz_call {
  const char *command; /**< "generate" */
  const void *options; /**< The struct its argument table describes. */
  int operands;
  const char *const *operand;
} ritz_call;

typedef struct ritz_command {
  const char *name;
  const char *summary;  /**< For `ritz help`, after the name. */
  const char *operands; /**< "MODEL.h5 DATA.h5..."; [X]: may be left out; ...: any number. */
  const char *about;    /**< Paragraphs under the usage line, wrapped by hand at 80 columns. */
  const char *examples; /**< Lines "  ritz generate ...". */
  const ritz_argument *arguments;
  size_t options_size;  /**< Of the struct they describe, at most RITZ_OPTIONS_MOST. */
  const void *defaults; /**< Its initial value; NULL: zeros. */

  bool all_ranks; /**< All ranks run it together; else the first one alone. */

  /** Further help that depends on the operands; may be NULL. */
  void (*details)(const ritz_call *call);

  /** Unless it returns RITZ_EXIT_OK the caller prints ritz_error_message() behind the name. */
  ritz_exit (*run)(const ritz_call *call);
} ritz_command;

#define RITZ_OPTIONS_MOST 2048

/** @return  NULL if there is none of this name. */
const ritz_command *ritz_command_find(const char *name);
/** RITZ_ERR_ARGUMENT, with the nearest command or all of them. */
ritz_status ritz_command_fail_unknown(const char *name);

/** Prints the help page of a command to stdout. */
void ritz_print_help(const ritz_command *command, const ritz_call *call);
/** Prints the list of commands. */
void ritz_print_commands(FILE *to);

/** Failure of the work: 0, 75 for RITZ_ERR_INTERRUPTED, 1 for the rest. */
ritz_exit ritz_exit_of(ritz_status status);
/** Failure of what the command line asks for: 0 or 2; 1 where there is no memory. */
ritz_exit ritz_exit_of_usage(ritz_status status);

/** One entry of a list on stdout: name, text, [source] where it is not NULL. */
void ritz_print_entry(const char *name, const char *text, const char *source);

/** The same for help pages: name and text, wrapped to the width of a terminal. */
void ritz_print_wrapped(const char *name, const char *text);

/** A failure of one rank is one of all. Collective. @return  RITZ_EXIT_OK if all give that. */
ritz_exit ritz_exit_agree(const ritz_context *context, ritz_exit code);

/** One line on stderr: "ritz generate: text". Of the first rank only. */
void ritz_say(const char *command, const char *format, ...) RITZ_PRINTF(2, 3);

/** Row of the argument table and meaning of --threads. */
#define RITZ_ARGUMENT_THREADS(type)                 \
  RITZ_ARGUMENT_INDEX(type, threads, "N", 1, 65536, \
                      "threads (default: OMP_NUM_THREADS, else all this process may use)")

/** Row of the argument table for how to read a data set (ritz/dataset.h). */
#define RITZ_ARGUMENT_DATA(type)        \
  RITZ_ARGUMENT_TEXT(type, data, "MAP", \
                     "how to read the data, {x: NAME, y: NAME ...}: docs/formats.md")

/** Row of the argument table for how ranks share a grid (tools/grid_text.h). */
#define RITZ_ARGUMENT_PARTS(type)                \
  RITZ_ARGUMENT_TEXT(type, parts, "N|NxM|NxMxK", \
                     "with mpirun: so many ranks share the grid of a sample; N cuts axis 0")

/** A context that logs to stderr, of this rank alone. @param threads  0: not given. */
ritz_status ritz_command_context(const char *command, ritz_index threads, ritz_context **out);
/** The same over all ranks, for commands of all ranks. Collective. */
ritz_status ritz_command_context_of_ranks(const char *command, ritz_index threads,
                                          ritz_context **out);

#endif
