/* SPDX-License-Identifier: BSD-3-Clause
 * Generators as objects: from options to planned state, from sample numbers to pairs. */
#include "datasets/generator.h"

#include <stdio.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/shape.h"
#include "core/threads.h"
#include "io/yaml.h"

struct ritz_generator {
  ritz_context *context;
  const ritz_generator_type *type;
  ritz_generator_info info;
  void *config, *state;
  ritz_index x_count, y_count; /* numbers per sample */
  ritz_index list_count;       /* of all lists, behind those of y */
  double *staging;             /* [threads][run][x_count + y_count + list_count] */
  ritz_solve_report *reports;  /* [threads][run], of chains */
};

/* Options into g->config, and the plan for them. */
static ritz_status plan(ritz_generator *g, const ritz_value *options) {
  const ritz_generator_type *type = g->type;
  char owner[64];
  snprintf(owner, sizeof owner, "generator %s", type->name);
  RITZ_TRY(ritz_calloc(1, type->config_size, &g->config));
  RITZ_TRY(ritz_options_read(type->options, owner, options, g->config));
  const ritz_status checked = type->check(g->config);
  if (checked != RITZ_OK) return ritz_fail_prefix(checked, "%s", owner);
  g->info = (ritz_generator_info){
      .type = type->name, .summary = type->summary, .paper = type->paper, .run = 1};
  RITZ_TRY(ritz_calloc(1, type->state_size, &g->state));
  RITZ_TRY(type->create(g->config, g->context->threads, &g->info, g->state));
  g->x_count = ritz_shape_count(&g->info.x.shape);
  g->y_count = ritz_shape_count(&g->info.y.shape);
  for (int l = 0; l < g->info.lists; l++) g->list_count += g->info.list[l].count;
  const ritz_index together = g->context->threads * g->info.run;
  RITZ_TRY(RITZ_NEW(together * (g->x_count + g->y_count + g->list_count), &g->staging));
  return g->info.chained ? RITZ_NEW(together, &g->reports) : RITZ_OK;
}

ritz_status ritz_generator_create_from(ritz_context *context, const char *type,
                                       const ritz_value *options, ritz_generator **out) {
  *out = NULL;
  const ritz_generator_type *found;
  RITZ_TRY(ritz_generator_type_find(type, &found));
  ritz_generator *g;
  RITZ_TRY(RITZ_NEW(1, &g));
  g->context = ritz_context_retain(context);
  g->type = found;
  const ritz_status status = plan(g, options);
  if (status != RITZ_OK) ritz_generator_destroy(&g);
  *out = g;
  return status;
}

ritz_status ritz_generator_create(ritz_context *context, const char *type, const char *options,
                                  ritz_generator **out) {
  *out = NULL;
  ritz_value *tree = NULL;
  if (options) RITZ_TRY(ritz_yaml_read_text(options, "<options>", &tree));
  const ritz_status status = ritz_generator_create_from(context, type, tree, out);
  ritz_value_destroy(&tree);
  return status;
}

void ritz_generator_destroy(ritz_generator **generator) {
  if (!generator || !*generator) return;
  ritz_generator *g = *generator;
  if (g->state) g->type->destroy(g->state);
  ritz_free(g->state);
  if (g->config) ritz_options_clear(g->type->options, g->config);
  ritz_free(g->config);
  ritz_free(g->staging);
  ritz_free(g->reports);
  ritz_context_destroy(&g->context);
  ritz_free(g);
  *generator = NULL;
}

const ritz_generator_info *ritz_generator_describe(const ritz_generator *generator) {
  return &generator->info;
}

ritz_status ritz_generator_help(const char *type, char **out) {
  *out = NULL;
  const ritz_generator_type *found;
  RITZ_TRY(ritz_generator_type_find(type, &found));
  return ritz_options_help(found->options, out);
}

ritz_status ritz_generator_type_options(const ritz_generator_type *type, const void *config,
                                        char **out) {
  *out = NULL;
  ritz_value *map;
  RITZ_TRY(ritz_options_write(type->options, config, &map));
  const ritz_status status = ritz_value_to_json(map, out);
  ritz_value_destroy(&map);
  return status;
}

ritz_status ritz_generator_options(const ritz_generator *generator, char **out) {
  return ritz_generator_type_options(generator->type, generator->config, out);
}

/* One call of ritz_generator_run. */
typedef struct block {
  ritz_generator *generator;
  uint64_t seed;
  ritz_index first, count, run;
  ritz_dtype dtype;
  void *x, *y;
  double *const *list; /* NULL: not wanted */
  ritz_solve_report *reports;
} block;

static void store(ritz_dtype dtype, ritz_index count, const double *from, ritz_index first,
                  void *to) {
  if (dtype == RITZ_FLOAT64)
    memcpy((double *)to + first, from, (size_t)count * sizeof *from);
  else
    for (ritz_index i = 0; i < count; i++) ((float *)to)[first + i] = (float)from[i];
}

/* Samples from .. from + count - 1 of a run that began with sample `begin` of the block. */
static void store_run(const block *b, const double *x, const double *y, ritz_index begin,
                      ritz_index from, ritz_index count) {
  const ritz_generator *g = b->generator;
  const ritz_index step = g->y_count + g->list_count, to = begin + from;
  store(b->dtype, count * g->x_count, x + from * g->x_count, to * g->x_count, b->x);
  for (ritz_index s = 0; s < count; s++) {
    const double *numbers = y + (from + s) * step;
    store(b->dtype, g->y_count, numbers, (to + s) * g->y_count, b->y);
    numbers += g->y_count;
    for (int l = 0; b->list && l < g->info.lists; l++) {
      const ritz_index length = g->info.list[l].count;
      memcpy(b->list[l] + (to + s) * length, numbers, (size_t)length * sizeof *numbers);
      numbers += length;
    }
  }
}

static double *staging_of(const ritz_generator *g, int thread) {
  return g->staging + thread * g->info.run * (g->x_count + g->y_count + g->list_count);
}

/* Run number i of the block. */
static void make_run(void *arg, ritz_index i, int thread) {
  const block *b = arg;
  const ritz_generator *g = b->generator;
  const ritz_index first = i * b->run, rest = b->count - first;
  const ritz_index count = rest < b->run ? rest : b->run;
  double *x = staging_of(g, thread), *y = x + g->info.run * g->x_count;
  const uint32_t number = (uint32_t)(b->first + first);
  if (g->type->run)
    g->type->run(g->state, thread, b->seed, number, count, x, y, b->reports + first);
  else
    g->type->sample(g->state, thread, b->seed, number, x, y, b->reports + first);
  store_run(b, x, y, first, 0, count);
}

/* Chain number i of those that the block touches; only its samples within the block are stored. */
static void make_chain(void *arg, ritz_index i, int thread) {
  const block *b = arg;
  const ritz_generator *g = b->generator;
  const ritz_index run = g->info.run, chain = (b->first / run + i) * run;
  const ritz_index from = chain < b->first ? b->first - chain : 0;
  const ritz_index rest = b->first + b->count - chain, end = rest < run ? rest : run;
  const ritz_index begin = chain - b->first;
  double *x = staging_of(g, thread), *y = x + run * g->x_count;
  ritz_solve_report *reports = g->reports + thread * run;
  g->type->run(g->state, thread, b->seed, (uint32_t)chain, run, x, y, reports);
  store_run(b, x, y, begin, from, end - from);
  memcpy(b->reports + begin + from, reports + from, (size_t)(end - from) * sizeof *reports);
}

/* Whole runs, but shorter ones where threads would have nothing to do. */
static ritz_index run_length(const ritz_generator *g, ritz_index count) {
  const ritz_index threads = g->context->threads, fair = (count + threads - 1) / threads;
  return fair < g->info.run ? (fair > 0 ? fair : 1) : g->info.run;
}

ritz_status ritz_generator_run(ritz_generator *generator, uint64_t seed, ritz_index first,
                               ritz_index count, ritz_dtype dtype, void *x, void *y,
                               ritz_solve_report *reports) {
  return ritz_generator_run_lists(generator, seed, first, count, dtype, x, y, NULL, reports);
}

ritz_status ritz_generator_run_lists(ritz_generator *generator, uint64_t seed, ritz_index first,
                                     ritz_index count, ritz_dtype dtype, void *x, void *y,
                                     double *const *list, ritz_solve_report *reports) {
  const ritz_index limit = (ritz_index)1 << 32; /* sample numbers of a random stream */
  RITZ_REQUIRE(first >= 0 && count >= 0 && first <= limit && count <= limit - first,
               RITZ_ERR_ARGUMENT, "samples %td + %td are outside 0 ... 2^32", first, count);
  block b = {.generator = generator,
             .seed = seed,
             .first = first,
             .count = count,
             .run = run_length(generator, count),
             .dtype = dtype,
             .x = x,
             .y = y,
             .list = list,
             .reports = reports};
  const int threads = generator->context->threads;
  const ritz_index chain = generator->info.run;
  if (generator->info.chained && count > 0)
    ritz_parallel(threads, (first + count - 1) / chain - first / chain + 1, make_chain, &b);
  else
    ritz_parallel(threads, (count + b.run - 1) / b.run, make_run, &b);
  return RITZ_OK;
}
