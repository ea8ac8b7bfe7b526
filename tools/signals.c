/* SPDX-License-Identifier: BSD-3-Clause
 * Signals as a flag. */
#define _XOPEN_SOURCE 700 /* SA_RESETHAND */
#include "tools/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t caught;

static void remember(int number) { caught = number; }

void ritz_signals_catch(void) {
  struct sigaction action = {.sa_handler = remember, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  action.sa_flags |= SA_RESETHAND;
  sigaction(SIGINT, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
}

const char *ritz_signals_caught(void) {
  switch (caught) {
    case SIGINT: return "SIGINT";
    case SIGTERM: return "SIGTERM";
    case SIGUSR1: return "SIGUSR1";
    default: return NULL;
  }
}

const char *ritz_signals_text(void) {
  const char *name = ritz_signals_caught();
  return name ? name : "a signal to another rank";
}
