/* SPDX-License-Identifier: BSD-3-Clause
 * ritz generate: what the command line says, as a job for generate.c. */
#include <ritz/generator.h>
#include <ritz/graph.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/number.h"
#include "datasets/generator.h"
#include "dist/layout.h"
#include "io/yaml.h"
#include "tools/command.h"
#include "tools/generate.h"
#include "tools/grid_text.h"

typedef struct options {
  const char *out, *resolution, *solver, *preconditioner, *dtype, *parts;
  ritz_index samples, first, seed, threads;
  ritz_argument_texts set;
  bool force, verbose;
} options;

static const options defaults = {.dtype = "float", .samples = 1000};

static const ritz_argument arguments[] = {
    RITZ_ARGUMENT_TEXT(options, out, "FILE", "where to write (default PDE_RESOLUTION_SAMPLES.h5)"),
    RITZ_ARGUMENT_INDEX(options, samples, "N", 1, PTRDIFF_MAX, "how many pairs (x, y)"),
    RITZ_ARGUMENT_TEXT(options, resolution, "N|NxM|NxMxK", "nodes per axis, boundary included"),
    RITZ_ARGUMENT_INDEX(options, seed, "S", 0, PTRDIFF_MAX, "seed of the random fields"),
    RITZ_ARGUMENT_INDEX(options, first, "N", 0, PTRDIFF_MAX, "number of the first sample"),
    RITZ_ARGUMENT_TEXT(options, solver, "NAME", "solver; see `ritz generate PDE --help`"),
    RITZ_ARGUMENT_TEXT(options, preconditioner, "NAME", "its preconditioner"),
    RITZ_ARGUMENT_TEXT(options, dtype, "float|double", "number format on file"),
    RITZ_ARGUMENT_TEXTS(options, set, "KEY=VALUE", "an option of the equation; as often as needed"),
    RITZ_ARGUMENT_PARTS(options),
    RITZ_ARGUMENT_THREADS(options),
    RITZ_ARGUMENT_FLAG(options, force, "replace a finished FILE"),
    RITZ_ARGUMENT_FLAG(options, verbose, "a line per block of samples on stderr"),
    RITZ_ARGUMENT_END,
};

static void details(const ritz_call *call) {
  const ritz_generator_type *type;
  char *text;
  if (call->operands == 0 || ritz_generator_type_find(call->operand[0], &type) != RITZ_OK) {
    if (call->operands > 0) printf("\nThere is none: %s\n", ritz_error_message());
    printf("\nEquations (`ritz generate PDE --help` shows the options of one):\n");
    for (int i = 0; i < ritz_generator_count(); i++)
      ritz_print_wrapped(ritz_generator_name(i), ritz_generator_summary(i));
  } else if (ritz_options_help(type->options, &text) == RITZ_OK) {
    printf("\n%s: %s\n(%s)\n\nOptions for --set, with their defaults:\n%s", type->name,
           type->summary, type->paper, text);
    ritz_free(text);
  }
}

/* key: text, where the option was given. */
static ritz_status set_text(ritz_value *map, const char *option, const char *key,
                            const char *text) {
  if (!text) return RITZ_OK;
  ritz_value *value;
  RITZ_TRY(ritz_value_create_scalar(text, false, option, 0, &value));
  return ritz_value_set(map, key, value);
}

/* "64x32" as [64, 32]; "64" stays one number. */
static ritz_status set_resolution(ritz_value *map, const char *text) {
  if (!text || !strchr(text, 'x')) return set_text(map, "--resolution", "resolution", text);
  ritz_value *list, *item;
  RITZ_TRY(ritz_value_create(RITZ_VALUE_LIST, "--resolution", 0, &list));
  char part[32];
  ritz_status status = RITZ_OK;
  for (const char *at = text; status == RITZ_OK && at; at = strchr(at, 'x')) {
    at += at != text;
    snprintf(part, sizeof part, "%.*s", (int)strcspn(at, "x"), at);
    status = ritz_value_create_scalar(part, !*part, "--resolution", 0, &item);
    if (status == RITZ_OK) status = ritz_value_add(list, NULL, item);
  }
  if (status == RITZ_OK) return ritz_value_set(map, "resolution", list);
  ritz_value_destroy(&list);
  return status;
}

static ritz_status collect(const options *o, ritz_value *map) {
  RITZ_TRY(set_resolution(map, o->resolution));
  RITZ_TRY(set_text(map, "--solver", "solver", o->solver));
  RITZ_TRY(set_text(map, "--preconditioner", "preconditioner", o->preconditioner));
  for (int i = 0; i < o->set.count; i++) RITZ_TRY(ritz_yaml_set(map, o->set.text[i]));
  return RITZ_OK;
}

/* darcy_64_1000.h5, darcy_64x32_1000.h5 */
static void default_name(const ritz_generator_info *info, ritz_index samples, size_t size,
                         char *out) {
  bool same = true;
  for (int a = 1; a < info->dim; a++) same = same && info->nodes[a] == info->nodes[0];
  size_t used = (size_t)snprintf(out, size, "%s_%td", info->type, info->nodes[0]);
  for (int a = 1; a < info->dim && !same; a++)
    used += (size_t)snprintf(out + used, size - used, "x%td", info->nodes[a]);
  snprintf(out + used, size - used, "_%td.h5", samples);
}

/* The ranks in groups of a sample each, and their generator. */
static ritz_status prepare_split(const ritz_call *call, const ritz_value *map,
                                 ritz_generate_job *job) {
  const options *o = call->options;
  ritz_index parts[3];
  ritz_context *group;
  ritz_comm *comm = job->context->comm;
  RITZ_TRY(ritz_parts_parse(o->parts, 3, parts));
  RITZ_REQUIRE(o->threads <= 1, RITZ_ERR_ARGUMENT,
               "--parts takes one thread a rank, not --threads %td", o->threads);
  const ritz_index size = ritz_comm_size(comm), wanted = parts[0] * parts[1] * parts[2];
  RITZ_REQUIRE(wanted <= size && size % wanted == 0, RITZ_ERR_ARGUMENT,
               "--parts %s wants a multiple of %td ranks, there are %td; mpirun starts them, of a "
               "build with MPI",
               o->parts, wanted, size);
  job->groups = (int)(size / wanted);
  job->group = ritz_comm_rank(comm) / (int)wanted;
  RITZ_TRY(ritz_context_split(job->context, job->group, &group));
  const ritz_status status =
      ritz_split_generator_create(group, call->operand[0], map, parts, &job->split);
  ritz_context_destroy(&group); /* the generator keeps it */
  return status;
}

/* Everything that is the user's to correct. */
static ritz_status prepare(const ritz_call *call, ritz_context *context, ritz_generate_job *job) {
  const options *o = call->options;
  RITZ_REQUIRE(ritz_dtype_parse(o->dtype, &job->dtype), RITZ_ERR_ARGUMENT,
               "--dtype takes float or double, not '%.64s'", o->dtype);
  job->samples = o->samples;
  job->first = o->first;
  job->seed = (uint64_t)o->seed;
  job->threads = ritz_context_threads(context);
  job->verbose = o->verbose;
  ritz_value *map;
  RITZ_TRY(ritz_value_create(RITZ_VALUE_MAP, "--set", 0, &map));
  ritz_status status = collect(o, map);
  if (status == RITZ_OK && o->parts)
    status = prepare_split(call, map, job);
  else if (status == RITZ_OK)
    status = ritz_generator_create_from(context, call->operand[0], map, &job->generator);
  ritz_value_destroy(&map);
  return status;
}

static ritz_status check_free(const char *path) {
  RITZ_REQUIRE(access(path, F_OK) != 0, RITZ_ERR_IO,
               "%s exists: --force replaces it, --out names another file", path);
  return RITZ_OK;
}

static ritz_status work(const options *o, ritz_generate_job job) {
  char name[128];
  default_name(ritz_generate_info(&job), job.samples, sizeof name, name);
  job.path = o->out ? o->out : name;
  if (!o->force) RITZ_TRY(ritz_status_agree(job.context, check_free(job.path)));
  return ritz_generate(&job);
}

static ritz_exit run(const ritz_call *call) {
  const options *o = call->options;
  ritz_generate_job job = {.command = call->command};
  ritz_context *context;
  ritz_exit code = ritz_exit_of(ritz_command_context_of_ranks(call->command, o->threads, &context));
  if (code != RITZ_EXIT_OK) return code;
  job.context = context;
  code = ritz_exit_agree(context, ritz_exit_of_usage(prepare(call, context, &job)));
  if (code == RITZ_EXIT_OK) code = ritz_exit_of(work(o, job));
  ritz_generator_destroy(&job.generator);
  ritz_split_generator_destroy(&job.split);
  ritz_context_destroy(&context);
  return code;
}

const ritz_command ritz_command_generate = {
    .name = "generate",
    .summary = "makes a data set of pairs (x, y) of a partial differential equation",
    .operands = "PDE",
    .all_ranks = true,
    .about =
        "Makes samples of an equation, solved in double to a true residual that is measured\n"
        "and stored with every sample, and writes them as an HDF5 file that `ritz train`, h5py,\n"
        "xarray and ParaView read.\n\n"
        "Sample number i of a seed is the same whatever the threads, the block, or the size of\n"
        "the file: parts made with --first are parts of one stream and never overlap.\n\n"
        "Until it is complete the file is FILE.part. The same command goes on with it after a\n"
        "signal (exit status 75), a crash or a kill. Exit status 1 with a complete FILE means\n"
        "that samples did not reach the tolerance; the data sets residual and reason say which.\n\n"
        "With mpirun the ranks share the samples, with --parts also the grids: of darcy on cubes,\n"
        "a slab each, so that no rank has a whole sample. The numbers do not depend on ranks\n"
        "or parts.",
    .examples =
        "  ritz generate darcy --resolution 85 --samples 1000 --out train.h5\n"
        "  ritz generate darcy --resolution 85 --samples 200 --first 1000 --out test.h5\n"
        "  ritz generate darcy --set coefficient=lognormal --set log_scale=3\n"
        "  mpirun -n 8 ritz generate darcy --resolution 512x512x512 --samples 10 --parts 8\n"
        "  ritz generate darcy --help\n",
    .arguments = arguments,
    .options_size = sizeof(options),
    .defaults = &defaults,
    .details = details,
    .run = run,
};
