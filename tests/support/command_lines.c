/* SPDX-License-Identifier: BSD-3-Clause */
#include "command_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "files.h"

#define FLOW "--data '{window: [3, 4], window_step: 3, last: 1}'"

const command_line command_lines[] = {
    {"generate darcy --samples 6 --resolution 9 --out out/data.h5", "out/data.h5"},
    {"train config.yaml --out out/run --force", "out/run/model.h5"},
    {"eval run/model.h5 test.h5", NULL},
    {"predict run/model.h5 test.h5 out/predicted.h5", "out/predicted.h5"},
    {"refine flow/model.h5 flow.h5 out/refined.h5 --iterations 1 " FLOW, "out/refined.h5"},
    {"plot test.h5 --model run/model.h5 --out out/sample.png", "out/sample.png"},
    {"plot run/metrics.jsonl --out out/curves.png", "out/curves.png"},
    {"info test.h5", NULL},
    {"info run/model.h5 --check --plan", NULL},
    {"info run/checkpoint.h5 --json", NULL},
    {"list operators fno", NULL},
    {"bench --list", NULL},
    {"help train", NULL},
};
const int command_line_count = sizeof command_lines / sizeof *command_lines;

static const char config[] =
    "operator: {name: fno, n_modes: [4, 4], hidden_channels: 4, n_layers: 1}\n"
    "data: {train: train.h5, test: test.h5}\n"
    "train: {epochs: 2, batch_size: 4}\n";
static const char flow[] =
    "operator: {name: sfno, modes: [3, 3, 2], width: 4, n_layers: 2, latent_steps: 3}\n"
    "data: {train: {path: flow.h5, window: [3, 4]}, normalize_y: none}\n"
    "train: {epochs: 1, batch_size: 4}\n";

void clear_out(void) { assert_int_equal(system("rm -rf out && mkdir out"), 0); }

int enter_command_directory(void **state) {
  static const char *const before[] = {
      "generate darcy --samples 10 --resolution 9 --out train.h5",
      "generate darcy --samples 3 --first 10 --resolution 9 --out test.h5",
      "generate navier_stokes --resolution 8 --set frames=7 --samples 2 --out flow.h5",
      "train config.yaml --out run", "train flow.yaml --out flow"};
  if (enter_directory(state) != 0) return -1;
  file_write_text("config.yaml", config);
  file_write_text("flow.yaml", flow);
  for (size_t i = 0; i < sizeof before / sizeof *before; i++)
    if (run_command("%s", before[i]) != 0) {
      print_error("ritz %s: %s\n", before[i], command_err);
      return -1;
    }
  clear_out();
  return 0;
}

void assert_every_command_has_a_line(void) {
  assert_int_equal(run_command("--help"), 0);
  const char *at = strstr(command_out, "Commands:\n");
  char name[32];
  assert_non_null(at);
  for (at += strlen("Commands:\n"); sscanf(at, "  %31s", name) == 1 && *at == ' ';
       at = strchr(at, '\n') + 1) {
    bool found = false;
    for (int i = 0; i < command_line_count; i++)
      found |= strncmp(command_lines[i].arguments, name, strlen(name)) == 0;
    if (!found) fail_msg("ritz %s has no line", name);
  }
}
