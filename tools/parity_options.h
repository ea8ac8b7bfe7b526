/* SPDX-License-Identifier: BSD-3-Clause
 * Options of our operators from the constructor arguments of published implementations whose names
 * are not ours. */
#ifndef RITZ_TOOLS_PARITY_OPTIONS_H
#define RITZ_TOOLS_PARITY_OPTIONS_H

#include "core/value.h"

/**
 * Writes the options of operator @p type as YAML.
 *
 * @param translated  false: the reference's names are ours already, nothing is written.
 *                    RITZ_ERR_CONFIG  an argument is missing
 */
ritz_status ritz_parity_options(const char *type, const ritz_value *config, size_t size, char *text,
                                bool *translated);

#endif
