/* SPDX-License-Identifier: BSD-3-Clause
 * Checkpoints without their seal: a run goes on from a damaged one with finite weights, or refuses
 * it. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <ritz/train.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz.h"
#include "io/h5.h"
#include "model/seal.h"

enum { SAMPLES = 4, SIDE = 8 };

/* Each process trains in a folder of its own. */
static char folder_of_process[64];
static pid_t owner;

static void remove_folder(void) {
  char line[128];
  snprintf(line, sizeof line, "rm -rf %s", folder_of_process);
  if (system(line) != 0) perror(folder_of_process);
}

static const char *in_run(const char *name) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", folder_of_process, name);
  return path;
}

static ritz_status train(bool resume) {
  char config[128], out[128];
  ritz_context *context;
  ritz_train_options options;
  ritz_train_options_defaults(&options);
  snprintf(config, sizeof config, "%s", in_run("config.yaml"));
  snprintf(out, sizeof out, "%s", in_run("run"));
  options.out = out;
  options.resume = resume;
  fuzz_require(ritz_context_create(NULL, &context) == RITZ_OK, "no context");
  const ritz_status status = ritz_train(context, config, &options);
  ritz_context_destroy(&context);
  return status;
}

static void write_inputs(void) {
  const ritz_index n[3] = {SAMPLES, SIDE, SIDE};
  double x[SAMPLES * SIDE * SIDE];
  char text[512];
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
  snprintf(folder_of_process, sizeof folder_of_process, "/tmp/ritz-fuzz-run-XXXXXX");
  fuzz_require(mkdtemp(folder_of_process) != NULL, "no folder to train in");
  atexit(remove_folder);
  write_inputs();
  fuzz_require(train(false) == RITZ_OK, "no checkpoint");
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

/* With its seal almost every change would be found out at once. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  prepare();
  const size_t kept = size > RITZ_SEAL_BYTES ? size - RITZ_SEAL_BYTES : size;
  fuzz_write(in_run("run"), "checkpoint.h5", data, (long)kept);
  if (train(true) != RITZ_OK) fuzz_require(*ritz_error_message() != 0, "fails without a sentence");
  return 0;
}
