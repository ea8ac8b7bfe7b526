/* SPDX-License-Identifier: BSD-3-Clause
 * A line of metrics.jsonl in words. */
#ifndef RITZ_TOOLS_EPOCH_TEXT_H
#define RITZ_TOOLS_EPOCH_TEXT_H

#include <ritz/types.h>

/** "loss 0.0123, test.h5 rel_l2 0.0345 rel_h1 0.1, 12 s"; the record itself if it is not readable.
 */
void ritz_epoch_text(const char *record, size_t size, char *out);

#endif
