/* SPDX-License-Identifier: BSD-3-Clause
 * ritz info. */
#include <string.h>

#include "core/fail.h"
#include "io/h5.h"
#include "tools/command.h"
#include "tools/info.h"
#include "tools/note.h"

typedef struct options {
  const char *data, *resolution, *parts, *latency, *bandwidth, *flop_rate, *memory_rate;
  ritz_index batch, threads, ranks;
  bool json, check, plan, train;
} options;

static const options defaults = {.batch = 1};

static const ritz_argument arguments[] = {
    RITZ_ARGUMENT_FLAG(options, json, "one JSON object"),
    RITZ_ARGUMENT_FLAG(options, check, "model: recompute the golden pair of the file"),
    RITZ_ARGUMENT_FLAG(options, plan, "model: time the steps of a prediction"),
    RITZ_ARGUMENT_FLAG(options, train, "with --plan: forward and backward pass of training"),
    RITZ_ARGUMENT_INDEX(options, batch, "N", 1, 1 << 20, "model: samples at once"),
    RITZ_ARGUMENT_TEXT(options, resolution, "N|NxM|NxMxK", "model: grid (default: of training)"),
    RITZ_ARGUMENT_INDEX(options, ranks, "P", 1, RITZ_INFO_RANKS_MOST,
                        "model: what a job on P ranks holds, sends and takes"),
    RITZ_ARGUMENT_TEXT(options, parts, "N|NxM|NxMxK",
                       "model: parts of the grid, N cuts axis 0; other ranks share the batch"),
    RITZ_ARGUMENT_TEXT(options, latency, "S", "with --ranks: seconds of a message (default 2e-6)"),
    RITZ_ARGUMENT_TEXT(options, bandwidth, "B",
                       "with --ranks: bytes per second that a rank sends (default 1e10)"),
    RITZ_ARGUMENT_TEXT(options, flop_rate, "F",
                       "with --ranks: flops per second of a rank (default: measured here)"),
    RITZ_ARGUMENT_TEXT(options, memory_rate, "B",
                       "with --ranks: bytes per second of its memory (default: measured here)"),
    RITZ_ARGUMENT_DATA(options),
    RITZ_ARGUMENT_THREADS(options),
    RITZ_ARGUMENT_END,
};

static ritz_status is_model(const char *path, bool *out) {
  ritz_notes notes;
  char format[32] = "";
  RITZ_TRY(ritz_notes_open(path, &notes));
  ritz_read_note(&notes, "/", "format", sizeof format, format);
  *out = strcmp(format, "ritz-model") == 0;
  return ritz_notes_close(&notes);
}

static ritz_exit describe(const ritz_call *call, ritz_context *context) {
  const options *o = call->options;
  const ritz_info_request request = {.path = call->operand[0],
                                     .data = o->data,
                                     .resolution = o->resolution,
                                     .batch = o->batch,
                                     .json = o->json,
                                     .check = o->check,
                                     .plan = o->plan,
                                     .train = o->train,
                                     .ranks = o->ranks,
                                     .parts = o->parts,
                                     .latency = o->latency,
                                     .bandwidth = o->bandwidth,
                                     .flop_rate = o->flop_rate,
                                     .memory_rate = o->memory_rate};
  bool model;
  const ritz_status status = is_model(request.path, &model);
  if (status != RITZ_OK) return ritz_exit_of(status);
  if (model && o->data)
    return ritz_exit_of_usage(
        RITZ_FAIL(RITZ_ERR_ARGUMENT, "%s is a model: --data is for data sets", request.path));
  if (!model && (o->check || o->plan || o->resolution || o->ranks || o->parts))
    return ritz_exit_of_usage(RITZ_FAIL(
        RITZ_ERR_ARGUMENT, "%s is no model: --check, --plan, --resolution and --ranks want one",
        request.path));
  if (!o->ranks && !o->parts && (o->latency || o->bandwidth || o->flop_rate || o->memory_rate))
    return ritz_exit_of_usage(RITZ_FAIL(
        RITZ_ERR_ARGUMENT,
        "--latency, --bandwidth, --flop-rate and --memory-rate go with --ranks or --parts"));
  if (o->train && !o->plan)
    return ritz_exit_of_usage(RITZ_FAIL(RITZ_ERR_ARGUMENT, "--train goes with --plan"));
  return model ? ritz_info_model(context, &request)
               : ritz_exit_of(ritz_info_data(context, &request));
}

static ritz_exit run(const ritz_call *call) {
  const options *o = call->options;
  ritz_context *context;
  ritz_exit code = ritz_exit_of(ritz_command_context(call->command, o->threads, &context));
  if (code == RITZ_EXIT_OK) code = describe(call, context);
  ritz_context_destroy(&context);
  return code;
}

const ritz_command ritz_command_info = {
    .name = "info",
    .summary = "says what a model, checkpoint or data set is",
    .operands = "FILE.h5",
    .about =
        "Of a model or checkpoint: architecture, parameters, grid, channels with their\n"
        "normalisers, memory to predict and to train on its grid, where it comes from. Of a data\n"
        "set: structure, origin, and the statistics of all values.\n"
        "--plan times each step within whole runs, beside the peak of this machine and the time\n"
        "that flops and memory traffic need at least.\n"
        "--ranks tells of a job before it starts, whatever this machine is: memory of a rank, "
        "what\n"
        "it sends in a training step (loss rel_l2, AdamW) and in a prediction, and the time they\n"
        "take at least; --batch samples are shared by the ranks, --parts cuts their grid.",
    .examples =
        "  ritz info run/model.h5 --check\n"
        "  ritz info run/model.h5 --plan --train --batch 16 --threads 2\n"
        "  ritz info run/model.h5 --ranks 512 --parts 8x8x8 --resolution 1024 --batch 1\n"
        "  ritz info train.h5 --json\n",
    .arguments = arguments,
    .options_size = sizeof(options),
    .defaults = &defaults,
    .run = run,
};
