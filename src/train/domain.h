/* SPDX-License-Identifier: BSD-3-Clause
 * World = domains x their ranks: a domain is the ranks that share the grid of a sample, and domains
 * share the samples of a batch. Without a split of the grid each rank is a domain. */
#ifndef RITZ_TRAIN_DOMAIN_H
#define RITZ_TRAIN_DOMAIN_H

#include <ritz/graph.h>

#include "core/options.h"
#include "dist/layout.h"

typedef struct ritz_domain {
  ritz_context *context;  /* of the domain's ranks; the world's without a split */
  ritz_context *siblings; /* of the ranks of this number in all domains; as above; NULL: alone */
  int parts[3];           /* of each grid axis */
  bool split;
  int group, groups; /* number of this domain, and of all */
} ritz_domain;

/** All about the domain of rank @p rank of @p size but its contexts. RITZ_ERR_CONFIG  as below */
ritz_status ritz_domain_describe(int rank, int size, const ritz_ints *parts, ritz_domain *out);

/**
 * Neighbouring ranks form a domain. Collective.
 *
 * @param parts  Of each grid axis, missing ones 1; their product divides the number of ranks.
 *               RITZ_ERR_CONFIG  it does not
 */
ritz_status ritz_domain_create(ritz_context *world, const ritz_ints *parts, ritz_domain *out);
void ritz_domain_clear(ritz_domain *domain);

/** This domain's part of @p count samples. */
void ritz_domain_share(const ritz_domain *domain, ritz_index count, ritz_index *first,
                       ritz_index *share);

/** Whether a graph may train here: RITZ_ERR_CONFIG  its statistics want a batch that is shared. */
ritz_status ritz_domain_check_ops(const ritz_domain *domain, const ritz_graph *graph);

/** Whether numbers that all ranks of the domain hold are counted here. */
bool ritz_domain_counts(const ritz_domain *domain);

/** How a grid is split over the domain; NULL without a split. RITZ_ERR_CONFIG  more parts than the
 * grid has axes. */
ritz_status ritz_domain_layout(const ritz_domain *domain, int dim, const ritz_index *grid,
                               ritz_layout **out);

/** A field of a graph of the domain, split by @p layout unless that is NULL. */
ritz_var ritz_domain_input(ritz_graph *graph, const char *name, ritz_shape shape,
                           ritz_layout *layout);

#endif
