/* SPDX-License-Identifier: BSD-3-Clause
 * Softmax attention without the score matrix: out_i = sum over j of p_ij v_j with
 * p_ij = exp(s_ij) / sum over j of exp(s_ij), s_ij = scale q_i . k_j + bias.
 *
 * Scores exist for a block of queries and a tile of keys at a time; the row's peak and sum are
 * carried from tile to tile (Milakov & Gimelshein 2018, arXiv:1805.02867), and the gradient
 * computes the scores again from them (Dao et al. 2022, arXiv:2205.14135, Sec. 3). Saved for it:
 * the output, and two numbers per query and head.
 *
 * A block holds its scores as [keys, queries], the queries side by side in vector lanes: peaks,
 * sums and rescaling are then plain vector operations, and five of the six products have a long
 * contiguous extent.
 *
 * Work is cut by shape alone. A *unit* is one head of one window of one sample; a chunk is a run of
 * units, or a part of the query blocks of one unit where units are few. */
#ifndef RITZ_KERNELS_ATTENTION_H
#define RITZ_KERNELS_ATTENTION_H

#include "kernels/gemm.h"
#include "kernels/kernels.h"

/** Where the tokens of windows lie in a sample of q or of k and v. */
typedef struct ritz_token_map {
  ritz_index rows;       /* of a sample; 0: one set of rows for all windows of all samples */
  const ritz_index *row; /* [windows][tokens] row within the sample; NULL: one after the other */
} ritz_token_map;

typedef struct ritz_attention_shape {
  ritz_dtype dtype;
  ritz_index samples, windows, heads;
  ritz_index queries, keys;      /* of a window */
  ritz_index width, value_width; /* of a head: of q and k, of v and out */
  ritz_token_map query, key;
  const int *label;  /* [windows][tokens] (then queries = keys): a query sees its own label's keys;
                        NULL: all */
  const bool *mixed; /* [windows]: whether a window has several labels */
  ritz_index biases; /* rows of the table bias [biases, heads]; 0: none */
  const int *bias_row; /* [keys][queries]: the row for a pair */
  bool cosine;         /* q and k are normalised; scale_h = exp(min(log_scale_h, log 100)) */
  double scale;        /* not cosine */
} ritz_attention_shape;

/** Products of one width of blocks and one length of tiles. */
typedef struct ritz_attention_products {
  ritz_gemm scores, values[2]; /* s = K q^T; o (+)= V^T p */
  ritz_gemm weights;           /* gp = V gout^T */
  ritz_gemm value_gradient;    /* gV += p gout */
  ritz_gemm key_gradient;      /* gK += gs q */
  ritz_gemm query_gradient[2]; /* gq^T (+)= K^T gs */
} ritz_attention_products;

typedef struct ritz_attention_plan {
  ritz_attention_shape shape;
  const ritz_kernels *kernels;
  ritz_index problems, blocks;            /* windows of all samples; query blocks of a window */
  ritz_index lanes;                       /* queries of a window, the last block padded */
  ritz_index outer, inner, groups, parts; /* chunks = outer groups parts */
  ritz_attention_products products[2][2]; /* [last block][last tile] */
  size_t thread_bytes;                    /* of working memory per thread */
} ritz_attention_plan;

/** Operands; q [.., heads width], k the same, v and out [.., heads value_width]. */
typedef struct ritz_attention_fields {
  const void *q, *k, *v, *bias, *log_scale;
  void *out, *saved;
  const void *gout;
  void *gq, *gk, *gv, *gbias, *glog_scale; /* NULL: not wanted */
  bool add_q, add_k, add_v, add_bias, add_log_scale;
} ritz_attention_fields;

/** Plans; the arrays in @p shape stay the caller's and must live as long as the plan. */
ritz_attention_plan ritz_attention_make(const ritz_attention_shape *shape);

/** Bytes saved by a forward run: 2 samples windows heads queries numbers. */
size_t ritz_attention_saved_bytes(const ritz_attention_plan *plan);
/** Bytes of scratch of a forward run (@p gradients: of either run). */
size_t ritz_attention_scratch_bytes(const ritz_attention_plan *plan, bool gradients, int threads);

/** Cost: 2 samples windows heads queries keys (width + value_width) flops. */
void ritz_attention_forward(const ritz_attention_plan *plan, const ritz_attention_fields *fields,
                            void *scratch, int threads);
/** Writes (or adds) the wanted gradients; reads q, k, v, out and what forward saved. gq, gk and gv
 * may be one array if all of add_q, add_k and add_v are set. Cost: 5 / 2 of forward's. */
void ritz_attention_vjp(const ritz_attention_plan *plan, const ritz_attention_fields *fields,
                        void *scratch, int threads);

#endif
