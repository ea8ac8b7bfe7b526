/* SPDX-License-Identifier: BSD-3-Clause
 * ritz-parity [--dtype double|float] FILE...: compares operators with outputs and gradients of the
 * published implementations.
 *
 * A file holds attributes name and config (JSON, the reference's names), params/NAME and
 * buffers/NAME in the reference's layouts, x, y, r, gx, grads/NAME for s = sum(y r), and maybe
 * x_finer, y_finer. Where config has train_mode true, y is that of a training step and buffers are
 * those after it: compared if buffers_before holds those before it. Error: max|d| / max(max|g|,
 * 1e-3 of the largest max|g| in the file). Tolerance: 1e-10 in double, 5e-4 in float. One line a
 * file; exit 1 if any exceeds its tolerance or cannot be run.
 *
 * Gradients jump where a ReLU or a pooling turns, and numbers may be closer to that than float
 * resolves. A file that exceeds float's tolerance is therefore run in double, too, with input and
 * weights moved by what rounding does in float: an error below twice what that changes passes, and
 * the line says so. */
#include <math.h>
#include <ritz/graph.h>
#include <ritz/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/op.h"
#include "io/h5.h"
#include "io/yaml.h"
#include "model/reference.h"
#include "parity_array.h"
#include "parity_options.h"

enum { max_compared = 512, nudges = 16 };

/* Relative size of a nudge: some ten roundings of float, as they add up in an operator's sums. */
static const double nudge_size = 0x1p-20;

/* Largest error and size of one compared tensor, and how far nudges change it in double. */
typedef struct comparison {
  char name[160];
  double error, size, change;
} comparison;

typedef struct run {
  const char *path;
  ritz_dtype dtype;
  hid_t file;
  ritz_context *context;
  const ritz_operator_type *type;
  ritz_operator *op;
  ritz_params *params;
  bool channels_last, training;
  int nudge; /* which of them moves input and weights; 0: none */
  comparison compared[max_compared];
  int compared_count;
  ritz_status visit_status;
} run;

static void store(ritz_dtype dtype, ritz_index count, const double *from, void *to) {
  for (ritz_index i = 0; i < count; i++) ritz_number_set(dtype, to, i, from[i]);
}

static ritz_status compare(run *r, const char *name, ritz_dtype dtype, const void *ours,
                           const ritz_parity_array *theirs) {
  RITZ_REQUIRE(r->compared_count < max_compared, RITZ_ERR_UNSUPPORTED, "more than %d tensors",
               max_compared);
  comparison *c = &r->compared[r->compared_count++];
  snprintf(c->name, sizeof c->name, "%s", name);
  c->error = c->size = c->change = 0;
  for (ritz_index i = 0; i < theirs->count; i++) {
    const double v = ritz_number_get(dtype, ours, i);
    const double d = fabs(v - theirs->v[i]);
    c->error = d > c->error || isnan(d) ? (isnan(d) ? INFINITY : d) : c->error;
    c->size = fmax(c->size, fabs(theirs->v[i]));
  }
  return RITZ_OK;
}

/* Moves every number by a random part of nudge_size, relative to it; `what` keeps streams apart. */
static void nudge(const run *r, uint32_t what, ritz_index count, void *numbers) {
  const ritz_random stream = {(uint64_t)r->nudge, RITZ_RANDOM_TEST, what};
  for (ritz_index i = 0; r->nudge > 0 && i < count; i++) {
    const double v = ritz_number_get(r->dtype, numbers, i);
    const double part = 2 * ritz_random_uniform(stream, (uint64_t)i) - 1;
    ritz_number_set(r->dtype, numbers, i, v * (1 + nudge_size * part));
  }
}

static bool is_true(const ritz_value *config, const char *key) {
  const ritz_value *value = ritz_value_get(config, key);
  return value && strcmp(value->text, "true") == 0;
}

/* Options of ours from the reference's constructor arguments. */
static ritz_status our_options(run *r, const char *json, ritz_value **out) {
  RITZ_TRY(ritz_yaml_read_text(json, "config", out));
  r->training = is_true(*out, "train_mode");
  char *text;
  ritz_status status = ritz_parity_options(r->type->name, *out, &text);
  if (status == RITZ_OK && !text) /* what the reference does when grids change */
    return ritz_yaml_set(*out, "resample=reference");
  ritz_value_destroy(out);
  if (status == RITZ_OK) status = ritz_yaml_read_text(text, "config", out);
  ritz_free(text);
  return status;
}

static ritz_status create_operator(run *r) {
  char *name = NULL, *json = NULL, *layout = NULL;
  ritz_value *options = NULL;
  ritz_status status;
  RITZ_TRY_DONE(ritz_h5_read_text(r->file, "name", &name));
  RITZ_TRY_DONE(ritz_h5_read_text(r->file, "config", &json));
  RITZ_TRY_DONE(ritz_h5_read_text(r->file, "layout", &layout));
  r->channels_last = strcmp(layout, "channels_last") == 0;
  RITZ_TRY_DONE(ritz_reference_operator(name, &r->type));
  RITZ_TRY_DONE(our_options(r, json, &options));
  RITZ_TRY_DONE(ritz_operator_create_from(r->context, r->type->name, options, &r->op));
  RITZ_TRY_DONE(ritz_params_create(r->context, r->dtype, 0, &r->params));
done:
  ritz_value_destroy(&options);
  ritz_free(name);
  ritz_free(json);
  ritz_free(layout);
  return status;
}

static ritz_status plan(run *r, const ritz_parity_array *x, bool gradients, ritz_var *in,
                        ritz_var *out, ritz_plan **result) {
  ritz_graph *graph;
  ritz_shape shape = {.rank = x->rank};
  memcpy(shape.n, x->n, sizeof shape.n);
  RITZ_TRY(ritz_graph_create(r->context, r->dtype, &graph));
  ritz_graph_set_training(graph, r->training, 0);
  *in = ritz_input(graph, "x", shape);
  *out = ritz_operator_build(r->op, graph, r->params, *in);
  const ritz_plan_options options = {.gradients = gradients, .input_gradients = gradients};
  const ritz_status status = ritz_graph_plan(graph, 1, out, &options, result);
  if (status != RITZ_OK) ritz_graph_destroy(&graph);
  return status;
}

/* PyTorch's count of the batches a norm has seen; no number depends on it. */
static bool is_counter(const char *name) {
  static const char counter[] = ".num_batches_tracked";
  const size_t length = strlen(name), tail = sizeof counter - 1;
  return length > tail && strcmp(name + length - tail, counter) == 0;
}

static ritz_status load_one(run *r, hid_t where, const char *name) {
  ritz_parity_array a;
  if (is_counter(name)) return RITZ_OK;
  ritz_reference_match match;
  ritz_status status = ritz_parity_read(where, name, &a);
  if (status == RITZ_OK)
    status = ritz_reference_find(r->type, r->params, name, a.rank, a.n, &match);
  if (status == RITZ_OK)
    ritz_reference_put(r->params, &match, r->dtype, a.v, ritz_params_data(r->params));
  ritz_free(a.v);
  return status;
}

static bool load_visitor(void *user, hid_t where, const char *path) {
  run *r = user;
  return (r->visit_status = load_one(r, where, path)) == RITZ_OK;
}

static ritz_status load_group(run *r, const char *path) {
  hid_t group;
  if (!ritz_h5_exists(r->file, path)) return RITZ_OK;
  RITZ_TRY(ritz_h5_group(r->file, path, false, &group));
  ritz_status status = ritz_h5_visit(group, load_visitor, r);
  ritz_h5_group_close(&group);
  return status == RITZ_OK ? r->visit_status : status;
}

/* A flat array laid out as the parameters: these, or their gradients. */
typedef struct array_visit {
  run *r;
  const void *flat;
} array_visit;

static ritz_status compare_one(run *r, const void *flat, hid_t where, const char *name) {
  ritz_parity_array theirs;
  if (is_counter(name)) return RITZ_OK;
  ritz_reference_match match;
  double *ours = NULL;
  ritz_status status = ritz_parity_read(where, name, &theirs);
  if (status == RITZ_OK)
    status = ritz_reference_find(r->type, r->params, name, theirs.rank, theirs.n, &match);
  if (status == RITZ_OK) status = RITZ_NEW(theirs.count, &ours);
  if (status == RITZ_OK) {
    ritz_reference_get(r->params, &match, r->dtype, flat, ours);
    status = compare(r, name, RITZ_FLOAT64, ours, &theirs);
  }
  ritz_free(ours);
  ritz_free(theirs.v);
  return status;
}

static bool compare_visitor(void *user, hid_t where, const char *path) {
  array_visit *visit = user;
  run *r = visit->r;
  return (r->visit_status = compare_one(r, visit->flat, where, path)) == RITZ_OK;
}

static ritz_status compare_group(run *r, const char *path, const void *flat) {
  hid_t group;
  array_visit visit = {r, flat};
  RITZ_TRY(ritz_h5_group(r->file, path, false, &group));
  ritz_status status = ritz_h5_visit(group, compare_visitor, &visit);
  ritz_h5_group_close(&group);
  return status == RITZ_OK ? r->visit_status : status;
}

static ritz_status check_main(run *r) {
  ritz_parity_array x = {0}, y = {0}, cotangent = {0}, gx = {0};
  ritz_plan *p = NULL;
  ritz_var in, out;
  ritz_status status;
  RITZ_TRY_DONE(ritz_parity_read_field(r->file, r->channels_last, "x", &x));
  RITZ_TRY_DONE(ritz_parity_read_field(r->file, r->channels_last, "y", &y));
  RITZ_TRY_DONE(ritz_parity_read_field(r->file, r->channels_last, "r", &cotangent));
  RITZ_TRY_DONE(ritz_parity_read_field(r->file, r->channels_last, "gx", &gx));
  RITZ_TRY_DONE(plan(r, &x, true, &in, &out, &p));
  RITZ_TRY_DONE(load_group(r, "params"));
  const bool before = ritz_h5_exists(r->file, "buffers_before");
  RITZ_TRY_DONE(load_group(r, before ? "buffers_before" : "buffers"));
  const ritz_shape shape = ritz_var_shape(out);
  RITZ_TRY_DONE(ritz_shape_count(&shape) == y.count && cotangent.count == y.count
                    ? RITZ_OK
                    : RITZ_FAIL(RITZ_ERR_SHAPE, "y has %td numbers, the operator gives %td",
                                y.count, ritz_shape_count(&shape)));
  store(r->dtype, x.count, x.v, ritz_plan_value(p, in));
  store(r->dtype, y.count, cotangent.v, ritz_plan_cotangent(p));
  nudge(r, 0, x.count, ritz_plan_value(p, in));
  nudge(r, 1, ritz_params_length(r->params), ritz_params_data(r->params));
  ritz_plan_forward(p);
  ritz_plan_backward(p);
  RITZ_TRY_DONE(compare(r, "y", r->dtype, ritz_plan_value(p, out), &y));
  RITZ_TRY_DONE(compare(r, "gx", r->dtype, ritz_plan_input_gradient(p, in), &gx));
  RITZ_TRY_DONE(compare_group(r, "grads", ritz_plan_parameter_gradient(p)));
  if (before) RITZ_TRY_DONE(compare_group(r, "buffers", ritz_params_data(r->params)));
done:
  ritz_plan_destroy(&p);
  ritz_free(x.v);
  ritz_free(y.v);
  ritz_free(cotangent.v);
  ritz_free(gx.v);
  return status;
}

static ritz_status check_finer(run *r) {
  ritz_parity_array x = {0}, y = {0};
  ritz_plan *p = NULL;
  ritz_var in, out;
  ritz_status status;
  if (!ritz_h5_exists(r->file, "x_finer")) return RITZ_OK;
  RITZ_TRY_DONE(ritz_parity_read_field(r->file, r->channels_last, "x_finer", &x));
  RITZ_TRY_DONE(ritz_parity_read_field(r->file, r->channels_last, "y_finer", &y));
  RITZ_TRY_DONE(plan(r, &x, false, &in, &out, &p));
  store(r->dtype, x.count, x.v, ritz_plan_value(p, in));
  ritz_plan_forward(p);
  RITZ_TRY_DONE(compare(r, "y_finer", r->dtype, ritz_plan_value(p, out), &y));
done:
  ritz_plan_destroy(&p);
  ritz_free(x.v);
  ritz_free(y.v);
  return status;
}

/* The run of one file; close_run() it also after a failure. */
static ritz_status open_run(run *r) {
  r->file = H5I_INVALID_HID;
  RITZ_TRY(ritz_h5_open(r->path, &r->file));
  return create_operator(r);
}

static void close_run(run *r) {
  ritz_params_destroy(&r->params);
  ritz_operator_destroy(&r->op);
  ritz_h5_close(&r->file);
}

/* Nudged runs in double against the file, into the changes of r. */
static ritz_status measure_changes(run *r) {
  run *nudged;
  RITZ_TRY(RITZ_NEW(1, &nudged));
  *nudged = (run){.path = r->path, .dtype = RITZ_FLOAT64, .context = r->context};
  ritz_status status = open_run(nudged);
  for (int k = 1; k <= nudges && status == RITZ_OK; k++) {
    nudged->nudge = k;
    nudged->compared_count = 0;
    status = check_main(nudged);
    for (int i = 0; i < nudged->compared_count; i++)
      r->compared[i].change = fmax(r->compared[i].change, nudged->compared[i].error);
  }
  close_run(nudged);
  ritz_free(nudged);
  return status;
}

/* What the errors of a file come to. */
typedef struct verdict {
  double y, gx, worst, beyond; /* relative errors; beyond: the worst that nudges do not explain */
  const char *where;           /* the worst */
} verdict;

static verdict judge(const run *r) {
  verdict v = {.where = ""};
  double largest = 0;
  for (int i = 0; i < r->compared_count; i++) largest = fmax(largest, r->compared[i].size);
  for (int i = 0; i < r->compared_count; i++) {
    const comparison *c = &r->compared[i];
    const double error = c->error / fmax(fmax(c->size, 1e-3 * largest), 1e-300);
    if (strcmp(c->name, "y") == 0) v.y = error;
    if (strcmp(c->name, "gx") == 0) v.gx = error;
    if (!(error <= v.worst)) v.worst = error, v.where = c->name;
    if (!(c->error <= 2 * c->change || error <= v.beyond)) v.beyond = error;
  }
  return v;
}

/* Compares, and prints the file's line. */
static ritz_status check_file(run *r, double tolerance, bool *pass) {
  RITZ_TRY(open_run(r));
  RITZ_TRY(check_main(r));
  RITZ_TRY(check_finer(r));
  verdict v = judge(r);
  const bool at_kink = v.worst > tolerance && r->dtype == RITZ_FLOAT32;
  if (at_kink) {
    RITZ_TRY(measure_changes(r));
    v = judge(r);
  }
  *pass = v.beyond <= tolerance;
  printf("%s  %s  y %.2e  gx %.2e  worst of %d %.2e (%s)%s\n", *pass ? "pass" : "FAIL", r->path,
         v.y, v.gx, r->compared_count, v.worst, v.where,
         *pass && at_kink ? ", as far as double at a kink" : "");
  return RITZ_OK;
}

static bool parity(const char *path, ritz_dtype dtype, ritz_context *context) {
  run *r = calloc(1, sizeof *r);
  if (!r) return false;
  r->path = path;
  r->dtype = dtype;
  r->context = context;
  bool pass = false;
  if (check_file(r, dtype == RITZ_FLOAT64 ? 1e-10 : 5e-4, &pass) != RITZ_OK)
    printf("FAIL  %s  %s\n", path, ritz_error_message());
  close_run(r);
  free(r);
  return pass;
}

static int usage(FILE *stream, int code) {
  fprintf(stream,
          "usage: ritz-parity [--dtype double|float] FILE...\n"
          "Compares operators with outputs and gradients of the published implementations.\n");
  return code;
}

int main(int argc, char **argv) {
  ritz_dtype dtype = RITZ_FLOAT64;
  int first = 1;
  if (argc > 1 && strcmp(argv[1], "--help") == 0) return usage(stdout, 0);
  if (argc > 2 && strcmp(argv[1], "--dtype") == 0) {
    if (!ritz_dtype_parse(argv[2], &dtype)) return usage(stderr, 2);
    first = 3;
  }
  if (first >= argc || argv[first][0] == '-') return usage(stderr, 2);
  const ritz_context_options options = {.threads = 2, .log_level = RITZ_LOG_WARNING};
  ritz_context *context;
  if (ritz_context_create(&options, &context) != RITZ_OK) {
    fprintf(stderr, "ritz-parity: %s\n", ritz_error_message());
    return 1;
  }
  int failed = 0;
  for (int i = first; i < argc; i++) failed += !parity(argv[i], dtype, context);
  ritz_context_destroy(&context);
  return failed > 0;
}
