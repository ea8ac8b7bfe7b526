/* SPDX-License-Identifier: BSD-3-Clause
 * Beginning and end of the commands that apply a model to a data set. */
#ifndef RITZ_TOOLS_PREDICT_JOB_H
#define RITZ_TOOLS_PREDICT_JOB_H

#include "tools/command.h"
#include "tools/predict.h"

/** The operands MODEL.h5 IN.h5 OUT.h5 of @p call, of ranks that have the job's context.
 *
 * @param data   How to read IN.h5; NULL: as it comes.
 * @param steps  Of a roll-out; 0: as many as y has channels for.
 * @param force  OUT.h5 may be there.
 */
ritz_status ritz_predict_job_open(const ritz_call *call, const char *data, ritz_index steps,
                                  bool force, ritz_predict_job *job);
void ritz_predict_job_close(ritz_predict_job *job);

/** The exit status of the work: a stop by a signal is a failure, since nothing is saved. */
ritz_exit ritz_predict_exit(ritz_status status);

#endif
