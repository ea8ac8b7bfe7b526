/* SPDX-License-Identifier: BSD-3-Clause
 * Every loss on fields that are split over ranks. */
#include "split_check.h"
#include "train/loss_norm.h"

#define RITZ_LOSS(name) extern const ritz_loss_type ritz_loss_##name;
#include "train/losses.def"
#undef RITZ_LOSS

static const ritz_loss_type *const types[] = {
#define RITZ_LOSS(name) &ritz_loss_##name,
#include "train/losses.def"
#undef RITZ_LOSS
};

static ritz_var vector(ritz_graph *g, ritz_params *p, const char *name, ritz_index count) {
  return random_parameter(g, p, name, RITZ_SHAPE(count), -1);
}

typedef struct loss_case {
  const ritz_loss_type *type;
  bool periodic;
} loss_case;

/* Of a field and its squashed twin. */
static ritz_var loss_of(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const loss_case *c = config;
  const ritz_shape shape = ritz_var_shape(x);
  ritz_loss_options options;
  ritz_loss_options_defaults(&options);
  options.periodic = c->periodic;
  ritz_var y = ritz_gate(g, x, vector(g, p, "w", shape.n[shape.rank - 1]));
  return ritz_loss(g, c->type, y, ritz_tanh(g, x), &options);
}

static void losses_give_what_they_give_on_one_rank(void **state) {
  const ritz_shape shapes[] = {{3, {3, 17, 2}}, {4, {2, 6, 7, 1}}, {5, {2, 4, 5, 4, 3}}};
  for (size_t t = 0; t < sizeof types / sizeof *types; t++)
    for (size_t s = 0; types[t]->norm->gradient && s < sizeof shapes / sizeof *shapes; s++)
      for (int periodic = types[t]->norm->derivatives ? 0 : 1; periodic < 2; periodic++) {
        const loss_case c = {types[t], periodic};
        check_splits(types[t]->name, shapes[s], loss_of, &c);
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(losses_give_what_they_give_on_one_rank),
  };
  return run_split_tests(sizeof tests / sizeof *tests, tests);
}
