/* SPDX-License-Identifier: BSD-3-Clause
 * Requests to stop: SIGINT, SIGTERM (batch systems), SIGUSR1 (batch systems, before the time
 * limit). The handler sets a flag only; commands look at it between two pieces of work. */
#ifndef RITZ_TOOLS_SIGNALS_H
#define RITZ_TOOLS_SIGNALS_H

/** From now on these signals set the flag. A second SIGINT ends the process at once. A reader of
 * stdout or stderr that has gone is an error of the write, which ends no work. */
void ritz_signals_catch(void);

/** @return  "SIGTERM" once one has arrived, else NULL. */
const char *ritz_signals_caught(void);

/** The same for messages: where none has arrived, another rank had one. Never NULL. */
const char *ritz_signals_text(void);

#endif
