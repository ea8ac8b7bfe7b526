/* SPDX-License-Identifier: BSD-3-Clause
 * Spectra of split fields by whole lines: who makes which mode, when that sends less than sums of
 * all modes, and what it sends and holds. That results are those of one rank is seen in every
 * check_splits() of tests/dist, which goes both ways. */
#include <ritz/ops.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "dist/imagined.h"
#include "graph/cost.h"
#include "graph/ops/mode_columns.h"
#include "support.h"

/* One layer of `channels` on a grid in parts. */
typedef struct job {
  int dim;
  ritz_index grid[3], modes[3], out[3]; /* out: 0 for the same grid */
  int parts[3];
  ritz_axis_transform last; /* of the last axis */
  bool lines;               /* what it is to choose */
} job;

enum { channels = 3, batch = 2 };

static const job jobs[] = {
    /* few modes: sums, until there are many ranks */
    {3, {64, 64, 64}, {16, 16, 9}, .parts = {4, 1, 1}, .lines = false},
    {3, {64, 64, 64}, {16, 16, 9}, .parts = {8, 1, 1}, .lines = true},
    {2, {64, 64}, {16, 9}, .parts = {4, 1}, .lines = false},
    {2, {64, 64}, {16, 9}, .parts = {8, 1}, .lines = true},
    /* all modes: (N + k)/P against k, lines where they are equal */
    {3, {32, 32, 32}, {32, 32, 17}, .parts = {2, 1, 1}, .lines = true},
    {3, {32, 32, 32}, {30, 32, 17}, .parts = {2, 1, 1}, .lines = false},
    {3, {32, 32, 32}, {32, 32, 17}, .parts = {4, 1, 1}, .lines = true},
    /* owners nearly have their modes already */
    {3, {32, 32, 32}, {32, 32, 17}, .parts = {1, 2, 1}, .lines = true},
    /* pencils */
    {3, {32, 32, 32}, {32, 32, 17}, .parts = {2, 4, 1}, .lines = true},
    {3, {32, 32, 32}, {4, 4, 3}, .parts = {2, 2, 1}, .lines = false},
    /* the axis of the half spectrum, or the last of three, is cut: no such form */
    {3, {32, 32, 32}, {32, 32, 17}, .parts = {1, 1, 8}, .lines = false},
    {3, {32, 32, 32}, {32, 32, 17}, .parts = {2, 2, 2}, .lines = false},
    {2, {64, 64}, {64, 33}, .parts = {1, 8}, .lines = false},
    /* cosines behind the half spectrum may be cut, even alone */
    {2, {64, 64}, {33, 64}, .parts = {1, 8}, .last = RITZ_TRANSFORM_CELL_COSINE, .lines = true},
    /* an end each: sums for x, which is fine, and lines for y */
    {2, {256, 64}, {16, 9}, .out = {16, 16}, .parts = {8, 1}, .lines = true},
};
enum { job_count = sizeof jobs / sizeof *jobs };

static int ranks_of(const job *j) {
  return j->parts[0] * (j->dim > 1 ? j->parts[1] : 1) * (j->dim > 2 ? j->parts[2] : 1);
}

typedef struct outline {
  ritz_context *context;
  ritz_layout *layout;
  ritz_params *params;
  ritz_plan *plan;
} outline;

/* A graph of the layer. @return  y. */
static ritz_var build(const job *j, int rank, ritz_modes_way way, outline *o, ritz_graph **graph) {
  ritz_graph *g;
  ritz_shape x = {.rank = j->dim + 2, .n = {batch}}, w = {.rank = j->dim + 2};
  ritz_spectral_options options = {.separable = true};
  assert_ok(ritz_context_imagine(NULL, rank, ranks_of(j), &o->context));
  assert_ok(ritz_layout_create(o->context, j->dim, j->grid, j->parts, NULL, &o->layout));
  assert_ok(ritz_params_create(o->context, RITZ_FLOAT32, 1, &o->params));
  assert_ok(ritz_graph_create(o->context, RITZ_FLOAT32, &g));
  g->modes_way = way;
  *graph = g;
  for (int a = 0; a < j->dim; a++) {
    x.n[a + 1] = j->grid[a];
    w.n[a] = options.modes[a] = j->modes[a];
    options.grid[a] = j->out[a];
  }
  options.transform[j->dim - 1] = j->last;
  x.n[j->dim + 1] = w.n[j->dim + 1] = channels;
  w.n[j->dim] = 2;
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1};
  return ritz_spectral_conv(g, ritz_input_split(g, "x", x, o->layout),
                            ritz_parameter(g, o->params, init, w, j->dim, "w"), &options);
}

static const ritz_plan_options planning = {
    .gradients = true, .input_gradients = true, .own_gradients = true};

static void create(const job *j, int rank, ritz_modes_way way, outline *o) {
  ritz_graph *g;
  ritz_var y = build(j, rank, way, o, &g);
  assert_ok(ritz_graph_outline(g, 1, &y, &planning, &o->plan));
}

static void destroy(outline *o) {
  ritz_plan_destroy(&o->plan);
  ritz_params_destroy(&o->params);
  ritz_layout_destroy(&o->layout);
  ritz_context_destroy(&o->context);
}

/* Bytes forward and back of the rank that sends most. @param lines  Whether all go by lines. */
static double sent(const job *j, ritz_modes_way way, bool *lines) {
  double most = 0;
  int by_lines = 0;
  for (int r = 0; r < ranks_of(j); r++) {
    outline o;
    ritz_plan_cost *cost;
    create(j, r, way, &o);
    assert_ok(ritz_plan_count_cost(o.plan, NULL, &cost));
    by_lines += strcmp(cost->step[0].ops, "spectral_conv(lines)") == 0;
    if (cost->sent > most) most = cost->sent;
    ritz_plan_cost_destroy(&cost);
    destroy(&o);
  }
  assert_true(by_lines == 0 || by_lines == ranks_of(j));
  *lines = by_lines > 0;
  return most;
}

static void the_smaller_is_sent(void **state) {
  for (int i = 0; i < job_count; i++) {
    bool summed, lined, chosen;
    const double sums = sent(&jobs[i], RITZ_MODES_SUMS, &summed);
    const double lines = sent(&jobs[i], RITZ_MODES_LINES, &lined);
    const double least = sent(&jobs[i], RITZ_MODES_AUTO, &chosen);
    assert_false(summed);
    if (chosen != jobs[i].lines)
      fail_msg("job %d: sums send %.0f bytes, lines %.0f, chosen are %s", i, sums, lines,
               chosen ? "lines" : "sums");
    assert_true(least <= sums && least <= lines);
    if (jobs[i].out[0] > 0)
      assert_true(least < sums && least < lines);
    else
      assert_true(least == (chosen ? lines : sums));
  }
}

/* (P - 1)/P (N/P + k/P) K complex numbers a sample and channel each way, and so backward. */
static void slabs_send_what_the_formula_says(void **state) {
  const job j = {3, {16, 12, 16}, {8, 12, 9}, .parts = {4, 1, 1}};
  bool lines;
  const double numbers = 2.0 * batch * channels * 12 * 9 * (16 + 8) / 4 * 3 / 4;
  assert_near(sent(&j, RITZ_MODES_LINES, &lines), 4 * numbers * sizeof(float), 0);
  assert_true(lines);
  const job second = {3, {16, 12, 16}, {8, 12, 9}, .parts = {1, 4, 1}}; /* made by their owners */
  const double columns = 2.0 * batch * channels * 8 * 9 * 12 / 4 * 3 / 4;
  assert_near(sent(&second, RITZ_MODES_AUTO, &lines), 4 * columns * sizeof(float), 0);
  assert_true(lines);
  const double sums = 2.0 * batch * channels * 8 * 12 * 9 * 3 / 4;
  assert_near(sent(&j, RITZ_MODES_SUMS, &lines), 4 * sums * sizeof(float), 0);
}

/* By sums all modes are on every rank, on their way in and out; by lines a share of all. */
static void no_rank_holds_all_modes(void **state) {
  const job j = {3, {32, 32, 32}, {32, 32, 17}, .parts = {8, 1, 1}};
  const double all = 2.0 * batch * channels * 32 * 32 * 17 * sizeof(float);
  outline sums, lines;
  create(&j, 3, RITZ_MODES_SUMS, &sums);
  create(&j, 3, RITZ_MODES_AUTO, &lines);
  const double held = (double)ritz_plan_memory(lines.plan);
  assert_true((double)ritz_plan_memory(sums.plan) > held + 2 * all);
  destroy(&sums);
  destroy(&lines);
}

static void each_mode_is_made_once(void **state) {
  const job cases[] = {{3, {8, 7, 5}, {6, 5, 3}, .parts = {3, 4, 1}},
                       {3, {8, 7, 5}, {2, 1, 1}, .parts = {1, 7, 1}},
                       {3, {8, 7, 5}, {2, 5, 1}, .parts = {5, 2, 1}},
                       {2, {8, 7}, {5, 3}, .parts = {7, 1}}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const job *j = &cases[i];
    ritz_context *context;
    ritz_layout *layout;
    ritz_mode_columns columns;
    ritz_line_step step[RITZ_LINE_STEPS];
    bool seen[12][90] = {{false}};
    ritz_index index, made = 0;
    assert_ok(ritz_context_imagine(NULL, 0, ranks_of(j), &context));
    assert_ok(ritz_layout_create(context, j->dim, j->grid, j->parts, NULL, &layout));
    assert_true(ritz_mode_columns_of(layout, j->dim, 1, j->modes, j->dim - 1, &columns));
    const ritz_index all = ritz_mode_columns_all(&columns);
    for (ritz_index m = 0; m < all; m++) {
      const int rank = ritz_mode_columns_maker(&columns, m, &index);
      ritz_index first, own;
      assert_in_range(index, 0, ritz_mode_columns_steps(&columns, rank, step) - 1);
      assert_false(seen[rank][index]);
      seen[rank][index] = true;
      const int owner = ritz_mode_owner(ranks_of(j), all, m);
      ritz_share_of(owner, ranks_of(j), all, &first, &own);
      assert_true(m >= first && m < first + own);
    }
    for (int r = 0; r < ranks_of(j); r++) made += ritz_mode_columns_steps(&columns, r, step);
    assert_int_equal(made, all);
    ritz_layout_destroy(&layout);
    ritz_context_destroy(&context);
  }
}

static void every_allocation_may_fail(void **state) {
  const job j = {3, {8, 7, 5}, {6, 5, 3}, .parts = {2, 2, 1}};
  bool failed = true;
  for (long k = 0; failed; k++) {
    outline o;
    ritz_graph *g;
    ritz_var y = build(&j, 1, RITZ_MODES_LINES, &o, &g);
    failed = creation_fails(k, o.plan, ritz_graph_outline(g, 1, &y, &planning, &o.plan));
    assert_true(failed || k > 20);
    if (failed) ritz_graph_destroy(&g);
    destroy(&o);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_mode_is_made_once),           cmocka_unit_test(the_smaller_is_sent),
      cmocka_unit_test(slabs_send_what_the_formula_says), cmocka_unit_test(no_rank_holds_all_modes),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
