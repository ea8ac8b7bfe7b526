/* SPDX-License-Identifier: BSD-3-Clause
 * What an architecture is to the library: options, a builder, and the published names of its
 * parameters. Add one with a file here and a line in operators.def. */
#ifndef RITZ_OPERATORS_OPERATOR_H
#define RITZ_OPERATORS_OPERATOR_H

#include <ritz/operator.h>
#include <ritz/ops.h>

#include "core/options.h"

/** How a parameter of the reference implementation maps onto ours. */
typedef enum ritz_reference_layout {
  RITZ_REFERENCE_SAME,     /* same order; extents of 1 do not matter */
  RITZ_REFERENCE_LINEAR,   /* (Co, Ci, 1...) -> [Ci, Co]; complex: [2, Ci, Co] */
  RITZ_REFERENCE_SPECTRAL, /* complex (Ci, Co, K...) or (C, K...) -> [K..., 2, Ci, Co]; the
                              reference's first and last extents of 1 may be missing in ours */
  RITZ_REFERENCE_ROWS,     /* complex (K, R) -> [K, 2, R] */
  RITZ_REFERENCE_CORNER,   /* complex (Ci, Co, m...): one corner of [2m, ..., m, 2, Ci, Co] */
  RITZ_REFERENCE_KERNEL,   /* (A, B, K...) -> [K..., B, A] */
  RITZ_REFERENCE_FIELD,    /* (C, X...) -> [X..., C] */
  RITZ_REFERENCE_HEADS,    /* (H, T, d) -> [T, H d] */
  RITZ_REFERENCE_PAIRS, /* (2 C, Ci, 1...) -> [Ci, 2 C], or (2 C) -> [2 C]: even, then odd ones */
  RITZ_REFERENCE_UNUSED /* the reference owns it and never reads it: ours is NULL */
} ritz_reference_layout;

/** One rule: both names hold the same numbers, %d, up to four; those written %+d in `theirs` are
 * larger by one there. */
typedef struct ritz_reference_name {
  const char *theirs, *ours;
  ritz_reference_layout layout;
  int corner; /* CORNER: bit j set: negative frequencies of axis j */
} ritz_reference_name;

/** The outputs an operator is to learn, as the loss sees them: normalised. */
typedef struct ritz_training_outputs {
  ritz_context *context;
  ritz_index samples, count; /* count: numbers of a sample, [X0, ..., Co] */
  ritz_status (*read)(void *user, ritz_index first, ritz_index number, double *y);
  void *user;
} ritz_training_outputs;

typedef struct ritz_operator_type {
  const char *name;    /* "fno" */
  const char *summary; /* one line */
  const char *paper;   /* "Li et al. 2021, arXiv:2010.08895" */
  size_t config_size;
  const ritz_option *options;
  /* Optional: what no single option can see; the message names the options. */
  ritz_status (*check)(const void *config);
  /* Refuses a training grid that would silently drop modes; may be NULL. */
  ritz_status (*check_grid)(const void *config, int dim, const ritz_index *grid);
  /* Adds the operator to a graph; x is [B, X0, ..., Ci]. */
  ritz_var (*build)(ritz_graph *graph, ritz_params *params, ritz_var x, const void *config);
  /* Optional: gives untrained parameters what the training set says, before the first epoch. */
  ritz_status (*fit)(const void *config, ritz_params *params, const ritz_training_outputs *outputs);
  /* Optional: the axis of the grid whose kept modes stand along axis `axis` of a parameter, -1 if
   * none do. Rows are frequencies in rising order, on the last axis of the grid from 0 on. */
  int (*mode_axis)(const void *config, const ritz_param_info *info, int axis);
  const char *reference;            /* what the published implementation calls it */
  const ritz_reference_name *names; /* ends with theirs == NULL */
} ritz_operator_type;

struct ritz_operator {
  ritz_context *context;
  const ritz_operator_type *type;
  void *config;
};

/** All types, in the order of operators.def. @param count  Their number. */
const ritz_operator_type *const *ritz_operator_types(int *count);

/** Finds a type; RITZ_ERR_NOT_FOUND names the nearest. */
ritz_status ritz_operator_type_find(const char *name, const ritz_operator_type **out);

/** As ritz_operator_create, from a configuration tree (NULL: defaults). */
ritz_status ritz_operator_create_from(ritz_context *context, const char *type,
                                      const ritz_value *options, ritz_operator **out);

/** All options as a tree, ready to be written into a file. */
ritz_status ritz_operator_options_tree(const ritz_operator *op, ritz_value **out);

#endif
