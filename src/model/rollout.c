/* SPDX-License-Identifier: BSD-3-Clause
 * Roll-outs (rollout.h). */
#include "model/rollout.h"

#include "core/fail.h"
#include "core/memory.h"
#include "graph/op.h"

/* The last frames of the state and what follows it. */
static ritz_var next_state(ritz_graph *g, ritz_var state, ritz_var y) {
  const ritz_index in = ritz_channels(state), out = ritz_channels(y);
  if (out == in) return y;
  if (out > in) return ritz_slice(g, y, out - in, in);
  ritz_var kept = ritz_slice(g, state, out, in - out);
  return ritz_concat(g, 2, (ritz_var[]){kept, y});
}

/* Any number of fields side by side, a few at a time. */
static ritz_var concat_all(ritz_graph *g, ritz_index count, ritz_var *y) {
  while (count > 1) {
    ritz_index made = 0;
    for (ritz_index i = 0; i < count; i += RITZ_MAX_INPUTS) {
      const ritz_index left = count - i;
      const int some = (int)(left < RITZ_MAX_INPUTS ? left : RITZ_MAX_INPUTS);
      y[made++] = some > 1 ? ritz_concat(g, some, y + i) : y[i];
    }
    count = made;
  }
  return y[0];
}

ritz_var ritz_rollout_build(const ritz_operator *op, ritz_graph *graph, ritz_params *params,
                            ritz_var x, const ritz_rollout *rollout) {
  ritz_var *y, state = x;
  const ritz_status status = RITZ_NEW(rollout->steps, &y);
  if (status != RITZ_OK) return ritz_graph_latch(graph, status);
  for (ritz_index k = 0; state && k < rollout->steps; k++) {
    y[k] = ritz_operator_build(op, graph, params, state);
    if (!y[k] || k + 1 == rollout->steps) break;
    state = next_state(graph, state, y[k]);
    if (rollout->detach) state = ritz_detach(graph, state);
  }
  ritz_var all = ritz_graph_status(graph) == RITZ_OK
                     ? concat_all(graph, rollout->steps - rollout->first, y + rollout->first)
                     : RITZ_NO_VAR;
  ritz_free(y);
  return all;
}

/* In normalised numbers a step's output is the next one's input: the two scales must be one. */
static bool one_scale(const ritz_model_data *data) {
  for (int side = 0; side < 2; side++)
    for (int c = 0; c < data->channels[side]; c++)
      if (data->mean[side][c] != data->mean[0][0] ||
          data->deviation[side][c] != data->deviation[0][0])
        return false;
  return true;
}

ritz_status ritz_rollout_steps(const ritz_model *model, int channels_out, ritz_index *steps) {
  const int own = model->data.channels[1];
  RITZ_REQUIRE(channels_out > 0 && channels_out % own == 0, RITZ_ERR_SHAPE,
               "the model gives %d channels a step, %d are not a whole number of steps", own,
               channels_out);
  *steps = channels_out / own;
  RITZ_REQUIRE(*steps == 1 || one_scale(&model->data), RITZ_ERR_SHAPE,
               "the model normalises x and y differently and cannot be applied to its own output: "
               "it gives %d channels, not %d",
               own, channels_out);
  return RITZ_OK;
}
