/* SPDX-License-Identifier: BSD-3-Clause
 * The convolutional networks unet, unet_modern, resnet and convnext: gradients, threads, number
 * formats, sizes. */

#include "operator_checks.h"

/* -- Sizes ------------------------------------------------------------------------------------- */

/* Two convolutions 3 x 3 without bias, each with a batch norm. */
static ritz_index double_conv(ritz_index in, ritz_index out) {
  return 9 * out * (in + out) + 4 * out;
}

static ritz_index unet(ritz_index in, ritz_index out, ritz_index width) {
  ritz_index numbers = double_conv(in, width) + width * out + out;
  for (ritz_index w = width; w < 16 * width; w *= 2) /* down to 2w, 2 x 2 transposed, up again */
    numbers += double_conv(w, 2 * w) + 4 * 2 * w * w + w + double_conv(2 * w, w);
  return numbers;
}

static void unet_has_the_parameters_of_its_formula(void **state) {
  assert_int_equal(unet(3, 2, 64), 31037698); /* "31.0 million" */
  assert_int_equal(
      numbers_of("unet", "{in_channels: 3, out_channels: 2, width: 8}", RITZ_SHAPE(1, 32, 32, 3)),
      unet(3, 2, 8));
}

static ritz_index residual_block(ritz_index in, ritz_index out) {
  return 2 * in + 9 * in * out + out + 2 * out + 9 * out * out + out +
         (in == out ? 0 : in * out + out);
}

/* With multipliers 1, 2, 2, 4. */
static ritz_index modern_unet(ritz_index in, ritz_index out, ritz_index w) {
  static const ritz_index multipliers[] = {1, 2, 2, 4};
  ritz_index numbers = 9 * in * w + w + 2 * w + 9 * w * out + out;
  for (int l = 0; l < 4; l++) {
    const ritz_index before = w;
    w *= multipliers[l];
    numbers += residual_block(before, w) + residual_block(w, w);                  /* down */
    numbers += 2 * residual_block(2 * w, w) + residual_block(w + before, before); /* up */
    if (l < 3) numbers += 9 * w * w + w;                 /* halve, to this grid's half */
    if (l > 0) numbers += 16 * before * before + before; /* double */
  }
  return numbers + 2 * residual_block(w, w);
}

/* Four frames of three fields in, three out: the count that its authors' code has. */
static void modern_unet_has_the_published_number_of_parameters(void **state) {
  assert_int_equal(modern_unet(12, 3, 64), 144263683);
  assert_int_equal(numbers_of("unet_modern", "{in_channels: 12, out_channels: 3, width: 8}",
                              RITZ_SHAPE(1, 16, 16, 12)),
                   modern_unet(12, 3, 8));
}

static void resnet_has_the_parameters_of_its_formula(void **state) {
  const ritz_index w = 128, ends = (2 * w + w) + 2 * (w * w + w) + (w + 1);
  assert_int_equal(numbers_of("resnet", "{in_channels: 2}", RITZ_SHAPE(1, 16, 16, 2)),
                   ends + 8 * (9 * w * w + 2 * w)); /* 1.2 million */
  assert_int_equal(
      numbers_of("resnet", "{in_channels: 2, norm: 'null', dilations: [1, 2, 4, 8, 4, 2, 1]}",
                 RITZ_SHAPE(1, 32, 32, 2)),
      ends + 28 * (9 * w * w + w)); /* 4.2 million */
}

/* A block of C channels: 8 C^2 + 58 C. */
static void convnext_has_the_parameters_of_its_formula(void **state) {
  ritz_index w = 24;
  assert_int_equal(numbers_of("convnext", "{width: 24, blocks: 3}", RITZ_SHAPE(1, 9, 9, 1)),
                   9 * w + w + 3 * (8 * w * w + 58 * w) + w + 1);
  ritz_index expected = 9 * w + w + w + 1;
  for (int l = 0; l < 3; l++, w *= 2) {
    expected += (l < 2 ? 2 : 1) * (8 * w * w + 58 * w);
    if (l == 2) continue;
    expected += 2 * w + 4 * w * 2 * w + 2 * w; /* norm, halve */
    expected += 2 * 2 * w + 4 * 2 * w * w + w; /* norm, double */
    expected += 2 * w * w + w;                 /* merge */
  }
  assert_int_equal(
      numbers_of("convnext", "{width: 24, blocks: [1, 1, 1]}", RITZ_SHAPE(1, 16, 16, 1)), expected);
}

/* -- Bad input --------------------------------------------------------------------------------- */

static void what_does_not_fit_is_refused(void **state) {
#define ROW(type, options, status, message) \
  { type, options, {4, {1, 12, 15, 1}}, status, message }
  static const operator_refusal rows[] = {
      ROW("unet", "{depth: 4}", RITZ_ERR_CONFIG, "12 points along axis 0 cannot be halved 4 times"),
      ROW("unet", "{dim: 3}", RITZ_ERR_SHAPE, "wanted [B, 3 grid axes, 1 channels]"),
      ROW("unet", "{norm: group_norm, norm_groups: 7}", RITZ_ERR_CONFIG,
          "norm_groups 7 does not divide"),
      ROW("unet_modern", "{multipliers: [1, 2]}", RITZ_ERR_CONFIG,
          "15 points along axis 1 are not a multiple of 2"),
      ROW("unet_modern", "{width: 12}", RITZ_ERR_CONFIG, "wants a multiple of 8"),
      ROW("unet_modern", "{multipliers: [64, 64, 64, 64]}", RITZ_ERR_CONFIG, "multipliers lead to"),
      ROW("resnet", "{kernel: 4}", RITZ_ERR_CONFIG, "kernel is 4, wanted an odd extent"),
      ROW("resnet", "{padding: [1, 2, 3]}", RITZ_ERR_CONFIG, "padding has 3 axes, dim is 2"),
      ROW("resnet", "{norm: group_norm, norm_groups: 7}", RITZ_ERR_CONFIG,
          "norm_groups 7 does not divide"),
      ROW("convnext", "{kernel: 6}", RITZ_ERR_CONFIG, "kernel is 6, wanted an odd extent"),
      ROW("convnext", "{blocks: [1, 1, 1, 1, 1]}", RITZ_ERR_CONFIG, "cannot be halved 4 times"),
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unet_has_the_parameters_of_its_formula),
      cmocka_unit_test(modern_unet_has_the_published_number_of_parameters),
      cmocka_unit_test(resnet_has_the_parameters_of_its_formula),
      cmocka_unit_test(convnext_has_the_parameters_of_its_formula),
      cmocka_unit_test(what_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
