/* SPDX-License-Identifier: BSD-3-Clause */
#include "train_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "graph/op.h"
#include "model/model.h"

const char train_config[] =
    "operator:\n"
    "  name: fno\n"
    "  n_modes: [6, 6]\n"
    "  hidden_channels: 6\n"
    "  n_layers: 2\n"
    "data:\n"
    "  train: {path: " RITZ_REAL_DATA
    "/darcy_train_16.h5, first: 40}\n"
    "  test: {path: " RITZ_REAL_DATA
    "/darcy_test_16.h5, first: 10}\n"
    "loss:\n"
    "  name: rel_l2\n"
    "optimizer:\n"
    "  name: adamw\n"
    "  lr: 5e-3\n"
    "train:\n"
    "  epochs: 3\n"
    "  batch_size: 12\n";

/* Only where it is not there yet: some runs are not allowed to write here. */
static void write_config(const char *path, const char *text) {
  const file_bytes there = file_read(path);
  const bool same =
      there.byte && there.count == strlen(text) && memcmp(there.byte, text, there.count) == 0;
  free(there.byte);
  if (!same) file_write_text(path, text);
}

ritz_status train_run(const train_case *c) {
  const ritz_context_options context_options = {.threads = c->threads ? c->threads : 1};
  ritz_train_options options;
  ritz_context *context;
  const char *config = in_folder("config.yaml");
  write_config(config, c->config ? c->config : train_config);
  ritz_train_options_defaults(&options);
  options.out = in_folder("%s", c->out);
  options.resume = c->resume;
  options.override = c->set;
  while (options.overrides < 6 && c->set[options.overrides]) options.overrides++;
  options.progress = c->progress;
  options.progress_user = c->user;
  assert_ok(ritz_context_create(&context_options, &context));
  const ritz_status status = ritz_train(context, config, &options);
  ritz_context_destroy(&context);
  return status;
}

void train_refused(const train_case *c, ritz_status status, const char *text) {
  const ritz_status is = train_run(c);
  const char *message = ritz_error_message();
  if (is != status) fail_msg("%s: status %d, wanted %d: %s", c->set[0], is, status, message);
  if (!strstr(message, text)) fail_msg("%s: \"%s\" lacks \"%s\"", c->set[0], message, text);
  if (strchr(message, '\n')) fail_msg("%s: more than a line", message);
}

void assert_same_weights(const char *a, const char *b) {
  ritz_context *context;
  ritz_model *x, *y;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_model_load(context, a, &x));
  assert_ok(ritz_model_load(context, b, &y));
  const size_t size = ritz_dtype_size(x->info.dtype);
  assert_int_equal(ritz_params_length(x->params), ritz_params_length(y->params));
  assert_memory_equal(ritz_params_data(x->params), ritz_params_data(y->params),
                      (size_t)ritz_params_length(x->params) * size);
  size_t count = (size_t)x->data.channels[1];
  for (int i = 0; i < x->data.dim; i++) count *= (size_t)x->data.grid[i];
  if (x->golden_y) assert_memory_equal(x->golden_y, y->golden_y, count * sizeof(double));
  ritz_model_destroy(&x);
  ritz_model_destroy(&y);
  ritz_context_destroy(&context);
}

/* Takes every  "seconds": number  out of a text. */
static void drop_seconds(char *text) {
  static const char key[] = "\"seconds\": ";
  for (char *at; (at = strstr(text, key));) {
    const size_t length = strlen(key) + strcspn(at + strlen(key), ",}");
    memmove(at, at + length, strlen(at + length) + 1);
  }
}

static char *record_of(const char *path) {
  const file_bytes bytes = file_read(path);
  if (!bytes.byte) fail_msg("%s is missing", path);
  bytes.byte[bytes.count] = 0;
  drop_seconds((char *)bytes.byte);
  return (char *)bytes.byte;
}

void assert_same_metrics(const char *a, const char *b) {
  char *x = record_of(a), *y = record_of(b);
  assert_string_equal(x, y);
  free(x);
  free(y);
}

double last_metric(const char *path, const char *name) {
  char key[64], *text = record_of(path);
  double value = 0;
  snprintf(key, sizeof key, "\"%s\": ", name);
  const char *found = NULL;
  for (const char *at = text; (at = strstr(at, key)); at++) found = at;
  if (!found) fail_msg("%s has no %s", path, name);
  assert_int_equal(sscanf(found + strlen(key), "%lf", &value), 1);
  free(text);
  return value;
}
