/* SPDX-License-Identifier: BSD-3-Clause
 * A model, its data and the file to write. */
#include "tools/predict_job.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/fail.h"
#include "dist/comm.h"
#include "tools/fit.h"

static bool is_same_file(const char *a, const char *b) {
  struct stat of_a, of_b;
  return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
         of_a.st_ino == of_b.st_ino;
}

ritz_status ritz_predict_job_open(const ritz_call *call, const char *data, ritz_index steps,
                                  bool force, ritz_predict_job *job) {
  job->model_path = call->operand[0];
  job->path = call->operand[2];
  for (int i = 0; i < 2; i++)
    RITZ_REQUIRE(!is_same_file(call->operand[i], job->path), RITZ_ERR_IO,
                 "%s is what the command reads: give OUT.h5 another name", job->path);
  RITZ_REQUIRE(force || !ritz_is_first_rank(job->context) || access(job->path, F_OK) != 0,
               RITZ_ERR_IO, "%s exists: --force replaces it", job->path);
  RITZ_TRY(ritz_model_load(job->context, job->model_path, &job->model));
  RITZ_TRY(ritz_dataset_open(job->context, call->operand[1], data, &job->set));
  const ritz_dataset_info *info = ritz_dataset_get_info(job->set);
  const ritz_model_info *model = ritz_model_get_info(job->model);
  for (int a = 0; a < info->dim; a++) job->grid[a] = info->grid[a];
  RITZ_TRY(ritz_check_fit(job->model_path, model, info));
  job->steps = steps                    ? steps
               : info->channels_out > 0 ? info->channels_out / model->channels_out
                                        : 1;
  return RITZ_OK;
}

void ritz_predict_job_close(ritz_predict_job *job) {
  ritz_dataset_close(&job->set);
  ritz_model_destroy(&job->model);
  ritz_context_destroy(&job->context);
}

ritz_exit ritz_predict_exit(ritz_status status) {
  return status == RITZ_OK ? RITZ_EXIT_OK : RITZ_EXIT_FAILED;
}
