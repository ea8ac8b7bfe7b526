/* SPDX-License-Identifier: BSD-3-Clause
 * The published classes: MgNO_DC (Dirichlet), MgNO_DC_smooth (transposed kernels 3, 4, 3, 3, 4),
 * MgNO_NS (periodic, norms in the cycle, increment) and MgNO_helm (reflection, growing width). */
#include "parity_mgno.h"

#include <string.h>

#include "core/fail.h"

static const char *get(const ritz_value *config, const char *key, const char *fallback) {
  const ritz_value *value = ritz_value_get(config, key);
  return value && value->kind == RITZ_VALUE_SCALAR ? value->text : fallback;
}

/* Column `column` of [[pre, post], ...]; plain numbers are pre. */
static void write_steps(ritz_builder *t, const char *key, const ritz_value *steps, int column) {
  ritz_builder_format(t, "%s: [", key);
  for (int l = 0; l < steps->count; l++) {
    const ritz_value *level = steps->item[l];
    const char *n = level->kind == RITZ_VALUE_SCALAR ? (column ? "0" : level->text)
                    : column < level->count          ? level->item[column]->text
                                                     : "0";
    ritz_builder_format(t, "%s%s", l ? ", " : "", n);
  }
  ritz_builder_add(t, "], ");
}

static void write_boundary(ritz_builder *t, const ritz_value *config) {
  const char *mode = get(config, "padding_mode", "zeros");
  ritz_builder_format(t, "boundary: %s, ",
                      strcmp(mode, "circular") == 0 ? "periodic"
                      : strcmp(mode, "zeros") == 0  ? "zero"
                                                    : mode);
}

static void write_periodic(ritz_builder *t, const ritz_value *config) {
  ritz_builder_format(
      t, "boundary: periodic, skip: null, add_input: true, cycle_norm: %s, ",
      strcmp(get(config, "elementwise_affine", "true"), "true") == 0 ? "affine" : "plain");
  ritz_builder_format(t, "smoother_bias: %s, restrict_residual: %s, ", get(config, "bias", "false"),
                      get(config, "use_res", "false"));
}

ritz_status ritz_parity_mgno_options(const ritz_value *config, ritz_builder *t) {
  const char *class = get(config, "cls", ""), *u = get(config, "num_channel_u", NULL);
  const char *layers = get(config, "num_layer", NULL), *f = get(config, "num_channel_f", NULL);
  const ritz_value *steps = ritz_value_get(config, "num_iteration");
  RITZ_REQUIRE(u && f && layers && steps && steps->kind == RITZ_VALUE_LIST, RITZ_ERR_CONFIG,
               "config of mgno lacks num_layer, num_channel_u, num_channel_f or num_iteration");
  ritz_builder_format(t, "{n_layers: %s, hidden_channels: %s, in_channels: %s, non_linearity: %s, ",
                      layers, u, f, get(config, "activation", "gelu"));
  write_steps(t, "pre_smoothing", steps, 0);
  write_steps(t, "post_smoothing", steps, 1);
  if (strcmp(class, "MgNO_NS") == 0)
    write_periodic(t, config);
  else if (strcmp(class, "MgNO_helm") == 0)
    ritz_builder_add(t,
                     "boundary: reflect, skip: null, layer_norm: affine, smoother_bias: true, "
                     "transfer_margin: 0, up_kernel: [3, 4, 4, 3], widening: true, head: cycle, ");
  else if (strcmp(class, "MgNO_DC_smooth") == 0)
    ritz_builder_add(t, "up_kernel: [3, 4, 3, 3, 4], ");
  else if (strcmp(class, "MgNO_DC") != 0)
    return RITZ_FAIL(RITZ_ERR_CONFIG, "mgno has no class '%s'", class);
  if (strncmp(class, "MgNO_DC", 7) == 0) write_boundary(t, config);
  ritz_builder_add(t, "out_channels: 1}");
  return RITZ_OK;
}
