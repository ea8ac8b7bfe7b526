/* SPDX-License-Identifier: BSD-3-Clause
 * XDMF sidecar (xdmf.h). */
#include "io/xdmf.h"

#include <stdio.h>
#include <string.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/file.h"
#include "core/memory.h"

ritz_status ritz_xdmf_path(const char *h5_path, char **out) {
  RITZ_TRY(ritz_strjoin(h5_path, ".xdmf", out));
  const size_t length = strlen(h5_path);
  const size_t ending = length > 5 && strcmp(h5_path + length - 5, ".hdf5") == 0 ? 5
                        : length > 3 && strcmp(h5_path + length - 3, ".h5") == 0 ? 3
                                                                                 : 0;
  snprintf(*out + length - ending, 6, ".xdmf");
  return RITZ_OK;
}

static void put_escaped(FILE *to, const char *text) {
  for (; *text; text++) {
    switch (*text) {
      case '&': fputs("&amp;", to); break;
      case '<': fputs("&lt;", to); break;
      case '>': fputs("&gt;", to); break;
      case '"': fputs("&quot;", to); break;
      default: fputc(*text, to);
    }
  }
}

/* Grid extents padded to three with ones in front: the slowest axes are the absent ones. */
static void put_grid(FILE *to, const ritz_map_spec *spec) {
  for (int a = spec->dim; a < 3; a++) fputs("1 ", to);
  for (int a = 0; a < spec->dim; a++)
    fprintf(to, "%td%s", spec->grid[a], a + 1 < spec->dim ? " " : "");
}

static void put_geometry(FILE *to, const ritz_map_spec *spec) {
  fputs("        <Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"", to);
  put_grid(to, spec);
  fputs(
      "\"/>\n        <Geometry GeometryType=\"ORIGIN_DXDYDZ\">\n"
      "          <DataItem Dimensions=\"3\" Format=\"XML\">0 0 0</DataItem>\n"
      "          <DataItem Dimensions=\"3\" Format=\"XML\">",
      to);
  for (int a = spec->dim; a < 3; a++) fputs("1 ", to);
  for (int a = 0; a < spec->dim; a++) {
    const ritz_index parts = spec->periodic[a] ? spec->grid[a] : spec->grid[a] - 1;
    fprintf(to, "%.17g ", parts > 0 ? spec->length[a] / (double)parts : spec->length[a]);
  }
  fputs("</DataItem>\n        </Geometry>\n", to);
}

/* One channel of one frame of a sample: the box [start, step, count] of a data set. */
static void put_scalar(FILE *to, const ritz_map_spec *spec, const ritz_map_field *field,
                       const char *name, const char *h5_name, ritz_index sample, ritz_index frame,
                       int channel) {
  const bool many = field->channels > 1, timed = field->frames > 0;
  const int rank = spec->dim + 1 + many + timed;
  fputs("        <Attribute Name=\"", to);
  if (many && field->channel) {
    fprintf(to, "%s ", name);
    put_escaped(to, field->channel[channel]);
  } else if (many) {
    fprintf(to, "%s %d", name, channel);
  } else {
    fputs(name, to);
  }
  if (timed) fprintf(to, " t=%.6g", field->times[frame]);
  fputs(
      "\" AttributeType=\"Scalar\" Center=\"Node\">\n"
      "          <DataItem ItemType=\"HyperSlab\" Dimensions=\"",
      to);
  put_grid(to, spec);
  fprintf(to, "\">\n            <DataItem Dimensions=\"3 %d\" Format=\"XML\">%td", rank, sample);
  if (timed) fprintf(to, " %td", frame);
  for (int a = 0; a < spec->dim; a++) fputs(" 0", to);
  if (many) fprintf(to, " %d", channel);
  for (int a = 0; a < rank; a++) fputs(" 1", to);
  fputs(timed ? " 1 1" : " 1", to);
  for (int a = 0; a < spec->dim; a++) fprintf(to, " %td", spec->grid[a]);
  fprintf(to,
          "%s</DataItem>\n            <DataItem NumberType=\"Float\" Precision=\"%zu\" "
          "Format=\"HDF\" Dimensions=\"%td",
          many ? " 1" : "", ritz_dtype_size(spec->stored), spec->samples);
  if (timed) fprintf(to, " %td", field->frames);
  for (int a = 0; a < spec->dim; a++) fprintf(to, " %td", spec->grid[a]);
  if (many) fprintf(to, " %d", field->channels);
  fputs("\">", to);
  put_escaped(to, h5_name);
  fprintf(to, ":/%s</DataItem>\n          </DataItem>\n        </Attribute>\n", name);
}

static void put_field(FILE *to, const ritz_map_spec *spec, const ritz_map_field *field,
                      const char *name, const char *h5_name, ritz_index sample) {
  for (ritz_index t = 0; t < (field->frames ? field->frames : 1); t++)
    for (int c = 0; c < field->channels; c++)
      put_scalar(to, spec, field, name, h5_name, sample, t, c);
}

typedef struct document {
  const ritz_map_spec *spec;
  const char *h5_name;
} document;

static ritz_status put_document(FILE *to, const void *what) {
  const document *d = what;
  const ritz_map_spec *spec = d->spec;
  const ritz_index samples = spec->samples < RITZ_XDMF_SAMPLES ? spec->samples : RITZ_XDMF_SAMPLES;
  fputs(
      "<?xml version=\"1.0\"?>\n<Xdmf Version=\"3.0\">\n  <Domain>\n"
      "    <Grid Name=\"samples\" GridType=\"Collection\" CollectionType=\"Temporal\">\n",
      to);
  for (ritz_index s = 0; s < samples; s++) {
    fprintf(to,
            "      <Grid Name=\"sample\" GridType=\"Uniform\">\n        <Time Value=\"%td\"/>\n",
            spec->first_sample + s);
    put_geometry(to, spec);
    put_field(to, spec, &spec->x, "x", d->h5_name, s);
    put_field(to, spec, &spec->y, "y", d->h5_name, s);
    fputs("      </Grid>\n", to);
  }
  fputs("    </Grid>\n  </Domain>\n</Xdmf>\n", to);
  return RITZ_OK;
}

ritz_status ritz_xdmf_write(const char *h5_path, const ritz_map_spec *spec) {
  const char *slash = strrchr(h5_path, '/');
  const document d = {spec, slash ? slash + 1 : h5_path};
  char *path;
  if (spec->coordinates) return RITZ_OK; /* a grid is all the text could describe */
  RITZ_TRY(ritz_xdmf_path(h5_path, &path));
  const ritz_status status = ritz_file_write(path, put_document, &d);
  ritz_free(path);
  return status;
}
