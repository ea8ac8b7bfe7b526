/* SPDX-License-Identifier: BSD-3-Clause
 * Text to value tree: YAML 1.2 and JSON through libfyaml. */
#ifndef RITZ_IO_YAML_H
#define RITZ_IO_YAML_H

#include "core/value.h"

/** Reads a file; errors carry file:line:column. Release @p out with ritz_value_destroy(). */
ritz_status ritz_yaml_read_file(const char *path, ritz_value **out);

/** Parses text; @p origin stands in for the file name in messages. */
ritz_status ritz_yaml_read_text(const char *text, const char *origin, ritz_value **out);

/** Applies "key.path=value" (value is YAML: 3, [8, 8], text) to @p root. */
ritz_status ritz_yaml_set(ritz_value *root, const char *assignment);

#endif
