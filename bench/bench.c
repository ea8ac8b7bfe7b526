/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/list.h"
#include "core/number.h"
#include "core/threads.h"
#include "kernels/kernels.h"

enum { cases_most = 256 };

typedef struct request {
  const char *program;
  int count; /* of all cases */
  const bench_case *known[cases_most];
  int chosen;
  const bench_case *choice[cases_most];
  bool list;
  ritz_index threads; /* 0: one, then all */
  double seconds;
} request;

static const bench_case *find(const request *r, const char *name) {
  const char *names[cases_most];
  for (int i = 0; i < r->count; i++) {
    if (strcmp(name, r->known[i]->name) == 0) return r->known[i];
    names[i] = r->known[i]->name;
  }
  ritz_fail_unknown(RITZ_ERR_ARGUMENT, "case", name, "", names, r->count);
  return NULL;
}

static ritz_status parse(request *r, int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (strcmp(argv[i], "--list") == 0) {
      r->list = true;
    } else if (strcmp(argv[i], "--threads") == 0) {
      RITZ_REQUIRE(ritz_text_to_index(value, &r->threads) && r->threads >= 1 && r->threads <= 65536,
                   RITZ_ERR_ARGUMENT, "--threads takes 1 to 65536, not '%s'", value);
      i++;
    } else if (strcmp(argv[i], "--seconds") == 0) {
      RITZ_REQUIRE(ritz_text_to_real(value, &r->seconds) && r->seconds >= 0, RITZ_ERR_ARGUMENT,
                   "--seconds takes a number >= 0, not '%s'", value);
      i++;
    } else {
      RITZ_REQUIRE(argv[i][0] != '-', RITZ_ERR_ARGUMENT, "unknown option '%s'", argv[i]);
      const bench_case *found = find(r, argv[i]);
      if (!found) return RITZ_ERR_ARGUMENT;
      if (r->chosen < cases_most) r->choice[r->chosen++] = found;
    }
  }
  return RITZ_OK;
}

static ritz_status run_case(const bench_case *c, bench_call *call) {
  const ritz_context_options options = {.threads = call->threads, .log_level = RITZ_LOG_WARNING};
  RITZ_TRY(ritz_context_create(&options, &call->context));
  const ritz_status status = c->run(c, call);
  fflush(stdout);
  ritz_context_destroy(&call->context);
  return status == RITZ_OK ? RITZ_OK : ritz_fail_prefix(status, "%s", c->name);
}

static ritz_status run_all(const request *r) {
  const int most = r->threads ? (int)r->threads : ritz_threads_available();
  bench_call call = {.seconds = r->seconds};
  for (int i = 0; i < r->chosen; i++)
    for (call.threads = r->threads ? most : 1;; call.threads = most) {
      RITZ_TRY(run_case(r->choice[i], &call));
      if (call.threads == most) break;
    }
  return RITZ_OK;
}

int bench_main(int argc, char **argv, const char *program, int count, size_t size,
               const void *cases) {
  request r = {.program = program, .count = count, .seconds = 1};
  for (int i = 0; i < count; i++)
    r.known[i] = (const bench_case *)((const char *)cases + (size_t)i * size);
  ritz_status status = parse(&r, argc, argv);
  const bool usage = status != RITZ_OK;
  if (r.chosen == 0)
    for (; r.chosen < count; r.chosen++) r.choice[r.chosen] = r.known[r.chosen];
  for (int i = 0; !usage && r.list && i < r.chosen; i++)
    printf("%s %s\n", r.choice[i]->name, r.choice[i]->about);
  if (!usage && !r.list) status = run_all(&r);
  if (status == RITZ_OK) return 0;
  fprintf(stderr, "%s: %s\n", program, ritz_error_message());
  return usage ? 2 : 1;
}

static void print_rate(const char *key, double work, double seconds, double scale) {
  if (work > 0)
    printf("\"%s\": %.4g, ", key, work / seconds * scale);
  else
    printf("\"%s\": null, ", key);
}

void bench_print(const bench_call *call, const bench_line *line, const char *format, ...) {
  const bench_times *t = &line->times;
  const char *isa = line->isa ? line->isa : ritz_kernels_get(line->dtype)->isa;
  printf("{\"case\": \"%s\", \"threads\": %d, \"isa\": \"%s\", \"dtype\": \"%s\", ", line->of->name,
         call->threads, isa, ritz_dtype_name(line->dtype));
  printf("\"median_ms\": %.6g, \"min_ms\": %.6g, \"p99_ms\": %.6g, \"runs\": %d, ", t->median * 1e3,
         t->least * 1e3, t->p99 * 1e3, t->count);
  print_rate("gflops", line->flops, t->median, 1e-9);
  print_rate("gbytes_per_s", line->bytes, t->median, 1e-9);
  print_rate("peak_fraction", line->flops, t->median, 1 / t->peak);
  printf("\"peak_gflops\": %.4g, \"allocations\": %ld", t->peak * 1e-9, t->allocations);
  if (format) {
    va_list args;
    va_start(args, format);
    printf(", ");
    vprintf(format, args);
    va_end(args);
  }
  printf("}\n");
}
