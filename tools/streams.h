/* SPDX-License-Identifier: BSD-3-Clause
 * Standard streams that are not there, and files that may not grow. */
#ifndef RITZ_TOOLS_STREAMS_H
#define RITZ_TOOLS_STREAMS_H

/**
 * Before any file is opened. A closed standard stream (`ritz list >&-`, a daemon) keeps its number,
 * which the next file would get: what is printed would go into a data set. A file beyond the limit
 * of `ulimit -f` is an error of the write, not the end of the process.
 */
void ritz_streams_prepare(void);

#endif
