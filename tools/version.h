/* SPDX-License-Identifier: BSD-3-Clause
 * What this build is. */
#ifndef RITZ_TOOLS_VERSION_H
#define RITZ_TOOLS_VERSION_H

/** `ritz --version`: version, libraries built in, instruction set in use; to stdout. */
void ritz_print_version(void);

#endif
