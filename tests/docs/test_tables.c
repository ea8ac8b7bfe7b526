/* SPDX-License-Identifier: BSD-3-Clause
 * The tables of options in docs/ are those of the code: every option has its row, with default,
 * meaning and choices; pages of operators have all parts. A failure prints what a page lacks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/generator.h"
#include "files.h"
#include "operators/operator.h"
#include "support.h"
#include "train/config.h"
#include "train/incremental.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"

/* A page, and how often its rows were asked for. */
typedef struct page {
  char name[64], *text;
  int missing;
} page;

static page open_page(const char *name) {
  page p = {.missing = 0};
  char path[1024];
  snprintf(p.name, sizeof p.name, "%s", name);
  snprintf(path, sizeof path, "%s/%s", RITZ_DOCS, name);
  p.text = (char *)file_read(path).byte;
  if (!p.text) fail_msg("no page %s", path);
  return p;
}

static void want(page *p, const char *row) {
  if (strstr(p->text, row)) return;
  print_message("%s lacks: %s\n", p->name, row);
  p->missing++;
}

static void close_page(page *p) {
  const int missing = p->missing;
  free(p->text);
  assert_int_equal(missing, 0);
}

/* Appends text with `|` as Markdown wants it in a table; choices "a|b" become "a, b". */
static void append(char *row, size_t size, const char *text, const char *bar) {
  for (; *text; text++) {
    const size_t used = strlen(row);
    if (*text == '|')
      snprintf(row + used, size - used, "%s", bar);
    else
      snprintf(row + used, size - used, "%c", *text);
  }
}

/* | `key` | `default` | meaning: choices | */
static void want_option(page *p, const ritz_option *o) {
  char row[1024];
  if (o->fallback)
    snprintf(row, sizeof row, "| `%s` | `%s` | ", o->name, o->fallback);
  else
    snprintf(row, sizeof row, "| `%s` | required | ", o->name);
  append(row, sizeof row, o->help, "\\|");
  if (o->choices) append(row, sizeof row, " (", "");
  if (o->choices) append(row, sizeof row, o->choices, ", ");
  if (o->choices) append(row, sizeof row, ")", "");
  append(row, sizeof row, " ", "");
  want(p, strcat(row, "|\n"));
}

static void want_options(page *p, const ritz_option *options) {
  for (; options->kind != RITZ_OPTION_KIND_END; options++) want_option(p, options);
}

static void every_operator_has_a_page_with_its_options(void **state) {
  int count;
  char name[64];
  const ritz_operator_type *const *type = ritz_operator_types(&count);
  for (int i = 0; i < count; i++) {
    snprintf(name, sizeof name, "operators/%s.md", type[i]->name);
    page p = open_page(name);
    want_options(&p, type[i]->options);
    close_page(&p);
  }
}

/* The parts of an operator's page in their order, and what each holds; the first the equation. */
typedef struct part {
  const char *heading, *mark[3];
} part;

static const part parts[] = {
    {"# ", {"\n```\n", " = ", "Source:"}},
    {"\n## Options\n", {"| key | default | meaning |"}},
    {"\n## Size\n", {"\n```\n"}},
    {"\n## Cost\n", {"lops", "`ritz info "}},
    {"\n## When to choose it\n\n", {"."}},
    {"\n## To reproduce\n", {"\n```sh\n", "\nRelative L2 error"}},
};
enum { part_count = sizeof parts / sizeof *parts };

/* A copy of the part at `from`: it ends where the next heading of its level begins. */
static char *part_text(const char *from) {
  const char *end = strstr(from + 1, "\n## ");
  const size_t length = end ? (size_t)(end - from) : strlen(from);
  char *text = calloc(length + 1, 1);
  return text ? memcpy(text, from, length) : NULL;
}

static void want_part(page *p, const part *wanted, const char **from) {
  const char *at = strstr(*from, wanted->heading);
  char *text = at ? part_text(at) : NULL;
  if (!text) {
    print_message("%s lacks or has too early: %s\n", p->name, wanted->heading);
    p->missing++;
    return;
  }
  for (int i = 0; i < 3 && wanted->mark[i]; i++)
    if (!strstr(text + strlen(wanted->heading) - 1, wanted->mark[i])) {
      print_message("%s lacks under %s: %s\n", p->name, wanted->heading, wanted->mark[i]);
      p->missing++;
    }
  free(text);
  *from = at;
}

static void want_parts(page *p) {
  const char *from = p->text;
  for (int i = 0; i < part_count; i++) want_part(p, &parts[i], &from);
}

/* Parameters and errors of both grids in the table of all operators: cells 1, 3, 5 and 7 behind
 * the name, as the page repeats them. */
static void want_figures(page *p, const char *table, const char *operator_name) {
  char row[512], text[128];
  snprintf(row, sizeof row, "| [`%s`](", operator_name);
  const char *at = strstr(table, row);
  snprintf(row, sizeof row, "bench/operators.py --only %s\n", operator_name);
  want(p, at ? row : "\nritz train examples/configs/");
  if (!at) return;
  snprintf(row, sizeof row, "%.*s", (int)strcspn(at, "\n"), at);
  const char *cell[9] = {NULL};
  int count = 0;
  for (char *next = strtok(row, "|"); next && count < 9; next = strtok(NULL, "|"))
    cell[count++] = next + strspn(next, " ");
  assert_int_equal(count, 9);
  for (int i = 1; i < 8; i += 4) {
    snprintf(text, sizeof text, "%.*s with %.*s", (int)strcspn(cell[i + 2], " "), cell[i + 2],
             (int)strcspn(cell[i], " "), cell[i]);
    want(p, text);
  }
}

static void every_page_of_an_operator_has_all_parts(void **state) {
  int count;
  char name[64];
  page table = open_page("operators/README.md");
  const ritz_operator_type *const *type = ritz_operator_types(&count);
  for (int i = 0; i < count; i++) {
    snprintf(name, sizeof name, "operators/%s.md", type[i]->name);
    page p = open_page(name);
    want_parts(&p);
    want_figures(&p, table.text, type[i]->name);
    close_page(&p);
  }
  close_page(&table);
}

/* Each heading in turn is spoilt. */
static void a_page_without_a_part_is_found(void **state) {
  for (int i = 1; i < part_count; i++) {
    page p = open_page("operators/fno.md");
    want_parts(&p);
    assert_int_equal(p.missing, 0);
    strstr(p.text, parts[i].heading)[4] = '?';
    want_parts(&p);
    assert_true(p.missing > 0);
    free(p.text);
  }
}

static void every_generator_has_a_page_with_its_options(void **state) {
  char name[64];
  int count;
  const ritz_generator_type *const *type = ritz_generator_types(&count);
  for (int i = 0; i < count; i++) {
    snprintf(name, sizeof name, "generators/%s.md", type[i]->name);
    page p = open_page(name);
    want_options(&p, type[i]->options);
    close_page(&p);
  }
}

/* "### `adamw`", its formula, its options. */
static void want_method(page *p, const char *name, const char *formula,
                        const ritz_option *options) {
  char line[512];
  snprintf(line, sizeof line, "`%s`: ", name);
  append(line, sizeof line, formula, "|");
  want(p, line);
  want_options(p, options);
}

static void every_method_of_training_is_described(void **state) {
  int count;
  page p = open_page("configuration.md");
  const ritz_loss_type *const *loss = ritz_loss_types(&count);
  for (int i = 0; i < count; i++)
    want_method(&p, loss[i]->name, loss[i]->formula, loss[i]->options);
  const ritz_optimizer_type *const *optimizer = ritz_optimizer_types(&count);
  for (int i = 0; i < count; i++)
    want_method(&p, optimizer[i]->name, optimizer[i]->formula, optimizer[i]->options);
  const ritz_schedule_type *const *schedule = ritz_schedule_types(&count);
  for (int i = 0; i < count; i++)
    want_method(&p, schedule[i]->name, schedule[i]->formula, schedule[i]->options);
  want_options(&p, ritz_incremental_table);
  close_page(&p);
}

static void want_section(page *p, const ritz_value *section) {
  char row[256];
  snprintf(row, sizeof row, "\n## %s\n", section->key);
  want(p, row);
  for (int i = 0; i < section->count; i++) {
    const ritz_value *item = section->item[i];
    const char *text = item->kind == RITZ_VALUE_SCALAR ? item->text : "[]";
    if (strcmp(text, "given") == 0)
      snprintf(row, sizeof row, "| `%s` | required |", item->key);
    else
      snprintf(row, sizeof row, "| `%s` | `%s` |", item->key, text);
    want(p, row);
  }
}

/* A configuration that gives only what it must, written out in full. */
static void every_key_of_a_configuration_is_described(void **state) {
  const char *path = in_folder("config.yaml");
  file_write_text(path, "operator: {name: given}\ndata: {train: given}\n");
  ritz_train_config config;
  ritz_value *tree;
  assert_int_equal(ritz_train_config_read(path, 0, NULL, &config), RITZ_OK);
  assert_int_equal(ritz_train_config_resolve(&config, NULL, NULL, NULL, NULL, &tree), RITZ_OK);
  page p = open_page("configuration.md");
  assert_true(tree->count > 0);
  for (int i = 0; i < tree->count; i++) want_section(&p, tree->item[i]);
  ritz_value_destroy(&tree);
  ritz_train_config_clear(&config);
  close_page(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operator_has_a_page_with_its_options),
      cmocka_unit_test(every_page_of_an_operator_has_all_parts),
      cmocka_unit_test(a_page_without_a_part_is_found),
      cmocka_unit_test(every_generator_has_a_page_with_its_options),
      cmocka_unit_test(every_method_of_training_is_described),
      cmocka_unit_test(every_key_of_a_configuration_is_described),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
