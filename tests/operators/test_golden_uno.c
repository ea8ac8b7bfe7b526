/* SPDX-License-Identifier: BSD-3-Clause
 * The operator uno against numbers of neuraloperator 2.0 for hashed weights and inputs. */
#include "golden.h"

static const golden_table table = {"uno", 1.0, true};

#define UNO                                                                           \
  "hidden_channels: 4, lifting_channels: 6, projection_channels: 6, n_layers: 5, "    \
  "uno_out_channels: [4, 6, 6, 6, 4], "                                               \
  "uno_n_modes: [[4, 4], [4, 4], [2, 2], [4, 4], [4, 4]], "                           \
  "uno_scalings: [[1, 1], [0.5, 0.5], [1, 1], [2, 2], [1, 1]], resample: reference, " \
  "channel_mlp_skip: linear"

static const golden_row rows[] = {
    GOLDEN_ROW("16 x 16", UNO, {4, {1, 1, 16, 16}}, 4658, 6026.517, 153884.6,
               {19.5483, 24.68106, 29.1714, 31.84412}, 16.68643),
    GOLDEN_ROW("padding", UNO ", domain_padding: 0.2", {4, {1, 1, 16, 16}}, 4658, 3594.33, 72912.42,
               {17.71877, 17.33269, 17.84193, 18.03989}, 18.70948),
    GOLDEN_ROW("15 x 17", UNO, {4, {1, 1, 15, 17}}, 4658, 5838.858, 163673,
               {22.96128, 30.28336, 34.11745, 31.2055}, 31.0856),
};

static void outputs_agree(void **state) {
  golden_check_rows(&table, sizeof rows / sizeof *rows, rows);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outputs_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
