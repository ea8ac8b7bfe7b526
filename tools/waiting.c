/* SPDX-License-Identifier: BSD-3-Clause
 * Starting anew with another wait policy. */
#define _POSIX_C_SOURCE 200809L
#include "tools/waiting.h"

#include <stdlib.h>
#include <unistd.h>

void ritz_wait_politely(char **argv) {
  if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT") || getenv("LD_PRELOAD")) return;
  char self[4096];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length <= 0 || setenv("GOMP_SPINCOUNT", "20000", 1) != 0) return;
  self[length] = '\0';
  execv(self, argv); /* returns only where it fails: then we go on as we are */
}
