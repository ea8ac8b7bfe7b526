/* SPDX-License-Identifier: BSD-3-Clause
 * Structure of a prediction file. */
#include "tools/predict_file.h"

#include <hdf5_hl.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "dist/comm.h"
#include "io/xdmf.h"
#include "tools/note.h"

/* What the data set calls its fields. */
static ritz_status read_names(const ritz_dataset_info *data, ritz_predict_file *f) {
  hid_t file;
  RITZ_TRY(ritz_h5_open(data->path, &file));
  if (data->channels_in == 1)
    ritz_read_note(file, data->x_name, "long_name", sizeof f->x_name, f->x_name);
  if (data->y_name && data->channels_out == 1)
    ritz_read_note(file, data->y_name, "long_name", sizeof f->y_name, f->y_name);
  return ritz_h5_close(&file);
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
  ritz_map_shape(&f->spec, &f->spec.y, 1, chunk);
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

static ritz_status begin(const ritz_predict_job *job, ritz_predict_file *f) {
  RITZ_TRY(read_names(ritz_dataset_get_info(job->set), f));
  specify(job, f);
  RITZ_TRY(ritz_h5_beside(job->path, ".tmp", &f->temporary));
  return f->makes ? ritz_predict_file_close(f, make(job, f)) : RITZ_OK;
}

ritz_status ritz_predict_file_create(const ritz_predict_job *job, bool truth,
                                     const ritz_layout *layout, ritz_predict_file *out) {
  *out = (ritz_predict_file){.path = job->path,
                             .has_truth = truth,
                             .shared = ritz_comm_size(job->context->comm) > 1,
                             .makes = ritz_is_first_rank(job->context)};
  for (int a = 0; a < 3; a++) out->extent[a] = job->grid[a];
  for (int a = 0; layout && a < ritz_layout_dim(layout); a++)
    ritz_layout_part(layout, a, &out->start[a], &out->extent[a]);
  out->file = out->x = out->y = out->truth = out->sample = H5I_INVALID_HID;
  const ritz_status status = ritz_status_agree(job->context, begin(job, out));
  return status == RITZ_OK ? RITZ_OK : ritz_predict_file_finish(out, status);
}

ritz_status ritz_predict_file_open(ritz_predict_file *f) {
  if (!f->shared) return RITZ_OK;
  RITZ_TRY(ritz_h5_open_writable(f->temporary, &f->file));
  RITZ_TRY(find_sets(f));
  return f->has_truth ? ritz_h5_find(f->file, "truth", 0, &f->truth) : RITZ_OK;
}

ritz_status ritz_predict_file_close(ritz_predict_file *f, ritz_status status) {
  if (!f->shared) return status;
  close_sets(f);
  if (status == RITZ_OK) return ritz_h5_close(&f->file);
  if (f->file >= 0) ritz_h5_abandon(&f->file, f->temporary); /* nobody wants it any more */
  return status;
}

static ritz_status write_field(const ritz_predict_file *f, const ritz_map_field *of, hid_t dataset,
                               ritz_index first, ritz_index count, const void *values) {
  ritz_index start[RITZ_MAX_RANK] = {first}, n[RITZ_MAX_RANK];
  ritz_map_shape(&f->spec, of, count, n);
  for (int a = 0; a < f->spec.dim; a++) start[a + 1] = f->start[a], n[a + 1] = f->extent[a];
  return ritz_h5_write(dataset, start, n, ritz_h5_real(f->spec.stored), values);
}

ritz_status ritz_predict_file_write(ritz_predict_file *f, ritz_index first, ritz_index count,
                                    const void *x, const void *y, const void *truth) {
  RITZ_TRY(write_field(f, &f->spec.x, f->x, first, count, x));
  RITZ_TRY(write_field(f, &f->spec.y, f->y, first, count, y));
  if (truth) RITZ_TRY(write_field(f, &f->spec.y, f->truth, first, count, truth));
  for (ritz_index i = first; i < first + count; i++) {
    const ritz_index one = 1;
    const int64_t number = i;
    RITZ_TRY(ritz_h5_write(f->sample, &i, &one, RITZ_H5_INT64, &number));
  }
  return RITZ_OK;
}

/* What the ranks have closed is whole already. */
static ritz_status publish(ritz_predict_file *f) {
  if (!f->shared) return ritz_h5_commit(&f->file, f->temporary, f->path);
  const ritz_status status = ritz_h5_publish(f->temporary, f->path);
  if (status != RITZ_OK) remove(f->temporary);
  return status;
}

ritz_status ritz_predict_file_finish(ritz_predict_file *f, ritz_status status) {
  close_sets(f);
  if (status == RITZ_OK && f->makes) {
    status = publish(f);
    if (status == RITZ_OK) status = ritz_xdmf_write(f->path, &f->spec);
  } else if (f->file >= 0) {
    ritz_h5_abandon(&f->file, f->temporary);
  } else if (f->makes && f->temporary) {
    remove(f->temporary);
  }
  ritz_free(f->temporary);
  f->temporary = NULL;
  return status;
}
