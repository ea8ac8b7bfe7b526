/* SPDX-License-Identifier: BSD-3-Clause
 * The file of `ritz predict`: a native map (io/map_writer.h) plus `truth`. */
#ifndef RITZ_TOOLS_PREDICT_FILE_H
#define RITZ_TOOLS_PREDICT_FILE_H

#include "io/map_layout.h"
#include "tools/predict.h"

typedef struct ritz_predict_file {
  hid_t file, x, y, truth, sample;
  char *temporary;
  const char *path;
  ritz_map_spec spec;
  char x_name[96], y_name[96]; /* long names of the fields, from the data set */
} ritz_predict_file;

/** Begins PATH.tmp. @param truth  Whether it gets the data set `truth`. */
ritz_status ritz_predict_file_create(const ritz_predict_job *job, bool truth,
                                     ritz_predict_file *out);

/** Fields of samples first ... first + count - 1; @p truth NULL if there is none. */
ritz_status ritz_predict_file_write(ritz_predict_file *file, ritz_index first, ritz_index count,
                                    const void *x, const void *y, const void *truth);

/** With RITZ_OK it becomes PATH, with its XDMF text; else it is removed. Releases everything.
 * @return  @p status, or what went wrong here. */
ritz_status ritz_predict_file_finish(ritz_predict_file *file, ritz_status status);

#endif
