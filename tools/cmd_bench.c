/* SPDX-License-Identifier: BSD-3-Clause
 * ritz bench: runs the programs ritz-bench-CASE, which check their answers and then print one line
 * of JSON per measurement. They lie beside the command in a build tree, in libexec/ritz when
 * installed. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/list.h"
#include "io/yaml.h"
#include "tools/command.h"

enum { cases_most = 64, path_most = 4096 };
static const char prefix[] = "ritz-bench-";

typedef struct options {
  bool json;
} options;

static const ritz_argument arguments[] = {
    RITZ_ARGUMENT_FLAG(options, json, "the lines of JSON as they are"),
    RITZ_ARGUMENT_END,
};

/* The benchmarks that were found. */
typedef struct found {
  glob_t paths;
  int count;
  const char *name[cases_most]; /* "darcy" */
} found;

static ritz_status find_cases(found *f) {
  char self[path_most], pattern[path_most + 64];
  *f = (found){0};
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  RITZ_REQUIRE(length > 0, RITZ_ERR_IO, "cannot find out where this program lies: %s",
               strerror(errno));
  self[length] = 0;
  char *slash = strrchr(self, '/');
  if (slash) *slash = 0;
  snprintf(pattern, sizeof pattern, "%s/%s*", self, prefix);
  glob(pattern, 0, NULL, &f->paths);
  snprintf(pattern, sizeof pattern, "%s/../libexec/ritz/%s*", self, prefix);
  glob(pattern, GLOB_APPEND, NULL, &f->paths);
  for (size_t i = 0; i < f->paths.gl_pathc && f->count < cases_most; i++)
    f->name[f->count++] = strrchr(f->paths.gl_pathv[i], '/') + sizeof prefix;
  RITZ_REQUIRE(f->count > 0, RITZ_ERR_NOT_FOUND,
               "there are no programs %s* in %s or ../libexec/ritz: build with RITZ_BUILD_TESTS",
               prefix, self);
  return RITZ_OK;
}

/* "darcy  samples 1000  seconds 0.12"; what is no JSON map stays as it is. */
static void print_line(const char *line) {
  ritz_value *map;
  if (line[0] != '{' || ritz_yaml_read_text(line, "<measurement>", &map) != RITZ_OK) {
    fputs(line, stdout);
    return;
  }
  for (int i = 0; i < map->count; i++) {
    const ritz_value *item = map->item[i];
    if (item->kind != RITZ_VALUE_SCALAR) continue;
    if (i == 0)
      printf("%s", item->text);
    else
      printf("  %s %s", item->key, item->text);
  }
  printf("\n");
  ritz_value_destroy(&map);
}

/* The program @p path in a child; its end of the pipe. @return  -1 on failure. */
static pid_t start(const char *path, FILE **out) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl(path, path, (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  *out = child > 0 ? fdopen(ends[0], "r") : NULL;
  if (!*out) close(ends[0]);
  return *out ? child : -1;
}

static ritz_status run_case(const char *path, bool json) {
  FILE *out;
  char *line = NULL;
  size_t room = 0;
  int status;
  fflush(stdout);
  const pid_t child = start(path, &out);
  RITZ_REQUIRE(child > 0, RITZ_ERR_IO, "%s: %s", path, strerror(errno));
  while (getline(&line, &room, out) > 0) {
    if (json)
      fputs(line, stdout);
    else
      print_line(line);
    fflush(stdout);
  }
  free(line);
  fclose(out);
  RITZ_REQUIRE(waitpid(child, &status, 0) == child, RITZ_ERR_IO, "%s: %s", path, strerror(errno));
  RITZ_REQUIRE(!WIFSIGNALED(status), RITZ_ERR_NUMERIC, "%s ended by signal %d", path,
               WTERMSIG(status));
  RITZ_REQUIRE(WEXITSTATUS(status) == 0, RITZ_ERR_NUMERIC, "%s ended with exit status %d", path,
               WEXITSTATUS(status));
  return RITZ_OK;
}

static int position(const found *f, const char *name) {
  for (int i = 0; i < f->count; i++)
    if (strcmp(f->name[i], name) == 0) return i;
  ritz_fail_unknown(RITZ_ERR_ARGUMENT, "case", name, "", f->name, f->count);
  return -1;
}

static ritz_exit run_cases(const ritz_call *call, const found *f) {
  const options *o = call->options;
  ritz_status status = RITZ_OK;
  for (int i = 0; i < call->operands; i++)
    if (position(f, call->operand[i]) < 0) return RITZ_EXIT_USAGE;
  const int count = call->operands > 0 ? call->operands : f->count;
  for (int i = 0; i < count && status == RITZ_OK; i++)
    status = run_case(f->paths.gl_pathv[call->operands > 0 ? position(f, call->operand[i]) : i],
                      o->json);
  return ritz_exit_of(status);
}

static ritz_exit run(const ritz_call *call) {
  found f;
  ritz_exit code = ritz_exit_of(find_cases(&f));
  if (code == RITZ_EXIT_OK) code = run_cases(call, &f);
  globfree(&f.paths);
  return code;
}

static void details(const ritz_call *call) {
  found f;
  printf("\nCases:\n");
  if (find_cases(&f) != RITZ_OK) printf("  none are built or installed\n");
  for (int i = 0; i < f.count; i++) printf("  %s\n", f.name[i]);
  globfree(&f.paths);
}

const ritz_command ritz_command_bench = {
    .name = "bench",
    .summary = "runs the benchmarks: answers checked first, then timed",
    .operands = "[CASE]...",
    .about =
        "Runs the named benchmarks, or all. Every line is one measurement on this machine;\n"
        "compare lines of one run only.",
    .examples =
        "  ritz bench darcy\n"
        "  ritz bench --json >bench.jsonl\n",
    .arguments = arguments,
    .options_size = sizeof(options),
    .details = details,
    .run = run,
};
