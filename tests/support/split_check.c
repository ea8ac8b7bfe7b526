/* SPDX-License-Identifier: BSD-3-Clause */
#include "split_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "dist/imagined.h"
#include "dist/layout.h"
#include "graph/cost.h"

static ritz_context *imagined; /* this rank, without the others */

/* One graph, planned and run. */
typedef struct problem {
  ritz_params *params;
  ritz_plan *plan;
  ritz_var x, y;
} problem;

/* The part of a field that is here, or all of it: from the whole to the part or, back, added. */
static void copy_part(ritz_var var, bool back, double *whole, double *part) {
  ritz_index first[RITZ_MAX_RANK] = {0}, at[RITZ_MAX_RANK] = {0};
  const ritz_shape all = ritz_var_shape(var), own = ritz_var_part(var);
  for (int a = 0; a < 3 && var->layout && a < var->layout->dim; a++)
    first[a + 1] = ritz_first_point(var, a);
  for (ritz_index i = 0; i < ritz_shape_count(&own); i++) {
    ritz_index rest = i, place = 0, stride = 1;
    for (int j = own.rank - 1; j >= 0; j--) {
      at[j] = rest % own.n[j], rest /= own.n[j];
      place += (at[j] + first[j]) * stride;
      stride *= all.n[j];
    }
    if (back)
      whole[place] += part[i];
    else
      part[i] = whole[place];
  }
}

/* How a problem is planned. */
typedef struct planning {
  bool own; /* own_gradients */
  ritz_modes_way way;
} planning;

static problem build_problem(ritz_context *ranks, bool outline, planning how, ritz_shape shape,
                             ritz_layout *layout, gradient_builder *build, const void *config) {
  problem p;
  ritz_graph *graph;
  assert_ok(ritz_params_create(ranks, RITZ_FLOAT64, 5, &p.params));
  assert_ok(ritz_graph_create(ranks, RITZ_FLOAT64, &graph));
  graph->modes_way = how.way;
  p.x = layout ? ritz_input_split(graph, "x", shape, layout) : ritz_input(graph, "x", shape);
  p.y = build(graph, p.params, p.x, config);
  const ritz_plan_options options = {
      .gradients = true, .input_gradients = true, .own_gradients = how.own};
  assert_ok((outline ? ritz_graph_outline : ritz_graph_plan)(graph, 1, &p.y, &options, &p.plan));
  return p;
}

static void free_problem(problem *p) {
  ritz_plan_destroy(&p->plan);
  ritz_params_destroy(&p->params);
}

/* Whole values. */
typedef struct result {
  double *y, *gx, *gradient;
  ritz_index y_count, gx_count, gradient_count;
  double sent; /* bytes, in both runs */
} result;

static void free_result(result *r) {
  ritz_free(r->y);
  ritz_free(r->gx);
  ritz_free(r->gradient);
}

/* Visits what only other ranks use of the parameters: what is there may be stale, and no gradient
 * comes of it. */
static void for_others(const problem *p, void (*visit)(double *number), double *flat) {
  const ritz_index *shares = ritz_plan_shares(p->plan);
  for (int i = 0; p->plan->params && i < ritz_params_count(p->params); i++) {
    const ritz_param_info *info = ritz_params_info(p->params, i);
    ritz_index first, count;
    ritz_comm_share(together->comm, shares[i], &first, &count);
    for (ritz_index k = 0; shares[i] > 0 && k < info->count; k++) {
      const ritz_index block = k / (info->count / shares[i]);
      if (block < first || block >= first + count) visit(&flat[info->offset + k]);
    }
  }
}

static void make_useless(double *number) { *number = NAN; }
static void expect_nothing(double *number) { assert_true(*number == 0); }

/* Runs forward and backward; a cotangent of what all ranks hold comes from the last one. */
static result run_problem(ritz_context *ranks, problem *p) {
  const ritz_shape xs = ritz_var_shape(p->x), ys = ritz_var_shape(p->y);
  result r = {.y_count = ritz_shape_count(&ys),
              .gx_count = ritz_shape_count(&xs),
              .gradient_count = ritz_params_length(p->params)};
  const bool last = ritz_comm_rank(ranks->comm) == ritz_comm_size(ranks->comm) - 1;
  double *x = random_numbers(RITZ_FLOAT64, 1, r.gx_count),
         *gy = random_numbers(RITZ_FLOAT64, 2, r.y_count);
  copy_part(p->x, false, x, ritz_plan_value(p->plan, p->x));
  if (p->y->layout || last)
    copy_part(p->y, false, gy, ritz_plan_cotangent(p->plan));
  else
    memset(ritz_plan_cotangent(p->plan), 0, (size_t)r.y_count * sizeof *gy);
  const uint64_t before = ritz_comm_bytes(ranks->comm);
  ritz_plan_forward(p->plan);
  ritz_plan_backward(p->plan);
  r.sent = (double)(ritz_comm_bytes(ranks->comm) - before);
  assert_ok(ritz_plan_status(p->plan));
  r.y = zeros(RITZ_FLOAT64, r.y_count);
  r.gx = zeros(RITZ_FLOAT64, r.gx_count);
  r.gradient = zeros(RITZ_FLOAT64, r.gradient_count);
  if (p->y->layout || last) copy_part(p->y, true, r.y, ritz_plan_value(p->plan, p->y));
  if (p->x->wants_gradient && ritz_plan_input_gradient(p->plan, p->x))
    copy_part(p->x, true, r.gx, (double *)ritz_plan_input_gradient(p->plan, p->x));
  for (int i = 0; i < ritz_params_count(p->params); i++) {
    const ritz_param_part part = ritz_plan_gradient_part(p->plan, i);
    memcpy(r.gradient + part.first, (double *)ritz_plan_parameter_gradient(p->plan) + part.place,
           (size_t)part.count * sizeof *r.gradient);
  }
  for_others(p, expect_nothing, r.gradient);
  assert_ok(ritz_comm_sum(ranks->comm, RITZ_FLOAT64, r.y_count, r.y));
  assert_ok(ritz_comm_sum(ranks->comm, RITZ_FLOAT64, r.gx_count, r.gx));
  assert_ok(ritz_comm_sum(ranks->comm, RITZ_FLOAT64, r.gradient_count, r.gradient));
  ritz_free(x);
  ritz_free(gy);
  return r;
}

static void compare(const char *name, const char *what, const ritz_layout *layout, ritz_index count,
                    const double *have, const double *want) {
  const double error = relative_error(count, have, want);
  if (!(error <= 1e-12))
    fail_msg("%s: %s in %d x %d x %d parts is off by %.3g", name, what, layout->ranks[0],
             layout->ranks[1], layout->ranks[2], error);
}

static void same(const char *name, const char *what, const ritz_layout *layout, double have,
                 double want) {
  if (have != want)
    fail_msg("%s: %s in %d x %d x %d parts is forecast as %.0f and is %.0f", name, what,
             layout->ranks[0], layout->ranks[1], layout->ranks[2], have, want);
}

/* This rank, imagined, tells what the plan then holds and has sent. */
static void check_forecast(const char *name, planning how, ritz_shape shape,
                           gradient_builder *build, const void *config, const ritz_layout *layout,
                           const problem *planned, double sent) {
  ritz_layout *parts;
  ritz_plan_cost *told, *real;
  assert_ok(ritz_layout_create(imagined, layout->dim, layout->grid, layout->ranks,
                               (const ritz_index *const *)layout->offset, &parts));
  problem p = build_problem(imagined, true, how, shape, parts, build, config);
  assert_ok(ritz_plan_count_cost(p.plan, NULL, &told));
  assert_ok(ritz_plan_count_cost(planned->plan, NULL, &real));
  same(name, "what is sent", layout, told->sent, sent);
  same(name, "what is sent, of the plan,", layout, real->sent, sent);
  same(name, "the memory", layout, (double)ritz_plan_memory(p.plan),
       (double)ritz_plan_memory(planned->plan));
  same(name, "the flops", layout, told->flops, real->flops);
  same(name, "what is moved", layout, told->bytes, real->bytes);
  ritz_plan_cost_destroy(&told);
  ritz_plan_cost_destroy(&real);
  free_problem(&p);
  ritz_layout_destroy(&parts);
}

/* Whether the ranks share out modes, in the one way or the other. */
static bool has_ways(const ritz_plan *plan) {
  bool ways = false;
  for (int i = 0; i < plan->ordered; i++)
    ways = ways || plan->order[i]->op->distribution == RITZ_SPECTRAL;
  return ways;
}

static void check_split(const char *name, planning how, ritz_shape shape, gradient_builder *build,
                        const void *config, ritz_layout *layout, const result *one) {
  problem p = build_problem(together, false, how, shape, layout, build, config);
  for_others(&p, make_useless, ritz_params_data(p.params));
  result r = run_problem(together, &p);
  assert_int_equal(r.y_count, one->y_count);
  compare(name, "the output", layout, r.y_count, r.y, one->y);
  compare(name, "the input gradient", layout, r.gx_count, r.gx, one->gx);
  compare(name, "the gradient", layout, r.gradient_count, r.gradient, one->gradient);
  check_forecast(name, how, shape, build, config, layout, &p, r.sent);
  free_result(&r);
  free_problem(&p);
}

/* Offsets with a bend: all parts but the last two get half of what they should; none of that may
 * be left. */
static void bend(ritz_index n, int ranks, ritz_index *offset) {
  for (int r = 0; r <= ranks; r++) offset[r] = r == ranks ? n : n * r / (2 * ranks);
}

void check_splits(const char *name, ritz_shape shape, gradient_builder *build, const void *config) {
  const int dim = shape.rank - 2;
  problem p = build_problem(single, false, (planning){0}, shape, NULL, build, config);
  result one = run_problem(single, &p);
  for (int r0 = 1; r0 <= size; r0++)
    for (int r1 = 1; r0 * r1 <= size; r1++) {
      const int ranks[3] = {r0, r1, size / (r0 * r1)};
      if (size % (r0 * r1) || (dim < 3 && ranks[2] > 1) || (dim < 2 && r1 > 1)) continue;
      for (int bent = 0; bent < 2; bent++) {
        ritz_index offset[3][64];
        const ritz_index *offsets[3] = {offset[0], offset[1], offset[2]};
        ritz_layout *layout;
        for (int a = 0; a < dim; a++) bend(shape.n[a + 1], ranks[a], offset[a]);
        assert_ok(
            ritz_layout_create(together, dim, shape.n + 1, ranks, bent ? offsets : NULL, &layout));
        for (int way = 0; way < (has_ways(p.plan) ? RITZ_MODES_WAYS : 1); way++)
          check_split(name, (planning){bent, (ritz_modes_way)way}, shape, build, config, layout,
                      &one);
        ritz_layout_destroy(&layout);
      }
    }
  free_result(&one);
  free_problem(&p);
}

int run_split_tests(size_t count, const struct CMUnitTest *tests) {
  ranks_begin();
  assert_ok(ritz_context_imagine(NULL, rank, size, &imagined));
  const int failures = _cmocka_run_group_tests("split", tests, count, NULL, NULL);
  ritz_context_destroy(&imagined);
  return ranks_end(failures);
}
