/* SPDX-License-Identifier: BSD-3-Clause
 * A model planned for one grid and batch, to be called from a simulation: physical values in,
 * physical values out, no allocation, no output, no threads beyond the context's. */
#ifndef RITZ_PREDICTOR_H
#define RITZ_PREDICTOR_H

#include <ritz/layout.h>
#include <ritz/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_predictor ritz_predictor;

/**
 * Plans a model; may allocate. One predictor serves one thread at a time; create one per thread.
 *
 * @param model  Kept alive by the predictor.
 * @param dim    Grid axes; must be the model's.
 * @param grid   [dim] points per axis, not necessarily the training grid.
 * @param batch  Fields per call.
 * @param out    NULL on failure. RITZ_ERR_SHAPE  dim or an extent; RITZ_ERR_MEMORY
 */
RITZ_API ritz_status ritz_predictor_create(ritz_model *model, int dim, const ritz_index *grid,
                                           ritz_index batch, ritz_predictor **out);
/**
 * The same on a grid that is split over ranks: each one gives and gets its part, x and y split
 * alike. Runs are collective and return the same status on all ranks.
 *
 * @param steps   As for ritz_predictor_create_rollout(); 1: the model itself.
 * @param layout  Of the whole grid, over the ranks of its context; retained. Planning sends
 *                nothing: make sure that it succeeded on all ranks before the first run.
 *                RITZ_ERR_UNSUPPORTED  the model's output lies on another grid
 */
RITZ_API ritz_status ritz_predictor_create_split(ritz_model *model, ritz_layout *layout,
                                                 ritz_index batch, ritz_index steps,
                                                 ritz_predictor **out);
/**
 * As ritz_predictor_create() for an operator of frames that is applied to its own output: the last
 * channels_in channels of the state and a step's output are the state of the next step.
 *
 * @param steps  1 or more; y then has steps channels_out channels, the first step's first.
 *               RITZ_ERR_SHAPE  the model normalises x and y differently
 */
RITZ_API ritz_status ritz_predictor_create_rollout(ritz_model *model, int dim,
                                                   const ritz_index *grid, ritz_index batch,
                                                   ritz_index steps, ritz_predictor **out);
/** Gives back its model, too; accepts NULL and clears the pointer. */
RITZ_API void ritz_predictor_destroy(ritz_predictor **predictor);

/**
 * y = model(x) in physical units. Allocates nothing.
 *
 * @param x  [batch, X0, ..., channels_in], contiguous; this rank's part where the grid is split.
 * @param y  [batch, X0, ..., channels_out], contiguous; written only on success.
 *           RITZ_ERR_NUMERIC  x holds a value that is not finite (which one), or y would
 */
RITZ_API ritz_status ritz_predictor_run_f32(ritz_predictor *predictor, const float *x, float *y);
/** The same in double. */
RITZ_API ritz_status ritz_predictor_run_f64(ritz_predictor *predictor, const double *x, double *y);

/**
 * The same on a caller's own layout (Fortran order, ghost cells, channels first ...).
 *
 * @param x_stride, y_stride  [dim + 2] distance in numbers between neighbours along batch, each
 *                            grid axis, channels; any sign.
 */
RITZ_API ritz_status ritz_predictor_run_strided_f32(ritz_predictor *predictor, const float *x,
                                                    const ritz_index *x_stride, float *y,
                                                    const ritz_index *y_stride);
/** The same in double. */
RITZ_API ritz_status ritz_predictor_run_strided_f64(ritz_predictor *predictor, const double *x,
                                                    const ritz_index *x_stride, double *y,
                                                    const ritz_index *y_stride);

/**
 * Plans the predictor anew so that it can also run backward; may allocate: values inside are then
 * kept until the next run, as in training. On failure the predictor is as before.
 */
RITZ_API ritz_status ritz_predictor_plan_vjp(ritz_predictor *predictor);

/**
 * g = (dy/dx)^T v in physical units, at the x of the last run. Allocates nothing. For optimisation
 * and data assimilation with the operator as the forward model: v is the gradient of a cost with
 * respect to y, g that with respect to x.
 *
 * @param v  [batch, X0, ..., steps channels_out], contiguous; this rank's part of a split grid,
 * where the call is collective.
 * @param g  [batch, X0, ..., channels_in], contiguous; written only on success.
 *           RITZ_ERR_ARGUMENT  without ritz_predictor_plan_vjp(), or before a run
 *           RITZ_ERR_NUMERIC   v holds a value that is not finite, or g would
 * Cost: about twice a run; from the second v for one x on, three times.
 */
RITZ_API ritz_status ritz_predictor_vjp_f32(ritz_predictor *predictor, const float *v, float *g);
/** The same in double. */
RITZ_API ritz_status ritz_predictor_vjp_f64(ritz_predictor *predictor, const double *v, double *g);

/** The same on a caller's own layout, as ritz_predictor_run_strided_f32(). */
RITZ_API ritz_status ritz_predictor_vjp_strided_f32(ritz_predictor *predictor, const float *v,
                                                    const ritz_index *v_stride, float *g,
                                                    const ritz_index *g_stride);
/** The same in double. */
RITZ_API ritz_status ritz_predictor_vjp_strided_f64(ritz_predictor *predictor, const double *v,
                                                    const ritz_index *v_stride, double *g,
                                                    const ritz_index *g_stride);

/** @return  Bytes held for buffers and plans. */
RITZ_API size_t ritz_predictor_memory(const ritz_predictor *predictor);

/** The plan as text, one line per step. Release with ritz_text_free(). */
RITZ_API ritz_status ritz_predictor_describe(const ritz_predictor *predictor, char **out);

#ifdef __cplusplus
}
#endif
#endif
