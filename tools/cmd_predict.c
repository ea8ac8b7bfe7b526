/* SPDX-License-Identifier: BSD-3-Clause
 * ritz predict. */
#include <stdio.h>

#include "core/fail.h"
#include "dist/comm.h"
#include "tools/grid_text.h"
#include "tools/predict_job.h"

typedef struct options {
  const char *resolution, *data, *parts;
  ritz_index threads, steps;
  bool force;
} options;

static const ritz_argument arguments[] = {
    RITZ_ARGUMENT_TEXT(options, resolution, "N|NxM|NxMxK", "grid to predict on (default: of IN)"),
    RITZ_ARGUMENT_INDEX(options, steps, "N", 1, 100000,
                        "apply the model N times, each to the last frames before"),
    RITZ_ARGUMENT_DATA(options),
    RITZ_ARGUMENT_PARTS(options),
    RITZ_ARGUMENT_THREADS(options),
    RITZ_ARGUMENT_FLAG(options, force, "replace OUT.h5 if it is there"),
    RITZ_ARGUMENT_END,
};

/* What of the command line can only be judged with the data at hand. */
static ritz_status read_grids(const options *o, ritz_predict_job *job) {
  const int dim = ritz_dataset_get_info(job->set)->dim;
  if (o->resolution) RITZ_TRY(ritz_grid_parse(o->resolution, dim, job->grid));
  if (!o->parts) return RITZ_OK;
  job->parts.count = dim;
  return ritz_parts_parse(o->parts, dim, job->parts.n);
}

static void print_summary(const ritz_predict_job *job, const ritz_predict_summary *summary) {
  const ritz_dataset_info *info = ritz_dataset_get_info(job->set);
  char grid[80];
  printf("%s: %td samples on %s, %.3g s, %.4g samples/s", job->path, info->samples,
         ritz_grid_text(info->dim, job->grid, grid), summary->seconds,
         (double)info->samples / summary->seconds);
  if (summary->rel_l2 >= 0) printf(", rel_l2 %.6g", summary->rel_l2);
  printf("\n");
}

static ritz_exit run(const ritz_call *call) {
  const options *o = call->options;
  ritz_predict_job job = {0};
  ritz_predict_summary summary;
  ritz_exit code =
      ritz_exit_of(ritz_command_context_of_ranks(call->command, o->threads, &job.context));
  if (code != RITZ_EXIT_OK) return code;
  code = ritz_exit_of(ritz_status_agree(
      job.context, ritz_predict_job_open(call, o->data, o->steps, o->force, &job)));
  if (code == RITZ_EXIT_OK)
    code = ritz_exit_agree(job.context, ritz_exit_of_usage(read_grids(o, &job)));
  if (code == RITZ_EXIT_OK) code = ritz_predict_exit(ritz_predict(&job, &summary));
  if (code == RITZ_EXIT_OK) print_summary(&job, &summary);
  ritz_predict_job_close(&job);
  return code;
}

const ritz_command ritz_command_predict = {
    .name = "predict",
    .summary = "applies a model to every sample of a data set",
    .operands = "MODEL.h5 IN.h5 OUT.h5",
    .all_ranks = true,
    .about =
        "Reads x of IN.h5 and writes OUT.h5 with x, y (the prediction, in physical units) and,\n"
        "where IN.h5 has y, truth. `ritz plot OUT.h5` shows them beside each other.\n\n"
        "With --resolution x is brought to another grid over the same domain first: periodic\n"
        "fields by their spectrum, bounded ones bicubically (linearly on a line), which "
        "overshoots\n"
        "where x jumps. There is no truth on that grid, so none is written.\n\n"
        "A model of frames is applied to its own output as often as y of IN.h5 has frames for, or\n"
        "--steps times.\n\n"
        "With mpirun the ranks share the samples, with --parts also the grids, which need not fit\n"
        "one of them; they write OUT.h5 together, or one after the other with a serial HDF5.",
    .examples =
        "  ritz predict run/model.h5 test.h5 predicted.h5\n"
        "  ritz predict run/model.h5 test.h5 finer.h5 --resolution 256\n"
        "  mpirun -n 4 ritz predict run/model.h5 large.h5 predicted.h5 --parts 2x2\n",
    .arguments = arguments,
    .options_size = sizeof(options),
    .run = run,
};
