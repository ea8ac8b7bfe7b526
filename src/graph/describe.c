/* SPDX-License-Identifier: BSD-3-Clause
 * A plan as text: one line per step. */
#include <stdarg.h>
#include <stdio.h>

#include "core/fail.h"
#include "core/memory.h"
#include "graph/plan.h"

typedef struct text {
  char *data;
  int used, capacity;
} text;

static ritz_status put(text *t, const char *format, ...) RITZ_PRINTF(2, 3);
static ritz_status put(text *t, const char *format, ...) {
  char line[256];
  va_list args;
  va_start(args, format);
  const int length = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  if (t->used + length + 1 > t->capacity) {
    const int capacity = 2 * (t->capacity + length + 1);
    RITZ_TRY(ritz_grow(t->capacity, capacity, 1, (void **)&t->data));
    t->capacity = capacity;
  }
  t->used += snprintf(t->data + t->used, (size_t)(t->capacity - t->used), "%s", line);
  return RITZ_OK;
}

static double bytes_of(const ritz_buffer *buffer) {
  return buffer->data ? (double)buffer->bytes : 0;
}

/* Whole buffers a step reads and writes; tiles stay in cache. */
static double traffic(const ritz_plan *plan, const ritz_step *step) {
  double bytes = 0;
  for (int j = 0; j < step->count; j++) {
    const ritz_node *node = plan->order[step->first + j];
    if (step->backward && !ritz_is_active(node)) continue;
    bytes += step->backward ? bytes_of(&node->gradient) : bytes_of(&node->value);
    for (int i = 0; i < node->arity; i++) {
      if (!step->backward || node->op->reads_in & 1u << i) bytes += bytes_of(&node->in[i]->value);
      if (step->backward && node->in[i]->wants_gradient) bytes += bytes_of(&node->in[i]->gradient);
    }
  }
  return bytes;
}

static double flops(const ritz_plan *plan, const ritz_step *step) {
  double sum = 0;
  for (int j = 0; j < step->count; j++) {
    const ritz_node *node = plan->order[step->first + j];
    if (!node->op->flops || (step->backward && !ritz_is_active(node))) continue;
    sum += (step->backward ? 2 : 1) * node->op->flops(node);
  }
  return sum;
}

static ritz_status describe(const ritz_plan *plan, text *t) {
  RITZ_TRY(put(t, "%-4s %-9s %12s %12s  %s\n", "step", "direction", "Mflop", "MiB moved", "ops"));
  for (int s = 0; s < plan->steps; s++) {
    const ritz_step *step = &plan->step[s];
    RITZ_TRY(put(t, "%-4d %-9s %12.3f %12.3f ", s, step->backward ? "backward" : "forward",
                 flops(plan, step) * 1e-6, traffic(plan, step) / 1048576.0));
    for (int j = 0; j < step->count; j++) {
      const int at = step->backward ? step->count - 1 - j : j;
      const ritz_node *node = plan->order[step->first + at];
      if (!step->backward || ritz_is_active(node)) RITZ_TRY(put(t, " %s", node->op->name));
    }
    RITZ_TRY(put(t, "\n"));
  }
  return put(t, "buffers %.2f MiB, gradients %.2f MiB, %.3f Gflop per run\n",
             (double)plan->block_bytes / 1048576.0, (double)plan->gradient_bytes / 1048576.0,
             ritz_plan_flops(plan) * 1e-9);
}

ritz_status ritz_plan_describe(const ritz_plan *plan, char **out) {
  text t = {0};
  const ritz_status status = describe(plan, &t);
  if (status != RITZ_OK) ritz_free(t.data);
  *out = status == RITZ_OK ? t.data : NULL;
  return status;
}
