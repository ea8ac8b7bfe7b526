/* SPDX-License-Identifier: BSD-3-Clause
 * Operators with weights and inputs from an integer hash, against numbers that the published
 * implementations gave for the same ones: no weight files are needed.
 *
 * Number k of tensor p, all in 32 bits:  h = (k+1) 2654435761 + (p+1) 2246822519,
 * h ^= h >> 15, h *= 2246822519, h ^= h >> 13, v = 2 h / 2^32 - 1. p is the position of the
 * parameter among all names of the reference in ASCII order, k its element in the reference's
 * layout (complex ones as pairs); the input is tensor 99. */
#ifndef RITZ_TESTS_GOLDEN_H
#define RITZ_TESTS_GOLDEN_H

#include <ritz/graph.h>

#include "model/reference.h"
#include "support.h"

enum { golden_input = 99, golden_most = 96 };

/** out[k] = (float)(scale v(k, p)). */
void golden_fill(ritz_index count, uint32_t p, double scale, double *out);

/** One parameter of the reference. */
typedef struct golden_parameter {
  char name[96];
  bool used; /**< False: the reference owns it but never reads it; match says nothing then. */
  ritz_reference_match match;
} golden_parameter;

/** All of them in ASCII order: entry[p] is tensor p. */
typedef struct golden_list {
  int count;
  golden_parameter entry[golden_most];
} golden_list;

/** @param unused_norms  Batch norms bn0, bn1, ... that the reference allocates and never uses. */
void golden_list_of(const ritz_operator_type *type, const ritz_params *params, int unused_norms,
                    golden_list *out);

/** Gives every parameter of @p list its values. */
void golden_fill_parameters(const golden_list *list, ritz_params *params, double scale);

/** One line of a table of golden numbers. */
typedef struct golden_row {
  const char *name;
  const char *options; /**< Of the operator, without braces. */
  ritz_shape x;        /**< In the reference's layout. */
  ritz_index numbers;  /**< Trainable real numbers. */
  double sum, squares; /**< Of the output ... */
  double first[4];     /**< ... in the reference's layout, */
  double last;         /**< and its ends. */
} golden_row;

/** A row, its fields in their order. */
#define GOLDEN_ROW(...) \
  { __VA_ARGS__ }

/** What the rows of a table have in common. */
typedef struct golden_table {
  const char *type;
  double scale;
  bool channels_first; /**< Layout of the reference's fields: [B, C, X0, ...], else as ours. */
} golden_table;

/** An operator on the input of a row, filled and ready to run. */
typedef struct golden_run {
  ritz_dtype dtype;
  ritz_context *context;
  ritz_operator *op;
  ritz_params *params;
  ritz_graph *graph; /**< Of the plan. */
  ritz_plan *plan;
  ritz_var x, y;
  golden_list list;
} golden_run;

/** Adds outputs to keep to @p output[0 .. count) and returns how many there are then. */
typedef int golden_outputs(ritz_graph *graph, int count, ritz_var *output);

/** @param more  NULL: keep the result only. */
void golden_create(const golden_table *table, const golden_row *row, ritz_dtype dtype,
                   int unused_norms, bool gradients, golden_outputs *more, golden_run *out);
void golden_destroy(golden_run *run);

/** Values of @p var in the reference's layout, malloc'ed. */
double *golden_values(const golden_table *table, golden_run *run, ritz_var var, ritz_index *count);

/** Sum and sum of squares agree to @p tolerance of what rounding of @p count numbers allows. */
void golden_check_sums(const char *name, ritz_index count, const double *v, double sum,
                       double squares, double tolerance);

/** Runs a row and compares all its numbers: relative error 1e-4, the printed digits and the float
 * arithmetic of the reference. */
void golden_check_row(const golden_table *table, const golden_row *row, ritz_dtype dtype,
                      int unused_norms);
/** All rows of a table, in both number formats. */
void golden_check_rows(const golden_table *table, size_t count, const golden_row *rows);
/** The same of a graph in training: batch norms use the statistics of the batch. */
void golden_check_training_row(const golden_table *table, const golden_row *row, ritz_dtype dtype);

#endif
