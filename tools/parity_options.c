/* SPDX-License-Identifier: BSD-3-Clause
 * Constructor arguments of published implementations in our terms. */
#include "parity_options.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "parity_mgno.h"

/* The original FNO takes one number of modes and "p,p" for all axes. */
static ritz_status translate_2020(const ritz_value *config, ritz_builder *text) {
  const ritz_value *in = ritz_value_get(config, "in_dim"), *out = ritz_value_get(config, "out_dim");
  const ritz_value *width = ritz_value_get(config, "d_model");
  const ritz_value *basis = ritz_value_get(config, "num_basis");
  const ritz_value *padding = ritz_value_get(config, "padding");
  RITZ_REQUIRE(in && out && width && basis && padding, RITZ_ERR_CONFIG,
               "config of fno-2020 lacks in_dim, out_dim, d_model, num_basis or padding");
  ritz_builder_format(
      text, "{in_channels: %s, out_channels: %s, width: %s, modes: [%s, %s], padding: [%s]}",
      in->text, out->text, width->text, basis->text, basis->text, padding->text);
  return RITZ_OK;
}

/* So does LSM, with the padding of the last axis first. */
static ritz_status translate_lsm(const ritz_value *config, ritz_builder *text) {
  static const struct {
    const char *theirs, *ours;
  } keys[] = {{"in_dim", "in_channels"},
              {"out_dim", "out_channels"},
              {"d_model", "width"},
              {"num_token", "tokens"},
              {"num_basis", "basis"}};
  const ritz_value *patch = ritz_value_get(config, "patch_size");
  const ritz_value *padding = ritz_value_get(config, "padding");
  ritz_index last, first;
  RITZ_REQUIRE(patch && padding && sscanf(padding->text, "%td,%td", &last, &first) == 2,
               RITZ_ERR_CONFIG, "config of lsm lacks patch_size, or padding of two axes");
  ritz_builder_format(text, "{patch: [%s], padding: [%td, %td]", patch->text, first, last);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    const ritz_value *value = ritz_value_get(config, keys[i].theirs);
    RITZ_REQUIRE(value, RITZ_ERR_CONFIG, "config of lsm lacks %s", keys[i].theirs);
    ritz_builder_format(text, ", %s: %s", keys[i].ours, value->text);
  }
  ritz_builder_add(text, "}");
  return RITZ_OK;
}

ritz_status ritz_parity_options(const char *type, const ritz_value *config, char **text) {
  static const struct {
    const char *type;
    ritz_status (*translate)(const ritz_value *config, ritz_builder *text);
  } all[] = {
      {"fno_2020", translate_2020}, {"lsm", translate_lsm}, {"mgno", ritz_parity_mgno_options}};
  *text = NULL;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (strcmp(type, all[i].type) != 0) continue;
    ritz_builder builder = {0};
    const ritz_status status = all[i].translate(config, &builder);
    RITZ_TRY(ritz_builder_take(&builder, text));
    if (status == RITZ_OK) return RITZ_OK;
    ritz_free(*text);
    *text = NULL;
    return status;
  }
  return RITZ_OK;
}
