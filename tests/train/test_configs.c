/* SPDX-License-Identifier: BSD-3-Clause
 * Every configuration under examples/configs is one that could be trained: its sections are read,
 * its loss, optimizer and schedule made, its operator made. */
#include <dirent.h>
#include <ritz/operator.h>
#include <stdio.h>
#include <string.h>

#include "graph/op.h"
#include "operators/operator.h"
#include "support.h"
#include "train/config.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"

static void check_methods(const ritz_train_config *c) {
  const ritz_loss_type *loss;
  ritz_loss_options loss_options;
  ritz_schedule *schedule;
  assert_ok(ritz_loss_type_find(c->loss.name, &loss));
  assert_true(ritz_loss_has_gradient(loss));
  assert_ok(ritz_loss_options_read(loss, c->loss.options, &loss_options));
  assert_ok(ritz_schedule_create(c->schedule.name, c->schedule.options, &schedule));
  ritz_schedule_destroy(&schedule);
}

/* What the data of a configuration would tell: by the beginning of its name. */
static const struct {
  const char *name;
  ritz_index channels_in, coordinates;
} data[] = {{"poisson_", 3, 2}, {"navier_stokes_", 10, 0}, {"", 1, 0}};

static void check_operator(ritz_train_config *c, const char *name) {
  const ritz_operator_type *type;
  ritz_context *context;
  ritz_operator *op;
  ritz_params *params;
  ritz_optimizer *optimizer;
  int k = 0;
  while (strncmp(name, data[k].name, strlen(data[k].name)) != 0) k++;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_operator_type_find(c->op.name, &type));
  assert_ok(ritz_train_config_set_channels(c, type->options, data[k].channels_in, 1,
                                           data[k].coordinates));
  assert_ok(ritz_operator_create_from(context, c->op.name, c->op.options, &op));
  assert_ok(ritz_params_create(context, RITZ_FLOAT32, 1, &params));
  assert_ok(ritz_optimizer_create(context, params, c->optimizer.name, c->optimizer.options, NULL,
                                  &optimizer));
  ritz_optimizer_destroy(&optimizer);
  ritz_params_destroy(&params);
  ritz_operator_destroy(&op);
  ritz_context_destroy(&context);
}

static int check_folder(const char *folder) {
  int count = 0;
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  for (struct dirent *entry; (entry = readdir(dir));) {
    char path[4096];
    const char *end = strrchr(entry->d_name, '.');
    if (!end || strcmp(end, ".yaml") != 0) continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    print_message("  %s\n", path);
    ritz_train_config config;
    assert_ok(ritz_train_config_read(path, 0, NULL, &config));
    check_methods(&config);
    check_operator(&config, entry->d_name);
    ritz_train_config_clear(&config);
    count++;
  }
  closedir(dir);
  return count;
}

static void small_configurations_can_be_trained(void **state) {
  assert_true(check_folder(RITZ_DOCS "/../examples/configs") > 0);
}

static void configurations_of_papers_can_be_trained(void **state) {
  assert_true(check_folder(RITZ_DOCS "/../examples/configs/paper") > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_configurations_can_be_trained),
      cmocka_unit_test(configurations_of_papers_can_be_trained),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
