/* SPDX-License-Identifier: BSD-3-Clause
 * ritz list: the registries of the library, as they are compiled in. */
#include <ritz/generator.h>
#include <stdio.h>
#include <string.h>

#include "core/list.h"
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

static void list_operators(void) {
  int count;
  const ritz_operator_type *const *type = ritz_operator_types(&count);
  for (int i = 0; i < count; i++) ritz_print_entry(type[i]->name, type[i]->summary, type[i]->paper);
}

static void list_generators(void) {
  for (int i = 0; i < ritz_generator_count(); i++)
    ritz_print_entry(ritz_generator_name(i), ritz_generator_summary(i),
                     ritz_generator_type_find(ritz_generator_name(i))->paper);
}

static void list_readers(void) {
  for (const ritz_reader *const *reader = ritz_readers(); *reader; reader++)
    ritz_print_entry((*reader)->name, (*reader)->help, NULL);
}

static void list_solvers(void) {
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int i = 0; i < count; i++)
    ritz_print_entry(method[i].name, method[i].summary, method[i].source);
}

static void list_preconditioners(void) {
  int count;
  const ritz_preconditioner_type *type = ritz_preconditioner_types(&count);
  for (int i = 0; i < count; i++) ritz_print_entry(type[i].name, type[i].summary, type[i].source);
}

static void list_losses(void) {
  int count;
  const ritz_loss_type *const *type = ritz_loss_types(&count);
  for (int i = 0; i < count; i++)
    ritz_print_entry(type[i]->name, type[i]->formula, type[i]->source);
}

static void list_optimizers(void) {
  int count;
  const ritz_optimizer_type *const *type = ritz_optimizer_types(&count);
  for (int i = 0; i < count; i++)
    ritz_print_entry(type[i]->name, type[i]->formula, type[i]->source);
}

static void list_schedules(void) {
  int count;
  const ritz_schedule_type *const *type = ritz_schedule_types(&count);
  for (int i = 0; i < count; i++)
    ritz_print_entry(type[i]->name, type[i]->formula, type[i]->source);
}

typedef struct registry {
  const char *name;
  void (*print)(void);
} registry;

static const registry registries[] = {
    {"operators", list_operators}, {"generators", list_generators},
    {"solvers", list_solvers},     {"preconditioners", list_preconditioners},
    {"losses", list_losses},       {"optimizers", list_optimizers},
    {"schedules", list_schedules}, {"readers", list_readers},
};
enum { registry_count = sizeof registries / sizeof *registries };

static void details(const ritz_call *call) {
  printf("\nKinds:\n");
  for (int i = 0; i < registry_count; i++) printf("  %s\n", registries[i].name);
}

static ritz_exit run(const ritz_call *call) {
  const char *names[registry_count];
  for (int i = 0; i < registry_count; i++) {
    names[i] = registries[i].name;
    if (call->operands > 0 && strcmp(names[i], call->operand[0]) != 0) continue;
    if (call->operands == 0) printf("%s%s:\n", i ? "\n" : "", names[i]);
    registries[i].print();
    if (call->operands > 0) return RITZ_EXIT_OK;
  }
  if (call->operands == 0) return RITZ_EXIT_OK;
  ritz_fail_unknown(RITZ_ERR_ARGUMENT, "kind", call->operand[0], "", names, registry_count);
  return RITZ_EXIT_USAGE;
}

const ritz_command ritz_command_list = {
    .name = "list",
    .summary = "names what is built in: operators, generators, solvers ...",
    .operands = "[KIND]",
    .about = "One line each: name, what it is, where it was published. Without KIND: everything.",
    .examples = "  ritz list operators\n  ritz list\n",
    .arguments = arguments,
    .details = details,
    .run = run,
};
