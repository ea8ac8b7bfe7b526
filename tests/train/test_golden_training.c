/* SPDX-License-Identifier: BSD-3-Clause
 * Eight steps of training on the bundled Darcy data from hashed weights, against the losses and
 * test errors of neuraloperator 2.0: operator, loss, gradients, AdamW and schedule together.
 *
 * First 256 samples in file order, batches of 64, y normalised by its mean and deviation, AdamW
 * (rate 5e-3, decay 1e-4), cosine over 30 epochs of 4 steps, losses summed over the batch. */
#include <math.h>
#include <ritz/dataset.h>
#include <ritz/operator.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "graph/op.h"
#include "io/yaml.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"

enum { batch = 64, epoch_steps = 4, steps = 8, points = 16 * 16, tests = 50 };
#define FNO "{n_modes: [8, 8], hidden_channels: 8}"

typedef struct golden_training {
  const char *loss;
  double scale;
  double losses[steps];
  double h1, l2; /* mean test errors, in units of the data */
} golden_training;

static const golden_training runs[] = {
    {"rel_h1",
     0.6,
     {63.98304, 63.83841, 63.64928, 63.40759, 62.86154, 62.17305, 61.23415, 60.39832},
     0.913612,
     0.959327},
    {"rel_l2",
     0.8,
     {236.5691, 149.5317, 94.29478, 70.21947, 68.27907, 70.0386, 72.13196, 72.24142},
     0.999481,
     0.70299},
};

/* Samples of a file in the number format of the run, with statistics of y. */
typedef struct samples {
  void *x, *y;
  double mean, deviation;
} samples;

static samples read_samples(ritz_context *context, ritz_dtype dtype, const char *file,
                            const char *options, ritz_index count) {
  samples s;
  ritz_dataset *set;
  ritz_dataset_stats statistics = {.y_mean = &s.mean, .y_std = &s.deviation};
  assert_ok(ritz_dataset_open(context, file, options, &set));
  assert_int_equal(ritz_dataset_get_info(set)->samples, count);
  s.x = malloc((size_t)(count * points) * ritz_dtype_size(dtype));
  s.y = malloc((size_t)(count * points) * ritz_dtype_size(dtype));
  assert_ok(ritz_dataset_read(set, count, NULL, dtype, s.x, s.y));
  assert_ok(ritz_dataset_statistics(set, &statistics));
  ritz_dataset_close(&set);
  return s;
}

static void free_samples(samples *s) {
  free(s->x);
  free(s->y);
}

/* v = scale v + shift, in place. */
static void transform(ritz_dtype dtype, ritz_index count, double scale, double shift, void *v) {
  for (ritz_index i = 0; i < count; i++)
    ritz_number_set(dtype, v, i, scale * ritz_number_get(dtype, v, i) + shift);
}

static ritz_var add_loss(ritz_graph *graph, const char *name, ritz_var prediction, ritz_var truth) {
  const ritz_loss_type *type;
  assert_ok(ritz_loss_type_find(name, &type));
  return ritz_loss(graph, type, prediction, truth, NULL);
}

typedef struct training {
  ritz_dtype dtype;
  ritz_context *context;
  ritz_operator *op;
  ritz_params *params;
  ritz_plan *plan;
  ritz_var x, y, loss;
  ritz_optimizer *optimizer;
  ritz_schedule *schedule;
} training;

static ritz_value *tree(const char *text) {
  ritz_value *value;
  assert_ok(ritz_yaml_read_text(text, "test", &value));
  return value;
}

static training start(const golden_training *run, ritz_dtype dtype) {
  training t = {.dtype = dtype};
  ritz_graph *graph;
  golden_list list;
  const ritz_operator_type *type;
  const ritz_context_options options = {.threads = 2};
  const ritz_plan_options plan_options = {.gradients = true};
  assert_ok(ritz_context_create(&options, &t.context));
  assert_ok(ritz_operator_create(t.context, "fno", FNO, &t.op));
  assert_ok(ritz_params_create(t.context, dtype, 1, &t.params));
  assert_ok(ritz_graph_create(t.context, dtype, &graph));
  ritz_graph_set_training(graph, true, 0);
  t.x = ritz_input(graph, "x", RITZ_SHAPE(batch, 16, 16, 1));
  t.y = ritz_input(graph, "y", RITZ_SHAPE(batch, 16, 16, 1));
  t.loss = add_loss(graph, run->loss, ritz_operator_build(t.op, graph, t.params, t.x), t.y);
  assert_ok(ritz_graph_plan(graph, 1, &t.loss, &plan_options, &t.plan));

  assert_ok(ritz_operator_type_find("fno", &type));
  golden_list_of(type, t.params, 0, &list);
  golden_fill_parameters(&list, t.params, run->scale);
  ritz_value *adamw = tree("{weight_decay: 1e-4}"), *cosine = tree("{t_max: 30}");
  assert_ok(ritz_optimizer_create(t.context, t.params, "adamw", adamw, NULL, &t.optimizer));
  assert_ok(ritz_schedule_create("cosine", cosine, &t.schedule));
  ritz_value_destroy(&adamw);
  ritz_value_destroy(&cosine);
  return t;
}

static void finish(training *t) {
  ritz_schedule_destroy(&t->schedule);
  ritz_optimizer_destroy(&t->optimizer);
  ritz_plan_destroy(&t->plan);
  ritz_params_destroy(&t->params);
  ritz_operator_destroy(&t->op);
  ritz_context_destroy(&t->context);
}

/* One step on the samples from `first` on. @return the loss before it, summed over the batch. */
static double step(training *t, const samples *data, ritz_index number, ritz_index first) {
  const size_t size = ritz_dtype_size(t->dtype), bytes = (size_t)(batch * points) * size;
  const ritz_schedule_place place = {number, epoch_steps, 30};
  double sum = 0;
  memcpy(ritz_plan_value(t->plan, t->x), (char *)data->x + (size_t)(first * points) * size, bytes);
  memcpy(ritz_plan_value(t->plan, t->y), (char *)data->y + (size_t)(first * points) * size, bytes);
  ritz_plan_forward(t->plan);
  ritz_plan_backward(t->plan);
  for (ritz_index b = 0; b < batch; b++)
    sum += ritz_number_get(t->dtype, ritz_plan_value(t->plan, t->loss), b);
  assert_ok(ritz_optimizer_step(t->optimizer, ritz_schedule_rate(t->schedule, 5e-3, &place),
                                ritz_plan_parameter_gradient(t->plan)));
  return sum;
}

/* The operator's output for all samples, in units of the data; it takes the place of x. */
static void predict(training *t, samples *data, double mean, double deviation) {
  ritz_graph *graph;
  ritz_plan *plan;
  const size_t bytes = (size_t)(tests * points) * ritz_dtype_size(t->dtype);
  assert_ok(ritz_graph_create(t->context, t->dtype, &graph));
  ritz_var x = ritz_input(graph, "x", RITZ_SHAPE(tests, 16, 16, 1));
  ritz_var y = ritz_operator_build(t->op, graph, t->params, x);
  assert_ok(ritz_graph_plan(graph, 1, &y, NULL, &plan));
  memcpy(ritz_plan_value(plan, x), data->x, bytes);
  ritz_plan_forward(plan);
  memcpy(data->x, ritz_plan_value(plan, y), bytes);
  transform(t->dtype, tests * points, deviation, mean, data->x);
  ritz_plan_destroy(&plan);
}

/* Mean of a loss between prediction (in place of x) and truth. */
static double mean_error(training *t, const char *name, const samples *data) {
  ritz_graph *graph;
  ritz_plan *plan;
  const size_t bytes = (size_t)(tests * points) * ritz_dtype_size(t->dtype);
  double sum = 0;
  assert_ok(ritz_graph_create(t->context, t->dtype, &graph));
  ritz_var prediction = ritz_input(graph, "prediction", RITZ_SHAPE(tests, 16, 16, 1));
  ritz_var truth = ritz_input(graph, "truth", RITZ_SHAPE(tests, 16, 16, 1));
  ritz_var loss = add_loss(graph, name, prediction, truth);
  assert_ok(ritz_graph_plan(graph, 1, &loss, NULL, &plan));
  memcpy(ritz_plan_value(plan, prediction), data->x, bytes);
  memcpy(ritz_plan_value(plan, truth), data->y, bytes);
  ritz_plan_forward(plan);
  for (ritz_index b = 0; b < tests; b++)
    sum += ritz_number_get(t->dtype, ritz_plan_value(plan, loss), b);
  ritz_plan_destroy(&plan);
  return sum / tests;
}

/* Relative error 1e-5: eight steps amplify the float roundings of the reference, which were about
 * 4e-7 of the losses. */
static void check_run(const golden_training *run, ritz_dtype dtype) {
  training t = start(run, dtype);
  samples train = read_samples(t.context, dtype, RITZ_REAL_DATA "/darcy_train_16.h5",
                               "{first: 256}", epoch_steps * batch);
  samples test = read_samples(t.context, dtype, RITZ_REAL_DATA "/darcy_test_16.h5", NULL, tests);
  assert_near(train.mean, 0.39437276, 1e-6); /* of float sums */
  assert_near(train.deviation, 0.35011151, 1e-6);
  transform(dtype, epoch_steps * batch * points, 1 / train.deviation, -train.mean / train.deviation,
            train.y);
  for (int k = 0; k < steps; k++) {
    const double loss = step(&t, &train, k, k % epoch_steps * batch);
    assert_near(loss, run->losses[k], 1e-5 * run->losses[k]);
  }
  predict(&t, &test, train.mean, train.deviation);
  assert_near(mean_error(&t, "rel_h1", &test), run->h1, 1e-5 * run->h1);
  assert_near(mean_error(&t, "rel_l2", &test), run->l2, 1e-5 * run->l2);
  free_samples(&train);
  free_samples(&test);
  finish(&t);
}

static void training_in_double_follows_the_reference(void **state) {
  for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) check_run(&runs[i], RITZ_FLOAT64);
}

static void training_in_float_follows_the_reference(void **state) {
  for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) check_run(&runs[i], RITZ_FLOAT32);
}

int main(void) {
  const struct CMUnitTest cases[] = {
      cmocka_unit_test(training_in_double_follows_the_reference),
      cmocka_unit_test(training_in_float_follows_the_reference),
  };
  return cmocka_run_group_tests(cases, NULL, NULL);
}
