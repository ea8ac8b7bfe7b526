/* SPDX-License-Identifier: BSD-3-Clause */
#include "ranks_train.h"

#include <stdio.h>

#include "model/model.h"

static char config[256];

static const char text[] =
    "operator: {name: fno, n_modes: [4, 3], hidden_channels: 5, n_layers: 2,\n"
    "  channel_mlp_dropout: 0.25}\n"
    "data: {train: {path: " RITZ_REAL_DATA
    "/darcy_train_16.h5, first: 7},\n"
    "  test: [{path: " RITZ_REAL_DATA
    "/darcy_test_16.h5, first: 5}]}\n"
    "loss: {name: rel_l2, reduction: mean}\n"
    "optimizer: {name: adamw, lr: 1e-2}\n"
    "train: {epochs: 2, batch_size: 3, dtype: double}\n";

int ranks_folder_make(void **state) {
  if (rank == 0 && folder_create(state) != 0) return -1;
  if (ritz_comm_broadcast(together->comm, 0, folder_bytes, folder_name()) != RITZ_OK) return -1;
  snprintf(config, sizeof config, "%s", in_folder("config.yaml"));
  if (rank == 0) file_write_text(config, text);
  return ritz_comm_barrier(together->comm) == RITZ_OK ? 0 : -1;
}

int ranks_folder_remove(void **state) {
  ritz_comm_barrier(together->comm);
  return rank == 0 ? folder_remove(state) : 0;
}

static bool follow(void *user, const ritz_train_progress *progress) {
  record *r = user;
  if (progress->epoch_record) {
    snprintf(r->epoch[r->epochs++ % 4], sizeof *r->epoch, "%s", progress->epoch_record);
  } else {
    r->sent[r->steps % most_steps] = (double)ritz_comm_bytes(together->comm);
    r->loss[r->steps++ % most_steps] = progress->loss;
  }
  return r->stop_after > 0 && r->steps >= r->stop_after;
}

static bool ask(void *user) {
  record *r = user;
  return ++r->asked >= r->ask_after && r->ask_after > 0;
}

ritz_status train_with(ritz_context *context, const char *name, bool resume, int changes,
                       const char *const *change, record *r) {
  ritz_train_options options;
  ritz_train_options_defaults(&options);
  options.out = in_folder("%s", name);
  options.resume = resume;
  options.overrides = changes;
  options.override = change;
  options.progress = follow;
  options.progress_user = r;
  options.stop = ask;
  options.stop_user = r;
  return ritz_train(context, config, &options);
}

ritz_status train(ritz_context *context, const char *name, bool resume, const char *change,
                  record *r) {
  return train_with(context, name, resume, change != NULL, &change, r);
}

void assert_near_weights(const char *name, const char *reference, double tolerance) {
  ritz_model *a, *b;
  assert_ok(ritz_model_load(single, in_folder("%s/last.h5", name), &a));
  assert_ok(ritz_model_load(single, in_folder("%s/last.h5", reference), &b));
  const ritz_index length = ritz_params_length(a->params);
  assert_int_equal(length, ritz_params_length(b->params));
  const double *x = ritz_params_data(a->params), *y = ritz_params_data(b->params);
  assert_true(relative_error(length, x, y) <= tolerance);
  ritz_model_destroy(&a);
  ritz_model_destroy(&b);
}
