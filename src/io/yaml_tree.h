/* SPDX-License-Identifier: BSD-3-Clause
 * The parser behind yaml.h. */
#ifndef RITZ_IO_YAML_TREE_H
#define RITZ_IO_YAML_TREE_H

#include "core/value.h"

/** Most bytes of a text; configurations are small, a data file given by mistake is not. */
#define RITZ_YAML_MOST_BYTES (16 << 20)

/**
 * Parses one document; a text without any gives a null value.
 *
 * @param origin     Stands for the file in messages.
 * @param has_lines  Whether lines are worth telling; otherwise values have line 0.
 * @param out        NULL on failure.
 *                   RITZ_ERR_CONFIG  in the text, told as origin:line:column
 */
ritz_status ritz_yaml_parse(const char *text, ritz_index length, const char *origin, bool has_lines,
                            ritz_value **out);

#endif
