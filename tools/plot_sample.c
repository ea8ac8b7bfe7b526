/* SPDX-License-Identifier: BSD-3-Clause
 * Reads one sample, predicts it if a model is given, and cuts out what is drawn. */
#include <math.h>
#include <ritz/predictor.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/number.h"
#include "io/h5.h"
#include "tools/fit.h"
#include "tools/note.h"
#include "tools/plot.h"
#include "tools/plot_points.h"

/* Where the reading stands. Values are whole fields, [points, channels]. */
typedef struct loader {
  ritz_context *context;
  const ritz_plot_request *request;
  ritz_dataset *set;
  const ritz_dataset_info *info;
  ritz_index points;
  int in, out; /* channels drawn */
  int held;    /* axis of a 3-D grid that is cut; -1: none */
  double *x, *truth, *prediction;
} loader;

static const char axis_names[3][2] = {"x", "y", "z"};

/* Number or name of a channel. */
static ritz_status find_channel(const char *text, const char *what, int count,
                                const char *const *names, int *out) {
  *out = 0;
  if (!text) return RITZ_OK;
  for (int c = 0; c < count; c++) {
    *out = c;
    if (strcmp(text, names[c]) == 0) return RITZ_OK;
  }
  ritz_index number;
  const bool fits = ritz_text_to_index(text, &number) && number >= 0 && number < count;
  RITZ_REQUIRE(fits, RITZ_ERR_ARGUMENT, "%s '%.64s' does not exist: 0 to %d, or %s%s", what, text,
               count - 1, names[0], count > 1 ? " ..." : "");
  *out = (int)number;
  return RITZ_OK;
}

static ritz_status check_request(loader *l) {
  const ritz_plot_request *r = l->request;
  const ritz_dataset_info *info = l->info;
  RITZ_REQUIRE(r->sample < info->samples, RITZ_ERR_ARGUMENT,
               "%s has %td samples, 0 to %td; there is no sample %td", r->path, info->samples,
               info->samples - 1, r->sample);
  RITZ_TRY(find_channel(r->input, "input channel", info->channels_in, info->x_channel, &l->in));
  if (info->channels_out > 0)
    RITZ_TRY(find_channel(r->channel, "channel", info->channels_out, info->y_channel, &l->out));
  l->held = info->dim == 3 ? 2 : -1;
  if (!r->plane) return RITZ_OK;
  RITZ_REQUIRE(info->dim == 3, RITZ_ERR_ARGUMENT, "--plane is for grids of 3 axes, %s has %d",
               r->path, info->dim);
  for (int a = 0; a < 3; a++)
    if (strcmp(r->plane, axis_names[a]) == 0) {
      l->held = a;
      return RITZ_OK;
    }
  return RITZ_FAIL(RITZ_ERR_ARGUMENT, "--plane takes x, y or z, not '%.64s'", r->plane);
}

/* Files of `ritz predict` say which model made their y, and keep the truth beside it. */
static ritz_status inspect(const char *path, bool *predicted, bool *has_truth) {
  hid_t file;
  RITZ_TRY(ritz_h5_open(path, &file));
  *predicted = ritz_h5_has_attribute(file, "model");
  *has_truth = ritz_h5_exists(file, "truth");
  return ritz_h5_close(&file);
}

static ritz_status read_sample(const loader *l, ritz_dataset *set, double *x, double *y) {
  return ritz_dataset_read(set, 1, &l->request->sample, RITZ_FLOAT64, x, y);
}

static ritz_status predict(loader *l) {
  const ritz_dataset_info *info = l->info;
  ritz_model *model;
  ritz_predictor *predictor = NULL;
  RITZ_TRY(ritz_model_load(l->context, l->request->model, &model));
  const ritz_model_info *is = ritz_model_get_info(model);
  ritz_status status;
  RITZ_TRY_DONE(ritz_check_fit(l->request->model, is, info));
  const ritz_index steps = info->channels_out > 0 ? info->channels_out / is->channels_out : 1;
  RITZ_TRY_DONE(RITZ_NEW(l->points * is->channels_out * steps, &l->prediction));
  RITZ_TRY_DONE(ritz_predictor_create_rollout(model, info->dim, info->grid, 1, steps, &predictor));
  RITZ_TRY_DONE(ritz_predictor_run_f64(predictor, l->x, l->prediction));
done:
  ritz_predictor_destroy(&predictor);
  ritz_model_destroy(&model);
  return status;
}

/* The truth of a prediction file: x again, with the data set truth as y. */
static ritz_status read_truth(loader *l) {
  ritz_dataset *set;
  RITZ_TRY(ritz_dataset_open(l->context, l->request->path, "{x: x, y: truth}", &set));
  ritz_status status;
  RITZ_TRY_DONE(RITZ_NEW(l->points * l->info->channels_out, &l->truth));
  RITZ_TRY_DONE(read_sample(l, set, l->x, l->truth));
done:
  ritz_dataset_close(&set);
  return status;
}

static ritz_status read_fields(loader *l) {
  const ritz_dataset_info *info = l->info;
  bool predicted, has_truth;
  RITZ_TRY(inspect(l->request->path, &predicted, &has_truth));
  RITZ_REQUIRE(!predicted || !l->request->model, RITZ_ERR_ARGUMENT,
               "%s holds predictions: --model wants a data set", l->request->path);
  l->points = 1;
  for (int a = 0; a < info->dim; a++) l->points *= info->grid[a];
  RITZ_TRY(RITZ_NEW(l->points * info->channels_in, &l->x));
  double **y = predicted ? &l->prediction : &l->truth;
  if (info->channels_out > 0) RITZ_TRY(RITZ_NEW(l->points * info->channels_out, y));
  RITZ_TRY(read_sample(l, l->set, l->x, *y));
  if (predicted && has_truth) RITZ_TRY(read_truth(l));
  return l->request->model ? predict(l) : RITZ_OK;
}

/* One channel of the plane. */
static ritz_status cut(const loader *l, const double *values, int channels, int channel,
                       const ritz_plot_sample *s, double **out) {
  const ritz_index *n = l->info->grid;
  const int in = l->info->channels_in;
  if (l->info->coordinates)
    return ritz_plot_points_draw(l->points, l->x + in - l->info->coordinates, in, channels,
                                 values + channel, s, out);
  const ritz_index stride[3] = {n[1] * n[2] * channels, n[2] * channels, channels};
  const int a0 = l->held == 0 ? 1 : 0, a1 = l->held == 2 || l->held < 0 ? 1 : 2;
  const double *from = values + channel + (l->held < 0 ? 0 : n[l->held] / 2 * stride[l->held]);
  RITZ_TRY(RITZ_NEW(s->n[0] * s->n[1], out));
  for (ritz_index i = 0; i < s->n[0]; i++)
    for (ritz_index j = 0; j < s->n[1]; j++)
      (*out)[i * s->n[1] + j] = from[i * stride[a0] + j * stride[a1]];
  return RITZ_OK;
}

static double relative_error(const loader *l) {
  if (!l->truth || !l->prediction) return -1;
  double difference = 0, size = 0;
  for (ritz_index p = 0; p < l->points; p++) {
    const ritz_index i = p * l->info->channels_out + l->out;
    difference += (l->prediction[i] - l->truth[i]) * (l->prediction[i] - l->truth[i]);
    size += l->truth[i] * l->truth[i];
  }
  return size > 0 ? sqrt(difference / size) : -1;
}

/* "coefficient" from the file; of several channels without names "vorticity[3]", else the name. */
static void name_field(ritz_notes *notes, const char *object, int channels, const char *channel,
                       const char *units, ritz_plot_field *field) {
  snprintf(field->name, sizeof field->name, "%s", channel);
  const char *number = strchr(channel, '[');
  const bool numbered = number && strncmp(channel, object, (size_t)(number - channel)) == 0;
  if (channels == 1 || numbered)
    ritz_read_note(notes, object, "long_name", sizeof field->name, field->name);
  const size_t used = strlen(field->name);
  if (numbered && strcmp(field->name, channel) != 0)
    snprintf(field->name + used, sizeof field->name - used, "%s", number);
  if (units && strcmp(units, "1") != 0)
    snprintf(field->unit, sizeof field->unit, "%.40s (%.40s)", field->name, units);
  else
    snprintf(field->unit, sizeof field->unit, "%s", field->name);
}

static void name_axis(ritz_notes *notes, const loader *l, int axis, int to, ritz_plot_sample *s) {
  const ritz_dataset_info *info = l->info;
  const double length = info->length[axis];
  const ritz_index n = info->grid[axis];
  char object[32], unit[40] = "";
  snprintf(object, sizeof object, "%s_coordinate", axis_names[axis]);
  ritz_read_note(notes, object, "units", sizeof unit, unit);
  if (length > 0 && *unit && strcmp(unit, "1") != 0)
    snprintf(s->label[to], sizeof s->label[to], "%s (%s)", axis_names[axis], unit);
  else
    snprintf(s->label[to], sizeof s->label[to], length > 0 ? "%s" : "%s (grid points)",
             axis_names[axis]);
  s->n[to] = n;
  s->step[to] = length > 0 ? length / (double)(info->periodic[axis] == 0 && n > 1 ? n - 1 : n) : 1;
}

static void name_sample(const loader *l, ritz_plot_sample *s) {
  const ritz_plot_request *r = l->request;
  const char *slash = strrchr(r->path, '/');
  size_t used = (size_t)snprintf(s->title, sizeof s->title, "%.150s, sample %td",
                                 slash ? slash + 1 : r->path, r->sample);
  if (l->held < 0) return;
  const ritz_dataset_info *info = l->info;
  const int a = l->held;
  const ritz_index n = info->grid[a], parts = info->periodic[a] == 0 && n > 1 ? n - 1 : n;
  if (info->length[a] > 0)
    snprintf(s->title + used, sizeof s->title - used, ", plane %s = %.3g", axis_names[a],
             info->length[a] * (double)(n / 2) / (double)parts);
  else
    snprintf(s->title + used, sizeof s->title - used, ", plane %td of axis %s", n / 2,
             axis_names[a]);
}

static ritz_status name_all(const loader *l, ritz_plot_sample *s) {
  const ritz_dataset_info *info = l->info;
  ritz_notes notes;
  RITZ_TRY(ritz_notes_open(l->request->path, &notes));
  name_sample(l, s);
  s->axes = 0;
  s->n[1] = 1;
  for (int a = 0; a < info->dim && !info->coordinates; a++)
    if (a != l->held) name_axis(&notes, l, a, s->axes++, s);
  name_field(&notes, info->x_name, info->channels_in, info->x_channel[l->in], info->x_units,
             &s->input);
  if (info->channels_out > 0)
    name_field(&notes, info->y_name, info->channels_out, info->y_channel[l->out], info->y_units,
               &s->truth);
  else
    snprintf(s->truth.name, sizeof s->truth.name, "y");
  memcpy(s->prediction.name, s->truth.name, sizeof s->truth.name);
  memcpy(s->prediction.unit, s->truth.unit, sizeof s->truth.unit);
  return ritz_notes_close(&notes);
}

static ritz_status load(loader *l, ritz_plot_sample *s) {
  RITZ_TRY(ritz_dataset_open(l->context, l->request->path, l->request->data, &l->set));
  l->info = ritz_dataset_get_info(l->set);
  RITZ_TRY(check_request(l));
  RITZ_TRY(read_fields(l));
  RITZ_TRY(name_all(l, s));
  if (l->info->coordinates)
    RITZ_TRY(ritz_plot_points_place(l->points, l->x + l->info->channels_in - l->info->coordinates,
                                    l->info->channels_in, l->info->coordinates, s));
  RITZ_TRY(cut(l, l->x, l->info->channels_in, l->in, s, &s->input.values));
  const int channels = l->info->channels_out > 0 ? l->info->channels_out : 1;
  if (l->truth) RITZ_TRY(cut(l, l->truth, channels, l->out, s, &s->truth.values));
  if (l->prediction) RITZ_TRY(cut(l, l->prediction, channels, l->out, s, &s->prediction.values));
  s->error = relative_error(l);
  return RITZ_OK;
}

ritz_status ritz_plot_sample_load(ritz_context *context, const ritz_plot_request *request,
                                  ritz_plot_sample *out) {
  loader l = {.context = context, .request = request};
  *out = (ritz_plot_sample){0};
  const ritz_status status = load(&l, out);
  ritz_dataset_close(&l.set);
  ritz_free(l.x);
  ritz_free(l.truth);
  ritz_free(l.prediction);
  if (status != RITZ_OK) ritz_plot_sample_clear(out);
  return status;
}

void ritz_plot_sample_clear(ritz_plot_sample *sample) {
  ritz_free(sample->input.values);
  ritz_free(sample->truth.values);
  ritz_free(sample->prediction.values);
  *sample = (ritz_plot_sample){0};
}
