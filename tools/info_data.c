/* SPDX-License-Identifier: BSD-3-Clause
 * ritz info of a data set. */
#include <ritz/dataset.h>

#include "core/fail.h"
#include "core/memory.h"
#include "io/h5.h"
#include "tools/info.h"
#include "tools/json.h"
#include "tools/note.h"

/* Where the data come from, as far as the file says; empty texts otherwise. */
typedef struct origin {
  char generator[64], parameters[4096], model[512];
  char x[96], y[96]; /* what fields of one channel are called */
} origin;

static ritz_status read_origin(const ritz_dataset_info *info, origin *out) {
  ritz_notes notes;
  RITZ_TRY(ritz_notes_open(info->path, &notes));
  if (info->channels_in == 1)
    ritz_read_note(&notes, info->x_name, "long_name", sizeof out->x, out->x);
  if (info->channels_out == 1)
    ritz_read_note(&notes, info->y_name, "long_name", sizeof out->y, out->y);
  ritz_read_note(&notes, "/", "generator", sizeof out->generator, out->generator);
  ritz_read_note(&notes, "/", "parameters", sizeof out->parameters, out->parameters);
  ritz_read_note(&notes, "/", "model", sizeof out->model, out->model);
  return ritz_notes_close(&notes);
}

/* The names of the channels, or the long name of the only one. */
static const char *const *names(const char *const *channel, const char *const *long_name) {
  return **long_name ? long_name : channel;
}

static ritz_status print_text(const ritz_dataset_info *info, const ritz_dataset_stats *s,
                              const origin *from) {
  const char *const x = from->x, *const y = from->y;
  ritz_info_line("data set", "%s", info->path);
  ritz_info_line("reader", "%s", info->reader);
  if (*from->generator) RITZ_TRY(ritz_info_options("generator", from->generator, from->parameters));
  if (*from->model) ritz_info_line("prediction", "by %s", from->model);
  ritz_info_line("samples", "%td", info->samples);
  ritz_info_grid(info->dim, info->grid, info->length, info->periodic);
  if (info->boundary) ritz_info_line("boundary", "%s", info->boundary);
  if (info->coordinates)
    ritz_info_line("points", "scattered: the last %d channels of x are coordinates",
                   info->coordinates);
  ritz_info_channels("x", info->channels_in, names(info->x_channel, &x), info->x_units, s->x_mean,
                     s->x_std);
  ritz_info_channels("y", info->channels_out, names(info->y_channel, &y), info->y_units, s->y_mean,
                     s->y_std);
  return RITZ_OK;
}

static ritz_status print_json(const ritz_dataset_info *info, const ritz_dataset_stats *s,
                              const origin *from) {
  const char *const x = from->x, *const y = from->y;
  ritz_json json = {0};
  ritz_json_open(&json, NULL);
  ritz_json_text(&json, "kind", "data set");
  ritz_json_text(&json, "path", info->path);
  ritz_json_text(&json, "reader", info->reader);
  ritz_json_text(&json, "generator", *from->generator ? from->generator : NULL);
  ritz_json_raw(&json, "parameters",
                *from->generator && *from->parameters ? from->parameters : NULL);
  ritz_json_text(&json, "model", *from->model ? from->model : NULL);
  ritz_json_integer(&json, "samples", info->samples);
  ritz_json_integers(&json, "resolution", info->dim, info->grid);
  ritz_json_numbers(&json, "extents", info->length[0] > 0 ? info->dim : 0, info->length);
  ritz_json_raw(&json, "periodic",
                info->periodic[0] < 0 ? NULL
                : info->periodic[0]   ? "true"
                                      : "false");
  ritz_json_integer(&json, "coordinates", info->coordinates);
  ritz_info_add_side(&json, "x", info->channels_in, names(info->x_channel, &x), info->x_units,
                     s->x_mean, s->x_std);
  ritz_info_add_side(&json, "y", info->channels_out, names(info->y_channel, &y), info->y_units,
                     s->y_mean, s->y_std);
  ritz_json_close(&json);
  return ritz_json_print(&json);
}

static ritz_status describe(ritz_dataset *set, const ritz_info_request *request) {
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  const int in = info->channels_in, out = info->channels_out;
  origin from = {0};
  double *numbers;
  ritz_status status;
  RITZ_TRY(RITZ_NEW(2 * (in + out), &numbers));
  ritz_dataset_stats s = {.x_mean = numbers, .x_std = numbers + in};
  if (out > 0) s.y_mean = numbers + 2 * in, s.y_std = numbers + 2 * in + out;
  RITZ_TRY_DONE(read_origin(info, &from));
  RITZ_TRY_DONE(ritz_dataset_statistics(set, &s));
  status = request->json ? print_json(info, &s, &from) : print_text(info, &s, &from);
done:
  ritz_free(numbers);
  return status;
}

ritz_status ritz_info_data(ritz_context *context, const ritz_info_request *request) {
  ritz_dataset *set;
  RITZ_TRY(ritz_dataset_open(context, request->path, request->data, &set));
  const ritz_status status = describe(set, request);
  ritz_dataset_close(&set);
  return status;
}
