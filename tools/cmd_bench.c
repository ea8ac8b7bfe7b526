/* SPDX-License-Identifier: BSD-3-Clause
 * ritz bench: runs cases of the programs ritz-bench-NAME, which check their answers and then print
 * one line of JSON per measurement. */
#define _XOPEN_SOURCE 700
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/list.h"
#include "core/number.h"
#include "io/yaml.h"
#include "tools/bench_programs.h"
#include "tools/command.h"
#include "tools/progress.h"

typedef struct options {
  ritz_index threads;
  const char *seconds;
  bool json, list;
} options;

static const ritz_argument arguments[] = {
    RITZ_ARGUMENT_FLAG(options, json, "the lines of JSON as they are"),
    RITZ_ARGUMENT_FLAG(options, list, "only say which cases there are"),
    RITZ_ARGUMENT_INDEX(options, threads, "N", 1, 65536, "threads (default: one, then all)"),
    RITZ_ARGUMENT_TEXT(options, seconds, "S", "time to spend on a measurement (default 1)"),
    RITZ_ARGUMENT_END,
};

/* "train/fno2d-64  threads 2  median_ms 74.5"; what is no JSON map stays as it is. */
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

/* Cases that are over: a program says nothing until a measurement is done, and a case may have
 * several lines. */
static void show(ritz_progress *progress, ritz_index over) {
  progress->shown = 0; /* at once: the next line may take minutes */
  ritz_progress_show(progress, over);
}

/* Its cases follow @p over others. */
static ritz_status run_program(const char *path, const char *const *line, bool json,
                               ritz_index over, ritz_progress *progress) {
  FILE *out;
  pid_t child;
  char *text = NULL, name[64] = "";
  size_t room = 0;
  RITZ_TRY(ritz_bench_start(path, line, &out, &child));
  show(progress, over);
  while (getline(&text, &room, out) > 0) {
    const size_t head = strcspn(text, ","); /* {"case": "train/fno2d-64" */
    if (*name && strncmp(text, name, head) != 0) over++;
    snprintf(name, sizeof name, "%.*s", (int)head, text);
    ritz_progress_end(progress);
    if (json)
      fputs(text, stdout);
    else
      print_line(text);
    fflush(stdout);
    show(progress, over);
  }
  free(text);
  ritz_progress_end(progress);
  return ritz_bench_wait(path, out, child);
}

/* What stands before a slash of names, or before a dash, or a pattern of the shell. */
static bool begins(const char *operand, const char *name, char end) {
  const size_t length = strlen(operand);
  return strncmp(operand, name, length) == 0 && name[length] == end;
}
static bool is_pattern_of(const char *operand, const char *name) {
  return fnmatch(operand, name, 0) == 0 || begins(operand, name, '/');
}

/* One operand: a name stands for itself alone, however many others begin with it. */
static bool choose_by(const char *operand, const ritz_bench_programs *p, bool *chosen) {
  bool any = false;
  for (int i = 0; i < p->cases; i++)
    if (is_pattern_of(operand, p->name[i])) chosen[i] = any = true;
  for (int i = 0, named = any; i < p->cases && !named; i++)
    if (begins(operand, p->name[i], '-')) chosen[i] = any = true;
  return any;
}

/* Marks what the operands ask for; all if there are none. */
static ritz_status choose(const ritz_call *call, const ritz_bench_programs *p, bool *chosen) {
  for (int i = 0; i < p->cases; i++) chosen[i] = call->operands == 0;
  for (int k = 0; k < call->operands; k++)
    if (!choose_by(call->operand[k], p, chosen))
      return ritz_fail_unknown(RITZ_ERR_ARGUMENT, "case", call->operand[k], "",
                               (const char *const *)p->name, p->cases);
  return RITZ_OK;
}

static ritz_status run_chosen(const options *o, const ritz_bench_programs *p, const bool *chosen) {
  const char *line[RITZ_BENCH_CASES_MOST + 8];
  char threads[32];
  ritz_progress progress;
  ritz_index all = 0, over = 0;
  for (int i = 0; i < p->cases; i++) all += chosen[i];
  ritz_progress_begin(&progress, "bench", "cases", all, 0);
  snprintf(threads, sizeof threads, "%td", o->threads);
  for (int program = 0; program < p->programs; program++) {
    int used = 0, cases = 0;
    line[used++] = p->path[program];
    if (o->threads) line[used++] = "--threads", line[used++] = threads;
    if (o->seconds) line[used++] = "--seconds", line[used++] = o->seconds;
    for (int i = 0; i < p->cases; i++)
      if (chosen[i] && p->program[i] == program) line[used++] = p->name[i], cases++;
    line[used] = NULL;
    if (cases > 0) RITZ_TRY(run_program(p->path[program], line, o->json, over, &progress));
    over += cases;
  }
  return RITZ_OK;
}

static void print_cases(const ritz_bench_programs *p, const bool *chosen) {
  for (int i = 0; i < p->cases; i++)
    if (chosen[i]) printf("%-28s %s\n", p->name[i], p->about[i]);
}

static ritz_exit run_with(const ritz_call *call, const ritz_bench_programs *p) {
  const options *o = call->options;
  bool chosen[RITZ_BENCH_CASES_MOST] = {false};
  double seconds;
  if (o->seconds && !(ritz_text_to_real(o->seconds, &seconds) && seconds >= 0))
    return ritz_exit_of_usage(
        RITZ_FAIL(RITZ_ERR_ARGUMENT, "--seconds takes a number >= 0, not '%.64s'", o->seconds));
  const ritz_status status = choose(call, p, chosen);
  if (status != RITZ_OK) return ritz_exit_of_usage(status);
  if (!o->list && call->operands > 0) return ritz_exit_of(run_chosen(o, p, chosen));
  print_cases(p, chosen);
  return RITZ_EXIT_OK;
}

static ritz_exit run(const ritz_call *call) {
  ritz_bench_programs p;
  ritz_exit code = ritz_exit_of(ritz_bench_find(&p));
  if (code == RITZ_EXIT_OK) code = run_with(call, &p);
  ritz_bench_release(&p);
  return code;
}

const ritz_command ritz_command_bench = {
    .name = "bench",
    .summary = "runs the benchmarks: answers checked first, then timed",
    .operands = "[CASE]...",
    .about =
        "Runs the named cases, or says which there are; CASE may be a pattern ('train/*', '*') or\n"
        "what stands before a slash or a dash. Every line is one measurement on this machine: "
        "times\n"
        "of one run, rates by the median, the fraction of the arithmetic peak measured in turn\n"
        "with it, and how often the timed part asked for memory. Compare lines of one call only.",
    .examples =
        "  ritz bench\n"
        "  ritz bench train/fno2d-64 infer/fno2d-64 --threads 2\n"
        "  ritz bench 'train/*' --json >train.jsonl\n",
    .arguments = arguments,
    .options_size = sizeof(options),
    .run = run,
};
