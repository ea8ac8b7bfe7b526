/* SPDX-License-Identifier: BSD-3-Clause */
#include "datasets/split_generator.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/generator.h"
#include "dist/layout.h"

struct ritz_split_generator {
  const ritz_generator_type *type;
  ritz_generator_info info;
  ritz_layout *layout;
  void *config, *state;
  ritz_index count; /* numbers of a field here */
  double *x, *y;
};

/* Options, and whether what they ask for can be split; the rank's own. */
static ritz_status read_options(ritz_split_generator *g, const char *name,
                                const ritz_value *options, const ritz_index parts[3]) {
  char owner[64];
  RITZ_TRY(ritz_generator_type_find(name, &g->type));
  RITZ_REQUIRE(g->type->split, RITZ_ERR_CONFIG,
               "generator %s makes whole samples, which --parts cannot share out", name);
  snprintf(owner, sizeof owner, "generator %s", name);
  RITZ_TRY(ritz_calloc(1, g->type->config_size, &g->config));
  RITZ_TRY(ritz_options_read(g->type->options, owner, options, g->config));
  ritz_status status = g->type->check(g->config);
  if (status == RITZ_OK) status = g->type->split->check(g->config, parts);
  if (status != RITZ_OK) return ritz_fail_prefix(status, "%s", owner);
  g->info = (ritz_generator_info){
      .type = g->type->name, .summary = g->type->summary, .paper = g->type->paper, .run = 1};
  g->type->split->describe(g->config, &g->info);
  return ritz_calloc(1, g->type->split->state_size, &g->state);
}

static ritz_status create_layout(ritz_split_generator *g, ritz_context *context,
                                 const ritz_index parts[3]) {
  const int ranks[3] = {(int)parts[0], (int)parts[1], (int)parts[2]};
  RITZ_TRY(ritz_layout_create(context, g->info.dim, g->info.nodes, ranks, NULL, &g->layout));
  g->count = ritz_layout_points(g->layout, ritz_comm_rank(context->comm));
  RITZ_TRY(RITZ_NEW(g->count, &g->x));
  return RITZ_NEW(g->count, &g->y);
}

ritz_status ritz_split_generator_create(ritz_context *context, const char *type,
                                        const ritz_value *options, const ritz_index parts[3],
                                        ritz_split_generator **out) {
  ritz_split_generator *g = NULL;
  *out = NULL;
  ritz_status status = RITZ_NEW(1, &g);
  if (status == RITZ_OK) status = read_options(g, type, options, parts);
  if (status == RITZ_OK) status = create_layout(g, context, parts);
  status = ritz_status_agree(context, status);
  if (status == RITZ_OK) status = g->type->split->create(g->config, g->layout, g->state);
  if (status != RITZ_OK) ritz_split_generator_destroy(&g);
  *out = g;
  return status;
}

void ritz_split_generator_destroy(ritz_split_generator **generator) {
  if (!generator || !*generator) return;
  ritz_split_generator *g = *generator;
  if (g->state) g->type->split->destroy(g->state);
  ritz_free(g->state);
  if (g->config) ritz_options_clear(g->type->options, g->config);
  ritz_free(g->config);
  ritz_free(g->x);
  ritz_free(g->y);
  ritz_layout_destroy(&g->layout);
  ritz_free(g);
  *generator = NULL;
}

const ritz_generator_info *ritz_split_generator_describe(const ritz_split_generator *generator) {
  return &generator->info;
}

const ritz_layout *ritz_split_generator_layout(const ritz_split_generator *generator) {
  return generator->layout;
}

ritz_status ritz_split_generator_options(const ritz_split_generator *generator, char **out) {
  return ritz_generator_type_options(generator->type, generator->config, out);
}

static void store(ritz_dtype dtype, ritz_index count, const double *from, void *to) {
  if (dtype == RITZ_FLOAT64)
    memcpy(to, from, (size_t)count * sizeof *from);
  else
    for (ritz_index i = 0; i < count; i++) ((float *)to)[i] = (float)from[i];
}

ritz_status ritz_split_generator_run(ritz_split_generator *g, uint64_t seed, ritz_index sample,
                                     ritz_dtype dtype, void *x, void *y,
                                     ritz_solve_report *report) {
  RITZ_REQUIRE(sample >= 0 && sample < (ritz_index)1 << 32, RITZ_ERR_ARGUMENT,
               "sample %td is outside 0 ... 2^32 - 1", sample);
  RITZ_TRY(g->type->split->sample(g->state, seed, (uint32_t)sample, g->x, g->y, report));
  store(dtype, g->count, g->x, x);
  store(dtype, g->count, g->y, y);
  return RITZ_OK;
}
