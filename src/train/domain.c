/* SPDX-License-Identifier: BSD-3-Clause */
#include "train/domain.h"

#include "core/fail.h"
#include "graph/op.h"

ritz_status ritz_domain_describe(int rank, int size, const ritz_ints *parts, ritz_domain *out) {
  ritz_index ranks = 1;
  *out = (ritz_domain){.parts = {1, 1, 1}, .group = rank, .groups = size};
  RITZ_REQUIRE(parts->count <= 3, RITZ_ERR_CONFIG, "a split of %d grid axes, at most 3 expected",
               parts->count);
  for (int a = 0; a < parts->count; a++) {
    ranks = parts->n[a] > size ? parts->n[a] : ranks * parts->n[a];
    RITZ_REQUIRE(ranks <= size && size % ranks == 0, RITZ_ERR_CONFIG,
                 "the grid is to be split into %td parts or more, which do not divide %d ranks; "
                 "mpirun starts ranks, of a build with MPI",
                 ranks, size);
    out->parts[a] = (int)parts->n[a];
  }
  out->split = ranks > 1;
  out->group = rank / (int)ranks;
  out->groups = size / (int)ranks;
  return RITZ_OK;
}

ritz_status ritz_domain_create(ritz_context *world, const ritz_ints *parts, ritz_domain *out) {
  RITZ_TRY(
      ritz_domain_describe(ritz_comm_rank(world->comm), ritz_comm_size(world->comm), parts, out));
  if (!out->split) {
    out->context = ritz_context_retain(world);
    out->siblings = ritz_context_retain(world);
    return RITZ_OK;
  }
  RITZ_TRY(ritz_context_split(world, out->group, &out->context));
  if (out->groups == 1) return RITZ_OK;
  const int number = ritz_comm_rank(out->context->comm);
  const ritz_status status = ritz_context_split(world, number, &out->siblings);
  if (status != RITZ_OK) ritz_domain_clear(out);
  return status;
}

void ritz_domain_clear(ritz_domain *domain) {
  ritz_context_destroy(&domain->siblings);
  ritz_context_destroy(&domain->context);
}

void ritz_domain_share(const ritz_domain *domain, ritz_index count, ritz_index *first,
                       ritz_index *share) {
  ritz_share_of(domain->group, domain->groups, count, first, share);
}

/* Statistics of a rank's share of the batch are not those of the batch. */
ritz_status ritz_domain_check_ops(const ritz_domain *domain, const ritz_graph *graph) {
  for (int i = 0; i < graph->count; i++) {
    const ritz_op *op = graph->node[i]->op;
    RITZ_REQUIRE(!op || !op->mixes_samples || domain->groups == 1, RITZ_ERR_CONFIG,
                 "this operator uses %s, whose statistics are those of the whole batch: it trains "
                 "on one rank, or on ranks that share the grid (train.grid), not on %d that share "
                 "the batch",
                 op->name, domain->groups);
  }
  return RITZ_OK;
}

bool ritz_domain_counts(const ritz_domain *domain) {
  return !domain->split || ritz_is_first_rank(domain->context);
}

ritz_status ritz_domain_layout(const ritz_domain *domain, int dim, const ritz_index *grid,
                               ritz_layout **out) {
  *out = NULL;
  if (!domain->split) return RITZ_OK;
  for (int a = dim; a < 3; a++)
    RITZ_REQUIRE(domain->parts[a] == 1, RITZ_ERR_CONFIG,
                 "the split has parts of axis %d, the data's grid has %d axes", a, dim);
  return ritz_layout_create(domain->context, dim, grid, domain->parts, NULL, out);
}

ritz_var ritz_domain_input(ritz_graph *graph, const char *name, ritz_shape shape,
                           ritz_layout *layout) {
  return layout ? ritz_input_split(graph, name, shape, layout) : ritz_input(graph, name, shape);
}
