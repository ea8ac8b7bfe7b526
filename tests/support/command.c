/* SPDX-License-Identifier: BSD-3-Clause */
#define _XOPEN_SOURCE 700
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "files.h"

char command_out[1 << 16], command_err[1 << 14];
const char *command_launcher = "";
static char start[1024];

int enter_directory(void **state) {
  setenv("OMP_NUM_THREADS", "1", 1); /* several tests run at once */
  return getcwd(start, sizeof start) && folder_create(state) == 0 ? chdir(folder_name()) : -1;
}

int leave_directory(void **state) { return chdir(start) == 0 ? folder_remove(state) : -1; }

static void read_text(const char *path, size_t size, char *out) {
  FILE *file = fopen(path, "r");
  if (!file) fail_msg("%s is missing", path);
  out[fread(out, 1, size - 1, file)] = 0;
  fclose(file);
}

static int run_arguments(const char *arguments) {
  char line[4096];
  const int length = snprintf(line, sizeof line, "%s %s %s >.out 2>.err </dev/null",
                              command_launcher, RITZ_TEST_COMMAND, arguments);
  assert_in_range(length, 1, sizeof line - 1);
  const int status = system(line);
  read_text(".out", sizeof command_out, command_out);
  read_text(".err", sizeof command_err, command_err);
  if (!WIFEXITED(status)) fail_msg("`%s` ended by a signal: %s", line, command_err);
  return WEXITSTATUS(status);
}

int run_command(const char *format, ...) {
  char arguments[2048];
  va_list args;
  va_start(args, format);
  vsnprintf(arguments, sizeof arguments, format, args);
  va_end(args);
  return run_arguments(arguments);
}

/* The file that a plot is to write, or an empty name. */
static void picture_of(const char *arguments, char name[256]) {
  const char *out = strncmp(arguments, "plot ", 5) == 0 ? strstr(arguments, "--out ") : NULL;
  name[0] = 0;
  if (out) sscanf(out, "--out %255s", name);
}

void expect(int code, const char *text, const char *format, ...) {
  char arguments[2048], picture[256];
  va_list args;
  va_start(args, format);
  vsnprintf(arguments, sizeof arguments, format, args);
  va_end(args);
  picture_of(arguments, picture);
  remove(picture);
  const int got = run_arguments(arguments);
  const char *said = code == 0 ? command_out : command_err;
  if (got != code)
    fail_msg("ritz %s: exit status %d, not %d: %s", arguments, got, code, command_err);
  if (text && !strstr(said, text))
    fail_msg("ritz %s: \"%s\" does not contain \"%s\"", arguments, said, text);
  const char *end = strchr(command_err, '\n');
  if (code != 0 && !(end && end[1] == 0)) fail_msg("not one line: \"%s\"", command_err);
  if (picture[0] && file_exists(picture) != (code == 0))
    fail_msg("ritz %s: exit status %d, and %s is %s", arguments, code, picture,
             code == 0 ? "missing" : "there");
}

int times(const char *text, const char *word) {
  int count = 0;
  for (; (text = strstr(text, word)); text++) count++;
  return count;
}

void wait_for_file(const char *path) {
  const struct timespec moment = {.tv_nsec = 1000000};
  for (int i = 0; access(path, F_OK) != 0; i++) {
    if (i == 20000) fail_msg("%s does not appear", path);
    nanosleep(&moment, NULL);
  }
}
