/* SPDX-License-Identifier: BSD-3-Clause
 * Options of our operators from the constructor arguments of published implementations whose names
 * are not ours. */
#ifndef RITZ_TOOLS_PARITY_OPTIONS_H
#define RITZ_TOOLS_PARITY_OPTIONS_H

#include "core/value.h"

/**
 * The options of operator @p type as YAML.
 *
 * @param text  Release with ritz_free(); NULL: the reference's names are ours already.
 *              RITZ_ERR_CONFIG  an argument is missing
 */
ritz_status ritz_parity_options(const char *type, const ritz_value *config, char **text);

#endif
