/* SPDX-License-Identifier: BSD-3-Clause
 * ritz refine. */
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "io/h5.h"
#include "io/yaml.h"
#include "tools/grid_text.h"
#include "tools/note.h"
#include "tools/predict_job.h"
#include "tools/refine.h"

typedef struct options {
  const char *data;
  ritz_index threads, steps, iterations, time_modes, time_points;
  ritz_argument_texts set;
  bool force;
} options;

static const options defaults = {.iterations = 100, .time_points = 2};

static const ritz_argument arguments[] = {
    RITZ_ARGUMENT_TEXTS(options, set, "KEY=VALUE",
                        "an option of the equation, as for `ritz generate navier_stokes`"),
    RITZ_ARGUMENT_INDEX(options, iterations, "N", 0, 100000, "most iterations of a sample"),
    RITZ_ARGUMENT_INDEX(options, time_modes, "N", 0, 10000,
                        "Fourier modes in time; 0: half as many as frames, and one"),
    RITZ_ARGUMENT_INDEX(options, time_points, "N", 1, 1000,
                        "points of the residual's integral from frame to frame"),
    RITZ_ARGUMENT_INDEX(options, steps, "N", 1, 100000,
                        "apply the model N times, each to the last frames before"),
    RITZ_ARGUMENT_DATA(options),
    RITZ_ARGUMENT_THREADS(options),
    RITZ_ARGUMENT_FLAG(options, force, "replace OUT.h5 if it is there"),
    RITZ_ARGUMENT_END,
};

/* The parameters of a generated file as a map; an empty one of any other. */
static ritz_status read_parameters(const char *path, ritz_value **out) {
  ritz_notes notes;
  char generator[64] = "", parameters[4096] = "";
  RITZ_TRY(ritz_notes_open(path, &notes));
  ritz_read_note(&notes, "/", "generator", sizeof generator, generator);
  ritz_read_note(&notes, "/", "parameters", sizeof parameters, parameters);
  RITZ_TRY(ritz_notes_close(&notes));
  if (strcmp(generator, "navier_stokes") == 0) return ritz_yaml_read_text(parameters, path, out);
  return ritz_value_create(RITZ_VALUE_MAP, path, 0, out);
}

static ritz_status read_flow(const char *path, const options *o, ritz_flow *flow) {
  ritz_value *map;
  RITZ_TRY(read_parameters(path, &map));
  ritz_status status = RITZ_OK;
  for (int i = 0; status == RITZ_OK && i < o->set.count; i++)
    status = ritz_yaml_set(map, o->set.text[i]);
  if (status == RITZ_OK && (!ritz_value_get(map, "viscosity") || !ritz_value_get(map, "interval")))
    status = RITZ_FAIL(RITZ_ERR_CONFIG,
                       "%s does not say its equation: give at least --set viscosity=NU --set "
                       "interval=TIME --set forcing=none",
                       path);
  if (status == RITZ_OK) status = ritz_flow_read(map, flow);
  ritz_value_destroy(&map);
  return status;
}

static ritz_status open_job(const ritz_call *call, ritz_refine_job *job) {
  const options *o = call->options;
  RITZ_TRY(ritz_command_context(call->command, o->threads, &job->predict.context));
  RITZ_TRY(ritz_predict_job_open(call, o->data, o->steps, o->force, &job->predict));
  job->iterations = o->iterations;
  job->time_modes = o->time_modes;
  job->time_points = o->time_points;
  return read_flow(call->operand[1], o, &job->flow);
}

static void print_summary(const ritz_refine_job *job, const ritz_refine_summary *s) {
  const ritz_dataset_info *info = ritz_dataset_get_info(job->predict.set);
  char grid[80];
  printf("%s: %td samples on %s, %.3g s, %.1f iterations\n", job->predict.path, info->samples,
         ritz_grid_text(info->dim, info->grid, grid), s->seconds, s->iterations);
  printf("%-16s %25s %25s\n", "mean, 95 %", "before", "after");
  for (int q = s->truth ? 0 : RITZ_REFINE_RESIDUAL; q < RITZ_REFINE_QUANTITIES; q++)
    printf("%-16s %12.5g +- %9.2g %12.5g +- %9.2g\n", ritz_refine_name[q], s->before[q].mean,
           s->before[q].spread, s->after[q].mean, s->after[q].spread);
}

static ritz_exit run(const ritz_call *call) {
  ritz_refine_job job = {0};
  ritz_refine_summary summary;
  ritz_exit code = ritz_exit_of(open_job(call, &job));
  if (code == RITZ_EXIT_OK) code = ritz_predict_exit(ritz_refine(&job, &summary));
  if (code == RITZ_EXIT_OK) print_summary(&job, &summary);
  ritz_predict_job_close(&job.predict);
  return code;
}

const ritz_command ritz_command_refine = {
    .name = "refine",
    .summary = "improves a model's frames of a flow by the equation they should satisfy",
    .operands = "MODEL.h5 IN.h5 OUT.h5",
    .about =
        "Predicts as `ritz predict` does, then changes the frames of each sample so that the\n"
        "residual of the two-dimensional vorticity equation becomes small, in a negative Sobolev\n"
        "norm over space and time: the last step of Spectral-Refiner, Cao, Brarda, Li & Xi 2024,\n"
        "arXiv:2405.17211. Every mode of the grid takes part, in double precision.\n\n"
        "The equation is that of IN.h5 where `ritz generate navier_stokes` made it; --set says\n"
        "what is different, or all of it for other files. OUT.h5 has x, y (the improved frames)\n"
        "and truth as from `ritz predict`, and of each sample the residual and, with truth, the\n"
        "errors before and after.",
    .examples =
        "  ritz refine run/model.h5 ns.h5 refined.h5 --data '{window: [10, 10], last: 16}'\n"
        "  ritz refine run/model.h5 other.h5 refined.h5 --set viscosity=1e-3 --set interval=0.1 "
        "\\\n"
        "    --set forcing=none\n",
    .arguments = arguments,
    .options_size = sizeof(options),
    .defaults = &defaults,
    .run = run,
};
