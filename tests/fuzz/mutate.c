/* SPDX-License-Identifier: BSD-3-Clause
 * Runs a target on mutations of its seeds: input k is a function of k and the seeds alone. What
 * ends the program says which one it was.
 *
 *   fuzz_NAME [--runs N] [--first K]     default 2000 runs from 0
 *   fuzz_NAME --seeds FOLDER             writes the seeds
 *   fuzz_NAME --write K FILE             writes input K
 */
#define _GNU_SOURCE /* dladdr */
#include <dirent.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <ritz/random.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

enum { MOST_SEEDS = 64, MOST_CHANGES = 8 };

typedef struct bytes {
  uint8_t *data;
  size_t size;
} bytes;

static bytes seed[MOST_SEEDS];
static int seeds;
/* Shared with the process that runs the inputs: the number of the one under way. */
static volatile long *now;

/* A hang is a failure, too: so many seconds of the processor, which may have other work. */
enum { SECONDS = 20, IN_HDF5 = 77, DEPTH = 64 };

static void name_input(void) {
  char text[64];
  const int length = snprintf(text, sizeof text, "fuzz: input %ld\n", *now);
  if (write(2, text, (size_t)length) < 0) _exit(1);
}

/* HDF5 1.10 crashes and hangs on some damaged files. That is its own fault; counted, not failed. */
static bool is_in_hdf5(void) {
  void *frame[DEPTH];
  Dl_info info;
  const int depth = backtrace(frame, DEPTH);
  for (int i = 0; i < depth; i++)
    if (dladdr(frame[i], &info) && info.dli_fname && strstr(info.dli_fname, "libhdf5")) return true;
  return false;
}

/* Of a sanitizer that ends the program. */
static void on_death(void) {
  if (is_in_hdf5()) _exit(IN_HDF5);
  name_input();
}

static void on_signal(int number) {
  if (number != SIGABRT && is_in_hdf5()) _exit(IN_HDF5);
  name_input();
  signal(number, SIG_DFL);
  raise(number);
}

/* There with sanitizers, which end the program without a signal; crashes are ours to look at. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)(void));
#define SEEN __attribute__((visibility("default"))) /* by the sanitizer's library */
SEEN const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "handle_segv=0:handle_sigbus=0:allocator_may_return_null=1";
}
SEEN const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libhdf5\n"; }

static void watch(void) {
  static const int signals[] = {SIGSEGV, SIGFPE, SIGBUS, SIGABRT, SIGPROF};
  void *frame[1];
  backtrace(frame, 1); /* its first call may allocate */
  /* HDF5 believes a damaged length of a text. Sanitizers want all addresses. */
  const struct rlimit limit = {(rlim_t)2 << 30, (rlim_t)2 << 30};
  if (__sanitizer_set_death_callback)
    __sanitizer_set_death_callback(on_death);
  else
    setrlimit(RLIMIT_AS, &limit);
  /* A stack that is full has no room for the handler. */
  static char room[1 << 16];
  sigaltstack(&(stack_t){.ss_sp = room, .ss_size = sizeof room}, NULL);
  const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    sigaction(signals[i], &action, NULL);
}

static bytes read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  fuzz_require(file != NULL, "a seed cannot be read");
  fseek(file, 0, SEEK_END);
  bytes b = {.size = (size_t)ftell(file)};
  rewind(file);
  b.data = malloc(b.size + 1);
  fuzz_require(b.data && fread(b.data, 1, b.size, file) == b.size, "a seed cannot be read");
  fclose(file);
  return b;
}

static int by_name(const void *a, const void *b) {
  return strcmp((const char *)a, (const char *)b);
}

static void load_seeds(void) {
  char folder[256], names[MOST_SEEDS][64], path[512];
  snprintf(folder, sizeof folder, "%s/ritz-seeds-XXXXXX", fuzz_temporary());
  fuzz_require(mkdtemp(folder) != NULL, "no folder for the seeds");
  fuzz_write_seeds(folder);
  DIR *dir = opendir(folder);
  for (struct dirent *entry; (entry = readdir(dir)) && seeds < MOST_SEEDS;)
    if (entry->d_name[0] != '.') snprintf(names[seeds++], sizeof *names, "%.63s", entry->d_name);
  closedir(dir);
  qsort(names, (size_t)seeds, sizeof *names, by_name);
  for (int i = 0; i < seeds; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    seed[i] = read_file(path);
    remove(path);
  }
  rmdir(folder);
}

/* One change at a random place: a bit, a byte, a run of bytes from another place, a cut. */
static void change(bytes *b, ritz_random stream, uint64_t k) {
  static const uint8_t edges[] = {0, 1, 127, 128, 255, '-', '0', '9', '\n', '"', '{', '}', ':'};
  uint32_t w[4];
  ritz_random_words(stream, k, w);
  if (b->size == 0) return;
  const size_t at = w[0] % b->size, from = w[1] % b->size;
  size_t run = 1 + w[2] % 16;
  if (run > b->size - (at > from ? at : from)) run = b->size - (at > from ? at : from);
  switch (w[3] % 16) {
    case 0: b->size = at; break;
    case 1:
    case 2: memmove(b->data + at, b->data + from, run); break;
    case 3: memset(b->data + at, w[2] & 255, run); break;
    case 4:
    case 5:
    case 6: b->data[at] = edges[w[2] % sizeof edges]; break;
    case 7:
    case 8: b->data[at] = (uint8_t)(b->data[at] + (w[2] & 1 ? 1 : -1)); break;
    case 9:
    case 10: b->data[at] = (uint8_t)w[2]; break;
    default: b->data[at] ^= (uint8_t)(1 << w[2] % 8);
  }
}

/* The first inputs are the seeds as they are. */
static bytes make_input(long k) {
  const bytes *from = &seed[k % seeds];
  bytes b = {malloc(from->size + 1), from->size};
  fuzz_require(b.data != NULL, "no memory for an input");
  memcpy(b.data, from->data, from->size);
  const ritz_random stream = {.seed = (uint64_t)k, .purpose = RITZ_RANDOM_TEST};
  uint32_t w[4];
  ritz_random_words(stream, 0, w);
  const int changes = k < seeds ? 0 : 1 + (int)(w[0] % MOST_CHANGES);
  for (int i = 1; i <= changes; i++) change(&b, stream, (uint64_t)i);
  return b;
}

static void run(long end) {
  for (; *now < end; ++*now) {
    bytes b = make_input(*now);
    setitimer(ITIMER_PROF, &(struct itimerval){.it_value = {.tv_sec = SECONDS}}, NULL);
    LLVMFuzzerTestOneInput(b.data, b.size);
    setitimer(ITIMER_PROF, &(struct itimerval){0}, NULL);
    free(b.data);
  }
}

/* Runs inputs up to @p end in a process of its own. @return its exit status */
static int run_apart(long end) {
  int status = 0;
  fflush(NULL);
  const pid_t child = fork();
  fuzz_require(child >= 0, "no process for the inputs");
  if (child == 0) {
    watch();
    run(end);
    exit(0);
  }
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* libhdf5 damages memory, which may end the process later and elsewhere. That counts as its fault
 * only where the same input, in a process of its own, ends in libhdf5. */
static int run_all(long first, long end) {
  long in_hdf5 = 0;
  int status = IN_HDF5;
  for (*now = first; status == IN_HDF5 && *now < end;) {
    status = run_apart(end);
    if (*now >= end) break; /* all run; not 0 where memory leaks */
    const long input = *now;
    if (status != IN_HDF5 && run_apart(input + 1) == IN_HDF5) status = IN_HDF5;
    in_hdf5 += status == IN_HDF5;
    *now = input + (status == IN_HDF5);
  }
  printf("%ld inputs, %ld of them crash or hang in libhdf5\n", *now - first, in_hdf5);
  return status == IN_HDF5 ? 0 : status;
}

int main(int argc, char **argv) {
  long runs = 2000, first = 0;
  if (argc == 3 && strcmp(argv[1], "--seeds") == 0) return fuzz_write_seeds(argv[2]), 0;
  load_seeds();
  fuzz_file(NULL, 0); /* one name for all processes */
  if (argc == 4 && strcmp(argv[1], "--write") == 0) {
    bytes b = make_input(atol(argv[2]));
    fuzz_write(".", argv[3], b.data, (long)b.size);
    return free(b.data), 0;
  }
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--runs") == 0) runs = atol(argv[i + 1]);
    if (strcmp(argv[i], "--first") == 0) first = atol(argv[i + 1]);
  }
  now = mmap(NULL, sizeof *now, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  fuzz_require(now != MAP_FAILED, "no shared memory");
  const int status = run_all(first, first + runs);
  for (int i = 0; i < seeds; i++) free(seed[i].data);
  return status;
}
