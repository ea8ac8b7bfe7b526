/* SPDX-License-Identifier: BSD-3-Clause
 * ritz list: the registries of the library, as they are compiled in. */
#include <stdio.h>
#include <string.h>

#include "core/list.h"
#include "core/memory.h"
#include "datasets/generator.h"
#include "datasets/reader.h"
#include "operators/operator.h"
#include "solvers/krylov/method.h"
#include "solvers/precond/preconditioner.h"
#include "tools/command.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"

static const ritz_argument arguments[] = {RITZ_ARGUMENT_END};

typedef struct entry {
  const char *name, *text, *source;
  const ritz_option *options; /* NULL: none that a configuration sets */
} entry;

/* Entry number i of a registry; false behind the last one. */
typedef bool entry_fn(int i, entry *out);

static bool operators(int i, entry *out) {
  int count;
  const ritz_operator_type *const *type = ritz_operator_types(&count);
  if (i >= count) return false;
  *out = (entry){type[i]->name, type[i]->summary, type[i]->paper, type[i]->options};
  return true;
}

static bool generators(int i, entry *out) {
  int count;
  const ritz_generator_type *const *type = ritz_generator_types(&count);
  if (i >= count) return false;
  *out = (entry){type[i]->name, type[i]->summary, type[i]->paper, type[i]->options};
  return true;
}

static bool readers(int i, entry *out) {
  const ritz_reader *reader = ritz_readers()[i];
  if (reader) *out = (entry){.name = reader->name, .text = reader->help};
  return reader != NULL;
}

static bool solvers(int i, entry *out) {
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  if (i >= count) return false;
  *out = (entry){method[i].name, method[i].summary, method[i].source, NULL};
  return true;
}

static bool preconditioners(int i, entry *out) {
  int count;
  const ritz_preconditioner_type *type = ritz_preconditioner_types(&count);
  if (i >= count) return false;
  *out = (entry){type[i].name, type[i].summary, type[i].source, NULL};
  return true;
}

static bool losses(int i, entry *out) {
  int count;
  const ritz_loss_type *const *type = ritz_loss_types(&count);
  if (i >= count) return false;
  *out = (entry){type[i]->name, type[i]->formula, type[i]->source, type[i]->options};
  return true;
}

static bool optimizers(int i, entry *out) {
  int count;
  const ritz_optimizer_type *const *type = ritz_optimizer_types(&count);
  if (i >= count) return false;
  *out = (entry){type[i]->name, type[i]->formula, type[i]->source, type[i]->options};
  return true;
}

static bool schedules(int i, entry *out) {
  int count;
  const ritz_schedule_type *const *type = ritz_schedule_types(&count);
  if (i >= count) return false;
  *out = (entry){type[i]->name, type[i]->formula, type[i]->source, type[i]->options};
  return true;
}

static const struct {
  const char *name;
  entry_fn *entry;
} registries[] = {
    {"operators", operators}, {"generators", generators},
    {"solvers", solvers},     {"preconditioners", preconditioners},
    {"losses", losses},       {"optimizers", optimizers},
    {"schedules", schedules}, {"readers", readers},
};
enum { REGISTRIES = sizeof registries / sizeof *registries, MOST_ENTRIES = 256 };

static void details(const ritz_call *call) {
  printf("\nKinds:\n");
  for (int i = 0; i < REGISTRIES; i++) printf("  %s\n", registries[i].name);
}

static void print_all(entry_fn *next) {
  entry e;
  for (int i = 0; next(i, &e); i++) ritz_print_entry(e.name, e.text, e.source);
}

/* One entry with its options; "operators" are of the kind "operator". */
static ritz_exit print_one(int registry, const char *name) {
  const char *names[MOST_ENTRIES];
  entry e;
  int count = 0;
  for (; count < MOST_ENTRIES && registries[registry].entry(count, &e); count++) {
    names[count] = e.name;
    if (strcmp(e.name, name) != 0) continue;
    ritz_print_entry(e.name, e.text, e.source);
    if (!e.options || e.options->kind == RITZ_OPTION_KIND_END) return RITZ_EXIT_OK;
    char *table;
    if (ritz_options_help(e.options, &table) != RITZ_OK) return RITZ_EXIT_FAILED;
    printf("\nOptions:\n%s", table);
    ritz_free(table);
    return RITZ_EXIT_OK;
  }
  char of[64];
  snprintf(of, sizeof of, " among the %s", registries[registry].name);
  ritz_fail_unknown(RITZ_ERR_ARGUMENT, "name", name, of, names, count);
  return RITZ_EXIT_USAGE;
}

static ritz_exit run(const ritz_call *call) {
  const char *names[REGISTRIES];
  for (int i = 0; i < REGISTRIES; i++) {
    names[i] = registries[i].name;
    if (call->operands > 0 && strcmp(names[i], call->operand[0]) != 0) continue;
    if (call->operands > 1) return print_one(i, call->operand[1]);
    if (call->operands == 0) printf("%s%s:\n", i ? "\n" : "", names[i]);
    print_all(registries[i].entry);
    if (call->operands > 0) return RITZ_EXIT_OK;
  }
  if (call->operands == 0) return RITZ_EXIT_OK;
  ritz_fail_unknown(RITZ_ERR_ARGUMENT, "kind", call->operand[0], "", names, REGISTRIES);
  return RITZ_EXIT_USAGE;
}

const ritz_command ritz_command_list = {
    .name = "list",
    .summary = "names what is built in: operators, generators, solvers ...",
    .operands = "[KIND] [NAME]",
    .about =
        "One line each: name, what it is, where it was published. Without KIND: everything. With "
        "NAME:\nthat one, and every option a configuration can set.",
    .examples = "  ritz list operators\n  ritz list operators fno\n  ritz list optimizers adamw\n",
    .arguments = arguments,
    .details = details,
    .run = run,
};
