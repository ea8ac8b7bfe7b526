/* SPDX-License-Identifier: BSD-3-Clause
 * Max pooling: lines of outputs over threads; in the other direction lines of inputs, each of which
 * collects from the outputs that see it. */
#include "kernels/pooling.h"

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "kernels/kernels.h"

/* Who is seen by a line along the first two axes, and by a point along the last. */
typedef struct direction {
  ritz_index in[3], out[3];
  ritz_sights sights[3];
} direction;

struct ritz_pooling {
  ritz_pooling_shape shape;
  const ritz_kernels *kernels;
  int threads;
  direction forward, backward;
  ritz_index most_lines;
  ritz_pool_line *lines; /* per thread */
};

static ritz_status direction_init(const ritz_window *w, bool backward, direction *d) {
  for (int a = 0; a < 3; a++) {
    d->in[a] = backward ? w->axis[a].out : w->axis[a].in;
    d->out[a] = backward ? w->axis[a].in : w->axis[a].out;
    RITZ_TRY(ritz_sights_init(&w->axis[a], backward, &d->sights[a]));
  }
  return RITZ_OK;
}

static ritz_index longest_row(const ritz_sights *s) {
  ritz_index longest = 0;
  for (ritz_index i = 0; i < s->rows; i++)
    if (s->start[i + 1] - s->start[i] > longest) longest = s->start[i + 1] - s->start[i];
  return longest;
}
static ritz_index most_lines(const direction *d) {
  return longest_row(&d->sights[0]) * longest_row(&d->sights[1]);
}

ritz_status ritz_pooling_create(const ritz_pooling_shape *shape, int threads, ritz_pooling **out) {
  ritz_pooling *plan;
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, &plan));
  plan->shape = *shape;
  plan->kernels = ritz_kernels_get(shape->dtype);
  plan->threads = threads;
  ritz_status status;
  RITZ_TRY_DONE(direction_init(&shape->window, false, &plan->forward));
  RITZ_TRY_DONE(direction_init(&shape->window, true, &plan->backward));
  const ritz_index one = most_lines(&plan->forward), other = most_lines(&plan->backward);
  plan->most_lines = one > other ? one : other;
  RITZ_TRY_DONE(RITZ_NEW(threads * plan->most_lines, &plan->lines));
  *out = plan;
  return RITZ_OK;
done:
  ritz_pooling_destroy(&plan);
  return status;
}

void ritz_pooling_destroy(ritz_pooling **plan) {
  if (!plan || !*plan) return;
  for (int a = 0; a < 3; a++) {
    ritz_sights_release(&(*plan)->forward.sights[a]);
    ritz_sights_release(&(*plan)->backward.sights[a]);
  }
  ritz_free((*plan)->lines);
  ritz_free(*plan);
  *plan = NULL;
}

typedef struct job {
  const ritz_pooling *plan;
  const direction *direction;
  const char *from, *from_place;
  char *to, *to_place; /* no place of gradients */
  bool add;
  ritz_index lines_per_chunk, lines;
} job;

/* The lines that line @p line of the result sees. @return their number. */
static ritz_index find_lines(const job *j, ritz_index line, ritz_pool_line *to) {
  const ritz_window *w = &j->plan->shape.window;
  const direction *d = j->direction;
  const size_t bytes =
      (size_t)(d->in[2] * j->plan->shape.channels) * ritz_dtype_size(j->plan->shape.dtype);
  const ritz_index plane = line / d->out[1], o1 = line % d->out[1];
  const ritz_index b = plane / d->out[0], o0 = plane % d->out[0];
  const ritz_sights *s0 = &d->sights[0], *s1 = &d->sights[1];
  ritz_index count = 0;
  for (ritz_index k = s0->start[o0]; k < s0->start[o0 + 1]; k++)
    for (ritz_index q = s1->start[o1]; q < s1->start[o1 + 1]; q++) {
      const ritz_sight a = s0->entry[k], c = s1->entry[q];
      const size_t at = (size_t)((b * d->in[0] + a.point) * d->in[1] + c.point) * bytes;
      to[count++] =
          (ritz_pool_line){.data = j->from + at,
                           .place = j->from_place ? j->from_place + at : NULL,
                           .tap = (a.tap * w->axis[1].kernel + c.tap) * w->axis[2].kernel};
    }
  return count;
}

static void do_chunk(void *arg, ritz_index chunk, int thread) {
  const job *j = arg;
  const ritz_pooling *plan = j->plan;
  const ritz_sights *last = &j->direction->sights[2];
  ritz_pool_line *lines = plan->lines + thread * plan->most_lines;
  const ritz_index c = plan->shape.channels, begin = chunk * j->lines_per_chunk;
  const size_t bytes = (size_t)(last->rows * c) * ritz_dtype_size(plan->shape.dtype);
  for (ritz_index line = begin; line < begin + j->lines_per_chunk && line < j->lines; line++) {
    const ritz_index count = find_lines(j, line, lines);
    char *to = j->to + (size_t)line * bytes;
    if (j->direction == &plan->backward)
      plan->kernels->pool_max_vjp(last->rows, c, count, lines, last->start, last->entry, to,
                                  j->add);
    else
      plan->kernels->pool_max(last->rows, c, count, lines, last->start, last->entry, to,
                              j->to_place ? j->to_place + (size_t)line * bytes : NULL);
  }
}

static bool touches(const void *arg, const ritz_halo *halo, ritz_index chunk) {
  const job *j = arg;
  const ritz_index *out = j->direction->out, begin = chunk * j->lines_per_chunk;
  for (ritz_index line = begin; line < begin + j->lines_per_chunk && line < j->lines; line++) {
    const ritz_index plane = line / out[1] % out[0], row = line % out[1];
    const ritz_index first[3] = {plane, row, 0}, end[3] = {plane + 1, row + 1, out[2]};
    if (ritz_halo_touches(halo, first, end)) return true;
  }
  return false;
}

static void run(job *j, const ritz_halo *halo) {
  const direction *d = j->direction;
  j->lines = j->plan->shape.batch * d->out[0] * d->out[1];
  j->lines_per_chunk = (j->lines + 31) / 32;
  ritz_parallel_halo(halo, touches, j->plan->threads,
                     (j->lines + j->lines_per_chunk - 1) / j->lines_per_chunk, do_chunk, j);
}

void ritz_pooling_forward(const ritz_pooling *plan, const void *x, void *y, void *place,
                          const ritz_halo *halo) {
  run(&(job){.plan = plan, .direction = &plan->forward, .from = x, .to = y, .to_place = place},
      halo);
}

void ritz_pooling_vjp(const ritz_pooling *plan, const void *gy, const void *place, void *gx,
                      bool add, const ritz_halo *halo) {
  run(&(job){.plan = plan,
             .direction = &plan->backward,
             .from = gy,
             .from_place = place,
             .to = gx,
             .add = add},
      halo);
}
