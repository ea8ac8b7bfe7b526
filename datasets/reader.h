/* SPDX-License-Identifier: BSD-3-Clause
 * How a reader is written: it looks at an open file and says which sources make up x and y.
 *
 * Everything after that (stride, range of samples, reading, checks, statistics) is common. A new
 * layout is one file with a descriptor and one line in readers.def. */
#ifndef RITZ_DATASETS_READER_H
#define RITZ_DATASETS_READER_H

#include <ritz/dataset.h>

#include "core/options.h"
#include "datasets/source.h"

enum { RITZ_SIDE_X, RITZ_SIDE_Y, RITZ_SIDES };

/* x or y: sources stacked along the channels. */
typedef struct ritz_side {
  int sources; /* 0: no y */
  ritz_source *source;
  int channels;
  char *name;     /* "nu, forcing" */
  char *units;    /* NULL: not known */
  char **channel; /* [channels] */
} ritz_side;

typedef struct ritz_dataset_config {
  char *path, *reader;
  const ritz_value *x, *y; /* NULL or null: not given */
  ritz_ints stride, samples, window;
  ritz_index first, last; /* 0: not given */
  ritz_index window_step;
  ritz_reals lengths;
  int grid; /* 0 not given, 1 bounded, 2 periodic */
  ritz_index coordinates;
} ritz_dataset_config;

typedef struct ritz_reader {
  const char *name;
  const char *help; /* one line for `ritz list readers` */
  /* Whether an open file with these options is of this kind; cheap. */
  bool (*recognises)(hid_t file, const ritz_dataset_config *config);
  /* Fills dataset->side, and what the file says in dataset->info: length, periodic, boundary. */
  ritz_status (*open)(ritz_dataset *dataset, const ritz_dataset_config *config);
} ritz_reader;

/* Trajectories cut into windows, see window.h. */
typedef struct ritz_windows {
  ritz_index count;              /* of a trajectory; 0: samples are whole */
  ritz_index length[RITZ_SIDES]; /* frames of x and y */
  ritz_index step, frames, fields;
  int sources;
  const ritz_source *source[RITZ_SIDES]; /* in the order of time; fields channels a frame */
} ritz_windows;

struct ritz_dataset {
  ritz_context *context;
  const ritz_reader *reader;
  hid_t file;
  char *path, *boundary;
  ritz_side side[RITZ_SIDES];
  ritz_windows windows;
  ritz_index first_sample; /* of the file, that is number 0 of the set */
  ritz_dataset_info info;
  ritz_source_room room; /* scratch of reads */
};

/** Takes the x and y of a configuration; the others find them by themselves. */
extern const ritz_reader ritz_reader_mapping;

/** The readers, in order of trial; ends with NULL. */
const ritz_reader *const *ritz_readers(void);

/** ritz_dataset_open() with options already read: a text (the path) or a map. */
ritz_status ritz_dataset_open_value(ritz_context *context, const ritz_value *options,
                                    ritz_dataset **out);

/** Makes a side of @p sources closed sources, for readers to fill. */
ritz_status ritz_side_create(ritz_side *side, int sources);

/* Parts shared by readers: the description of sides as config (mapping.c), axes by attribute or
 * shape (axes.c). */

/** Reads "x" or "y" of a configuration into a side; axes may stay unknown (source->roles 0). */
ritz_status ritz_mapping_read_side(hid_t file, const ritz_value *value, const char *side_name,
                                   ritz_side *side);
/** Gives roles to the sources that have none yet: attribute `axes`, else by shapes. */
ritz_status ritz_axes_infer(ritz_dataset *dataset);
/** Reads lengths, grid and boundary if the root attributes are there. */
ritz_status ritz_native_attributes(ritz_dataset *dataset);

#endif
