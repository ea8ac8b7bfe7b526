/* SPDX-License-Identifier: BSD-3-Clause
 * Optimizers whose state is shared out among ranks: the same bits as on one. And those where ranks
 * own what they alone use: the same numbers, and none of those travel within a domain. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "graph/params.h"
#include "io/yaml.h"
#include "ranks_train.h"
#include "train/domain.h"
#include "train/optimizer.h"

static void add(ritz_params *params, const char *name, ritz_shape shape, int complex_axis) {
  int position;
  assert_ok(ritz_params_require(params, name, shape, complex_axis,
                                (ritz_init){RITZ_INIT_SYMMETRIC, 1}, &position));
}

/* Small ones, a frozen one, and some of many chunks, or of fewer chunks than ranks. @param large
 * How large those are; 0: there are none; MANY: of several buckets. */
enum { MANY = 8 };
static ritz_params *some_params(ritz_context *context, ritz_dtype dtype, int large) {
  ritz_params *params;
  assert_ok(ritz_params_create(context, dtype, 3, &params));
  add(params, "one", RITZ_SHAPE(1), -1);
  if (!large) return params;
  add(params, "spectrum", RITZ_SHAPE(3, 5, 2, 7, 3), 2);
  add(params, "running_mean", RITZ_SHAPE(19), -1);
  ritz_params_freeze(params, ritz_params_count(params) - 1);
  add(params, "large", RITZ_SHAPE(211 * large, 190), -1);
  add(params, "large_spectrum", RITZ_SHAPE(37 * large, 2, 23, 31), 1);
  add(params, "last", RITZ_SHAPE(7), -1);
  return params;
}

/* One optimizer, with all it works on. */
typedef struct side {
  ritz_params *params;
  ritz_optimizer *optimizer;
  void *gradient;
  size_t bytes;
} side;

static side owning_side(ritz_context *context, ritz_dtype dtype, int large, const char *type,
                        const char *yaml, const ritz_optimizer_owners *owners) {
  side s = {.params = some_params(context, dtype, large)};
  ritz_value *options;
  assert_ok(ritz_yaml_read_text(yaml, "test", &options));
  assert_ok(ritz_optimizer_create(context, s.params, type, options, owners, &s.optimizer));
  ritz_value_destroy(&options);
  s.bytes = (size_t)ritz_params_length(s.params) * ritz_dtype_size(dtype);
  s.gradient = malloc(s.bytes);
  return s;
}

static side side_of(ritz_context *context, ritz_dtype dtype, int large, const char *type,
                    const char *yaml) {
  return owning_side(context, dtype, large, type, yaml, NULL);
}

static void release(side *s) {
  ritz_optimizer_destroy(&s->optimizer);
  ritz_params_destroy(&s->params);
  free(s->gradient);
}

/* As the backward pass of a rank does it that is done with the last parameters first, and says so
 * more or less often. */
static void sum_on_the_way(side *s, int often) {
  int final[6];
  for (int i = 0; i < 6; i++) final[i] = 6 - i;
  ritz_optimizer_begin_sum(s->optimizer, s->gradient);
  for (int step = 0; step <= 6; step++)
    for (int i = 0; i < often; i++) ritz_optimizer_go_on(s->optimizer, final, step);
  assert_ok(ritz_optimizer_finish_sum(s->optimizer));
}

/* Every rank has an addend of the gradient; the one alone gets their sum. */
static void fill(side *ours, side *alone, ritz_dtype dtype, uint32_t step) {
  const ritz_index length = ritz_params_length(ours->params);
  fill_uniform_as(dtype, 100 * step + (uint32_t)rank, length, ours->gradient);
  memcpy(alone->gradient, ours->gradient, ours->bytes);
  assert_ok(ritz_comm_sum(together->comm, dtype, length, alone->gradient));
  sum_on_the_way(ours, (rank + (int)step) % 4);
}

static char *tensor_of(const side *s, void *flat, int i) {
  const size_t number = ritz_dtype_size(ritz_params_dtype(s->params));
  return (char *)flat + (size_t)ritz_params_info(s->params, i)->offset * number;
}

/* All of it on the first rank of the side. */
static void *state_of(side *s, int slot) {
  const size_t number = ritz_dtype_size(ritz_params_dtype(s->params));
  const ritz_index numbers = ritz_optimizer_room(s->optimizer);
  void *whole, *room;
  assert_ok(ritz_calloc((ritz_index)s->bytes, 1, &whole));
  for (int i = 0; i < ritz_params_count(s->params); i++) {
    const ritz_index count = ritz_params_info(s->params, i)->count;
    assert_ok(ritz_calloc(numbers, number, &room)); /* anew, for the checker of addresses */
    assert_ok(ritz_optimizer_collect(s->optimizer, slot, i, room));
    if (numbers >= count) memcpy(tensor_of(s, whole, i), room, (size_t)count * number);
    ritz_free(room);
  }
  return whole;
}

/* What this rank has of a tensor's state, of that of the whole tensor. */
static void set_state(side *s, int slot, int param, const char *tensor) {
  const ritz_index number = (ritz_index)ritz_dtype_size(ritz_params_dtype(s->params));
  for (int k = 0; k < ritz_optimizer_pieces(s->optimizer, param); k++) {
    ritz_index first, count;
    void *state = ritz_optimizer_piece(s->optimizer, slot, param, k, &first, &count);
    if (state) memcpy(state, tensor + first * number, (size_t)(count * number));
  }
}

static void take_state(side *ours, side *alone) {
  for (int i = 0; i < ritz_optimizer_slots(alone->optimizer); i++) {
    void *whole = state_of(alone, i);
    for (int j = 0; j < ritz_params_count(ours->params); j++)
      set_state(ours, i, j, tensor_of(ours, whole, j));
    ritz_free(whole);
  }
}

/* The pieces that the ranks have are the whole, every number once. */
static void assert_pieces_are(side *s, int slot, const void *wanted) {
  const ritz_dtype dtype = ritz_params_dtype(s->params);
  const size_t number = ritz_dtype_size(dtype);
  void *whole;
  assert_ok(ritz_calloc((ritz_index)s->bytes, 1, &whole));
  for (int i = 0; i < ritz_params_count(s->params); i++) {
    ritz_index end = 0, first, count;
    for (int k = 0; k < ritz_optimizer_pieces(s->optimizer, i); k++) {
      const void *piece = ritz_optimizer_piece(s->optimizer, slot, i, k, &first, &count);
      if (!piece) continue;
      assert_true(first >= end && count > 0);
      end = first + count;
      memcpy(tensor_of(s, whole, i) + (size_t)first * number, piece, (size_t)count * number);
    }
    assert_true(end <= ritz_params_info(s->params, i)->count);
  }
  assert_ok(ritz_comm_sum(together->comm, dtype, ritz_params_length(s->params), whole));
  assert_memory_equal(whole, wanted, s->bytes);
  ritz_free(whole);
}

static void assert_same_state(side *ours, side *alone) {
  assert_memory_equal(ritz_params_data(ours->params), ritz_params_data(alone->params), ours->bytes);
  for (int i = 0; i < ritz_optimizer_slots(ours->optimizer); i++) {
    void *whole = state_of(ours, i), *wanted = state_of(alone, i);
    if (rank == 0) assert_memory_equal(whole, wanted, ours->bytes);
    assert_pieces_are(ours, i, wanted);
    ritz_free(whole);
    ritz_free(wanted);
  }
}

static void check(ritz_dtype dtype, int large, const char *type, const char *yaml) {
  side ours = side_of(together, dtype, large, type, yaml);
  side alone = side_of(single, dtype, large, type, yaml);
  for (uint32_t step = 0; step < 5; step++) {
    double norm[2];
    fill(&ours, &alone, dtype, step);
    assert_ok(ritz_optimizer_check(ours.optimizer, ours.gradient));
    assert_ok(ritz_optimizer_norm(ours.optimizer, ours.gradient, &norm[0]));
    assert_ok(ritz_optimizer_norm(alone.optimizer, alone.gradient, &norm[1]));
    assert_true(norm[0] == norm[1]);
    assert_ok(ritz_optimizer_step(ours.optimizer, 0.01, ours.gradient));
    assert_ok(ritz_optimizer_step(alone.optimizer, 0.01, alone.gradient));
    assert_same_state(&ours, &alone);
    if (step == 2) take_state(&ours, &alone); /* from one to many */
  }
  release(&ours);
  release(&alone);
}

static void steps_are_the_same_bits_as_on_one_rank(void **state) {
  static const char *const yaml[] = {"{}", "{clip_norm: 0.7}"};
  for (int large = 0; large < 2; large++)
    for (int o = 0; o < 2; o++) {
      check(RITZ_FLOAT32, large, "adamw", yaml[o]);
      check(RITZ_FLOAT64, large, "adamw", yaml[o]);
      check(RITZ_FLOAT64, large, "sgd", yaml[o]);
    }
  check(RITZ_FLOAT32, 1, "adam", "{complex: parts, weight_decay: 0.1}");
  check(RITZ_FLOAT32, MANY, "adam", "{complex: parts, weight_decay: 0.1}");
  check(RITZ_FLOAT64, MANY, "adamw", "{clip_norm: 0.7}");
}

/* Wherever it is, and whoever has it, all say the same. */
static void a_number_that_is_not_finite_is_named_by_all(void **state) {
  side ours = side_of(together, RITZ_FLOAT64, 1, "adamw", "{}");
  double *g = ours.gradient;
  for (int i = 0; i < ritz_params_count(ours.params); i++) {
    const ritz_param_info *info = ritz_params_info(ours.params, i);
    char words[128];
    fill_uniform(7, ritz_params_length(ours.params), g);
    g[info->offset + info->count / 2] = NAN;
    g[ritz_params_length(ours.params) - 1] = INFINITY; /* behind the last parameter, or its last */
    assert_ok(ritz_optimizer_sum(ours.optimizer, g));
    const ritz_status status = ritz_optimizer_check(ours.optimizer, g);
    if (!info->trainable) continue;
    assert_int_equal(status, RITZ_ERR_NUMERIC);
    snprintf(words, sizeof words, "the gradient of %s is", info->name);
    assert_message_contains(words);
    snprintf(words, sizeof words, "at number %td of %td", info->count / 2, info->count);
    assert_message_contains(words);
  }
  release(&ours);
}

/* ---- owners -------------------------------------------------------------------------------- */

/* A domain of some of the ranks, and its shares: modes of two spectra and rows of a real matrix;
 * the frozen parameter's count for nothing. */
typedef struct owners {
  ritz_domain domain;
  ritz_index shares[6];
  ritz_optimizer_owners who;
} owners;

static const ritz_index some_shares[6] = {0, 15, 19, 211, 37, 0};

static void make_owners(owners *o, int ranks, int large) {
  const ritz_ints parts = {.count = 1, .n = {ranks}};
  *o = (owners){0};
  assert_ok(ritz_domain_create(together, &parts, &o->domain));
  if (o->domain.split) memcpy(o->shares, some_shares, sizeof o->shares);
  o->shares[3] *= large, o->shares[4] *= large;
  o->who = (ritz_optimizer_owners){o->domain.context, o->domain.siblings, o->shares};
}

/* Whether this rank uses number `at` of parameter i. */
static bool uses(const owners *o, const ritz_param_info *info, int i, ritz_index at) {
  ritz_index first, count;
  if (o->shares[i] == 0 || !info->trainable) return true;
  ritz_comm_share(o->domain.context->comm, o->shares[i], &first, &count);
  const ritz_index block = at / (info->count / o->shares[i]);
  return block >= first && block < first + count;
}

/* Leaves of a whole gradient what a rank has room for. */
static void leave_own(const owners *o, side *s) {
  ritz_index common, shares[6];
  ritz_param_part part[6];
  double *g = s->gradient, *own;
  memcpy(shares, o->shares, sizeof shares);
  for (int i = 0; i < 6; i++) shares[i] *= ritz_params_info(s->params, i)->trainable;
  const ritz_index numbers =
      ritz_params_parts(s->params, shares, o->domain.context->comm, part, &common);
  assert_int_equal(numbers, ritz_optimizer_numbers(s->optimizer));
  assert_ok(ritz_calloc(numbers, sizeof *own, (void **)&own));
  for (int i = 0; i < 6; i++)
    memcpy(own + part[i].place, g + part[i].first, (size_t)part[i].count * sizeof *own);
  memcpy(g, own, (size_t)numbers * sizeof *own);
  ritz_free(own);
}

/* Of what a rank does not use it has no gradient, and, to be found out, no weights. */
static void forget_others(const owners *o, side *s, double weight) {
  double *g = s->gradient, *p = ritz_params_data(s->params);
  for (int i = 0; i < ritz_params_count(s->params); i++) {
    const ritz_param_info *info = ritz_params_info(s->params, i);
    for (ritz_index k = 0; k < info->count; k++)
      if (!uses(o, info, i, k)) g[info->offset + k] = 0, p[info->offset + k] = weight;
  }
}

static uint64_t bytes_sent(const owners *o) {
  uint64_t bytes = ritz_comm_bytes(together->comm);
  if (!o->domain.split) return bytes; /* other contexts are the same one */
  bytes += ritz_comm_bytes(o->domain.context->comm);
  return o->domain.siblings ? bytes + ritz_comm_bytes(o->domain.siblings->comm) : bytes;
}

/* The bytes of one step, which have to be those told. */
static double step_of(const owners *o, side *s) {
  ritz_traffic told = {0};
  const uint64_t before = bytes_sent(o);
  leave_own(o, s);
  assert_ok(ritz_optimizer_sum(s->optimizer, s->gradient));
  assert_ok(ritz_optimizer_check(s->optimizer, s->gradient));
  assert_ok(ritz_optimizer_step(s->optimizer, 0.01, s->gradient));
  ritz_optimizer_traffic(s->optimizer, &told);
  assert_near(told.bytes, (double)(bytes_sent(o) - before), 0);
  return told.bytes;
}

static void assert_near_numbers(const side *ours, const double *a, const double *b) {
  for (int i = 0; i < ritz_params_count(ours->params); i++) {
    const ritz_param_info *info = ritz_params_info(ours->params, i);
    for (ritz_index k = info->offset; k < info->offset + info->count; k++)
      assert_near(a[k], b[k], 1e-13);
  }
}

static void check_owners(int ranks, int large, const char *type, const char *yaml) {
  owners o;
  make_owners(&o, ranks, large);
  side ours = owning_side(together, RITZ_FLOAT64, large, type, yaml, &o.who);
  side alone = side_of(single, RITZ_FLOAT64, large, type, yaml);
  for (uint32_t step = 0; step < 4; step++) {
    fill_uniform(100 * step + (uint32_t)rank, ritz_params_length(ours.params), ours.gradient);
    forget_others(&o, &ours, NAN);
    memcpy(alone.gradient, ours.gradient, ours.bytes);
    assert_ok(ritz_comm_sum(together->comm, RITZ_FLOAT64, ritz_params_length(ours.params),
                            alone.gradient));
    step_of(&o, &ours);
    assert_ok(ritz_optimizer_step(alone.optimizer, 0.01, alone.gradient));
    if (step % 2 == 0) continue; /* two steps without the others' weights */
    assert_ok(ritz_optimizer_complete(ours.optimizer));
    assert_near_numbers(&ours, ritz_params_data(ours.params), ritz_params_data(alone.params));
    for (int i = 0; i < ritz_optimizer_slots(ours.optimizer); i++) {
      void *whole = state_of(&ours, i), *wanted = state_of(&alone, i);
      if (rank == 0) assert_near_numbers(&ours, whole, wanted);
      ritz_free(whole);
      ritz_free(wanted);
    }
    take_state(&ours, &alone);
  }
  release(&ours);
  release(&alone);
  ritz_domain_clear(&o.domain);
}

static void owners_step_as_one_rank_does(void **state) {
  for (int ranks = 1; ranks <= size; ranks++) {
    if (size % ranks != 0) continue;
    check_owners(ranks, 1, "adamw", "{}");
    check_owners(ranks, 1, "adam", "{complex: parts, clip_norm: 0.7}");
    check_owners(ranks, 1, "sgd", "{clip_norm: 0.7}");
    check_owners(ranks, MANY, "adam", "{complex: parts, clip_norm: 0.7}");
  }
}

/* In one domain nothing of it is sent; siblings send what they own, there and back. */
static void owned_numbers_stay_in_their_place(void **state) {
  const double owned = 15 * 42 + 211 * 190 + 37 * 1426; /* numbers, of 26 more */
  for (int ranks = 2; ranks <= size; ranks++) {
    owners o;
    if (size % ranks != 0) continue;
    make_owners(&o, ranks, 1);
    side ours = owning_side(together, RITZ_FLOAT64, 1, "adamw", "{}", &o.who);
    fill_uniform((uint32_t)rank, ritz_params_length(ours.params), ours.gradient);
    const double sent = step_of(&o, &ours), siblings = size / ranks;
    assert_true(sent < 16 * (1.3 * owned / ranks * (siblings - 1) / siblings + 64 * size));
    const double most = 2 * 8 * (1.3 * owned / size + 64);
    if (ranks == size) assert_true((double)ritz_optimizer_memory(ours.optimizer) < most);
    release(&ours);
    ritz_domain_clear(&o.domain);
  }
}

/* As a_number_that_is_not_finite_is_named_by_all(), whoever owns it. */
static void owners_name_a_number_for_all(void **state) {
  owners o;
  make_owners(&o, size, 1);
  side ours = owning_side(together, RITZ_FLOAT64, 1, "adamw", "{}", &o.who);
  double *g = ours.gradient;
  for (int i = 0; i < ritz_params_count(ours.params); i++) {
    const ritz_param_info *info = ritz_params_info(ours.params, i);
    char words[128];
    if (!info->trainable) continue;
    fill_uniform(7, ritz_params_length(ours.params), g);
    g[info->offset + info->count / 2] = -INFINITY;
    leave_own(&o, &ours);
    assert_ok(ritz_optimizer_sum(ours.optimizer, g));
    assert_int_equal(ritz_optimizer_check(ours.optimizer, g), RITZ_ERR_NUMERIC);
    snprintf(words, sizeof words, "the gradient of %s is -inf at number %td of %td", info->name,
             info->count / 2, info->count);
    assert_message_contains(words);
  }
  release(&ours);
  ritz_domain_clear(&o.domain);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steps_are_the_same_bits_as_on_one_rank),
      cmocka_unit_test(a_number_that_is_not_finite_is_named_by_all),
      cmocka_unit_test(owners_step_as_one_rank_does),
      cmocka_unit_test(owned_numbers_stay_in_their_place),
      cmocka_unit_test(owners_name_a_number_for_all),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, NULL, NULL));
}
