/* SPDX-License-Identifier: BSD-3-Clause */
#include "heap.h"

#include <stdatomic.h>
#include <stdlib.h>

static atomic_bool counting;
static atomic_long requests;

static void count_request(void) {
  if (atomic_load(&counting)) atomic_fetch_add(&requests, 1);
}

/* gcc and clang say it each in their way. */
#if defined(__SANITIZE_ADDRESS__)
#define HOOKED 1
#elif defined(__SANITIZE_THREAD__)
#define HOOKED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOOKED 1
#elif __has_feature(thread_sanitizer)
#define HOOKED 0
#endif
#endif

#if defined(HOOKED) && !HOOKED
/* ThreadSanitizer owns malloc and tells nothing of aligned blocks. */
bool heap_is_counted(void) { return false; }
static void install(void) { (void)count_request; }
#elif defined(HOOKED)
bool heap_is_counted(void) { return true; }
/* AddressSanitizer owns malloc and calls these of each allocation. */
int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void *, size_t),
                                              void (*free_hook)(const volatile void *));
static void taken(const volatile void *block, size_t size) { count_request(); }
static void given_back(const volatile void *block) {}

static void install(void) {
  static bool installed;
  if (!installed) __sanitizer_install_malloc_and_free_hooks(taken, given_back);
  installed = true;
}
#elif defined(__GLIBC__)
bool heap_is_counted(void) { return true; }
/* These take the place of the C library's, also for the shared libraries. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
static void install(void) {}
int posix_memalign(void **out, size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
  count_request();
  return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  count_request();
  return __libc_calloc(count, size);
}
void *realloc(void *block, size_t size) {
  count_request();
  return __libc_realloc(block, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
  count_request();
  return __libc_memalign(alignment, size);
}
void *memalign(size_t alignment, size_t size) {
  count_request();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void **out, size_t alignment, size_t size) {
  count_request();
  *out = __libc_memalign(alignment, size);
  return *out ? 0 : 12; /* ENOMEM */
}
#else
#error "how allocations are counted with this C library is not known"
#endif

void heap_count_begin(void) {
  install();
  atomic_store(&requests, 0);
  atomic_store(&counting, true);
}

long heap_count_end(void) {
  atomic_store(&counting, false);
  return atomic_load(&requests);
}
