/* SPDX-License-Identifier: BSD-3-Clause
 * A host program in C++: the headers are valid there, and the names are found with C linkage. */
#include <ritz/ritz.h>

#include <cstdio>
#include <memory>

struct destroy_context {
  void operator()(ritz_context *context) const { ritz_context_destroy(&context); }
};

int main() {
  ritz_context *raw = nullptr;
  if (ritz_context_create(nullptr, &raw) != RITZ_OK) {
    std::fprintf(stderr, "%s\n", ritz_error_message());
    return 1;
  }
  const std::unique_ptr<ritz_context, destroy_context> context(raw);
  const bool good = ritz_context_threads(context.get()) == 1;
  std::printf("host in C++: %s\n", good ? "ok" : "wrong answer");
  return !good;
}
