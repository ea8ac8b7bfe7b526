/* SPDX-License-Identifier: BSD-3-Clause
 * ritz plot. */
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "tools/command.h"
#include "tools/plot.h"

typedef struct options {
  const char *out, *model, *data, *channel, *input, *plane;
  ritz_index sample, threads;
} options;

static const ritz_argument arguments[] = {
    RITZ_ARGUMENT_TEXT(options, out, "FIG.png", "picture to write (must be given)"),
    RITZ_ARGUMENT_INDEX(options, sample, "I", 0, PTRDIFF_MAX, "sample of the file, from 0"),
    RITZ_ARGUMENT_TEXT(options, model, "MODEL.h5", "adds its prediction and error"),
    RITZ_ARGUMENT_DATA(options),
    RITZ_ARGUMENT_TEXT(options, channel, "C", "channel of y, number or name (default: the first)"),
    RITZ_ARGUMENT_TEXT(options, input, "C", "channel of x, number or name (default: the first)"),
    RITZ_ARGUMENT_TEXT(options, plane, "x|y|z", "3-D: axis held at its middle (default z)"),
    RITZ_ARGUMENT_THREADS(options),
    RITZ_ARGUMENT_END,
};

/* HDF5 has a signature; records of epochs are text that begins with a brace. */
static bool is_record(const char *path) {
  FILE *file = fopen(path, "rb");
  const int first = file ? getc(file) : EOF;
  if (file) fclose(file);
  return first == '{';
}

/* Options that say which sample make no sense for curves. */
static ritz_status check_curves(const ritz_call *call, const options *o) {
  RITZ_REQUIRE(!o->model && !o->data && !o->channel && !o->input && !o->plane && !o->sample,
               RITZ_ERR_ARGUMENT, "%s holds metrics: only --out goes with it", call->operand[0]);
  return RITZ_OK;
}

static ritz_status draw(const ritz_call *call, const options *o) {
  const ritz_plot_request request = {.path = call->operand[0],
                                     .model = o->model,
                                     .data = o->data,
                                     .channel = o->channel,
                                     .input = o->input,
                                     .plane = o->plane,
                                     .sample = o->sample};
  ritz_context *context;
  ritz_plot_sample sample;
  RITZ_TRY(ritz_command_context(call->command, o->threads, &context));
  ritz_status status = ritz_plot_sample_load(context, &request, &sample);
  if (status == RITZ_OK) status = ritz_plot_sample_draw(&sample, o->out);
  ritz_plot_sample_clear(&sample);
  ritz_context_destroy(&context);
  return status;
}

/* Another ending would promise another format. */
static ritz_status check_name(const char *out) {
  RITZ_REQUIRE(out, RITZ_ERR_ARGUMENT, "--out FIG.png is missing");
  const size_t length = strlen(out);
  RITZ_REQUIRE(length >= 4 && strcmp(out + length - 4, ".png") == 0, RITZ_ERR_ARGUMENT,
               "--out %s: pictures are PNG files, wanted a name that ends in .png", out);
  return RITZ_OK;
}

static ritz_exit run(const ritz_call *call) {
  const options *o = call->options;
  if (check_name(o->out) != RITZ_OK) return RITZ_EXIT_USAGE;
  const bool record = is_record(call->operand[0]);
  ritz_status status = record ? check_curves(call, o) : draw(call, o);
  if (status == RITZ_OK && record) status = ritz_plot_curves(call->operand[0], o->out);
  return status == RITZ_ERR_ARGUMENT ? RITZ_EXIT_USAGE : ritz_exit_of(status);
}

const ritz_command ritz_command_plot = {
    .name = "plot",
    .summary = "draws a sample, a prediction and its error, or the curves of a training run",
    .operands = "FILE",
    .about =
        "Draws one sample as PNG: input and truth of a data set; with --model also what the model\n"
        "predicts and prediction - truth. Files of `ritz predict` show what they hold. Data on a\n"
        "line become curves, data in space a plane through the middle.\n\n"
        "Of metrics.jsonl: training loss and test errors over the epochs.",
    .examples =
        "  ritz plot test.h5 --sample 3 --out sample.png\n"
        "  ritz plot test.h5 --model run/model.h5 --out error.png\n"
        "  ritz plot run/metrics.jsonl --out curves.png\n",
    .arguments = arguments,
    .options_size = sizeof(options),
    .run = run,
};
