/* SPDX-License-Identifier: BSD-3-Clause
 * Text to value tree: YAML 1.2 and JSON through libfyaml.
 *
 * One document of UTF-8; an empty one is an empty map. Aliases become copies. Refused with a
 * sentence and file:line:column (RITZ_ERR_CONFIG): keys that are not text, keys given twice (with
 * both lines), tags, merge keys, NUL characters, more than 64 levels, 4096 keys in a map, 2^18
 * values or 16 MiB. Nothing is ever printed. */
#ifndef RITZ_IO_YAML_H
#define RITZ_IO_YAML_H

#include "core/value.h"

/** Reads a file. Release @p out with ritz_value_destroy(); NULL on failure.
 * RITZ_ERR_IO  not readable, with the system's reason */
ritz_status ritz_yaml_read_file(const char *path, ritz_value **out);

/** Parses text; @p origin stands in for the file name in messages. */
ritz_status ritz_yaml_read_text(const char *text, const char *origin, ritz_value **out);

/** Applies "key.path=value" (value is YAML: 3, [8, 8], text; nothing is null) to @p root, see
 * ritz_value_set(); on failure @p root is unchanged. */
ritz_status ritz_yaml_set(ritz_value *root, const char *assignment);

#endif
