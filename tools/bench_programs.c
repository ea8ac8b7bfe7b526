/* SPDX-License-Identifier: BSD-3-Clause */
#define _XOPEN_SOURCE 700
#include "tools/bench_programs.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/memory.h"

enum { path_most = 4096 };
static const char prefix[] = "ritz-bench-";

ritz_status ritz_bench_start(const char *path, const char *const *arguments, FILE **out,
                             pid_t *child) {
  int ends[2];
  *out = NULL;
  RITZ_REQUIRE(pipe(ends) == 0, RITZ_ERR_IO, "%s: %s", path, strerror(errno));
  fflush(stdout);
  *child = fork();
  if (*child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execv(path, (char *const *)arguments);
    _exit(127);
  }
  close(ends[1]);
  if (*child > 0) *out = fdopen(ends[0], "r");
  if (!*out) close(ends[0]);
  RITZ_REQUIRE(*out, RITZ_ERR_IO, "%s: %s", path, strerror(errno));
  return RITZ_OK;
}

ritz_status ritz_bench_wait(const char *path, FILE *out, pid_t child) {
  int status;
  fclose(out);
  RITZ_REQUIRE(waitpid(child, &status, 0) == child, RITZ_ERR_IO, "%s: %s", path, strerror(errno));
  RITZ_REQUIRE(!WIFSIGNALED(status), RITZ_ERR_NUMERIC, "%s ended by signal %d", path,
               WTERMSIG(status));
  RITZ_REQUIRE(WEXITSTATUS(status) == 0, RITZ_ERR_NUMERIC, "%s ended with exit status %d", path,
               WEXITSTATUS(status));
  return RITZ_OK;
}

/* A line of --list: "train/fno2d-64 step, 64^2 ...". */
static ritz_status add_case(ritz_bench_programs *p, char *line) {
  const char *path = p->path[p->programs - 1];
  line[strcspn(line, "\n")] = 0;
  char *about = line + strcspn(line, " ");
  if (*about) *about++ = 0;
  RITZ_REQUIRE(*line && *line != '{', RITZ_ERR_IO, "%s does not list its cases", path);
  RITZ_REQUIRE(p->cases < RITZ_BENCH_CASES_MOST, RITZ_ERR_UNSUPPORTED, "more than %d cases",
               RITZ_BENCH_CASES_MOST);
  p->program[p->cases] = p->programs - 1;
  RITZ_TRY(ritz_strdup(line, &p->name[p->cases]));
  RITZ_TRY(ritz_strdup(about, &p->about[p->cases++]));
  return RITZ_OK;
}

static ritz_status list_cases(ritz_bench_programs *p) {
  const char *path = p->path[p->programs - 1];
  FILE *out;
  pid_t child;
  char *line = NULL;
  size_t room = 0;
  ritz_status status = RITZ_OK;
  RITZ_TRY(ritz_bench_start(path, (const char *[]){path, "--list", NULL}, &out, &child));
  while (status == RITZ_OK && getline(&line, &room, out) > 0) status = add_case(p, line);
  free(line);
  const ritz_status ended = ritz_bench_wait(path, out, child);
  return status == RITZ_OK ? ended : status;
}

static ritz_status add_program(ritz_bench_programs *p, const char *path) {
  RITZ_REQUIRE(p->programs < RITZ_BENCH_PROGRAMS_MOST, RITZ_ERR_UNSUPPORTED,
               "more than %d programs %s*", RITZ_BENCH_PROGRAMS_MOST, prefix);
  RITZ_TRY(ritz_strdup(path, &p->path[p->programs++]));
  return list_cases(p);
}

ritz_status ritz_bench_find(ritz_bench_programs *out) {
  char self[path_most], pattern[path_most + 64];
  glob_t paths;
  ritz_status status = RITZ_OK;
  *out = (ritz_bench_programs){0};
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  RITZ_REQUIRE(length > 0, RITZ_ERR_IO, "cannot find out where this program lies: %s",
               strerror(errno));
  self[length] = 0;
  char *slash = strrchr(self, '/');
  if (slash) *slash = 0;
  snprintf(pattern, sizeof pattern, "%s/%s*", self, prefix);
  glob(pattern, 0, NULL, &paths);
  snprintf(pattern, sizeof pattern, "%s/../libexec/ritz/%s*", self, prefix);
  glob(pattern, GLOB_APPEND, NULL, &paths);
  for (size_t i = 0; i < paths.gl_pathc && status == RITZ_OK; i++)
    status = add_program(out, paths.gl_pathv[i]);
  globfree(&paths);
  RITZ_TRY(status);
  RITZ_REQUIRE(out->cases > 0, RITZ_ERR_NOT_FOUND,
               "there are no programs %s* in %s or ../libexec/ritz: build with RITZ_BUILD_TESTS",
               prefix, self);
  return RITZ_OK;
}

void ritz_bench_release(ritz_bench_programs *p) {
  for (int i = 0; i < p->programs; i++) ritz_free(p->path[i]);
  for (int i = 0; i < p->cases; i++) {
    ritz_free(p->name[i]);
    ritz_free(p->about[i]);
  }
  *p = (ritz_bench_programs){0};
}
