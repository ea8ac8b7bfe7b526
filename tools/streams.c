/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers 0, 1 and 2 are taken before a file can have them. */
#define _XOPEN_SOURCE 700
#include "tools/streams.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* open() gives the lowest number that is free. The wrong direction on purpose: what is read or
 * printed there is an error, as it would be without the stream. */
void ritz_streams_prepare(void) {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++)
    if (fcntl(number, F_GETFD) < 0)
      (void)!open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  signal(SIGXFSZ, SIG_IGN);
}
