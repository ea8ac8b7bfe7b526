/* SPDX-License-Identifier: BSD-3-Clause
 * The calls of a tiled step in order, each operand located once and for all: what a tile needs to
 * know of them stands in a few cache lines in a row, where nodes, shapes and buffers are strewn. */
#include "core/fail.h"
#include "core/memory.h"
#include "graph/plan.h"

static size_t row_bytes(const ritz_node *node) {
  return (size_t)ritz_channels(node) * ritz_number_size(node);
}

static ritz_spot spot_of(const ritz_node *node, const ritz_buffer *buffer) {
  const size_t row = row_bytes(node);
  if (buffer->data) return (ritz_spot){.at = RITZ_AT_FIELD, .base = buffer->data, .row = row};
  return (ritz_spot){
      .at = RITZ_AT_MEMORY, .offset = buffer->tile, .row = buffer->grouped ? row : 0};
}

/* Bytes between the rows of a parameter; 0 where a tile shows all of it. */
static size_t parameter_row(const ritz_node *node, int i) {
  return node->op->parameters & 1u << i ? 0 : row_bytes(node->in[i]);
}

/* A value, in the backward pass perhaps computed again. */
static ritz_spot value_of(const ritz_node *node, bool again) {
  if (again && node->recomputed)
    return (ritz_spot){.at = RITZ_AT_MEMORY, .offset = node->again.tile};
  return spot_of(node, &node->value);
}

static ritz_spot operand_of(const ritz_node *node, int i, bool again) {
  ritz_spot spot = value_of(node->in[i], again);
  if (node->in[i]->kind == RITZ_NODE_PARAMETER) spot.row = parameter_row(node, i);
  return spot;
}

static ritz_row_call forward_call(const ritz_node *node, bool again) {
  ritz_row_call call = {.node = node, .run = node->op->rows, .out = value_of(node, again)};
  for (int i = 0; i < node->arity; i++) call.in[i] = operand_of(node, i, again);
  return call;
}

/* @param partial  Bytes of partial parameter gradients before those of this op; moved on. */
static ritz_row_call backward_call(const ritz_node *node, size_t *partial) {
  ritz_row_call call = forward_call(node, true);
  call.run = node->op->rows_vjp;
  call.gout = spot_of(node, &node->gradient);
  for (int i = 0; i < node->arity; i++) {
    const ritz_node *in = node->in[i];
    const bool parameter = in->kind == RITZ_NODE_PARAMETER;
    call.add[i] = parameter || node->add[i];
    if (parameter) {
      call.gin[i] =
          (ritz_spot){.at = RITZ_AT_PARTIAL, .offset = *partial, .row = parameter_row(node, i)};
      *partial += (size_t)ritz_shape_count(&in->shape) * ritz_number_size(node);
    } else if (in->wants_gradient) {
      call.gin[i] = spot_of(in, &in->gradient);
    }
  }
  return call;
}

/* The op behind the chain: sums, and a cotangent up to a factor. */
static ritz_row_call turn_call(const ritz_node *turn) {
  ritz_row_call call = {.node = turn, .gin = {spot_of(turn->in[0], &turn->in[0]->gradient)}};
  for (int i = 0; i < turn->arity; i++) call.in[i] = operand_of(turn, i, false);
  return call;
}

static void list_calls(const ritz_plan *plan, ritz_step *step) {
  const ritz_node *const *node = (const ritz_node *const *)plan->order + step->first;
  size_t partial = 0;
  for (int j = 0; !step->backward && j < step->count; j++)
    step->call[step->calls++] = forward_call(node[j], false);
  if (step->turn) step->call[step->calls++] = turn_call(step->turn);
  if (!ritz_step_turns_back(step)) return;
  for (int j = 0; j < step->count; j++)
    if (node[j]->recomputed) step->call[step->calls++] = forward_call(node[j], true);
  for (int j = step->count - 1; j >= 0; j--)
    if (ritz_is_active(node[j])) step->call[step->calls++] = backward_call(node[j], &partial);
}

/* The field whose lines an attached op gives or takes. */
static ritz_spot lines_of(const ritz_node *field, bool gradient) {
  return spot_of(field, gradient ? &field->gradient : &field->value);
}

ritz_status ritz_plan_list_calls(ritz_plan *plan) {
  for (int s = 0; s < plan->steps; s++) {
    ritz_step *step = &plan->step[s];
    if (!step->tiled || step->merged) continue;
    RITZ_TRY(RITZ_NEW(3 * step->count + 1, &step->call));
    list_calls(plan, step);
    const bool back = ritz_step_turns_back(step);
    if (step->gives)
      step->given = lines_of(step->backward ? step->gives->in[0] : step->gives, step->backward);
    if (step->takes) step->taken = lines_of(back ? step->takes : step->takes->in[0], back);
  }
  return RITZ_OK;
}
