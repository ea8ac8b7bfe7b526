/* SPDX-License-Identifier: BSD-3-Clause */
#include "operator_samples.h"

#include <string.h>

#include "operator_sample_rows.h"

static const operator_rows *const parts[] = {&fourier_rows, &grid_rows, &deeponet_rows};
enum { part_count = sizeof parts / sizeof *parts };

int operator_sample_count(void) {
  int count = 0;
  for (int i = 0; i < part_count; i++) count += parts[i]->count;
  return count;
}

const operator_sample *operator_sample_at(int number) {
  int part = 0;
  for (; number >= parts[part]->count; part++) number -= parts[part]->count;
  return &parts[part]->row[number];
}

operator_case small_case(const operator_sample *s) {
  return (operator_case){s->type, s->options, s->small, s->training};
}

operator_case large_case(const operator_sample *s) {
  return (operator_case){s->type, s->options, s->large, s->training};
}

void check_every_operator_has_a_sample(void) {
  static const char *const names[] = {
#define RITZ_OPERATOR(name) #name,
#include "operators/operators.def"
#undef RITZ_OPERATOR
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    bool found = false;
    for (int k = 0; k < operator_sample_count(); k++)
      found = found || strcmp(operator_sample_at(k)->type, names[i]) == 0;
    if (!found) fail_msg("%s has no sample in tests/support/operator_samples_*.c", names[i]);
  }
}
