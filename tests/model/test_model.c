/* SPDX-License-Identifier: BSD-3-Clause
 * Model files: what is saved comes back exactly. */
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "graph/op.h"
#include "model/seal.h"
#include "saved_model.h"

static void assert_same_side(const ritz_model_data *a, const ritz_model_data *b, int side) {
  assert_int_equal(a->channels[side], b->channels[side]);
  const size_t bytes = (size_t)a->channels[side] * sizeof(double);
  assert_memory_equal(a->mean[side], b->mean[side], bytes);
  assert_memory_equal(a->deviation[side], b->deviation[side], bytes);
  assert_string_equal(a->units[side], b->units[side]);
  for (int c = 0; c < a->channels[side]; c++)
    assert_string_equal(a->channel[side][c], b->channel[side][c]);
}

static void assert_same_model(ritz_model *a, ritz_model *b) {
  const size_t size = ritz_dtype_size(a->info.dtype);
  assert_string_equal(a->info.operator_name, b->info.operator_name);
  assert_string_equal(a->info.operator_options, b->info.operator_options);
  assert_string_equal(a->info.provenance, b->info.provenance);
  assert_int_equal(a->info.dtype, b->info.dtype);
  assert_int_equal(a->info.parameters, b->info.parameters);
  assert_int_equal(a->info.dim, b->info.dim);
  assert_memory_equal(a->info.grid, b->info.grid, sizeof a->info.grid);
  assert_memory_equal(a->info.length, b->info.length, sizeof a->info.length);
  assert_memory_equal(a->info.periodic, b->info.periodic, sizeof a->info.periodic);
  for (int side = 0; side < 2; side++) assert_same_side(&a->data, &b->data, side);
  assert_int_equal(ritz_params_length(a->params), ritz_params_length(b->params));
  assert_memory_equal(ritz_params_data(a->params), ritz_params_data(b->params),
                      (size_t)ritz_params_length(a->params) * size);
}

static void round_trip_is_exact(void **state) {
  for (int dtype = 0; dtype < 2; dtype++)
    for (int dim = 1; dim <= 3; dim++) {
      ritz_model *model = small_model_create(context, (ritz_dtype)dtype, dim, ""), *back;
      const char *first = in_folder("first.h5"), *second = in_folder("second.h5");
      double error;
      assert_ok(ritz_model_save(model, first));
      assert_ok(ritz_model_load(context, first, &back));
      assert_same_model(model, back);
      assert_ok(ritz_model_check(back, &error));
      assert_near(error, 0, 0);
      assert_ok(ritz_model_save(back, second));
      assert_files_equal(first, second);
      ritz_model_destroy(&model);
      ritz_model_destroy(&back);
    }
  assert_int_equal(files_ending(in_folder("."), ".tmp"), 0);
}

/* Running statistics are no trainable parameters, but they are part of the model. */
static void untrained_state_is_saved(void **state) {
  ritz_model *model = small_model_create(context, RITZ_FLOAT32, 2, ", norm: batch_norm"), *back;
  fill_uniform_as(RITZ_FLOAT32, 3, ritz_params_length(model->params),
                  ritz_params_data(model->params));
  ritz_index state_numbers = 0;
  for (int i = 0; i < ritz_params_count(model->params); i++)
    if (!ritz_params_info(model->params, i)->trainable)
      state_numbers += ritz_params_info(model->params, i)->count;
  assert_true(state_numbers > 0);
  assert_ok(ritz_model_save(model, in_folder("state.h5")));
  assert_ok(ritz_model_load(context, in_folder("state.h5"), &back));
  for (int i = 0; i < ritz_params_count(model->params); i++) {
    const ritz_param_info *info = ritz_params_info(model->params, i);
    assert_memory_equal((float *)ritz_params_data(model->params) + info->offset,
                        (float *)ritz_params_data(back->params) + info->offset,
                        (size_t)info->count * sizeof(float));
  }
  ritz_model_destroy(&model);
  ritz_model_destroy(&back);
}

static void a_file_without_seal_is_read(void **state) {
  const char *sealed = saved(RITZ_FLOAT32, 2, ""), *path = in_folder("unsealed.h5");
  const file_bytes whole = file_read(sealed);
  ritz_model *model, *same;
  double error;
  file_write(path, whole.count - RITZ_SEAL_BYTES, whole.byte);
  assert_ok(ritz_model_load(context, path, &model));
  assert_ok(ritz_model_load(context, sealed, &same));
  assert_same_model(model, same);
  assert_ok(ritz_model_check(model, &error));
  assert_near(error, 0, 0);
  ritz_model_destroy(&model);
  ritz_model_destroy(&same);
  free(whole.byte);
}

static void saving_fails_cleanly(void **state) {
  ritz_model *model = small_model_create(context, RITZ_FLOAT32, 1, "");
  assert_int_equal(ritz_model_save(model, in_folder("none/model.h5")), RITZ_ERR_IO);
  assert_message_contains("none/model.h5");
  ritz_model_destroy(&model);
}

static void every_allocation_of_load_may_fail(void **state) {
  const char *path = saved(RITZ_FLOAT32, 2, ", norm: batch_norm");
  ritz_model *model;
  long k = 0;
  while (creation_fails(k, model, ritz_model_load(context, path, &model))) k++;
  assert_true(k > 50);
  ritz_model_destroy(&model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(round_trip_is_exact),
      cmocka_unit_test(untrained_state_is_saved),
      cmocka_unit_test(a_file_without_seal_is_read),
      cmocka_unit_test(saving_fails_cleanly),
      cmocka_unit_test(every_allocation_of_load_may_fail),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
