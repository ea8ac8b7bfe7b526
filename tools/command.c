/* SPDX-License-Identifier: BSD-3-Clause
 * The list of commands and what they share. */
#include "tools/command.h"

#include <omp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/list.h"
#include "dist/comm.h"
#include "tools/ranks.h"

#define RITZ_COMMAND(name) extern const ritz_command ritz_command_##name;
#include "tools/commands.def"
#undef RITZ_COMMAND

static const ritz_command *const commands[] = {
#define RITZ_COMMAND(name) &ritz_command_##name,
#include "tools/commands.def"
#undef RITZ_COMMAND
};
enum { command_count = sizeof commands / sizeof *commands };

const ritz_command *ritz_command_find(const char *name) {
  for (int i = 0; i < command_count; i++)
    if (strcmp(commands[i]->name, name) == 0) return commands[i];
  return NULL;
}

ritz_status ritz_command_fail_unknown(const char *name) {
  const char *names[command_count];
  for (int i = 0; i < command_count; i++) names[i] = commands[i]->name;
  return ritz_fail_unknown(RITZ_ERR_ARGUMENT, *name == '-' ? "option" : "command", name, "", names,
                           command_count);
}

void ritz_print_help(const ritz_command *command, const ritz_call *call) {
  const bool options = command->arguments->kind != RITZ_ARGUMENT_KIND_END;
  printf("usage: ritz %s%s%s%s\n\n%s\n\nOptions:\n", command->name, *command->operands ? " " : "",
         command->operands, options ? " [OPTION]..." : "", command->about);
  ritz_arguments_help(command->arguments, call->options);
  if (command->details) command->details(call);
  printf("\nExamples:\n%s", command->examples);
}

void ritz_print_commands(FILE *to) {
  fprintf(to,
          "usage: ritz COMMAND [OPTION]...\n\n"
          "Neural PDE operators and the solvers that make their data.\n\nCommands:\n");
  for (int i = 0; i < command_count; i++)
    fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
  fprintf(to,
          "\n`ritz help COMMAND` explains one of them, `ritz --version` says what this build is.\n"
          "Exit status: 0 done, 1 failed, 2 wrong usage, 75 stopped by a signal after saving.\n");
}

ritz_exit ritz_exit_of(ritz_status status) {
  if (status == RITZ_ERR_INTERRUPTED) return RITZ_EXIT_STOPPED;
  return status == RITZ_OK ? RITZ_EXIT_OK : RITZ_EXIT_FAILED;
}

ritz_exit ritz_exit_of_usage(ritz_status status) {
  if (status == RITZ_ERR_MEMORY) return RITZ_EXIT_FAILED;
  return status == RITZ_OK ? RITZ_EXIT_OK : RITZ_EXIT_USAGE;
}

void ritz_print_wrapped(const char *name, const char *text) {
  enum { indent = 24, width = 80 };
  int at = printf("  %-21s", name);
  for (; *text; text += strspn(text, " ")) {
    const int length = (int)strcspn(text, " ");
    if (at + 1 + length > width) printf("\n%*s", at = indent - 1, "");
    at += printf(" %.*s", length, text);
    text += length;
  }
  printf("\n");
}

void ritz_print_entry(const char *name, const char *text, const char *source) {
  printf("%-21s %s%s%s%s\n", name, text, source ? " [" : "", source ? source : "",
         source ? "]" : "");
}

ritz_exit ritz_exit_agree(const ritz_context *context, ritz_exit code) {
  const ritz_status mine = code == RITZ_EXIT_OK ? RITZ_OK : RITZ_ERR_CONFIG;
  const bool all_well = ritz_status_agree(context, mine) == RITZ_OK;
  return all_well || code != RITZ_EXIT_OK ? code : RITZ_EXIT_FAILED;
}

void ritz_say(const char *command, const char *format, ...) {
  if (!ritz_ranks_first()) return;
  char text[2048]; /* one write, so that nothing gets in between */
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  fprintf(stderr, "ritz %s: %s\n", command, text);
}

static void log_message(void *user, ritz_log_level level, const char *message) {
  ritz_say(user, "%s%s", level <= RITZ_LOG_WARNING ? "warning: " : "", message);
}

static ritz_context_options choose(const char *command, ritz_index threads, int usual) {
  ritz_context_options options;
  ritz_context_options_defaults(&options);
  options.threads = threads ? (int)threads : usual;
  options.log = log_message;
  options.log_user = (void *)command;
  options.log_level = RITZ_LOG_INFO;
  return options;
}

ritz_status ritz_command_context(const char *command, ritz_index threads, ritz_context **out) {
  const ritz_context_options options = choose(command, threads, omp_get_max_threads());
  return ritz_context_create(&options, out);
}

ritz_status ritz_command_context_of_ranks(const char *command, ritz_index threads,
                                          ritz_context **out) {
  const ritz_context_options options = choose(command, threads, ritz_ranks_threads());
  return ritz_ranks_context(&options, out);
}
