/* SPDX-License-Identifier: BSD-3-Clause
 * Data sets by name: a generator makes training pairs (x, y) of one equation. Sample i of a seed is
 * the same for any number of threads, any block of samples asked for, and any order. */
#ifndef RITZ_GENERATOR_H
#define RITZ_GENERATOR_H

#include <ritz/context.h>
#include <ritz/solve.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @return  Number of generators in the library. */
RITZ_API int ritz_generator_count(void);
/** @return  Name of number @p i, "darcy"; NULL outside 0 ... count - 1. */
RITZ_API const char *ritz_generator_name(int i);
/** @return  One line on number @p i: the equation and what x and y are; NULL as above. */
RITZ_API const char *ritz_generator_summary(int i);

/** Options of a generator, one a line: name, default, meaning. Release with ritz_text_free().
 * RITZ_ERR_NOT_FOUND  no such generator */
RITZ_API ritz_status ritz_generator_help(const char *type, char **out);

typedef struct ritz_generator ritz_generator;

/** What one of the two fields of a pair is. */
typedef struct ritz_generator_field {
  const char *name;  /**< "coefficient" */
  const char *unit;  /**< "1": dimensionless */
  ritz_shape shape;  /**< Of one sample: frames where there is time, grid axes, then channels where
                          there are several. */
  ritz_index frames; /**< Levels of time; 0: no such axis. */
  const double *times;              /**< [frames] since x. */
  const char *const *channel;       /**< [channels] names; NULL: none. */
  uint64_t reserved[RITZ_RESERVED]; /**< Room for fields to come. */
} ritz_generator_field;

/** Numbers of a sample beside its fields. */
typedef struct ritz_generator_list {
  const char *name;    /**< "eigenvalue" */
  const char *meaning; /**< One line. */
  const char *unit;
  ritz_index count;                 /**< Numbers of one sample. */
  uint64_t reserved[RITZ_RESERVED]; /**< Room for fields to come. */
} ritz_generator_list;

#define RITZ_GENERATOR_LISTS 2

typedef struct ritz_generator_info {
  const char *type;    /**< Name in the list. */
  const char *summary; /**< One line. */
  const char *paper;   /**< Where the data set is defined. */
  int dim;             /**< Grid axes. */
  ritz_index nodes[3]; /**< Nodes per axis: x_k = k length / (n-1), or k length / n if periodic. */
  double length[3];    /**< Extent of the domain. */
  bool periodic[3];
  int coordinates;        /**< Last channels of x that say where scattered points are; 0: a grid. */
  ritz_generator_field x; /**< Input. */
  ritz_generator_field y; /**< Target. */
  int lists;              /**< How many of these there are. */
  ritz_generator_list list[RITZ_GENERATOR_LISTS];
  const char *method; /**< How samples are solved, and why so; may be NULL. */
  ritz_index run;     /**< Samples it makes together; blocks of a multiple waste nothing. */
  bool chained; /**< The samples k run ... k run + run - 1 are made from one another, always all of
                     them: a block that begins or ends within such a chain makes the rest for
                     nothing. */
} ritz_generator_info;

/**
 * Plans a generator for a grid and the threads of @p context.
 *
 * @param type     A name of `ritz list generators`.
 * @param options  YAML or JSON map, "{resolution: 64, coefficient: lognormal}". NULL: all defaults.
 * @param out      NULL on failure. Keeps the context alive.
 *                 RITZ_ERR_NOT_FOUND  unknown type
 *                 RITZ_ERR_CONFIG     an option, named in the message
 */
RITZ_API ritz_status ritz_generator_create(ritz_context *context, const char *type,
                                           const char *options, ritz_generator **out);
/** Accepts NULL and clears the pointer. */
RITZ_API void ritz_generator_destroy(ritz_generator **generator);

/** What it makes; owned by the generator. */
RITZ_API const ritz_generator_info *ritz_generator_describe(const ritz_generator *generator);

/** All options, defaults included, as one-line JSON. Release with ritz_text_free(). */
RITZ_API ritz_status ritz_generator_options(const ritz_generator *generator, char **out);

/**
 * Makes samples first ... first + count - 1. One run at a time per generator.
 *
 * Computed in double; a report's residual is that of the double result, before it is stored as
 * @p dtype. A sample that did not converge is not an error: its report says so, its y is the last
 * iterate.
 *
 * @param x,y      [count, shape of the field], numbers of @p dtype.
 * @param reports  [count].
 *                 RITZ_ERR_ARGUMENT  first + count beyond 2^32, or one of them negative
 */
RITZ_API ritz_status ritz_generator_run(ritz_generator *generator, uint64_t seed, ritz_index first,
                                        ritz_index count, ritz_dtype dtype, void *x, void *y,
                                        ritz_solve_report *reports);

/** The same, and the numbers beside the fields: @p list [info.lists] arrays of [count][numbers of
 * the list]. */
RITZ_API ritz_status ritz_generator_run_lists(ritz_generator *generator, uint64_t seed,
                                              ritz_index first, ritz_index count, ritz_dtype dtype,
                                              void *x, void *y, double *const *list,
                                              ritz_solve_report *reports);

#ifdef __cplusplus
}
#endif
#endif
