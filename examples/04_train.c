/* SPDX-License-Identifier: BSD-3-Clause
 * Training from a program: the configuration of `ritz train`, with a callback that follows it and
 * may stop it.
 *
 *     minimise over theta  1/S sum_s |G_theta(x_s) - y_s| / |y_s|
 *
 * in the norm that the configuration names as its loss.
 *
 *     $ 04_train examples/configs/darcy_gallery.yaml out/gallery datasets/data/darcy_test_16.h5 \
 *                train.epochs=2
 *     {"epoch": 1, "loss": 0.770, ..., "darcy_test_16": {"rel_l2": 0.357, "rel_h1": 0.514}}
 *     {"epoch": 2, "loss": 0.462, ..., "darcy_test_16": {"rel_l2": 0.261, "rel_h1": 0.395}}
 *     datasets/data/darcy_test_16.h5, 50 samples:
 *       rel_l2         0.261
 *       rel_h1         0.395
 *       ... */
#include <ritz/ritz.h>
#include <stdio.h>
#include <stdlib.h>

static void check(ritz_status status) {
  if (status == RITZ_OK) return;
  fprintf(stderr, "%s\n", ritz_error_message());
  exit(EXIT_FAILURE);
}

static bool follow(void *user, const ritz_train_progress *progress) {
  if (progress->epoch_record) printf("%s\n", progress->epoch_record);
  return false; /* true would save a checkpoint and stop */
}

/* Every metric on a data set. @return  The first one. */
static double print_metrics(ritz_context *context, const char *folder, const char *data) {
  char path[4096];
  ritz_model *model;
  ritz_evaluation *evaluation;
  const ritz_metric *metric;
  snprintf(path, sizeof path, "%s/model.h5", folder);
  check(ritz_model_load(context, path, &model));
  check(ritz_evaluate(model, data, NULL, &evaluation));
  printf("%s, %td samples:\n", data, ritz_evaluation_samples(evaluation));
  for (int i = 0; (metric = ritz_evaluation_metric(evaluation, i)); i++)
    printf("  %-14s %.3g\n", metric->name, metric->value);
  const double first = ritz_evaluation_metric(evaluation, 0)->value;
  ritz_evaluation_destroy(&evaluation);
  ritz_model_destroy(&model);
  return first;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s CONFIG.yaml FOLDER TEST.h5 [KEY.PATH=VALUE]...\n", argv[0]);
    return 2;
  }
  ritz_context *context;
  check(ritz_context_create(NULL, &context));

  ritz_train_options options;
  ritz_train_options_defaults(&options);
  options.out = argv[2];
  options.overrides = argc - 4;
  options.override = (const char *const *)argv + 4;
  options.progress = follow;
  check(ritz_train(context, argv[1], &options));

  const double error = print_metrics(context, argv[2], argv[3]);
  ritz_context_destroy(&context);
  return error < 0.5 ? EXIT_SUCCESS : EXIT_FAILURE;
}
