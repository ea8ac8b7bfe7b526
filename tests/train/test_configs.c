/* SPDX-License-Identifier: BSD-3-Clause
 * Every configuration under examples/configs is one that could be trained: its sections are read,
 * its loss, optimizer and schedule made, its operator made. Those at the size of a paper build
 * their network on the grid of its data, with as many parameters as published where that is known.
 */
#include <dirent.h>
#include <ritz/graph.h>
#include <ritz/operator.h>
#include <ritz/params.h>
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

/* What the data of a small configuration would tell: by the beginning of its name. */
static const struct {
  const char *name;
  ritz_index channels_in, coordinates;
} data[] = {{"poisson_", 3, 2}, {"navier_stokes_", 10, 0}, {"", 1, 0}};

static void check_small(ritz_train_config *c, const char *name) {
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

/* Input of one sample, channels of the output, and numbers of the network: those that the papers or
 * their code state, 0 where they do not or where ours is said to differ. Three have more than 60
 * million numbers and no input here: drawing them would take most of the test. */
static const struct {
  const char *name;
  ritz_shape x;
  ritz_index channels_out, coordinates, numbers;
} papers[] = {
    {"burgers_deeponet.yaml", {3, {1, 128, 1}}, 1, 0, 99713},
    {"burgers_fno_2020.yaml", {3, {1, 1024, 1}}, 1, 0, 0},
    {"burgers_multionet.yaml", {3, {1, 128, 1}}, 1, 0, 115844},
    {"burgers_pod_deeponet.yaml", {3, {1, 128, 1}}, 1, 0, 37152},
    {"darcy_deeponet.yaml", {4, {1, 29, 29, 1}}, 1, 0, 0},
    {"darcy_fno.yaml", {4, {1, 16, 16, 1}}, 1, 0, 671113},
    {"darcy_fno_2020.yaml", {4, {1, 85, 85, 1}}, 1, 0, 0},
    {"darcy_lsm.yaml", {4, {1, 85, 85, 1}}, 1, 0, 19187457},
    {"darcy_mgno_rough.yaml", {4, {1, 256, 256, 1}}, 1, 0, 572661},
    {"darcy_mgno_smooth.yaml", {4, {1, 211, 211, 1}}, 1, 0, 678093},
    {"darcy_multionet.yaml", {4, {1, 29, 29, 1}}, 1, 0, 0},
    {"darcy_pod_deeponet.yaml", {4, {1, 29, 29, 1}}, 1, 0, 0},
    {"darcy_t1.yaml", {4, {1, 85, 85, 1}}, 1, 0, 0},
    {"darcy_unet.yaml", {4, {1, 85, 85, 1}}, 1, 0, 0},
    {"darcy_uno.yaml", {4, {1, 211, 211, 1}}, 1, 0, 0},
    {"darcy_uno_2022.yaml", {4, {1, 211, 211, 1}}, 1, 0, 16393665},
    {"elasticity_lsm_irregular.yaml", {3, {1, 972, 44}}, 1, 2, 5992609 + 63746 - 12416},
    {"era5_afno.yaml", {0}, 20, 0, 0},
    {"helmholtz_mgno.yaml", {4, {1, 101, 101, 1}}, 1, 0, 5340565},
    {"navier_stokes_convnext.yaml", {4, {1, 128, 128, 4}}, 1, 0, 0},
    {"navier_stokes_fno_2020.yaml", {4, {1, 64, 64, 10}}, 1, 0, 926517 - 160},
    {"navier_stokes_local_no.yaml", {0}, 1, 0, 0},
    {"navier_stokes_lsm.yaml", {4, {1, 64, 64, 10}}, 1, 0, 19188033},
    {"navier_stokes_mg_tfno.yaml", {4, {1, 128, 128, 1}}, 1, 0, 0},
    {"navier_stokes_mgno.yaml", {4, {1, 64, 64, 1}}, 1, 0, 2885194},
    {"navier_stokes_resnet.yaml", {4, {1, 128, 128, 4}}, 1, 0, 0},
    {"navier_stokes_sfno.yaml", {4, {1, 64, 64, 10}}, 40, 0, 9242461},
    {"navier_stokes_t1.yaml", {4, {1, 64, 64, 1}}, 1, 0, 11065664},
    {"navier_stokes_t1u.yaml", {4, {1, 64, 64, 1}}, 1, 0, 0},
    {"navier_stokes_tfno.yaml", {4, {1, 128, 128, 1}}, 1, 0, 7211353},
    {"navier_stokes_unet.yaml", {4, {1, 64, 64, 10}}, 1, 0, 0},
    {"navier_stokes_unet_modern.yaml", {0}, 1, 0, 0},
    {"navier_stokes_uno_2022.yaml", {4, {1, 64, 64, 10}}, 1, 0, 13244289},
};

static size_t paper_of(const char *name) {
  size_t k = 0;
  while (k < sizeof papers / sizeof *papers && strcmp(papers[k].name, name) != 0) k++;
  if (k == sizeof papers / sizeof *papers) fail_msg("%s: no data of it are stated here", name);
  return k;
}

static void check_network(ritz_context *context, const ritz_operator *op, size_t k) {
  ritz_params *params;
  ritz_graph *graph;
  assert_ok(ritz_params_create(context, RITZ_FLOAT32, 1, &params));
  assert_ok(ritz_graph_create(context, RITZ_FLOAT32, &graph));
  const ritz_var y = ritz_operator_build(op, graph, params, ritz_input(graph, "x", papers[k].x));
  assert_ok(ritz_graph_status(graph));
  const ritz_shape shape = ritz_var_shape(y);
  assert_int_equal(shape.n[shape.rank - 1], papers[k].channels_out);
  if (papers[k].numbers) assert_int_equal(ritz_params_numbers(params), papers[k].numbers);
  ritz_graph_destroy(&graph);
  ritz_params_destroy(&params);
}

static void check_paper(ritz_train_config *c, const char *name) {
  const size_t k = paper_of(name);
  const int rank = papers[k].x.rank;
  const ritz_operator_type *type;
  ritz_context *context;
  ritz_operator *op;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_operator_type_find(c->op.name, &type));
  assert_ok(ritz_train_config_set_channels(c, type->options, rank ? papers[k].x.n[rank - 1] : 1,
                                           papers[k].channels_out, papers[k].coordinates));
  assert_ok(ritz_operator_create_from(context, c->op.name, c->op.options, &op));
  if (rank) check_network(context, op, k);
  ritz_operator_destroy(&op);
  ritz_context_destroy(&context);
}

static int check_folder(const char *folder, void (*check)(ritz_train_config *c, const char *name)) {
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
    check(&config, entry->d_name);
    ritz_train_config_clear(&config);
    count++;
  }
  closedir(dir);
  return count;
}

static void small_configurations_can_be_trained(void **state) {
  assert_true(check_folder(RITZ_DOCS "/../examples/configs", check_small) > 0);
}

static void configurations_of_papers_can_be_trained(void **state) {
  /* None of the table may be missing either. */
  assert_int_equal(check_folder(RITZ_DOCS "/../examples/configs/paper", check_paper),
                   sizeof papers / sizeof *papers);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_configurations_can_be_trained),
      cmocka_unit_test(configurations_of_papers_can_be_trained),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
