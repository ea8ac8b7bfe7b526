/* SPDX-License-Identifier: BSD-3-Clause
 * Predictors on grids that are split over ranks: values, products with the Jacobian, and failures
 * that all ranks hear of. */
#include <math.h>
#include <ritz/predictor.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "dist/layout.h"
#include "ranks.h"
#include "small_model.h"

enum { batch = 2, n0 = 9, n1 = 12, points = n0 * n1 };

/* One predictor of the whole grid, one of a part of it. */
typedef struct pair {
  ritz_model *whole_model, *model;
  ritz_layout *layout;
  ritz_predictor *whole, *part;
  ritz_index first[2], count[2];
} pair;

static pair make_pair(const int parts[2]) {
  pair p;
  const ritz_index grid[2] = {n0, n1};
  p.whole_model = small_model_create(single, RITZ_FLOAT64, 2, "");
  p.model = small_model_create(together, RITZ_FLOAT64, 2, "");
  assert_ok(ritz_layout_create(together, 2, grid, parts, NULL, &p.layout));
  for (int a = 0; a < 2; a++) ritz_layout_part(p.layout, a, &p.first[a], &p.count[a]);
  assert_ok(ritz_predictor_create(p.whole_model, 2, grid, batch, &p.whole));
  assert_ok(ritz_predictor_create_split(p.model, p.layout, batch, 1, &p.part));
  return p;
}

static void free_pair(pair *p) {
  ritz_predictor_destroy(&p->whole);
  ritz_predictor_destroy(&p->part);
  ritz_model_destroy(&p->whole_model);
  ritz_model_destroy(&p->model);
  ritz_layout_destroy(&p->layout);
}

/* The first number of this rank's part of a field of the whole grid, whose strides are these. */
static double *part_of(const pair *p, double *field, int channels, ritz_index stride[4]) {
  stride[0] = points * channels, stride[1] = n1 * channels, stride[2] = channels, stride[3] = 1;
  return field + p->first[0] * stride[1] + p->first[1] * stride[2];
}

static void compare_part(const pair *p, int channels, const double *have, const double *want) {
  for (ritz_index b = 0; b < batch; b++)
    for (ritz_index i = p->first[0]; i < p->first[0] + p->count[0]; i++)
      for (ritz_index k = p->first[1] * channels; k < (p->first[1] + p->count[1]) * channels; k++) {
        const ritz_index at = (b * points + i * n1) * channels + k;
        assert_near(have[at], want[at], 1e-11);
      }
}

static void check_pair(const int parts[2]) {
  pair p = make_pair(parts);
  ritz_index xs[4], ys[4];
  double *x = random_numbers(RITZ_FLOAT64, 1, batch * points * small_in);
  double *v = random_numbers(RITZ_FLOAT64, 2, batch * points * small_out);
  double *y = zeros(RITZ_FLOAT64, batch * points * small_out);
  double *want = zeros(RITZ_FLOAT64, batch * points * small_out);
  double *g = zeros(RITZ_FLOAT64, batch * points * small_in);
  double *gw = zeros(RITZ_FLOAT64, batch * points * small_in);
  double *px = part_of(&p, x, small_in, xs), *py = part_of(&p, y, small_out, ys);
  assert_ok(ritz_predictor_run_f64(p.whole, x, want));
  assert_ok(ritz_predictor_run_strided_f64(p.part, px, xs, py, ys));
  compare_part(&p, small_out, y, want);

  assert_ok(ritz_predictor_plan_vjp(p.whole));
  assert_ok(ritz_predictor_plan_vjp(p.part));
  assert_ok(ritz_predictor_run_f64(p.whole, x, want));
  assert_ok(ritz_predictor_run_strided_f64(p.part, px, xs, py, ys));
  assert_ok(ritz_predictor_vjp_f64(p.whole, v, gw));
  assert_ok(ritz_predictor_vjp_strided_f64(p.part, part_of(&p, v, small_out, ys), ys,
                                           part_of(&p, g, small_in, xs), xs));
  compare_part(&p, small_in, g, gw);
  double *const all[] = {x, v, y, want, g, gw};
  for (int i = 0; i < 6; i++) ritz_free(all[i]);
  free_pair(&p);
}

static void parts_are_those_of_the_whole(void **state) {
  check_pair((int[]){size, 1});
  check_pair((int[]){1, size});
  if (size % 2 == 0) check_pair((int[]){2, size / 2});
}

static void a_bad_value_on_one_rank_stops_all(void **state) {
  pair p = make_pair((int[]){size, 1});
  ritz_index xs[4], ys[4];
  double *x = random_numbers(RITZ_FLOAT64, 1, batch * points * small_in);
  double *y = zeros(RITZ_FLOAT64, batch * points * small_out);
  double *px = part_of(&p, x, small_in, xs), *py = part_of(&p, y, small_out, ys);
  const int bad = size - 1;
  if (rank == bad) px[xs[2] + 1] = NAN; /* point (0, 1) of its part */
  assert_int_equal(ritz_predictor_run_strided_f64(p.part, px, xs, py, ys), RITZ_ERR_NUMERIC);
  char place[64];
  snprintf(place, sizeof place, "point [%td, 1]", ritz_layout_offsets(p.layout, 0)[bad]);
  assert_message_contains(place);
  if (rank == bad) px[xs[2] + 1] = 0;
  assert_ok(ritz_predictor_run_strided_f64(p.part, px, xs, py, ys));
  ritz_free(x);
  ritz_free(y);
  free_pair(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parts_are_those_of_the_whole),
      cmocka_unit_test(a_bad_value_on_one_rank_stops_all),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, NULL, NULL));
}
