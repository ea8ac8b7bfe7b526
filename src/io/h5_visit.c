/* SPDX-License-Identifier: BSD-3-Clause
 * The data sets below a place. Not by H5Ovisit(), which follows a damaged file whose groups hold
 * themselves until the stack is full. */
#include <stdio.h>
#include <string.h>

#include "core/builder.h"
#include "core/fail.h"
#include "core/memory.h"
#include "io/h5.h"

enum { deepest = 64 };

typedef struct walk {
  ritz_h5_visitor *visitor;
  void *user;
  hid_t top;
  ritz_builder path; /* of the group under way, from the top: "grid/", "" */
  int depth;
  haddr_t *seen; /* where the objects met so far lie */
  ritz_index count, room;
  ritz_status status;
  bool stopped;
} walk;

/* An object may have several names; the first one counts. */
static bool is_new(walk *w, haddr_t address) {
  for (ritz_index i = 0; i < w->count; i++)
    if (w->seen[i] == address) return false;
  if (w->count == w->room) {
    const ritz_index room = 2 * w->room + 16;
    w->status = ritz_grow(w->room, room, sizeof *w->seen, (void **)&w->seen);
    if (w->status != RITZ_OK) return false;
    w->room = room;
  }
  w->seen[w->count++] = address;
  return true;
}

static void cut_path(walk *w, ritz_index length) {
  w->path.length = length;
  if (w->path.text) w->path.text[length] = 0;
}

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *link, void *user);

static void visit_group(walk *w, hid_t where, const char *name) {
  if (w->depth == deepest) {
    w->status =
        RITZ_H5_REJECT(w->top, RITZ_ERR_FORMAT, "groups are nested more than %d deep", deepest);
    return;
  }
  const hid_t group = H5Gopen2(where, name, H5P_DEFAULT);
  w->depth++;
  if (group < 0 || H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_link, w) < 0)
    w->status = RITZ_H5_FAIL(w->top, RITZ_ERR_FORMAT, "cannot list what is in group %s",
                             w->depth == 1 ? "." : w->path.text);
  w->depth--;
  if (group >= 0) H5Gclose(group);
}

/* @return  what H5Literate() wants: 0 to go on */
static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *link, void *user) {
  walk *w = user;
  H5O_info_t info;
  const ritz_index length = w->path.length;
  if (link->type != H5L_TYPE_HARD) return 0;
  if (H5Oget_info_by_name2(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return -1;
  if (!is_new(w, info.addr)) return w->status != RITZ_OK;
  ritz_builder_add(&w->path, name);
  if (info.type == H5O_TYPE_GROUP) ritz_builder_add(&w->path, "/");
  w->status = w->path.status;
  if (w->status == RITZ_OK && info.type == H5O_TYPE_GROUP)
    visit_group(w, group, name);
  else if (w->status == RITZ_OK && info.type == H5O_TYPE_DATASET)
    w->stopped = !w->visitor(w->user, w->top, w->path.text);
  cut_path(w, length);
  return w->status != RITZ_OK || w->stopped;
}

ritz_status ritz_h5_visit(hid_t where, ritz_h5_visitor *visitor, void *user) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  walk w = {.visitor = visitor, .user = user, .top = where};
  H5O_info_t info;
  if (H5Oget_info2(where, &info, H5O_INFO_BASIC) < 0)
    w.status = RITZ_H5_FAIL(where, RITZ_ERR_FORMAT, "cannot list what is in the file");
  else if (is_new(&w, info.addr))
    visit_group(&w, where, ".");
  ritz_free(w.path.text);
  ritz_free(w.seen);
  ritz_h5_quiet_end(quiet);
  return w.status;
}

typedef struct name_list {
  size_t size;
  char *out;
  int count;
} name_list;

static bool append_name(void *user, hid_t where, const char *path) {
  name_list *list = user;
  const size_t used = strlen(list->out);
  const bool full = list->count++ == 12;
  snprintf(list->out + used, list->size - used, "%s%s", used ? ", " : "", full ? "..." : path);
  return !full;
}

void ritz_h5_names(hid_t where, size_t size, char *out) {
  name_list list = {size, out, 0};
  out[0] = 0;
  if (ritz_h5_visit(where, append_name, &list) != RITZ_OK || list.count == 0)
    snprintf(out, size, "none");
}
