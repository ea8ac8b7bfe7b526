/* SPDX-License-Identifier: BSD-3-Clause
 * The file of `ritz predict`: a native map (io/map_writer.h) plus `truth`.
 *
 * Of several ranks the first one makes it, with room for everything. Then all write together
 * (io/h5_ranks.h) or, where HDF5 cannot do that, one after the other: each opens it for as long as
 * it has the word. Any HDF5 can do so, on any file system. */
#ifndef RITZ_TOOLS_PREDICT_FILE_H
#define RITZ_TOOLS_PREDICT_FILE_H

#include <ritz/layout.h>

#include "io/map_layout.h"
#include "tools/predict.h"

/** Most samples of one call. */
enum { RITZ_PREDICT_BATCH = 64 };

typedef struct ritz_predict_file {
  ritz_context *context; /* of the ranks that write */
  hid_t file, x, y, truth, sample;
  char *temporary;
  const char *path;
  ritz_map_spec spec;
  const void *ranks; /* ritz_comm_native() */
  bool has_truth;
  bool shared, together;          /* among ranks; that write at once */
  bool makes, marks;              /* this one creates and publishes; says which samples are there */
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

/** The part of samples first ... first + count - 1; @p truth is ignored if the file has none.
 * Collective, a rank that has none gives count 0.
 * @return  What all have agreed upon. */
ritz_status ritz_predict_file_write(ritz_predict_file *file, ritz_index first, ritz_index count,
                                    const void *x, const void *y, const void *truth);

/** With RITZ_OK it becomes PATH, with its XDMF text; else it is removed. Releases everything.
 * Collective, with a status that the ranks have agreed upon.
 * @return  @p status, or what went wrong here. */
ritz_status ritz_predict_file_finish(ritz_predict_file *file, ritz_status status);

#endif
