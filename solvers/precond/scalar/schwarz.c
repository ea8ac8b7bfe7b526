/* SPDX-License-Identifier: BSD-3-Clause
 * Blocks of rows with overlap, each with incomplete or complete factors of its own (Dryja & Widlund
 * 1989): additive, z = sum R_i^T A_i^-1 R_i r, or restricted, where each row takes the block that
 * it belongs to without overlap (Cai & Sarkis 1999). Without overlap both are block Jacobi.
 *
 * Blocks are contiguous ranges of rows, their number fixed by the size of the matrix; overlap adds
 * the neighbours in the pattern, layer by layer. Threads share the blocks; rows that several blocks
 * hold are added up in the order of the blocks. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "solvers/precond/preconditioner.h"
#include "solvers/precond/scalar/factor.h"

typedef struct config {
  ritz_index blocks, overlap, fill;
  int local, kind;
} config;

enum { ADDITIVE, RESTRICTED, LOCAL_ILU = 0, LOCAL_LU };

#define BLOCKS RITZ_OPTION_INT(config, blocks, 0, 1 << 20, "0", "their number; 0: rows / 1024")
#define LOCAL  RITZ_OPTION_CHOICE(config, local, "ilu|lu", "ilu", "incomplete or complete factors")
#define FILL   RITZ_OPTION_INT(config, fill, 0, 1000, "0", "level of fill of ilu")

static const ritz_option block_options[] = {BLOCKS, LOCAL, FILL, RITZ_OPTION_END};
static const ritz_option schwarz_options[] = {
    BLOCKS,
    LOCAL,
    FILL,
    RITZ_OPTION_INT(config, overlap, 0, 64, "1", "layers of neighbours"),
    RITZ_OPTION_CHOICE(config, kind, "additive|restricted", "restricted",
                       "additive keeps the symmetry of the matrix"),
    RITZ_OPTION_END,
};

typedef struct block {
  ritz_index first, last; /* own rows */
  ritz_index count;       /* with overlap */
  int32_t *row;           /* [count], ascending */
  ritz_index *from;       /* [entries of local]: places in the matrix */
  ritz_sparse *local;
  ritz_factor *factor;
  scalar *z; /* [count] */
} block;

typedef struct cover {
  ritz_index blocks;
  block *block;
  const ritz_preconditioner *owner;
  const scalar *r;
  scalar *result;
} cover;

/* Memory -------------------------------------------------------------------------------------- */

static void destroy(ritz_preconditioner *p) {
  cover *w = p->work;
  if (!w) return;
  for (ritz_index b = 0; w->block && b < w->blocks; b++) {
    block *k = &w->block[b];
    ritz_free(k->row);
    ritz_free(k->from);
    ritz_free(k->z);
    ritz_sparse_destroy(&k->local);
    ritz_factor_destroy(&k->factor);
  }
  ritz_free(w->block);
  ritz_free(w);
}

/* Marks neighbours of the rows so far, once per layer, then lists all marked ones. */
static ritz_status find_rows(const ritz_sparse *a, ritz_index overlap, int32_t *mark, block *k) {
  ritz_index low = k->first, high = k->last; /* range that may hold marks */
  int32_t layer = 1;
  for (ritz_index i = k->first; i < k->last; i++) mark[i] = layer;
  k->count = k->last - k->first;
  for (; layer <= overlap; layer++) {
    const ritz_index begin = low, end = high;
    for (ritz_index i = begin; i < end; i++)
      for (ritz_index e = a->start[i]; mark[i] == layer && e < a->start[i + 1]; e++) {
        const ritz_index j = a->column[e];
        if (mark[j]) continue;
        mark[j] = layer + 1;
        k->count++;
        if (j < low) low = j;
        if (j + 1 > high) high = j + 1;
      }
  }
  RITZ_TRY(RITZ_NEW(k->count, &k->row));
  ritz_index to = 0;
  for (ritz_index i = low; i < high; i++)
    if (mark[i]) k->row[to++] = (int32_t)i;
  for (ritz_index i = low; i < high; i++) mark[i] = 0;
  return RITZ_OK;
}

/* The rows and columns of a block, as a matrix of its own. @param number  [n]: 1 + position. */
static ritz_status cut_out(const ritz_sparse *a, int32_t *number, block *k) {
  ritz_index entries = 0;
  for (ritz_index i = 0; i < k->count; i++) number[k->row[i]] = (int32_t)i + 1;
  for (ritz_index i = 0; i < k->count; i++)
    for (ritz_index e = a->start[k->row[i]]; e < a->start[k->row[i] + 1]; e++)
      entries += number[a->column[e]] > 0;
  ritz_status status = ritz_sparse_allocate(a->scalar, k->count, k->count, entries, &k->local);
  if (status == RITZ_OK) status = RITZ_NEW(entries, &k->from);
  entries = 0;
  for (ritz_index i = 0; status == RITZ_OK && i < k->count; i++) {
    for (ritz_index e = a->start[k->row[i]]; e < a->start[k->row[i] + 1]; e++)
      if (number[a->column[e]] > 0) {
        k->from[entries] = e;
        k->local->column[entries++] = number[a->column[e]] - 1;
      }
    k->local->start[i + 1] = entries;
  }
  for (ritz_index i = 0; i < k->count; i++) number[k->row[i]] = 0;
  return status;
}

static ritz_status create_blocks(ritz_preconditioner *p, cover *w, int32_t *mark) {
  const config *c = p->config;
  const ritz_factor_options o = {.fill = c->local == LOCAL_LU ? RITZ_FILL_ALL : (int)c->fill};
  for (ritz_index b = 0; b < w->blocks; b++) {
    block *k = &w->block[b];
    k->first = p->n * b / w->blocks;
    k->last = p->n * (b + 1) / w->blocks;
    RITZ_TRY(find_rows(p->matrix, c->overlap, mark, k));
    RITZ_TRY(cut_out(p->matrix, mark, k));
    RITZ_TRY(ritz_factor_create(k->local, &o, &k->factor));
    RITZ_TRY(RITZ_NEW(k->count, &k->z));
  }
  return RITZ_OK;
}

static ritz_status create(ritz_preconditioner *p) {
  const config *c = p->config;
  cover *w;
  int32_t *mark;
  RITZ_TRY(RITZ_NEW(1, &w));
  p->work = w;
  w->owner = p;
  w->blocks = c->blocks ? c->blocks : (p->n + 1023) / 1024;
  if (w->blocks > p->n) w->blocks = p->n;
  RITZ_TRY(RITZ_NEW(w->blocks, &w->block));
  RITZ_TRY(RITZ_NEW(p->n, &mark));
  const ritz_status status = create_blocks(p, w, mark);
  ritz_free(mark);
  return status;
}

/* Numbers ------------------------------------------------------------------------------------- */

static ritz_status update(ritz_preconditioner *p) {
  cover *w = p->work;
  const scalar *values = p->matrix->values;
  for (ritz_index b = 0; b < w->blocks; b++) {
    block *k = &w->block[b];
    scalar *local = k->local->values;
    for (ritz_index e = 0; e < k->local->entries; e++) local[e] = values[k->from[e]];
    const ritz_status status = ritz_factor_update(k->factor, k->local);
    if (status != RITZ_OK)
      return ritz_fail_prefix(status, "block %td of rows %td ...", b, k->first);
  }
  return RITZ_OK;
}

static void solve_block(void *arg, ritz_index index, int thread) {
  const cover *w = arg;
  const block *k = &w->block[index];
  const config *c = w->owner->config;
  for (ritz_index i = 0; i < k->count; i++) k->z[i] = w->r[k->row[i]];
  ritz_factor_solve(k->factor, 1, k->z, k->z);
  for (ritz_index i = 0; c->kind == RESTRICTED && i < k->count; i++)
    if (k->row[i] >= k->first && k->row[i] < k->last) w->result[k->row[i]] = k->z[i];
}

static int apply(ritz_preconditioner *p, const void *r, void *z) {
  cover *w = p->work;
  const config *c = p->config;
  w->r = r;
  w->result = z;
  ritz_parallel(p->threads, w->blocks, solve_block, w);
  if (c->kind == RESTRICTED) return 0;
  memset(z, 0, (size_t)p->n * sizeof(scalar));
  for (ritz_index b = 0; b < w->blocks; b++)
    for (ritz_index i = 0; i < w->block[b].count; i++)
      w->result[w->block[b].row[i]] += w->block[b].z[i];
  return 0;
}

const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_schwarz) = {.options = schwarz_options,
                                                                    .config_size = sizeof(config),
                                                                    .create = create,
                                                                    .update = update,
                                                                    .apply = apply,
                                                                    .destroy = destroy};
const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_block_jacobi) = {
    .options = block_options,
    .config_size = sizeof(config),
    .create = create,
    .update = update,
    .apply = apply,
    .destroy = destroy};
