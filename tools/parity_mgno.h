/* SPDX-License-Identifier: BSD-3-Clause
 * Options of our mgno from constructor arguments of the published implementation. */
#ifndef RITZ_TOOLS_PARITY_MGNO_H
#define RITZ_TOOLS_PARITY_MGNO_H

#include "core/builder.h"
#include "core/value.h"

/** Adds YAML for the class and arguments in @p config. RITZ_ERR_CONFIG */
ritz_status ritz_parity_mgno_options(const ritz_value *config, ritz_builder *text);

#endif
