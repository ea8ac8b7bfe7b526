/* SPDX-License-Identifier: BSD-3-Clause
 * ritz: finds the subcommand, parses its command line, runs it, reports one sentence on failure. */
#include <errno.h>
#include <hdf5.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "tools/command.h"
#include "tools/ranks.h"
#include "tools/streams.h"
#include "tools/version.h"
#include "tools/waiting.h"

static ritz_exit call_command(const ritz_command *command, int argc, char **argv,
                              const char **operand) {
  _Alignas(64) char options[RITZ_OPTIONS_MOST] = {0}, defaults[RITZ_OPTIONS_MOST] = {0};
  ritz_call call = {.command = command->name, .options = options, .operand = operand};
  if (command->defaults) memcpy(defaults, command->defaults, command->options_size);
  memcpy(options, defaults, command->options_size);
  const ritz_status status = ritz_arguments_parse(command->arguments, command->operands, argc, argv,
                                                  options, operand, &call.operands);
  if (ritz_arguments_want_help(argc, argv)) {
    call.options = defaults;
    ritz_print_help(command, &call);
    return RITZ_EXIT_OK;
  }
  const ritz_exit code = status == RITZ_OK ? command->run(&call) : ritz_exit_of_usage(status);
  if (status != RITZ_OK && code == RITZ_EXIT_USAGE)
    ritz_say(command->name, "%s; see `ritz help %s`", ritz_error_message(), command->name);
  else if (code != RITZ_EXIT_OK)
    ritz_say(command->name, "%s", ritz_error_message());
  return code;
}

/* Ranks but the first have nothing to do unless the command is for all of them. */
static bool idle(int argc, char **argv) {
  const ritz_command *command = argc < 2 ? NULL : ritz_command_find(argv[1]);
  return !ritz_ranks_first() && !(command && command->all_ranks);
}

static ritz_exit dispatch(int argc, char **argv) {
  if (idle(argc, argv)) return RITZ_EXIT_OK;
  if (argc < 2) return ritz_print_commands(stderr), RITZ_EXIT_USAGE;
  if (strcmp(argv[1], "--version") == 0) return ritz_print_version(), RITZ_EXIT_OK;
  if (ritz_arguments_want_help(1, argv + 1)) return ritz_print_commands(stdout), RITZ_EXIT_OK;
  const ritz_command *command = ritz_command_find(argv[1]);
  if (!command) {
    ritz_command_fail_unknown(argv[1]);
    fprintf(stderr, "ritz: %s\n", ritz_error_message());
    return RITZ_EXIT_USAGE;
  }
  const char **operand;
  if (RITZ_NEW(argc, &operand) != RITZ_OK) {
    ritz_say(command->name, "%s", ritz_error_message());
    return RITZ_EXIT_FAILED;
  }
  const ritz_exit code = call_command(command, argc - 2, argv + 2, operand);
  ritz_free(operand);
  return code;
}

/* Files are closed where they were opened; HDF5 1.10 would do it again when the process, or MPI,
 * ends, and crash over one whose close failed: the exit status of a full disk is ours. Before MPI,
 * so that HDF5 does not take note of it. */
static void keep_hdf5_out_of_the_end(void) {
  H5dont_atexit();
  H5open();
}

int main(int argc, char **argv) {
  ritz_streams_prepare();
  ritz_wait_politely(argv);
  keep_hdf5_out_of_the_end();
  ritz_ranks_begin();
  ritz_exit code = dispatch(argc, argv);
  /* Results that did not arrive are a failure: a full disk, a closed pipe. */
  if ((ferror(stdout) || fflush(stdout) != 0) && code == RITZ_EXIT_OK) {
    fprintf(stderr, "ritz: cannot write to standard output: %s\n", strerror(errno));
    code = RITZ_EXIT_FAILED;
  }
  return ritz_ranks_end(code);
}
