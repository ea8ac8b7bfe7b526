/* SPDX-License-Identifier: BSD-3-Clause
 * ritz help. */
#include "tools/command.h"

static const ritz_argument arguments[] = {RITZ_ARGUMENT_END};

static ritz_exit run(const ritz_call *call) {
  if (call->operands == 0) {
    ritz_print_commands(stdout);
    return RITZ_EXIT_OK;
  }
  const ritz_command *command = ritz_command_find(call->operand[0]);
  if (command) {
    static const char nothing[RITZ_OPTIONS_MOST];
    const ritz_call page = {.command = command->name,
                            .options = command->defaults ? command->defaults : nothing,
                            .operands = call->operands - 1,
                            .operand = call->operand + 1};
    ritz_print_help(command, &page);
    return RITZ_EXIT_OK;
  }
  return ritz_exit_of_usage(ritz_command_fail_unknown(call->operand[0]));
}

const ritz_command ritz_command_help = {
    .name = "help",
    .summary = "explains a command",
    .operands = "[COMMAND] [WORD]",
    .about = "Prints the help page of a command; without one, the list of commands.",
    .examples = "  ritz help generate\n  ritz help generate darcy\n",
    .arguments = arguments,
    .run = run,
};
