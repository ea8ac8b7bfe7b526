/* SPDX-License-Identifier: BSD-3-Clause
 * Where two texts differ, in as few words as a message can show. */
#ifndef RITZ_CORE_DIFFERENCE_H
#define RITZ_CORE_DIFFERENCE_H

/* Part of a text that somebody else holds. */
typedef struct ritz_text_part {
  const char *text;
  int length; /* at most 160 bytes */
} ritz_text_part;

/** The lines of @p a and @p b in which they differ first; of lines above 100 bytes the entries of
 * a JSON object there. The texts must differ. */
void ritz_text_difference(const char *a, const char *b, ritz_text_part *in_a, ritz_text_part *in_b);

#endif
