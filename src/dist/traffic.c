/* SPDX-License-Identifier: BSD-3-Clause
 * Messages and their time. */
#include "dist/traffic.h"

static void add(ritz_traffic *traffic, double messages, double bytes, double seconds) {
  traffic->messages += messages;
  traffic->bytes += bytes;
  traffic->seconds += seconds;
}

/* Rounds in which what one rank has reaches all of @p size. */
static int rounds_of(int size) {
  int rounds = 0;
  while (1 << rounds < size && rounds < 30) rounds++;
  return rounds;
}

static double time_of(const ritz_traffic *traffic, double messages, double bytes) {
  return messages * traffic->network.latency + bytes * traffic->network.byte_time;
}

void ritz_traffic_add_message(ritz_traffic *traffic, ritz_index bytes) {
  if (bytes > 0) add(traffic, 1, (double)bytes, time_of(traffic, 1, (double)bytes));
}

/* In each round a rank passes on all that it has: least messages and least bytes at once. */
void ritz_traffic_add_gather(ritz_traffic *traffic, int size, ritz_index bytes) {
  const double sent = (double)bytes * (size - 1), messages = rounds_of(size);
  add(traffic, messages, sent, time_of(traffic, messages, sent));
}

/* A message to each rank, or by Bruck's rounds with half of everything in each. */
void ritz_traffic_add_exchange(ritz_traffic *traffic, int size, ritz_index bytes) {
  const double sent = (double)bytes * (size - 1), rounds = rounds_of(size);
  const double straight = time_of(traffic, size - 1, sent);
  const double in_rounds = time_of(traffic, rounds, rounds * 0.5 * size * (double)bytes);
  if (in_rounds < straight)
    add(traffic, rounds, sent, in_rounds);
  else
    add(traffic, size - 1, sent, straight);
}

void ritz_traffic_add(ritz_traffic *traffic, const ritz_traffic *more) {
  add(traffic, more->messages, more->bytes, more->seconds);
}
