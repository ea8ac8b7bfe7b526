/* SPDX-License-Identifier: BSD-3-Clause
 * Checkpoints without their seal: a run takes up a damaged one where it can go on from there, and
 * goes on with finite weights, or refuses it. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <math.h>
#include <ritz/train.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz.h"
#include "io/h5.h"
#include "model/seal.h"
#include "train/setup.h"

enum { SAMPLES = 4, SIDE = 8 };

/* Each process trains in a folder of its own. */
static char folder_of_process[256];
static pid_t owner;

static void remove_folder(void) {
  char line[300];
  snprintf(line, sizeof line, "rm -rf -- '%s'", folder_of_process);
  if (system(line) != 0) perror(folder_of_process);
}

static const char *in_run(const char *name) {
  static char path[300];
  snprintf(path, sizeof path, "%s/%s", folder_of_process, name);
  return path;
}

/* All but the training itself. */
static ritz_status take_up(ritz_context *context, const char *config,
                           const ritz_train_options *options) {
  ritz_trainer trainer = {.context = ritz_context_retain(context)};
  const ritz_status status = ritz_trainer_setup(&trainer, config, options);
  const ritz_train_position *at = &trainer.at;
  if (status == RITZ_OK)
    fuzz_require(at->epoch >= 0 && at->step >= 0 && at->step < trainer.steps &&
                     at->best_epoch >= 0 && at->best_epoch <= at->epoch && isfinite(at->loss_sum) &&
                     isfinite(at->seconds) && !isnan(at->best),
                 "goes on from a place that no run reaches");
  ritz_trainer_clear(&trainer);
  return status;
}

static ritz_status in_folder(ritz_status (*work)(ritz_context *, const char *,
                                                 const ritz_train_options *),
                             bool resume) {
  static ritz_context *context;
  char config[300], out[300];
  ritz_train_options options;
  ritz_train_options_defaults(&options);
  snprintf(config, sizeof config, "%s", in_run("config.yaml"));
  snprintf(out, sizeof out, "%s", in_run("run"));
  options.out = out;
  options.resume = resume;
  if (!context) fuzz_require(ritz_context_create(NULL, &context) == RITZ_OK, "no context");
  return work(context, config, &options);
}

static void write_inputs(void) {
  const ritz_index n[3] = {SAMPLES, SIDE, SIDE};
  double x[SAMPLES * SIDE * SIDE];
  char text[600];
  hid_t file;
  for (int i = 0; i < SAMPLES * SIDE * SIDE; i++) x[i] = (i * 7) % 13;
  fuzz_require(ritz_h5_create(in_run("set.h5"), &file) == RITZ_OK &&
                   ritz_h5_write_array(file, "x", RITZ_H5_FLOAT64, 3, n, x) == RITZ_OK &&
                   ritz_h5_write_array(file, "y", RITZ_H5_FLOAT64, 3, n, x) == RITZ_OK &&
                   ritz_h5_close(&file) == RITZ_OK,
               "no data");
  snprintf(text, sizeof text,
           "operator: {name: fno, n_modes: [2, 2], hidden_channels: 2, n_layers: 1}\n"
           "data: {train: %s}\noptimizer: {name: adamw}\ntrain: {epochs: 1, batch_size: 2}\n",
           in_run("set.h5"));
  fuzz_write(folder_of_process, "config.yaml", text, -1);
}

static void prepare(void) {
  if (owner == getpid()) return;
  owner = getpid();
  snprintf(folder_of_process, sizeof folder_of_process, "%s/ritz-fuzz-run-XXXXXX",
           fuzz_temporary());
  fuzz_require(mkdtemp(folder_of_process) != NULL, "no folder to train in");
  atexit(remove_folder);
  write_inputs();
  fuzz_require(in_folder(ritz_train, false) == RITZ_OK, "no checkpoint");
}

void fuzz_write_seeds(const char *folder) {
  static uint8_t bytes[1 << 18];
  prepare();
  FILE *file = fopen(in_run("run/checkpoint.h5"), "rb");
  const size_t count = file ? fread(bytes, 1, sizeof bytes, file) : 0;
  fuzz_require(count > 0 && count < sizeof bytes, "no seed");
  fclose(file);
  fuzz_write(folder, "checkpoint", bytes, (long)count);
}

/* The training itself is slow, and that of any run: for one input in 32, by its bytes. */
static bool trains(const uint8_t *data, size_t size) {
  unsigned sum = 0;
  for (size_t i = 0; i < size; i++) sum += data[i];
  return sum % 32 == 0;
}

/* With its seal almost every change would be found out at once. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  prepare();
  const size_t kept = size > RITZ_SEAL_BYTES ? size - RITZ_SEAL_BYTES : size;
  fuzz_write(in_run("run"), "checkpoint.h5", data, (long)kept);
  if (in_folder(trains(data, size) ? ritz_train : take_up, true) != RITZ_OK)
    fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
  return 0;
}
