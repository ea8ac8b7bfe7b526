/* SPDX-License-Identifier: BSD-3-Clause
 * What a loss sums over the points of a sample, and the ways to make a number of the sums. */
#ifndef RITZ_TRAIN_LOSS_NORM_H
#define RITZ_TRAIN_LOSS_NORM_H

#include "kernels/kernels.h"
#include "train/loss.h"

/* Sums are kept in lanes: number k of a run that starts at channel 0 belongs to lane k % period,
 * the period being a multiple of the channels, so that inner loops are long whatever C is. */
enum { ritz_loss_lanes = 64 };
static inline ritz_index ritz_loss_period(ritz_index channels) {
  return (ritz_loss_lanes + channels - 1) / channels * channels;
}

/** One row of an axis' differences, places counted from its own point i. Both maps have rows that
 * sum to zero, so they are written with differences of values:
 * (D u)_i = sum_t w_t (u_(i + to[t]) - u_(i + from)) and
 * (D^T D u)_i = sum_t w_t (u_i - u_(i + to[t])), which keeps small differences of large numbers
 * exact. */
enum { ritz_loss_row_terms = 10 };
typedef struct ritz_loss_row {
  ritz_index run; /* rows from here on that are the same */
  ritz_index from;
  int terms;
  ritz_index to[ritz_loss_row_terms];
  double weight[ritz_loss_row_terms];
} ritz_loss_row;

/** A planned loss. */
typedef struct ritz_loss_plan {
  const ritz_kernels *kernels;
  size_t size; /* bytes of a number */
  ritz_loss_options options;
  ritz_index batch, channels, points, period;
  struct ritz_comm *comm; /* of a split field: its points are spread over these ranks */
  ritz_index all_points;  /* of a sample, on all ranks */
  double cell;
  double *ones; /* [period], for gradients before their factor is known */
  int dim;
  ritz_index grid[3]; /* of the part here, the last dim of them; missing leading axes are 1 */
  ritz_index whole[3], first[3]; /* points of all parts, and the first one here */
  double length[3];
  ritz_index unit;                /* rows that stay together in a chunk: 1, or a line of the grid */
  ritz_index chunk_units, chunks; /* of one sample */
  /* Derivatives: the fields are boxes of grid[j] + 2 margin[j] points around the part. */
  ritz_index margin[3];
  ritz_loss_row *difference[3]; /* [whole[j]] rows of D_j; NULL for missing axes */
  ritz_loss_row *normal[3];     /* [whole[j]] rows of D_j^T D_j */
} ritz_loss_plan;

/** Rows [first, first + count) of sample b. */
typedef struct ritz_loss_part {
  ritz_index sample, first, count;
  const void *prediction, *truth; /* of the whole batch, boxes where there are margins */
} ritz_loss_part;

struct ritz_loss_norm {
  bool derivatives; /* wants the difference rows, and chunks of whole lines */
  bool largest;     /* lanes and channels combine by maximum instead of sum */
  double flops;     /* per number, about */
  /* error[period] and truth[period] take in what the rows of the part give. */
  void (*sums)(const ritz_loss_plan *plan, const ritz_loss_part *part, double *error,
               double *truth);
  /* gradient[whole batch] (+)= coefficient[lane] d sum / d prediction. NULL: a metric only. */
  void (*gradient)(const ritz_loss_plan *plan, const ritz_loss_part *part,
                   const double *coefficient, void *gradient, bool add);
};

/** Points that rows of D^T D reach along an axis: two, at the ends of a grid three. */
enum { ritz_loss_reach = 3 };
/** Fills difference and normal (loss_difference.c); the plan's owner frees them. */
ritz_status ritz_loss_plan_differences(ritz_loss_plan *plan);
void ritz_loss_free_differences(ritz_loss_plan *plan);

/** Address of number @p i of an array. */
static inline const void *ritz_loss_at(const ritz_loss_plan *plan, const void *array,
                                       ritz_index i) {
  return (const char *)array + (size_t)i * plan->size;
}

extern const ritz_loss_norm ritz_loss_norm_l1, ritz_loss_norm_l2, ritz_loss_norm_h1,
    ritz_loss_norm_max;

/* Values (loss_value.c), A being a sum over channels where c is not written. */
/** sqrt(A(e)) / (sqrt(A(y)) + eps). */
double ritz_loss_relative_root(const ritz_loss_sums *sums, double *slope);
/** sum_c sqrt(A_c(e)) / (sqrt(A_c(y)) + eps). */
double ritz_loss_per_channel_root(const ritz_loss_sums *sums, double *slope);
/** sqrt(cell A(e)). */
double ritz_loss_absolute_root(const ritz_loss_sums *sums, double *slope);
/** A(e) / (A(y) + eps). */
double ritz_loss_relative(const ritz_loss_sums *sums, double *slope);
/** A(e) / (N C). */
double ritz_loss_mean(const ritz_loss_sums *sums, double *slope);
/** max_c A_c(e) / (max_c A_c(y) + eps); no slope. */
double ritz_loss_relative_largest(const ritz_loss_sums *sums, double *slope);

/* Rows of option tables; fields of ritz_loss_options. */
#define RITZ_LOSS_EPS \
  RITZ_OPTION_REAL(ritz_loss_options, eps, 0, 1, "1e-8", "added to the denominator")
#define RITZ_LOSS_LENGTHS                                           \
  RITZ_OPTION_REALS(ritz_loss_options, lengths, 1e-300, 1e300, "1", \
                    "extent of the domain, one for all axes or one each")
#define RITZ_LOSS_PERIODIC                                    \
  RITZ_OPTION_BOOL(ritz_loss_options, periodic, "true",       \
                   "central differences go around the ends; " \
                   "otherwise one-sided third-order differences there")

#endif
