/* SPDX-License-Identifier: BSD-3-Clause
 * What the two halves of nested dissection share. */
#ifndef RITZ_SOLVERS_SPARSE_DISSECTION_PLAN_H
#define RITZ_SOLVERS_SPARSE_DISSECTION_PLAN_H

#include "core/memory.h"
#include "solvers/sparse/dissection.h"

/* Unknowns that are eliminated together, and those around them that they or what was eliminated
 * before couple with. Its matrix is [pivots + around], pivots first. */
typedef struct ritz_front {
  ritz_index first; /* position of the first pivot; they are consecutive */
  int pivots, around;
  int child[2];          /* fronts that leave their rest to this one; -1 */
  ritz_index boundary;   /* into ritz_dissection.boundary: positions of those around, ascending */
  ritz_index run;        /* into .run: those around in pieces that stand together ... */
  int runs;              /* ... in the parent's matrix, too */
  ritz_index entry, end; /* into .from, .to: entries of A that come in here */
  ritz_index numbers;    /* into the factors: inverse [p][ld(p)], low [b][ld(p)], up [p][ld(b)] */
} ritz_front;

struct ritz_dissection {
  ritz_index n;
  int fronts; /* children before parents */
  ritz_front *front;
  int32_t *position; /* [n] of each unknown */
  int32_t *boundary;
  int32_t (*run)[3];     /* first row, first row in the parent's matrix, rows */
  ritz_index *from, *to; /* entry of A, its place in the front's matrix */
  ritz_index numbers;    /* of the factors */
  ritz_index frame;      /* numbers of the largest front's matrix */
  ritz_index stack;      /* most numbers of rests that wait for their parents */
  ritz_index widest;     /* rows of the largest front */
};

/** Distance of the rows of a matrix with @p n columns. */
static inline ritz_index ritz_front_ld(ritz_index n) {
  return n < 8 ? n : ritz_padded(n, sizeof(double));
}

#endif
