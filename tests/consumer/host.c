/* SPDX-License-Identifier: BSD-3-Clause
 * A host program in C: makes a context, asks the library for something with an answer it can
 * check, and reads an error back. */
#include <ritz/ritz.h>
#include <stdio.h>

/* Philox-4x32-10 with key and counter zero, from the Random123 distribution (kat_vectors). */
static int draws_the_published_words(void) {
  const ritz_random stream = {0};
  uint32_t words[4];
  ritz_random_words(stream, 0, words);
  return words[0] == 0x6627e8d5u && words[3] == 0x9b00dbd8u;
}

static int reports_an_error(void) {
  ritz_context_options options;
  ritz_context_options_defaults(&options);
  options.threads = -1;
  ritz_context *context = NULL;
  return ritz_context_create(&options, &context) == RITZ_ERR_ARGUMENT && context == NULL &&
         ritz_error_message()[0] != '\0';
}

int main(void) {
  ritz_context *context = NULL;
  if (ritz_context_create(NULL, &context) != RITZ_OK) {
    fprintf(stderr, "%s\n", ritz_error_message());
    return 1;
  }
  const int good =
      ritz_context_threads(context) == 1 && draws_the_published_words() && reports_an_error();
  ritz_context_destroy(&context);
  printf("host in C: %s\n", good ? "ok" : "wrong answer");
  return !good;
}
