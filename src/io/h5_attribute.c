/* SPDX-License-Identifier: BSD-3-Clause
 * Groups, names and attributes. */
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "io/h5.h"

bool ritz_h5_exists(hid_t where, const char *path) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  /* H5Lexists wants every parent to be there: ask for "a", then "a/b". */
  char part[1024];
  bool there = path[0] && strlen(path) < sizeof part;
  for (size_t end = 1; there && end <= strlen(path); end++) {
    if (path[end] && path[end] != '/') continue;
    memcpy(part, path, end);
    part[end] = 0;
    there = end == 1 && part[0] == '/' ? true : H5Lexists(where, part, H5P_DEFAULT) > 0;
  }
  if (there) there = H5Oexists_by_name(where, path, H5P_DEFAULT) > 0;
  ritz_h5_quiet_end(quiet);
  return there;
}

ritz_status ritz_h5_group(hid_t where, const char *path, bool create, hid_t *out) {
  *out = H5I_INVALID_HID;
  const bool exists = ritz_h5_exists(where, path);
  if (!exists && !create) return RITZ_H5_REJECT(where, RITZ_ERR_NOT_FOUND, "no group %s", path);
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  *out = exists ? H5Gopen2(where, path, H5P_DEFAULT)
                : H5Gcreate2(where, path, links, H5P_DEFAULT, H5P_DEFAULT);
  if (*out < 0)
    status = RITZ_H5_FAIL(where, exists ? RITZ_ERR_FORMAT : RITZ_ERR_IO, "cannot %s group %s",
                          exists ? "open" : "create", path);
  H5Pclose(links);
  ritz_h5_quiet_end(quiet);
  return status;
}

void ritz_h5_group_close(hid_t *group) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  if (*group >= 0) H5Gclose(*group);
  *group = H5I_INVALID_HID;
  ritz_h5_quiet_end(quiet);
}

bool ritz_h5_has_attribute(hid_t object, const char *name) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  const bool there = H5Aexists(object, name) > 0;
  ritz_h5_quiet_end(quiet);
  return there;
}

static hid_t text_type(void) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

/* count < 0: a scalar. */
static ritz_status write_attribute(hid_t object, const char *name, hid_t file_type,
                                   hid_t memory_type, int count, const void *value) {
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  ritz_status status = RITZ_OK;
  if (H5Aexists(object, name) > 0) H5Adelete(object, name);
  const hsize_t extent = count < 0 ? 1 : (hsize_t)count;
  const hid_t space = count < 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, NULL);
  const hid_t attribute = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0 || H5Awrite(attribute, memory_type, value) < 0)
    status = RITZ_H5_FAIL(object, RITZ_ERR_IO, "cannot write attribute %s", name);
  if (attribute >= 0) H5Aclose(attribute);
  H5Sclose(space);
  ritz_h5_quiet_end(quiet);
  return status;
}

ritz_status ritz_h5_write_text(hid_t object, const char *name, const char *text) {
  const hid_t type = text_type();
  const ritz_status status = write_attribute(object, name, type, type, -1, &text);
  H5Tclose(type);
  return status;
}

ritz_status ritz_h5_write_texts(hid_t object, const char *name, int count,
                                const char *const *text) {
  const hid_t type = text_type();
  const ritz_status status = write_attribute(object, name, type, type, count, text);
  H5Tclose(type);
  return status;
}

ritz_status ritz_h5_write_number(hid_t object, const char *name, double value) {
  return write_attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, -1, &value);
}

ritz_status ritz_h5_write_integer(hid_t object, const char *name, int64_t value) {
  return write_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, -1, &value);
}

ritz_status ritz_h5_write_numbers(hid_t object, const char *name, int count, const double *value) {
  return write_attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, count, value);
}

ritz_status ritz_h5_write_integers(hid_t object, const char *name, int count,
                                   const int64_t *value) {
  return write_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, count, value);
}

typedef struct open_attribute {
  hid_t id, type;
  ritz_index count;
} open_attribute;

static void close_attribute(open_attribute *attribute) {
  if (attribute->type >= 0) H5Tclose(attribute->type);
  if (attribute->id >= 0) H5Aclose(attribute->id);
}

/* Opens and checks the kind; on failure nothing is left open. Runs inside a quiet scope. */
static ritz_status find_attribute(hid_t object, const char *name, bool text, int most,
                                  open_attribute *out) {
  *out = (open_attribute){H5I_INVALID_HID, H5I_INVALID_HID, 0};
  if (H5Aexists(object, name) <= 0)
    return RITZ_H5_REJECT(object, RITZ_ERR_NOT_FOUND, "no attribute %s", name);
  out->id = H5Aopen(object, name, H5P_DEFAULT);
  out->type = H5Aget_type(out->id);
  const hid_t space = H5Aget_space(out->id);
  out->count = (ritz_index)H5Sget_simple_extent_npoints(space);
  if (space >= 0) H5Sclose(space);
  const H5T_class_t class = H5Tget_class(out->type);
  ritz_status status = RITZ_OK;
  if (out->id < 0 || out->type < 0 || out->count < 0)
    status = RITZ_H5_FAIL(object, RITZ_ERR_FORMAT, "cannot read attribute %s", name);
  else if (text ? class != H5T_STRING
                : class != H5T_INTEGER && class != H5T_FLOAT && class != H5T_ENUM)
    status = RITZ_H5_REJECT(object, RITZ_ERR_FORMAT, "attribute %s is not a %s", name,
                            text ? "text" : "number");
  else if (!ritz_h5_is_sound(out->type))
    status = RITZ_H5_REJECT(object, RITZ_ERR_FORMAT, "the number format of attribute %s is damaged",
                            name);
  else if (out->count > most)
    status =
        RITZ_H5_REJECT(object, RITZ_ERR_SHAPE, "attribute %s has %td values, at most %d expected",
                       name, out->count, most);
  if (status != RITZ_OK) close_attribute(out);
  return status;
}

/* Fixed-length texts are padded with zeros or blanks and need not end in either. */
static ritz_status copy_fixed(const open_attribute *attribute, size_t size, const char *raw,
                              char **text) {
  for (ritz_index i = 0; i < attribute->count; i++) {
    RITZ_TRY(ritz_calloc((ritz_index)size + 1, 1, (void **)&text[i]));
    memcpy(text[i], raw + (size_t)i * size, size);
    if (H5Tget_strpad(attribute->type) == H5T_STR_SPACEPAD)
      for (size_t end = strlen(text[i]); end > 0 && text[i][end - 1] == ' ';) text[i][--end] = 0;
  }
  return RITZ_OK;
}

static ritz_status read_fixed(hid_t object, const char *name, const open_attribute *attribute,
                              char **text) {
  const size_t size = H5Tget_size(attribute->type);
  char *raw;
  RITZ_TRY(ritz_calloc(attribute->count, size, (void **)&raw));
  ritz_status status = RITZ_OK;
  if (H5Aread(attribute->id, attribute->type, raw) < 0)
    status = RITZ_H5_FAIL(object, RITZ_ERR_FORMAT, "cannot read attribute %s", name);
  else
    status = copy_fixed(attribute, size, raw, text);
  ritz_free(raw);
  return status;
}

static ritz_status read_variable(hid_t object, const char *name, const open_attribute *attribute,
                                 char **text) {
  char **raw;
  RITZ_TRY(RITZ_NEW(attribute->count, &raw));
  ritz_status status = RITZ_OK;
  if (H5Aread(attribute->id, attribute->type, raw) < 0) {
    status = RITZ_H5_FAIL(object, RITZ_ERR_FORMAT, "cannot read attribute %s", name);
  } else {
    for (ritz_index i = 0; i < attribute->count && status == RITZ_OK; i++)
      status = ritz_strdup(raw[i] ? raw[i] : "", &text[i]);
    for (ritz_index i = 0; i < attribute->count; i++) H5free_memory(raw[i]);
  }
  ritz_free(raw);
  return status;
}

ritz_status ritz_h5_read_texts(hid_t object, const char *name, int most, int *count, char **text) {
  *count = 0;
  for (int i = 0; i < most; i++) text[i] = NULL;
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  open_attribute attribute;
  ritz_status status = find_attribute(object, name, true, most, &attribute);
  if (status == RITZ_OK) {
    status = H5Tis_variable_str(attribute.type) > 0 ? read_variable(object, name, &attribute, text)
                                                    : read_fixed(object, name, &attribute, text);
    *count = (int)attribute.count;
    close_attribute(&attribute);
  }
  if (status != RITZ_OK) {
    *count = 0;
    for (int i = 0; i < most; i++) ritz_free(text[i]), text[i] = NULL;
  }
  ritz_h5_quiet_end(quiet);
  return status;
}

/* The type may be right and the count not: a scalar, or a list of one. */
static ritz_status require_one(hid_t object, const char *name, int count) {
  if (count == 1) return RITZ_OK;
  return RITZ_H5_REJECT(object, RITZ_ERR_SHAPE, "attribute %s is empty", name);
}

ritz_status ritz_h5_read_text(hid_t object, const char *name, char **out) {
  int count;
  RITZ_TRY(ritz_h5_read_texts(object, name, 1, &count, out));
  return require_one(object, name, count);
}

static ritz_status read_values(hid_t object, const char *name, int most, int *count, hid_t type,
                               void *value) {
  *count = 0;
  const ritz_h5_quiet quiet = ritz_h5_quiet_begin();
  open_attribute attribute;
  ritz_status status = find_attribute(object, name, false, most, &attribute);
  if (status == RITZ_OK) {
    if (H5Aread(attribute.id, type, value) < 0)
      status = RITZ_H5_FAIL(object, RITZ_ERR_FORMAT, "cannot read attribute %s", name);
    else
      *count = (int)attribute.count;
    close_attribute(&attribute);
  }
  ritz_h5_quiet_end(quiet);
  return status;
}

ritz_status ritz_h5_read_numbers(hid_t object, const char *name, int most, int *count,
                                 double *value) {
  return read_values(object, name, most, count, H5T_NATIVE_DOUBLE, value);
}

ritz_status ritz_h5_read_integers(hid_t object, const char *name, int most, int *count,
                                  int64_t *value) {
  return read_values(object, name, most, count, H5T_NATIVE_INT64, value);
}

ritz_status ritz_h5_read_number(hid_t object, const char *name, double *value) {
  int count;
  RITZ_TRY(ritz_h5_read_numbers(object, name, 1, &count, value));
  return require_one(object, name, count);
}

ritz_status ritz_h5_read_integer(hid_t object, const char *name, int64_t *value) {
  int count;
  RITZ_TRY(ritz_h5_read_integers(object, name, 1, &count, value));
  return require_one(object, name, count);
}
