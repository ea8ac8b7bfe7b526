/* SPDX-License-Identifier: BSD-3-Clause
 * The tables of options in docs/ are those of the code: every option has its row, with default,
 * meaning and choices. A failure prints the rows that a page lacks. */
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

static void every_generator_has_a_page_with_its_options(void **state) {
  char name[64];
  for (int i = 0; i < ritz_generator_count(); i++) {
    snprintf(name, sizeof name, "generators/%s.md", ritz_generator_name(i));
    page p = open_page(name);
    want_options(&p, ritz_generator_type_find(ritz_generator_name(i))->options);
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
  for (int i = 0; i < tree->count; i++) want_section(&p, tree->item[i]);
  ritz_value_destroy(&tree);
  ritz_train_config_clear(&config);
  close_page(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operator_has_a_page_with_its_options),
      cmocka_unit_test(every_generator_has_a_page_with_its_options),
      cmocka_unit_test(every_method_of_training_is_described),
      cmocka_unit_test(every_key_of_a_configuration_is_described),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
