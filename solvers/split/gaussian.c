/* SPDX-License-Identifier: BSD-3-Clause */
#include "solvers/split/gaussian.h"

#include <ritz/random.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/kernels.h"
#include "kernels/solver_kernels.h"

struct ritz_split_gaussian {
  const ritz_layout *layout;
  ritz_gaussian3_options options;
  int rank, size;
  ritz_index first_mode, modes; /* of axis 0: those of this rank */
  ritz_index first_row, rows;   /* nodes of axis 1 */
  ritz_gaussian3_series series; /* of these modes, for these nodes */
  double *xi;                   /* [modes][modes1][modes2] */
  double *normals;              /* two rows of a shell */
  double *line, *plane;         /* [modes1][nodes2]; [nodes1][nodes2] */
  double *here, *there;         /* what is sent, what comes */
  ritz_message *message;        /* [size] */
};

/* -- Creation ---------------------------------------------------------------------------------- */

static ritz_index larger(ritz_index a, ritz_index b) { return a > b ? a : b; }

static ritz_status create_buffers(ritz_split_gaussian *g) {
  const ritz_index *n = g->options.nodes, *m = g->options.modes;
  const ritz_index line = g->rows * n[2], plane = n[1] * n[2];
  ritz_index first, planes;
  ritz_layout_part(g->layout, 0, &first, &planes);
  RITZ_TRY(RITZ_NEW(g->modes * m[1] * m[2], &g->xi));
  RITZ_TRY(RITZ_NEW(2 * larger(larger(m[0], m[1]), m[2]) + 64, &g->normals));
  RITZ_TRY(RITZ_NEW(m[1] * n[2], &g->line));
  RITZ_TRY(RITZ_NEW(plane, &g->plane));
  RITZ_TRY(RITZ_NEW(larger(g->modes * plane, n[0] * line), &g->here));
  RITZ_TRY(RITZ_NEW(larger(m[0] * line, planes * plane), &g->there));
  return RITZ_NEW(g->size, &g->message);
}

ritz_status ritz_split_gaussian_create(const ritz_layout *layout,
                                       const ritz_gaussian3_options *options,
                                       ritz_split_gaussian **out) {
  *out = NULL;
  ritz_status status;
  ritz_split_gaussian *g;
  RITZ_TRY(RITZ_NEW(1, &g));
  g->layout = layout;
  g->options = *options;
  g->rank = ritz_comm_rank(ritz_layout_comm(layout));
  g->size = ritz_comm_size(ritz_layout_comm(layout));
  ritz_comm_share(ritz_layout_comm(layout), options->modes[0], &g->first_mode, &g->modes);
  ritz_comm_share(ritz_layout_comm(layout), options->nodes[1], &g->first_row, &g->rows);
  RITZ_TRY_DONE(ritz_gaussian3_series_init(options, g->first_mode, g->modes, g->rows, &g->series));
  RITZ_TRY_DONE(create_buffers(g));
  *out = g;
  return RITZ_OK;
done:
  ritz_split_gaussian_destroy(&g);
  return status;
}

void ritz_split_gaussian_destroy(ritz_split_gaussian **gaussian) {
  if (!gaussian || !*gaussian) return;
  ritz_split_gaussian *g = *gaussian;
  double *const block[] = {g->xi, g->normals, g->line, g->plane, g->here, g->there};
  ritz_gaussian3_series_clear(&g->series);
  for (size_t i = 0; i < sizeof block / sizeof *block; i++) ritz_free(block[i]);
  ritz_free(g->message);
  ritz_free(g);
  *gaussian = NULL;
}

/* -- A sample ---------------------------------------------------------------------------------- */

/* Normals first ... first + count - 1 of a stream, `apart` numbers from one to the next. */
static void draw(ritz_split_gaussian *g, const ritz_random *stream, ritz_index first,
                 ritz_index count, ritz_index apart, double *out) {
  const ritz_index odd = first % 2;
  if (count < 1) return;
  ritz_solver_kernels_get(RITZ_FLOAT64)
      ->normal_pairs(stream, (uint64_t)(first / 2), (odd + count + 1) / 2, g->normals);
  for (ritz_index k = 0; k < count; k++) out[k * apart] = g->normals[odd + k];
}

static ritz_index smaller(ritz_index a, ritz_index b) { return a < b ? a : b; }

/* The normals of this rank's modes, shell by shell, numbered as gaussian3.h says. */
static void draw_modes(ritz_split_gaussian *g, const ritz_random *stream) {
  const ritz_index *m = g->options.modes, plane = m[1] * m[2], end = g->first_mode + g->modes;
  for (ritz_index s = 0; s < larger(larger(m[0], m[1]), m[2]); s++) {
    const ritz_index w = s + 1, own = s * s * s, second = own + w * w, third = second + s * w;
    if (s >= g->first_mode && s < end)
      for (ritz_index j = 0; j < smaller(w, m[1]); j++)
        draw(g, stream, own + j * w, smaller(w, m[2]), 1,
             g->xi + (s - g->first_mode) * plane + j * m[2]);
    for (ritz_index i = g->first_mode; i < smaller(s, end); i++) {
      double *const xi = g->xi + (i - g->first_mode) * plane;
      if (s < m[1]) draw(g, stream, second + i * w, smaller(w, m[2]), 1, xi + s * m[2]);
      if (s < m[2]) draw(g, stream, third + i * s, smaller(s, m[1]), m[2], xi + s);
    }
  }
}

/* Rows of axis 1 of the ranks before @p rank, and its own. */
static ritz_index rows_of(const ritz_split_gaussian *g, int rank, ritz_index *rows) {
  ritz_index first;
  ritz_share_of(rank, g->size, g->options.nodes[1], &first, rows);
  return first;
}

/* Sums over modes of axes 2 and 1 of mode plane `i` of this rank, rows of each rank together. */
static void sum_plane(ritz_split_gaussian *g, ritz_index i) {
  const ritz_index *n = g->options.nodes, *m = g->options.modes;
  ritz_gemm_run(&g->series.product[2], g->xi + i * m[1] * m[2], g->series.cosine[2], g->line);
  ritz_gemm_run(&g->series.product[1], g->series.cosine[1], g->line, g->plane);
  for (int r = 0; r < g->size; r++) {
    ritz_index rows;
    const ritz_index first = rows_of(g, r, &rows);
    memcpy(g->here + (first * g->modes + i * rows) * n[2], g->plane + first * n[2],
           (size_t)(rows * n[2]) * sizeof *g->here);
  }
}

/* Of `here` what each rank is to have, to where it belongs in its `there`: numbers out[r] from
 * at_out[r] on, and in[r] to at_in[r]. */
typedef struct piece {
  ritz_index at_out, out, at_in, in;
} piece;

static ritz_status exchange(ritz_split_gaussian *g, piece (*piece_of)(ritz_split_gaussian *, int)) {
  int count = 0;
  for (int r = 0; r < g->size; r++) {
    const piece p = piece_of(g, r);
    if (r == g->rank)
      memcpy(g->there + p.at_in, g->here + p.at_out, (size_t)p.out * sizeof *g->here);
    else if (p.out > 0 || p.in > 0)
      g->message[count++] = (ritz_message){.rank = r,
                                           .out_bytes = p.out * (ritz_index)sizeof *g->here,
                                           .in_bytes = p.in * (ritz_index)sizeof *g->here,
                                           .out = g->here + p.at_out,
                                           .in = g->there + p.at_in};
  }
  return ritz_comm_swap(ritz_layout_comm(g->layout), count, g->message);
}

/* Mode planes of all rows for all mode planes of own rows. */
static piece modes_for_rows(ritz_split_gaussian *g, int r) {
  ritz_index rows, first, modes;
  const ritz_index row = rows_of(g, r, &rows), width = g->options.nodes[2];
  ritz_share_of(r, g->size, g->options.modes[0], &first, &modes);
  return (piece){.at_out = row * g->modes * width,
                 .out = rows * g->modes * width,
                 .at_in = first * g->rows * width,
                 .in = modes * g->rows * width};
}

/* All node planes of own rows for own planes of all rows, those of a rank together. */
static piece rows_for_planes(ritz_split_gaussian *g, int r) {
  ritz_index rows, first, planes;
  const ritz_index row = rows_of(g, r, &rows), width = g->options.nodes[2];
  const ritz_index *offset = g->layout->offset[0];
  ritz_layout_part(g->layout, 0, &first, &planes);
  return (piece){.at_out = offset[r] * g->rows * width,
                 .out = (offset[r + 1] - offset[r]) * g->rows * width,
                 .at_in = row * planes * width,
                 .in = rows * planes * width};
}

static void unpack(const ritz_split_gaussian *g, double *field) {
  const ritz_index *n = g->options.nodes;
  ritz_index start, planes;
  ritz_layout_part(g->layout, 0, &start, &planes);
  for (int r = 0; r < g->size; r++) {
    ritz_index rows;
    const ritz_index first = rows_of(g, r, &rows);
    for (ritz_index i = 0; i < planes; i++)
      memcpy(field + (i * n[1] + first) * n[2], g->there + (first * planes + i * rows) * n[2],
             (size_t)(rows * n[2]) * sizeof *field);
  }
}

ritz_status ritz_split_gaussian_sample(ritz_split_gaussian *g, uint64_t seed, uint32_t sample,
                                       double *field) {
  const ritz_index *m = g->options.modes, width = g->options.nodes[2];
  const ritz_random stream = {.seed = seed, .purpose = RITZ_RANDOM_FIELD, .sample = sample};
  draw_modes(g, &stream);
  ritz_kernels_get(RITZ_FLOAT64)
      ->multiply(g->modes * m[1] * m[2], g->xi, g->series.amplitude, g->xi);
  for (ritz_index i = 0; i < g->modes; i++) sum_plane(g, i);
  RITZ_TRY(exchange(g, modes_for_rows));
  for (ritz_index j = 0; j < g->rows; j++)
    ritz_gemm_run(&g->series.product[0], g->series.cosine[0], g->there + j * width,
                  g->here + j * width);
  RITZ_TRY(exchange(g, rows_for_planes));
  unpack(g, field);
  return RITZ_OK;
}
