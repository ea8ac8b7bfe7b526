/* SPDX-License-Identifier: BSD-3-Clause
 * A fixed matrix T [M, N] along one axis of a field that may be cut along that axis: y = T x, where
 * each of the R ranks of a line has some of the N points and gets its share of the M rows.
 *
 *     points [B][slabs, n, inner]  ->  rows [B][slabs, m, inner],  n of N, m of M
 *
 * Forward a rank makes the rows of all R from its points and sends each what is its; the sums are
 * taken in double in rank order. The adjoint sends the own rows to all. Nothing travels along axes
 * that are not cut. */
#ifndef RITZ_GRAPH_OPS_LINE_SUMS_H
#define RITZ_GRAPH_OPS_LINE_SUMS_H

#include "dist/traffic.h"
#include "graph/op.h"
#include "graph/ops/axis_pass.h"

typedef struct ritz_line_sums {
  ritz_comm *comm;
  int ranks, own;        /* of the line */
  int *rank;             /* [ranks] in the communicator */
  ritz_axis_pass *part;  /* [ranks] what the own points give to the rows of each */
  ritz_index row_sample; /* numbers from one sample of the own rows to the next */
  ritz_index channels;
  size_t size;           /* bytes of a number */
  ritz_message *message; /* [ranks] */
  const void **row;      /* [ranks] */
} ritz_line_sums;

/**
 * @param x           Planned, or part of a graph that is being planned.
 * @param axis        Of the grid.
 * @param modes       M. @param entry  Of (mode, point of the whole axis), with @p user.
 * @param row_sample  Numbers from one sample of the rows to the next.
 * @param sums        Zero-filled; ritz_line_sums_clear(), also after a failure.
 */
ritz_status ritz_line_sums_plan(const ritz_node *x, int axis, ritz_index modes,
                                ritz_axis_entry *entry, const void *user, ritz_index row_sample,
                                ritz_line_sums *sums);
void ritz_line_sums_clear(ritz_line_sums *sums);

/** Rows of a sample here, each of C numbers: slabs m inner / C. */
ritz_index ritz_line_sums_rows(const ritz_line_sums *sums);
/** Bytes of scratch of @p node in the runs below: for each line of points here
 * 2 M numbers at most, all of the M twice. */
size_t ritz_line_sums_scratch(const ritz_line_sums *sums);

/** rows = T points. A failure latches in the graph of @p node, in whose run this is. */
void ritz_line_sums_forward(const ritz_line_sums *sums, const ritz_node *node, const void *points,
                            void *rows);
/** points += T^T rows. */
void ritz_line_sums_adjoint(const ritz_line_sums *sums, const ritz_node *node, const void *rows,
                            void *points);

double ritz_line_sums_flops(const ritz_line_sums *sums);
void ritz_line_sums_traffic(const ritz_line_sums *sums, bool backward, ritz_traffic *traffic);

#endif
