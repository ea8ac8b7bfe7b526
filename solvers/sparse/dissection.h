/* SPDX-License-Identifier: BSD-3-Clause
 * Direct solver for matrices of grids by nested dissection (George 1973, doi:10.1137/0710032):
 * unknowns have places on a grid and couple with neighbours only, so the nodes of a line or plane
 * separate the two sides of it. Sides are eliminated first, separators last; what an elimination
 * leaves of the couplings around it is a dense matrix, and so all arithmetic is small products
 * (multifrontal: Duff & Reid 1983, doi:10.1145/356044.356047).
 *
 * Pivots are exchanged within blocks of a few unknowns only: an indefinite matrix may lose digits.
 * As preconditioner of GMRES it gets them back in a step or two, and the true residual is known.
 *
 * On a square of N x N unknowns in five or nine points: 30 to 40 N^3 flops and 8 to 11 N^2 log2(N)
 * numbers (counted for N = 31 ... 511). */
#ifndef RITZ_SOLVERS_SPARSE_DISSECTION_H
#define RITZ_SOLVERS_SPARSE_DISSECTION_H

#include <ritz/sparse.h>

/** Order and places of a pattern; unchanged after creation, so threads may share it. */
typedef struct ritz_dissection ritz_dissection;

/**
 * @param matrix  RITZ_REAL_DOUBLE, square, its pattern symmetric; only the pattern is read.
 * @param dim     1 ... 3.
 * @param place   [rows][dim] node of each unknown; coupled ones are at most 1 apart on every axis.
 *                RITZ_ERR_ARGUMENT  a pattern that is not so, with the row
 */
ritz_status ritz_dissection_create(const ritz_sparse *matrix, int dim, const int32_t *place,
                                   ritz_dissection **out);
void ritz_dissection_destroy(ritz_dissection **dissection);

/** Flops of a factorisation, and of a solution. */
double ritz_dissection_flops(const ritz_dissection *dissection);
double ritz_dissection_solve_flops(const ritz_dissection *dissection);

/** Factors of one matrix; one thread at a time. */
typedef struct ritz_dissection_factors ritz_dissection_factors;

/** @param dissection  Borrowed. */
ritz_status ritz_dissection_factors_create(const ritz_dissection *dissection,
                                           ritz_dissection_factors **out);
void ritz_dissection_factors_destroy(ritz_dissection_factors **factors);

/** From the values [entries] of a matrix of that pattern. Allocates nothing.
 * @return  false: a pivot is zero or not finite; the factors must then not be used. */
bool ritz_dissection_factor(ritz_dissection_factors *factors, const double *values);

/** x = A^-1 b, a ritz_krylov_map with the factors as its user. Allocates nothing. @return  0. */
int ritz_dissection_solve(void *factors, const void *b, void *x);

#endif
