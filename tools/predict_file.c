/* SPDX-License-Identifier: BSD-3-Clause
 * Structure of a prediction file. */
#include "tools/predict_file.h"

#include <hdf5_hl.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "core/memory.h"
#include "dist/comm.h"
#include "io/h5_ranks.h"
#include "io/xdmf.h"
#include "tools/note.h"
#include "train/agree.h"

/* What the data set calls its fields. */
static ritz_status read_names(const ritz_dataset_info *data, ritz_predict_file *f) {
  ritz_notes notes;
  RITZ_TRY(ritz_notes_open(data->path, &notes));
  if (data->channels_in == 1)
    ritz_read_note(&notes, data->x_name, "long_name", sizeof f->x_name, f->x_name);
  if (data->y_name && data->channels_out == 1)
    ritz_read_note(&notes, data->y_name, "long_name", sizeof f->y_name, f->y_name);
  return ritz_notes_close(&notes);
}

static ritz_map_field field(int channels, const char *const *names, const char *units,
                            const char *long_name) {
  return (ritz_map_field){.channels = channels,
                          .channel = names,
                          .units = units,
                          .long_name = *long_name ? long_name : NULL};
}

/* Extents that nobody knows get coordinates from 0 to 1; the attributes then say so. */
static void specify(const ritz_predict_job *job, ritz_predict_file *f) {
  const ritz_dataset_info *data = ritz_dataset_get_info(job->set);
  const ritz_model_info *model = ritz_model_get_info(job->model);
  f->spec = (ritz_map_spec){
      .samples = data->samples,
      .dim = data->dim,
      .coordinates = data->coordinates,
      .stored = model->dtype,
      .boundary = data->boundary,
      .x = field(data->channels_in, data->x_channel, data->x_units, f->x_name),
      .y = field((int)job->steps * model->channels_out, job->steps == 1 ? model->y_channel : NULL,
                 model->y_units, f->y_name)};
  for (int a = 0; a < data->dim; a++) {
    const double length = data->length[a] > 0 ? data->length[a] : model->length[a];
    f->spec.grid[a] = job->grid[a];
    f->spec.length[a] = length > 0 ? length : 1;
    f->spec.periodic[a] = data->periodic[a] > 0;
  }
}

static ritz_status write_notes(const ritz_predict_job *job, const ritz_predict_file *f) {
  const ritz_dataset_info *data = ritz_dataset_get_info(job->set);
  const ritz_model_info *model = ritz_model_get_info(job->model);
  const char *kind[3];
  double length[3];
  for (int a = 0; a < data->dim; a++) {
    const bool known = data->length[a] > 0 || model->length[a] > 0;
    length[a] = known ? f->spec.length[a] : 0;
    kind[a] = data->periodic[a] < 0 ? "unknown" : data->periodic[a] ? "periodic" : "bounded";
  }
  RITZ_TRY(ritz_h5_write_numbers(f->file, "lengths", data->dim, length));
  RITZ_TRY(ritz_h5_write_texts(f->file, "grid", data->dim, kind));
  RITZ_TRY(ritz_h5_write_text(f->file, "model", job->model_path));
  return ritz_h5_write_text(f->file, "data", data->path);
}

/* The attributes of y, and its dimension scales, for the truth. */
static ritz_status label_truth(const ritz_predict_file *f, int rank) {
  static const char *const role[] = {"sample", "x", "y", "z"};
  static const char *const scale[] = {"sample", "x_coordinate", "y_coordinate", "z_coordinate"};
  const char *roles[RITZ_MAX_RANK];
  for (int a = 0; a < rank; a++) {
    const bool channel = a > f->spec.dim;
    hid_t of;
    roles[a] = channel ? "channel" : role[a];
    RITZ_TRY(ritz_h5_find(f->file, channel ? "y_channel" : scale[a], RITZ_H5_DEFAULT_CACHE, &of));
    const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
    const bool attached = H5DSattach_scale(f->truth, of, (unsigned)a) >= 0;
    ritz_h5_quiet_end(quiet);
    ritz_h5_dataset_close(&of);
    if (!attached) return RITZ_H5_FAIL(f->truth, RITZ_ERR_IO, "cannot attach a dimension scale");
  }
  RITZ_TRY(ritz_h5_write_texts(f->truth, "axes", rank, roles));
  if (f->spec.y.units) RITZ_TRY(ritz_h5_write_text(f->truth, "units", f->spec.y.units));
  if (f->spec.y.long_name) RITZ_TRY(ritz_h5_write_text(f->truth, "long_name", f->spec.y.long_name));
  if (!f->spec.y.channel) return RITZ_OK;
  return ritz_h5_write_texts(f->truth, "channels", f->spec.y.channels, f->spec.y.channel);
}

static ritz_status create_truth(ritz_predict_file *f) {
  ritz_index n[RITZ_MAX_RANK], chunk[RITZ_MAX_RANK];
  const int rank = ritz_map_shape(&f->spec, &f->spec.y, f->spec.samples, n);
  ritz_map_chunk(&f->spec, &f->spec.y, chunk);
  RITZ_TRY(ritz_h5_create_dataset(f->file, "truth", ritz_h5_real(f->spec.stored), rank, n, chunk,
                                  &f->truth));
  return label_truth(f, rank);
}

static void close_sets(ritz_predict_file *f) {
  ritz_h5_dataset_close(&f->x);
  ritz_h5_dataset_close(&f->y);
  ritz_h5_dataset_close(&f->truth);
  ritz_h5_dataset_close(&f->sample);
}

static ritz_status find_sets(ritz_predict_file *f) {
  RITZ_TRY(ritz_h5_find(f->file, "x", 0, &f->x));
  RITZ_TRY(ritz_h5_find(f->file, "y", 0, &f->y));
  return ritz_h5_find(f->file, "sample", 0, &f->sample);
}

static ritz_status make(const ritz_predict_job *job, ritz_predict_file *f) {
  RITZ_TRY(ritz_h5_create(f->temporary, &f->file));
  RITZ_TRY(ritz_map_layout_create(f->file, &f->spec));
  RITZ_TRY(write_notes(job, f));
  RITZ_TRY(find_sets(f));
  return f->has_truth ? create_truth(f) : RITZ_OK;
}

/* Of a file that is made. */
static ritz_status find_all_sets(ritz_predict_file *f) {
  RITZ_TRY(find_sets(f));
  return f->has_truth ? ritz_h5_find(f->file, "truth", 0, &f->truth) : RITZ_OK;
}

/* With the word of this rank. */
static ritz_status open_alone(ritz_predict_file *f) {
  RITZ_TRY(ritz_h5_open_writable(f->temporary, &f->file));
  return find_all_sets(f);
}

static ritz_status close_alone(ritz_predict_file *f, ritz_status status) {
  close_sets(f);
  if (status == RITZ_OK) return ritz_h5_close(&f->file);
  if (f->file >= 0) ritz_h5_abandon(&f->file, f->temporary); /* nobody wants it any more */
  return status;
}

static ritz_status begin(const ritz_predict_job *job, ritz_predict_file *f) {
  RITZ_TRY(read_names(ritz_dataset_get_info(job->set), f));
  specify(job, f);
  RITZ_TRY(ritz_strjoin(job->path, ".tmp", &f->temporary));
  if (!f->makes) return RITZ_OK;
  const ritz_status status = make(job, f);
  if (!f->shared) return status;
  RITZ_TRY(close_alone(f, status));
  return ritz_h5_reserve(f->temporary);
}

static ritz_status open_together(ritz_predict_file *f) {
  RITZ_TRY(ritz_agree_on_opening(f->context, f->temporary, &f->file));
  return ritz_status_agree(f->context, find_all_sets(f));
}

static void take_part(ritz_predict_file *f, const ritz_predict_job *job,
                      const ritz_layout *layout) {
  f->marks = true;
  for (int a = 0; a < 3; a++) f->extent[a] = job->grid[a];
  for (int a = 0; layout && a < ritz_layout_dim(layout); a++) {
    ritz_layout_part(layout, a, &f->start[a], &f->extent[a]);
    f->marks = f->marks && f->start[a] == 0 && f->extent[a] > 0;
  }
}

ritz_status ritz_predict_file_create(const ritz_predict_job *job, bool truth,
                                     const ritz_layout *layout, ritz_predict_file *out) {
  const ritz_comm *comm = job->context->comm;
  *out = (ritz_predict_file){.context = job->context,
                             .path = job->path,
                             .ranks = ritz_comm_native(comm),
                             .has_truth = truth,
                             .shared = ritz_comm_size(comm) > 1,
                             .makes = ritz_is_first_rank(job->context)};
  out->together = ritz_h5_together(out->ranks);
  out->file = out->x = out->y = out->truth = out->sample = H5I_INVALID_HID;
  take_part(out, job, layout);
  ritz_status status = ritz_status_agree(job->context, begin(job, out));
  if (status == RITZ_OK && out->together) status = open_together(out);
  return status == RITZ_OK ? RITZ_OK : ritz_predict_file_finish(out, status);
}

/* A box of a data set. */
static ritz_status write_box(const ritz_predict_file *f, hid_t dataset, int rank,
                             const ritz_index *start, const ritz_index *n, ritz_h5_type type,
                             const void *values) {
  ritz_h5_range all = {.count = 1};
  ritz_h5_part part = {.ranges = 1, .range = &all};
  for (int a = 0; a < rank; a++) {
    part.start[a] = start[a];
    part.count[a] = n[a];
    all.count *= n[a];
  }
  if (f->together) return ritz_h5_write_together(f->ranks, dataset, &part, type, values);
  return all.count ? ritz_h5_write(dataset, start, n, type, values) : RITZ_OK;
}

static ritz_status write_field(const ritz_predict_file *f, const ritz_map_field *of, hid_t dataset,
                               ritz_index first, ritz_index count, const void *values) {
  ritz_index start[RITZ_MAX_RANK] = {first}, n[RITZ_MAX_RANK];
  const int rank = ritz_map_shape(&f->spec, of, count, n);
  for (int a = 0; a < f->spec.dim; a++) start[a + 1] = f->start[a], n[a + 1] = f->extent[a];
  return write_box(f, dataset, rank, start, n, ritz_h5_real(f->spec.stored), values);
}

static ritz_status write_numbers(const ritz_predict_file *f, ritz_index first, ritz_index count) {
  int64_t number[RITZ_PREDICT_BATCH];
  const ritz_index marked = f->marks ? count : 0;
  for (ritz_index i = 0; i < marked; i++) number[i] = first + i;
  return write_box(f, f->sample, 1, &first, &marked, RITZ_H5_INT64, number);
}

static ritz_status first_of(ritz_status before, ritz_status now) {
  return before != RITZ_OK ? before : now;
}

/* All calls, whatever comes of them: where ranks write together others take part in each. */
static ritz_status write_sets(const ritz_predict_file *f, ritz_index first, ritz_index count,
                              const void *x, const void *y, const void *truth) {
  ritz_status status = write_field(f, &f->spec.x, f->x, first, count, x);
  status = first_of(status, write_field(f, &f->spec.y, f->y, first, count, y));
  if (f->has_truth)
    status = first_of(status, write_field(f, &f->spec.y, f->truth, first, count, truth));
  return first_of(status, write_numbers(f, first, count));
}

/* The word goes round: a rank that hears of a failure passes it on. */
static ritz_status write_in_turn(ritz_predict_file *f, ritz_index first, ritz_index count,
                                 const void *x, const void *y, const void *truth) {
  ritz_comm *comm = f->context->comm;
  const int rank = ritz_comm_rank(comm), size = ritz_comm_size(comm);
  bool works = count > 0, failed = false;
  ritz_status status = RITZ_OK;
  for (int a = 0; a < f->spec.dim; a++) works = works && f->extent[a] > 0;
  if (rank > 0) RITZ_TRY(ritz_comm_move(comm, rank - 1, rank, sizeof failed, &failed));
  if (!failed && works) {
    status = open_alone(f);
    if (status == RITZ_OK) status = write_sets(f, first, count, x, y, truth);
    status = close_alone(f, status);
    failed = status != RITZ_OK;
  }
  if (rank + 1 < size) RITZ_TRY(ritz_comm_move(comm, rank, rank + 1, sizeof failed, &failed));
  return status;
}

ritz_status ritz_predict_file_write(ritz_predict_file *f, ritz_index first, ritz_index count,
                                    const void *x, const void *y, const void *truth) {
  const bool in_turn = f->shared && !f->together;
  return ritz_status_agree(f->context, in_turn ? write_in_turn(f, first, count, x, y, truth)
                                               : write_sets(f, first, count, x, y, truth));
}

/* What the ranks have closed is whole already. */
static ritz_status publish(ritz_predict_file *f) {
  if (!f->shared) return ritz_h5_commit(&f->file, f->temporary, f->path);
  const ritz_status status = ritz_file_publish(f->temporary, f->path);
  if (status != RITZ_OK) remove(f->temporary);
  return status;
}

static ritz_status finish(ritz_predict_file *f, ritz_status status) {
  /* The name of the data is last: once it is there, nothing is missing beside it. */
  if (status == RITZ_OK) status = ritz_xdmf_write(f->path, &f->spec);
  if (status == RITZ_OK) return publish(f);
  if (f->file >= 0)
    ritz_h5_abandon(&f->file, f->temporary);
  else if (f->temporary)
    remove(f->temporary);
  return status;
}

ritz_status ritz_predict_file_finish(ritz_predict_file *f, ritz_status status) {
  close_sets(f);
  if (f->together && status != RITZ_ERR_COMMUNICATION)
    status = first_of(status, ritz_status_agree(f->context, ritz_h5_close(&f->file)));
  if (f->makes) status = finish(f, status);
  ritz_free(f->temporary);
  f->temporary = NULL;
  return status;
}
