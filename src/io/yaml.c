/* SPDX-License-Identifier: BSD-3-Clause
 * Files, texts and assignments on the command line as value trees. */
#include "io/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "io/yaml_tree.h"

/* Pipes have no size to ask for: the block grows until the end or one byte beyond the limit. */
static ritz_status read_all(FILE *file, const char *path, char **text, ritz_index *length) {
  ritz_index room = 0;
  *text = NULL, *length = 0;
  for (;;) {
    if (*length == room) {
      const ritz_index more = room ? 2 * room : 4096;
      RITZ_TRY(ritz_grow(room, more, 1, (void **)text));
      room = more;
    }
    errno = 0;
    *length += (ritz_index)fread(*text + *length, 1, (size_t)(room - *length), file);
    if (ferror(file))
      return RITZ_FAIL(RITZ_ERR_IO, "cannot read %.400s: %s", path, strerror(errno));
    if (feof(file) || *length > RITZ_YAML_MOST_BYTES) return RITZ_OK;
  }
}

/* An empty text is a configuration that sets nothing. */
static ritz_status parse_root(const char *text, ritz_index length, const char *origin,
                              ritz_value **out) {
  RITZ_TRY(ritz_yaml_parse(text, length, origin, true, out));
  if ((*out)->kind == RITZ_VALUE_NULL) (*out)->kind = RITZ_VALUE_MAP;
  return RITZ_OK;
}

ritz_status ritz_yaml_read_file(const char *path, ritz_value **out) {
  *out = NULL;
  FILE *const file = fopen(path, "rb");
  RITZ_REQUIRE(file, RITZ_ERR_IO, "cannot read %.400s: %s", path, strerror(errno));
  char *text;
  ritz_index length;
  ritz_status status;
  RITZ_TRY_DONE(read_all(file, path, &text, &length));
  status = parse_root(text, length, path, out);
done:
  ritz_free(text);
  fclose(file);
  return status;
}

ritz_status ritz_yaml_read_text(const char *text, const char *origin, ritz_value **out) {
  return parse_root(text, (ritz_index)strlen(text), origin, out);
}

ritz_status ritz_yaml_set(ritz_value *root, const char *assignment) {
  const char *const equals = strchr(assignment, '=');
  RITZ_REQUIRE(equals && equals > assignment, RITZ_ERR_CONFIG,
               "--set: '%.200s' is not of the form key.path=value", assignment);
  char *path;
  ritz_value *value;
  RITZ_TRY(ritz_strdup(assignment, &path));
  path[equals - assignment] = '\0';
  ritz_status status;
  RITZ_TRY_DONE(
      ritz_yaml_parse(equals + 1, (ritz_index)strlen(equals + 1), "--set", false, &value));
  RITZ_TRY_DONE(ritz_value_set(root, path, value));
done:
  if (status == RITZ_ERR_CONFIG) ritz_fail_prefix(status, "--set %.64s", path);
  ritz_free(path);
  return status;
}
