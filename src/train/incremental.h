/* SPDX-License-Identifier: BSD-3-Clause
 * Training that starts with few modes and takes in more. Zhao, George, Khodak, Li, Azizzadenesheli
 * & Anandkumar 2022, arXiv:2211.15188.
 *
 * Modes that have not been taken in have weights of zero and no gradient: the operator is the one
 * with fewer modes, and so is every model saved on the way. On joining they get the initial values
 * they would have had. After an epoch
 *
 *   loss_gap:  modes join where the training loss changed by eps at the most;
 *   gradient:  every `epochs` epochs, where the modes without the last `buffer` explain less than
 *              the share `explained` of the gradient's strength. The strength of a mode is the sum
 * of squares of its gradients in those epochs, of all layers.
 *
 * Modes are counted as by n_modes: m of an axis are the frequencies -floor(m/2) ... ceil(m/2) - 1,
 * of the last one 0 ... floor(m/2). */
#ifndef RITZ_TRAIN_INCREMENTAL_H
#define RITZ_TRAIN_INCREMENTAL_H

#include "io/h5.h"
#include "model/model.h"

typedef struct ritz_incremental_options {
  int criterion;
  ritz_index start, step, buffer, epochs;
  double eps, explained;
} ritz_incremental_options;

/** Options of train.incremental. */
extern const ritz_option ritz_incremental_table[];

typedef struct ritz_incremental {
  ritz_incremental_options options;
  const ritz_operator *op; /* NULL: all modes from the start */
  ritz_params *params;
  ritz_index rows[3];  /* stored along each axis of the grid; 0 beyond */
  ritz_index modes;    /* taken in */
  ritz_index gathered; /* epochs in `strength` */
  double *strength;    /* [rows[0] + rows[1] + rows[2]] */
  void *initial;       /* values of all parameters, laid out as them; as much room behind */
} ritz_incremental;

/**
 * Takes out what waits. Without @p section nothing is ever done.
 *
 * @param section  train.incremental, or NULL.
 *                 RITZ_ERR_CONFIG  its options; an operator whose modes are not known
 */
ritz_status ritz_incremental_begin(ritz_incremental *incremental, const ritz_value *section,
                                   const ritz_operator *op, ritz_params *params);
void ritz_incremental_clear(ritz_incremental *incremental);

/** No gradient for what waits; gathers the strength of the rest. */
void ritz_incremental_gradient(ritz_incremental *incremental, void *gradient);

/** After an epoch. @param before  The loss of the epoch before, NaN if there is none. @return
 * Whether modes joined. */
bool ritz_incremental_epoch(ritz_incremental *incremental, double before, double loss);

/** In the group `train` of a checkpoint. */
ritz_status ritz_incremental_write(const ritz_incremental *incremental, hid_t group);
ritz_status ritz_incremental_read(ritz_incremental *incremental, hid_t group);

#endif
