/* SPDX-License-Identifier: BSD-3-Clause
 * ritz count: an example of a subcommand. */
#include <ritz/dataset.h>

#include "tools/command.h"

static const ritz_argument arguments[] = {RITZ_ARGUMENT_END};

static ritz_exit run(const ritz_call *call) {
  ritz_context *context;
  ritz_dataset *set = NULL;
  ritz_status status = ritz_command_context(call->command, 1, &context);
  if (status == RITZ_OK) {
    status = ritz_dataset_open(context, call->operand[0], NULL, &set);
    if (status == RITZ_OK) printf("%td\n", ritz_dataset_get_info(set)->samples);
    ritz_dataset_close(&set);
    ritz_context_destroy(&context);
  }
  return ritz_exit_of(status);
}

const ritz_command ritz_command_count = {
    .name = "count",
    .summary = "says how many samples a data set has",
    .operands = "DATA.h5",
    .about = "Prints the number of samples.",
    .examples = "  ritz count train.h5\n",
    .arguments = arguments,
    .run = run,
};
