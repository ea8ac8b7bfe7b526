/* SPDX-License-Identifier: BSD-3-Clause
 * The file of `ritz predict`: a native map (io/map_writer.h) plus `truth`.
 *
 * Several ranks write it one after the other: the first one makes it, with room for everything, and
 * each opens it for as long as it has the word. Any HDF5 can do that, on any file system. */
#ifndef RITZ_TOOLS_PREDICT_FILE_H
#define RITZ_TOOLS_PREDICT_FILE_H

#include <ritz/layout.h>

#include "io/map_layout.h"
#include "tools/predict.h"

typedef struct ritz_predict_file {
  hid_t file, x, y, truth, sample;
  char *temporary;
  const char *path;
  ritz_map_spec spec;
  bool has_truth, shared, makes;  /* shared: among ranks; makes: this one creates and publishes */
  ritz_index start[3], extent[3]; /* the part of the grid that is written here */
  char x_name[96], y_name[96];    /* long names of the fields, from the data set */
} ritz_predict_file;

/**
 * Begins PATH.tmp. Collective.
 *
 * @param truth   Whether it gets the data set `truth`.
 * @param layout  Which part of the grid this rank writes; NULL: whole fields.
 */
ritz_status ritz_predict_file_create(const ritz_predict_job *job, bool truth,
                                     const ritz_layout *layout, ritz_predict_file *out);

/** The part of samples first ... first + count - 1; @p truth NULL if there is none. */
ritz_status ritz_predict_file_write(ritz_predict_file *file, ritz_index first, ritz_index count,
                                    const void *x, const void *y, const void *truth);

/** Before and after this rank writes, where ranks share the file; else there is nothing to do.
 * @param status  Of what was written. @return  It, or what went wrong here. */
ritz_status ritz_predict_file_open(ritz_predict_file *file);
ritz_status ritz_predict_file_close(ritz_predict_file *file, ritz_status status);

/** With RITZ_OK it becomes PATH, with its XDMF text; else it is removed. Releases everything. Each
 * rank alone, with a status that they have agreed upon.
 * @return  @p status, or what went wrong here. */
ritz_status ritz_predict_file_finish(ritz_predict_file *file, ritz_status status);

#endif
