/* SPDX-License-Identifier: BSD-3-Clause
 * Sparse matrices by rows (CSR): built from entries, from stencils and elements on structured
 * grids, or from Matrix Market files. A product is a ritz_krylov_map, so a matrix goes straight
 * into ritz_krylov_set_operator(). */
#ifndef RITZ_SPARSE_H
#define RITZ_SPARSE_H

#include <ritz/scalar.h>
#include <ritz/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_sparse ritz_sparse;

/** What a matrix holds; arrays are its own. Values may be written through it: the pattern stays. */
typedef struct ritz_sparse_parts {
  ritz_scalar scalar;
  ritz_index rows, columns, entries;
  const ritz_index *start; /**< [rows + 1]: row i holds entries start[i] ... start[i + 1] - 1. */
  const int32_t *column;   /**< [entries], ascending within a row. */
  void *values;            /**< [entries] of the scalar. */
} ritz_sparse_parts;

/**
 * Takes a copy of rows that are ready.
 *
 * @param start   [rows + 1], from 0, not falling.
 * @param column  [start[rows]], each once per row, in any order.
 * @param values  As many numbers of @p scalar; NULL: zeros.
 * @param out     Release with ritz_sparse_destroy().
 *                RITZ_ERR_ARGUMENT  a size below 0, 2^31 rows or columns; a column out of range or
 *                twice in a row, named
 */
RITZ_API ritz_status ritz_sparse_create(ritz_scalar scalar, ritz_index rows, ritz_index columns,
                                        const ritz_index *start, const ritz_index *column,
                                        const void *values, ritz_sparse **out);
/** From @p count entries (row[i], column[i], values[i]) in any order; those of one place are added
 * up in the order given. Errors as above. */
RITZ_API ritz_status ritz_sparse_from_entries(ritz_scalar scalar, ritz_index rows,
                                              ritz_index columns, ritz_index count,
                                              const ritz_index *row, const ritz_index *column,
                                              const void *values, ritz_sparse **out);
/** Accepts NULL and clears the pointer. */
RITZ_API void ritz_sparse_destroy(ritz_sparse **matrix);

/** Its parts; they stay where they are as long as the matrix lives. */
RITZ_API ritz_sparse_parts ritz_sparse_describe(const ritz_sparse *matrix);

/** Threads of a product, 1 as created; 0: all the processor offers. Results do not depend on it. */
RITZ_API void ritz_sparse_set_threads(ritz_sparse *matrix, int threads);

/** y = A x, a ritz_krylov_map with the ritz_sparse as its user. @return  0.
 * Cost: 2 flops and a value and a column of memory per entry. */
RITZ_API int ritz_sparse_apply(void *matrix, const void *x, void *y);

/** Plans products with the transpose: a second pattern and a place per entry.  RITZ_ERR_MEMORY */
RITZ_API ritz_status ritz_sparse_plan_transposed(ritz_sparse *matrix);
/** y = A^T x (not conjugated), after ritz_sparse_plan_transposed(); without it returns 1. */
RITZ_API int ritz_sparse_apply_transposed(void *matrix, const void *x, void *y);

/* Structured grids -----------------------------------------------------------------------------*/

/** What a node of a grid is. */
typedef enum ritz_grid_node {
  RITZ_GRID_OUTSIDE = 0,   /**< Cut out of the domain. */
  RITZ_GRID_UNKNOWN = 1,   /**< Has a row of the matrix. */
  RITZ_GRID_PRESCRIBED = 2 /**< In the domain, its value given (Dirichlet). */
} ritz_grid_node;

/** Nodes of a box, last axis fastest; unknowns are numbered in the order of the nodes. */
typedef struct ritz_sparse_grid {
  int dim;              /**< 1 ... 3 */
  ritz_index nodes[3];  /**< Per axis. */
  double length[3];     /**< Of the box; the distance of nodes is length / (nodes - 1). */
  const double *points; /**< [nodes, dim] positions of a mapped grid; NULL: the box. */
  const uint8_t *kind;  /**< [nodes] of ritz_grid_node; NULL: all unknown. */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_sparse_grid;

/** @param unknown  [nodes]: the row of a node, -1 where it has none; may be NULL.
 * @return  Rows of the grid's matrices. */
RITZ_API ritz_index ritz_sparse_grid_unknowns(const ritz_sparse_grid *grid, ritz_index *unknown);

/**
 * A matrix of a stencil: row of node p, column of its neighbour p + offset.
 *
 * @param points        3, 5 or 7 in one, two and three axes: the node and its neighbours along the
 *                      axes; or 9, 27: all neighbours. Offsets are in the order of the nodes, first
 *                      axis slowest: of the five points north, west, centre, east, south.
 * @param periodic      [dim]: neighbours across the end; NULL: none. There and at nodes that are
 *                      not unknown an entry is dropped. Periodic axes have at least 3 nodes.
 * @param coefficients  [nodes, points] of @p scalar.
 *                      RITZ_ERR_ARGUMENT  a stencil that the grid's axes do not have
 */
RITZ_API ritz_status ritz_sparse_from_stencil(ritz_scalar scalar, const ritz_sparse_grid *grid,
                                              int points, const bool *periodic,
                                              const void *coefficients, ritz_sparse **out);

/** How cells become equations. */
typedef enum ritz_element {
  RITZ_ELEMENT_STAR, /**< Fluxes along the edges of a box grid: 3, 5 or 7 points in a row, the
                          finite volumes of the nodes. */
  RITZ_ELEMENT_P1,   /**< Linear on the d! simplices of a cell (Kuhn 1960): 3, 7, 15 points. */
  RITZ_ELEMENT_Q1    /**< Multilinear, 2^d Gauss points (Ciarlet 1978): 3, 9, 27 points. */
} ritz_element;

/** Coefficient between two nodes of RITZ_ELEMENT_STAR; elements interpolate it. */
typedef enum ritz_coefficient_mean {
  RITZ_MEAN_ARITHMETIC,
  RITZ_MEAN_HARMONIC
} ritz_coefficient_mean;

/** -div(a grad u) + c u = f in the cells whose nodes are all in the domain; no flux over the rest
 * of the boundary. Fields are [nodes]. */
typedef struct ritz_elements {
  ritz_sparse_grid grid;
  ritz_element element;
  ritz_coefficient_mean mean;
  const double *a;                  /**< NULL: 1 */
  const double *c;                  /**< NULL: 0 */
  const double *f;                  /**< NULL: 0 */
  const double *g;                  /**< Values of the prescribed nodes; NULL: 0 */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_elements;

/**
 * The matrix of the unknowns, and their right-hand side.
 *
 * @param scalar  Computed in double, stored as this.
 * @param rhs     [unknowns] of double: loads of f, less the columns of prescribed nodes times g.
 *                NULL: not wanted.
 *                RITZ_ERR_ARGUMENT  an axis with fewer than 2 nodes, a star on a mapped grid, a
 *                cell turned inside out (named)
 */
RITZ_API ritz_status ritz_sparse_from_elements(ritz_scalar scalar, const ritz_elements *problem,
                                               double *rhs, ritz_sparse **out);
/** The same into a matrix made by it for the same grid and element: values only.
 * RITZ_ERR_SHAPE  another pattern */
RITZ_API ritz_status ritz_sparse_elements_update(ritz_sparse *matrix, const ritz_elements *problem,
                                                 double *rhs);

/* Files ----------------------------------------------------------------------------------------*/

/**
 * Reads a Matrix Market file in coordinate form: real, integer, pattern (ones) and, for complex
 * scalars, complex; general, symmetric, skew-symmetric and hermitian.
 * https://math.nist.gov/MatrixMarket/formats.html
 *
 * @param out  All entries of symmetric matrices, both halves.
 *             RITZ_ERR_IO  cannot be opened; RITZ_ERR_FORMAT  a line that is not as it must be,
 *             by number
 */
RITZ_API ritz_status ritz_sparse_read(const char *path, ritz_scalar scalar, ritz_sparse **out);
/** Writes one, coordinate general, with digits that read back to the same numbers, beside @p path
 * first. RITZ_ERR_IO: a file that was there stays. */
RITZ_API ritz_status ritz_sparse_write(const ritz_sparse *matrix, const char *path);

#ifdef __cplusplus
}
#endif
#endif
