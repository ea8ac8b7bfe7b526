/* SPDX-License-Identifier: BSD-3-Clause
 * Every public function with a status, with every allocation it makes failing in turn: the status
 * says so, a pointer that was to be handed over is NULL, and nothing leaks. Those that say they
 * allocate nothing do not. tests/abi.txt says which functions there are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "objects.h"

/* The allocation that fails, for calls which prepare something first. */
static long failing;

/* Calls ---------------------------------------------------------------------------------------*/

#define CALL(name) static ritz_status name(void **out)
#define OUT(type)  ((type **)out)
#define CREATES(type, name, call)    \
  CALL(call_##name) { return call; } \
  static void drop_##name(void **out) { type##_destroy(OUT(type)); }

CREATES(ritz_context, ritz_context_create, ritz_context_create(NULL, OUT(ritz_context)))
CREATES(ritz_graph, ritz_graph_create, ritz_graph_create(context, RITZ_FLOAT64, OUT(ritz_graph)))
CREATES(ritz_params, ritz_params_create,
        ritz_params_create(context, RITZ_FLOAT64, 1, OUT(ritz_params)))
CREATES(ritz_layout, ritz_layout_create,
        ritz_layout_create(context, 2, grid, (const int[]){1, 1}, NULL, OUT(ritz_layout)))
CREATES(ritz_split_diffusion, ritz_split_diffusion_create,
        ritz_split_diffusion_create(layout, step, NULL, OUT(ritz_split_diffusion)))
CREATES(ritz_split_poisson, ritz_split_poisson_create,
        ritz_split_poisson_create(layout, step, 0, OUT(ritz_split_poisson)))
CREATES(ritz_operator, ritz_operator_create,
        ritz_operator_create(context, "fno", "{n_modes: [4, 4]}", OUT(ritz_operator)))
CREATES(ritz_generator, ritz_generator_create,
        ritz_generator_create(context, "burgers", "{resolution: 16}", OUT(ritz_generator)))
CREATES(ritz_model, ritz_model_load,
        ritz_model_load(context, in_folder("model.h5"), OUT(ritz_model)))
CREATES(ritz_evaluation, ritz_evaluate,
        ritz_evaluate(model, in_folder("data.h5"), NULL, OUT(ritz_evaluation)))
CREATES(ritz_evaluation, ritz_evaluate_split,
        ritz_evaluate_split(model, 2, whole, in_folder("data.h5"), NULL, OUT(ritz_evaluation)))
CREATES(ritz_predictor, ritz_predictor_create,
        ritz_predictor_create(model, 2, grid, 1, OUT(ritz_predictor)))
CREATES(ritz_predictor, ritz_predictor_create_split,
        ritz_predictor_create_split(model, layout, 1, 1, OUT(ritz_predictor)))
CREATES(ritz_predictor, ritz_predictor_create_rollout,
        ritz_predictor_create_rollout(model, 2, grid, 1, 1, OUT(ritz_predictor)))
CREATES(ritz_plan_cost, ritz_plan_measure, ritz_plan_measure(plan, 1, OUT(ritz_plan_cost)))
CREATES(ritz_krylov, ritz_krylov_create,
        ritz_krylov_create(RITZ_REAL_DOUBLE, nodes, NULL, OUT(ritz_krylov)))
CREATES(ritz_recycle, ritz_recycle_create,
        ritz_recycle_create(RITZ_REAL_DOUBLE, nodes, 3, OUT(ritz_recycle)))
CREATES(ritz_sparse, ritz_sparse_create,
        ritz_sparse_create(RITZ_REAL_DOUBLE, 2, 2, (const ritz_index[]){0, 1, 2},
                           (const ritz_index[]){0, 1}, NULL, OUT(ritz_sparse)))
CREATES(ritz_sparse, ritz_sparse_from_entries,
        ritz_sparse_from_entries(RITZ_REAL_DOUBLE, 2, 2, 2, (const ritz_index[]){1, 0},
                                 (const ritz_index[]){0, 1}, vector, OUT(ritz_sparse)))
CREATES(ritz_sparse, ritz_sparse_from_elements,
        ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &elements, vector, OUT(ritz_sparse)))
CREATES(ritz_sparse, ritz_sparse_from_stencil,
        ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &sparse_grid, 5, NULL,
                                 (const double[5 * nodes]){0}, OUT(ritz_sparse)))
CREATES(ritz_sparse, ritz_sparse_read,
        ritz_sparse_read(in_folder("matrix.mtx"), RITZ_REAL_DOUBLE, OUT(ritz_sparse)))
CREATES(ritz_preconditioner, ritz_preconditioner_create,
        ritz_preconditioner_create("ilu", "{fill: 1}", matrix, OUT(ritz_preconditioner)))
CREATES(ritz_learned_preconditioner, ritz_learned_preconditioner_create,
        ritz_learned_preconditioner_create(line_model, &sparse_grid, matrix,
                                           &(ritz_learned_options){.fields = 1, .field = vector},
                                           OUT(ritz_learned_preconditioner)))

CALL(call_ritz_dataset_open) {
  return ritz_dataset_open(context, in_folder("data.h5"), "{samples: [0, 2]}", OUT(ritz_dataset));
}
static void drop_ritz_dataset_open(void **out) { ritz_dataset_close(OUT(ritz_dataset)); }

/* A graph that fails to be planned stays the caller's. */
CALL(call_ritz_graph_plan) {
  ritz_graph *graph;
  ritz_test_fail_allocation(-1);
  assert_ok(ritz_graph_create(context, RITZ_FLOAT64, &graph));
  ritz_var in = ritz_input(graph, "x", RITZ_SHAPE(1, 8, 2));
  ritz_var end = ritz_tanh(graph, ritz_spectral_resize(graph, in, (ritz_index[]){12}));
  const ritz_plan_options both = {.gradients = true, .input_gradients = true};
  ritz_test_fail_allocation(failing);
  const ritz_status status = ritz_graph_plan(graph, 1, &end, &both, OUT(ritz_plan));
  if (status != RITZ_OK) ritz_graph_destroy(&graph);
  return status;
}
static void drop_ritz_graph_plan(void **out) { ritz_plan_destroy(OUT(ritz_plan)); }

#define WRITES(name, call) \
  CALL(call_##name) { return call; }
WRITES(ritz_generator_help, ritz_generator_help("darcy", OUT(char)))
WRITES(ritz_generator_options, ritz_generator_options(generator, OUT(char)))
WRITES(ritz_operator_options, ritz_operator_options(op, OUT(char)))
WRITES(ritz_preconditioner_help, ritz_preconditioner_help("ilu", OUT(char)))
WRITES(ritz_plan_describe, ritz_plan_describe(plan, OUT(char)))
WRITES(ritz_predictor_describe, ritz_predictor_describe(predictor, OUT(char)))
static void drop_text(void **out) { ritz_text_free(*out), *out = NULL; }

/* Calls that hand over nothing. */
#define DOES(name, call) \
  CALL(call_##name) { return call; }
DOES(ritz_dataset_statistics, ritz_dataset_statistics(dataset, &(ritz_dataset_stats){0}))
DOES(ritz_generator_run, ritz_generator_run(generator, 1, 0, 1, RITZ_FLOAT64, x, y, report))
DOES(ritz_generator_run_lists,
     ritz_generator_run_lists(generator, 1, 0, 1, RITZ_FLOAT64, x, y, NULL, report))
DOES(ritz_plan_status, ritz_plan_status(plan))
DOES(ritz_krylov_solve, ritz_krylov_solve(solver, vector, answer, report))
DOES(ritz_krylov_solve_many, ritz_krylov_solve_many(solver, 2, long_vector, long_answer, report))
DOES(ritz_krylov_set_recycle, ritz_krylov_set_recycle(solver, space))
DOES(ritz_krylov_set_flexible_preconditioner,
     ritz_krylov_set_flexible_preconditioner(solver, NULL, NULL))
DOES(ritz_learned_preconditioner_guess, ritz_learned_preconditioner_guess(learned, vector, answer))
DOES(ritz_learned_preconditioner_update, ritz_learned_preconditioner_update(learned, vector))
DOES(ritz_model_check, ritz_model_check(model, answer))
DOES(ritz_predictor_run_f32, ritz_predictor_run_f32(predictor, fx, fy))
DOES(ritz_predictor_run_f64, ritz_predictor_run_f64(predictor, x, y))
DOES(ritz_predictor_run_strided_f32,
     ritz_predictor_run_strided_f32(predictor, fx, x_stride, fy, y_stride))
DOES(ritz_predictor_run_strided_f64,
     ritz_predictor_run_strided_f64(predictor, x, x_stride, y, y_stride))
DOES(ritz_predictor_vjp_f32, ritz_predictor_vjp_f32(predictor, fy, fx))
DOES(ritz_predictor_vjp_f64, ritz_predictor_vjp_f64(predictor, y, x))
DOES(ritz_predictor_vjp_strided_f32,
     ritz_predictor_vjp_strided_f32(predictor, fy, y_stride, fx, x_stride))
DOES(ritz_predictor_vjp_strided_f64,
     ritz_predictor_vjp_strided_f64(predictor, y, y_stride, x, x_stride))
DOES(ritz_split_diffusion_set, ritz_split_diffusion_set(diffusion, ones, RITZ_FACE_HARMONIC))
DOES(ritz_split_diffusion_solve, ritz_split_diffusion_solve(diffusion, vector, answer, report))
DOES(ritz_preconditioner_update, ritz_preconditioner_update(preconditioner))
DOES(ritz_recycle_load, ritz_recycle_load(space, in_folder("space.h5")))
DOES(ritz_recycle_save, ritz_recycle_save(space, in_folder("space.h5")))
DOES(ritz_recycle_set, ritz_recycle_set(space, 1, vector))
DOES(ritz_sequence_order,
     ritz_sequence_order(&(ritz_sequence_order_options){.sort = RITZ_SORT_HILBERT, .group = 1}, 2,
                         1, (const ritz_index[]){2}, vector, (ritz_index[2]){0}))
DOES(ritz_sparse_elements_update, ritz_sparse_elements_update(matrix, &elements, answer))
DOES(ritz_sparse_plan_transposed, ritz_sparse_plan_transposed(matrix))
DOES(ritz_sparse_write, ritz_sparse_write(matrix, in_folder("matrix.mtx")))

static bool go_on(void *user, int iteration, double residual) { return true; }

/* Room for a first read stays with the data set. */
static ritz_status read_anew(bool all) {
  ritz_dataset *own;
  ritz_test_fail_allocation(-1);
  assert_ok(ritz_dataset_open(context, in_folder("data.h5"), stacked, &own));
  ritz_test_fail_allocation(failing);
  const ritz_status status =
      all ? ritz_dataset_read(own, 2, NULL, RITZ_FLOAT64, x, y)
          : ritz_dataset_read_part(own, none, part, 2, NULL, RITZ_FLOAT64, x, y);
  ritz_dataset_close(&own);
  return status;
}
CALL(call_ritz_dataset_read) { return read_anew(true); }
CALL(call_ritz_dataset_read_part) { return read_anew(false); }

/* A predictor that is planned stays so. */
CALL(call_ritz_predictor_plan_vjp) {
  ritz_predictor *own;
  ritz_test_fail_allocation(-1);
  assert_ok(ritz_predictor_create(model, 2, grid, 1, &own));
  ritz_test_fail_allocation(failing);
  const ritz_status status = ritz_predictor_plan_vjp(own);
  ritz_predictor_destroy(&own);
  return status;
}

/* Monitors stay where they are, so that each attempt has a solver of its own. */
CALL(call_ritz_krylov_add_monitor) {
  ritz_krylov *own;
  ritz_test_fail_allocation(-1);
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 3, NULL, &own));
  ritz_test_fail_allocation(failing);
  const ritz_status status = ritz_krylov_add_monitor(own, go_on, NULL);
  ritz_krylov_destroy(&own);
  return status;
}

static int set_system(void *worker, ritz_index sample, ritz_krylov *s, const void **b, void **z) {
  ritz_krylov_set_operator(s, ritz_sparse_apply, matrix);
  *b = vector;
  *z = answer;
  return 0;
}
CALL(call_ritz_sequence_solve) {
  void *const worker[1] = {NULL};
  const ritz_sequence s = {.scalar = RITZ_REAL_DOUBLE,
                           .n = nodes,
                           .count = 1,
                           .chunk = 1,
                           .workers = 1,
                           .worker = worker,
                           .set = set_system};
  return ritz_sequence_solve(&s, report);
}

/* The table -----------------------------------------------------------------------------------*/

typedef struct subject {
  const char *name;
  ritz_status (*call)(void **out);
  void (*drop)(void **out); /* NULL: hands over nothing */
  bool frugal;              /* allocates nothing */
} subject;

#define MAKES(name) \
  { #name, call_##name, drop_##name, false }
#define TELLS(name) \
  { #name, call_##name, drop_text, false }
#define TAKES(name) \
  { #name, call_##name, NULL, false }
#define FRUGAL(name) \
  { #name, call_##name, NULL, true }
static const subject subjects[] = {
    MAKES(ritz_context_create),
    MAKES(ritz_dataset_open),
    TAKES(ritz_dataset_read),
    TAKES(ritz_dataset_read_part),
    TAKES(ritz_dataset_statistics),
    MAKES(ritz_evaluate),
    MAKES(ritz_evaluate_split),
    MAKES(ritz_generator_create),
    TELLS(ritz_generator_help),
    TELLS(ritz_generator_options),
    FRUGAL(ritz_generator_run),
    FRUGAL(ritz_generator_run_lists),
    MAKES(ritz_graph_create),
    MAKES(ritz_graph_plan),
    FRUGAL(ritz_plan_status),
    TAKES(ritz_krylov_add_monitor),
    MAKES(ritz_krylov_create),
    FRUGAL(ritz_krylov_set_flexible_preconditioner),
    FRUGAL(ritz_krylov_set_recycle),
    FRUGAL(ritz_krylov_solve),
    FRUGAL(ritz_krylov_solve_many),
    MAKES(ritz_layout_create),
    MAKES(ritz_learned_preconditioner_create),
    FRUGAL(ritz_learned_preconditioner_guess),
    FRUGAL(ritz_learned_preconditioner_update),
    TAKES(ritz_model_check),
    MAKES(ritz_model_load),
    MAKES(ritz_operator_create),
    TELLS(ritz_operator_options),
    MAKES(ritz_params_create),
    TELLS(ritz_plan_describe),
    MAKES(ritz_plan_measure),
    MAKES(ritz_preconditioner_create),
    TELLS(ritz_preconditioner_help),
    FRUGAL(ritz_preconditioner_update),
    MAKES(ritz_predictor_create),
    MAKES(ritz_predictor_create_rollout),
    MAKES(ritz_predictor_create_split),
    TELLS(ritz_predictor_describe),
    TAKES(ritz_predictor_plan_vjp),
    FRUGAL(ritz_predictor_run_f32),
    FRUGAL(ritz_predictor_run_f64),
    FRUGAL(ritz_predictor_run_strided_f32),
    FRUGAL(ritz_predictor_run_strided_f64),
    FRUGAL(ritz_predictor_vjp_f32),
    FRUGAL(ritz_predictor_vjp_f64),
    FRUGAL(ritz_predictor_vjp_strided_f32),
    FRUGAL(ritz_predictor_vjp_strided_f64),
    MAKES(ritz_recycle_create),
    TAKES(ritz_recycle_save),
    TAKES(ritz_recycle_load),
    FRUGAL(ritz_recycle_set),
    TAKES(ritz_sequence_order),
    TAKES(ritz_sequence_solve),
    MAKES(ritz_sparse_create),
    TAKES(ritz_sparse_elements_update),
    MAKES(ritz_sparse_from_elements),
    MAKES(ritz_sparse_from_entries),
    MAKES(ritz_sparse_from_stencil),
    TAKES(ritz_sparse_plan_transposed),
    TAKES(ritz_sparse_write),
    MAKES(ritz_sparse_read),
    MAKES(ritz_split_diffusion_create),
    FRUGAL(ritz_split_diffusion_set),
    FRUGAL(ritz_split_diffusion_solve),
    MAKES(ritz_split_poisson_create),
};
enum { subject_count = sizeof subjects / sizeof *subjects };

/* Why the others are not here. */
static const char *const elsewhere[] = {
    "ritz_graph_status", /* reads a number */
    "ritz_train",        /* train.trainer_faults */
};

/* Tests ---------------------------------------------------------------------------------------*/

static bool fails(const subject *s, void **out) {
  if (s->drop) *out = not_an_object();
  ritz_test_fail_allocation(failing);
  const ritz_status status = s->call(out);
  return memory_failed(failing, status, s->name);
}

static void every_allocation_may_fail(void **state) {
  for (int i = 0; i < subject_count; i++) {
    const subject *s = &subjects[i];
    void *out = NULL;
    if (s->frugal) continue;
    for (failing = 0; fails(s, &out); failing++)
      if (s->drop) left_nothing(out, s->name);
    print_message("  %s: %ld allocations\n", s->name, failing);
    if (s->drop) s->drop(&out);
    assert_null(out);
  }
}

static void what_allocates_nothing_needs_nothing(void **state) {
  for (int i = 0; i < subject_count; i++) {
    if (!subjects[i].frugal) continue;
    void *out = NULL;
    ritz_test_fail_allocation(0);
    const ritz_status status = subjects[i].call(&out);
    ritz_test_fail_allocation(-1);
    if (status != RITZ_OK) fail_msg("%s: %s", subjects[i].name, ritz_error_message());
  }
}

static bool has(const char *name) {
  for (int i = 0; i < subject_count; i++)
    if (strcmp(subjects[i].name, name) == 0) return true;
  for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
    if (strcmp(elsewhere[i], name) == 0) return true;
  return false;
}

static void every_function_with_a_status_is_here(void **state) {
  const file_bytes abi = file_read(RITZ_DOCS "/../tests/abi.txt");
  static const char word[] = "function ";
  char name[128], result[32];
  int count = 0;
  assert_non_null(abi.byte);
  for (const char *at = (const char *)abi.byte; (at = strstr(at, word)); at++) {
    if (sscanf(at + sizeof word - 1, "%127[^:]: %31s", name, result) != 2) fail_msg("%.80s", at);
    if (strcmp(result, "ritz_status") != 0) continue;
    if (!has(name)) fail_msg("%s has no row in this test", name);
    count++;
  }
  free(abi.byte);
  assert_true(count > 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(what_allocates_nothing_needs_nothing),
      cmocka_unit_test(every_function_with_a_status_is_here),
  };
  return cmocka_run_group_tests(tests, make_objects, destroy_objects);
}
