/* SPDX-License-Identifier: BSD-3-Clause
 * Index maps between the reference's layouts and ours. */
#include "model/reference.h"

#include <stdio.h>
#include <string.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "graph/op.h"

ritz_status ritz_reference_operator(const char *name, const ritz_operator_type **out) {
  int count;
  const ritz_operator_type *const *types = ritz_operator_types(&count);
  for (int i = 0; i < count; i++) {
    if (!types[i]->reference || strcmp(types[i]->reference, name) != 0) continue;
    *out = types[i];
    return RITZ_OK;
  }
  return RITZ_FAIL(RITZ_ERR_NOT_FOUND, "no operator has a reference called '%s'", name);
}

enum { most_numbers = 4 };

/* Length of a mark for a number at the start of `pattern`, 0 if there is none. */
static size_t mark_length(const char *pattern, int *shift) {
  *shift = strncmp(pattern, "%+d", 3) == 0;
  return *shift ? 3 : strncmp(pattern, "%d", 2) == 0 ? 2 : 0;
}

/* Does `name` match `pattern`? Its numbers, less the shifts, go to `number`. */
static bool matches(const char *pattern, const char *name, int number[most_numbers]) {
  int count = 0, shift;
  while (*pattern) {
    const size_t mark = mark_length(pattern, &shift);
    int used = 0;
    if (mark == 0) {
      if (*pattern++ != *name++) return false;
      continue;
    }
    if (count == most_numbers || *name < '0' || *name > '9') return false;
    if (sscanf(name, "%9d%n", &number[count], &used) != 1) return false;
    if ((number[count++] -= shift) < 0) return false;
    pattern += mark;
    name += used;
  }
  return *name == 0;
}

/* Writes `pattern` with its marks replaced. */
static void substitute(const char *pattern, const int *number, size_t size, char *out) {
  int shift;
  for (size_t used = 0; used + 1 < size;) {
    const size_t mark = mark_length(pattern, &shift);
    if (mark) {
      const int written = snprintf(out + used, size - used, "%d", *number++ + shift);
      used += (size_t)written;
    } else {
      out[used++] = *pattern;
      if (!*pattern) return;
    }
    pattern += mark ? mark : 1;
  }
  out[size - 1] = 0;
}

const ritz_reference_name *ritz_reference_name_of(const ritz_operator_type *type, const char *ours,
                                                  size_t size, char *theirs) {
  int number[most_numbers];
  for (const ritz_reference_name *rule = type->names; rule->theirs; rule++) {
    if (!rule->ours || !matches(rule->ours, ours, number)) continue;
    substitute(rule->theirs, number, size, theirs);
    return rule;
  }
  return NULL;
}

/* The first `channels` axes of the reference come last in ours, in reverse order. */
static bool same_but_turned(const ritz_reference_match *match, const ritz_param_info *info,
                            int channels) {
  const int rank = info->shape.rank;
  bool same = match->rank == rank;
  for (int a = 0; same && a < rank; a++)
    same = info->shape.n[a] == match->n[a < rank - channels ? a + channels : rank - 1 - a];
  return same;
}

static ritz_status check_shapes(const char *theirs, const ritz_param_info *info,
                                const ritz_reference_match *match) {
  ritz_shape shape = {.rank = match->rank};
  char have[128], want[128];
  memcpy(shape.n, match->n, sizeof shape.n);
  const ritz_index numbers = info->count / (match->complex ? 2 : 1);
  bool fits = match->count == numbers;
  const int modes = info->complex_axis; /* number of mode axes */
  switch (match->rule->layout) {
    case RITZ_REFERENCE_SAME: break;
    case RITZ_REFERENCE_LINEAR:
      fits = fits && match->rank >= 2 && match->n[0] == info->shape.n[info->shape.rank - 1];
      break;
    case RITZ_REFERENCE_SPECTRAL: /* channels first, then the modes */
      fits = fits && match->rank == info->shape.rank - 1;
      for (int a = 0; fits && a < modes; a++)
        fits = match->n[match->rank - modes + a] == info->shape.n[a];
      break;
    case RITZ_REFERENCE_ROWS:
      fits = fits && match->rank == 2 && modes == 1 && match->n[0] == info->shape.n[0];
      break;
    case RITZ_REFERENCE_CORNER:
      fits = match->rank == modes + 2 && match->n[0] == info->shape.n[modes + 1] &&
             match->n[1] == info->shape.n[modes + 2];
      for (int a = 0; fits && a < modes; a++)
        fits = (a == modes - 1 ? 1 : 2) * match->n[a + 2] == info->shape.n[a];
      break;
    case RITZ_REFERENCE_KERNEL: fits = fits && same_but_turned(match, info, 2); break;
    case RITZ_REFERENCE_FIELD: fits = fits && same_but_turned(match, info, 1); break;
    case RITZ_REFERENCE_HEADS:
      fits = fits && match->rank == 3 && match->n[1] == info->shape.n[0];
      break;
    case RITZ_REFERENCE_PAIRS:
      fits = fits && match->n[0] == info->shape.n[info->shape.rank - 1] && match->n[0] % 2 == 0;
      break;
    case RITZ_REFERENCE_UNUSED: break;
  }
  RITZ_REQUIRE(fits, RITZ_ERR_SHAPE, "parameter %s is %s in the reference, ours (%s) is %s", theirs,
               ritz_shape_text(&shape, have), info->name, ritz_shape_text(&info->shape, want));
  return RITZ_OK;
}

/* Removes extents of 1 at the ends of a shape with more than @p rank axes. */
static void drop_ends(ritz_reference_match *match, int rank) {
  while (match->rank > rank && match->n[match->rank - 1] == 1) match->rank--;
  while (match->rank > rank && match->n[0] == 1) {
    match->rank--;
    memmove(match->n, match->n + 1, (size_t)match->rank * sizeof *match->n);
  }
}

ritz_status ritz_reference_find(const ritz_operator_type *type, const ritz_params *params,
                                const char *theirs, int rank, const ritz_index *n,
                                ritz_reference_match *match) {
  RITZ_REQUIRE(rank <= RITZ_MAX_RANK, RITZ_ERR_SHAPE, "parameter %s has %d axes", theirs, rank);
  for (const ritz_reference_name *rule = type->names; rule->theirs; rule++) {
    char ours[256];
    int number[most_numbers] = {0};
    if (!matches(rule->theirs, theirs, number)) continue;
    *match = (ritz_reference_match){.rule = rule, .position = -1, .rank = rank, .count = 0};
    if (rule->layout == RITZ_REFERENCE_UNUSED) return RITZ_OK;
    substitute(rule->ours, number, sizeof ours, ours);
    match->count = 1;
    match->position = ritz_params_find(params, ours);
    if (match->position < 0) continue;
    for (int a = 0; a < rank; a++) match->count *= match->n[a] = n[a];
    const ritz_param_info *info = ritz_params_info(params, match->position);
    match->complex = info->complex_axis >= 0;
    if (rule->layout == RITZ_REFERENCE_SPECTRAL) drop_ends(match, info->shape.rank - 1);
    return check_shapes(theirs, info, match);
  }
  return RITZ_FAIL(RITZ_ERR_NOT_FOUND, "operator %s has no parameter for '%s'", type->name, theirs);
}

/* Row of our spectral weight for multi-index r of a corner: [2m, ..., m], -m first. */
static ritz_index corner_row(const ritz_reference_match *match, const ritz_param_info *info,
                             ritz_index modes) {
  const int d = info->complex_axis;
  ritz_index row = 0, stride = 1;
  for (int a = d - 1; a >= 0; a--) {
    const ritz_index m = match->n[a + 2];
    const bool positive = a < d - 1 && !(match->rule->corner & 1 << a);
    row += stride * (modes % m + (positive ? m : 0));
    modes /= m;
    stride *= info->shape.n[a];
  }
  return row;
}

/* Where element k of the reference's array lies in our real tensor. */
static ritz_index our_real_index(const ritz_reference_match *match, const ritz_param_info *info,
                                 ritz_index k) {
  const ritz_index *n = info->shape.n, *theirs = match->n;
  const ritz_index last = n[info->shape.rank - 1]; /* our fastest axis */
  switch (match->rule->layout) {
    case RITZ_REFERENCE_LINEAR: return k % n[0] * n[1] + k / n[0];
    case RITZ_REFERENCE_KERNEL: {
      const ritz_index b = theirs[1], taps = match->count / (theirs[0] * b);
      return (k % taps * b + k / taps % b) * last + k / (taps * b);
    }
    case RITZ_REFERENCE_FIELD: {
      const ritz_index points = match->count / theirs[0];
      return k % points * theirs[0] + k / points;
    }
    case RITZ_REFERENCE_HEADS:
      return k / theirs[2] % theirs[1] * last + k / (theirs[1] * theirs[2]) * theirs[2] +
             k % theirs[2];
    case RITZ_REFERENCE_PAIRS: {
      const ritz_index in = match->count / last, channel = k / in;
      return k % in * last + channel % 2 * (last / 2) + channel / 2;
    }
    case RITZ_REFERENCE_SAME:
    case RITZ_REFERENCE_UNUSED:
    case RITZ_REFERENCE_SPECTRAL:
    case RITZ_REFERENCE_ROWS:
    case RITZ_REFERENCE_CORNER: break;
  }
  return k;
}

/* The same of a complex one too; plane 0: real, 1: imaginary part. */
static ritz_index our_index(const ritz_reference_match *match, const ritz_param_info *info,
                            ritz_index k, int plane) {
  const ritz_index *n = info->shape.n;
  const int d = info->complex_axis;
  ritz_index modes = 1;
  if (!match->complex) return our_real_index(match, info, k);
  if (match->rule->layout == RITZ_REFERENCE_LINEAR)
    return (plane * n[1] + k % n[1]) * n[2] + k / n[1];
  if (match->rule->layout == RITZ_REFERENCE_ROWS) return (k / n[2] * 2 + plane) * n[2] + k % n[2];
  for (int a = match->rank - d; a < match->rank; a++) modes *= match->n[a];
  ritz_index row = k % modes;
  const ritz_index channel = k / modes; /* ci Co + co, or c */
  ritz_index channels = 1;
  for (int a = d + 1; a < info->shape.rank; a++) channels *= n[a];
  if (match->rule->layout == RITZ_REFERENCE_CORNER) row = corner_row(match, info, row);
  return (2 * row + plane) * channels + channel;
}

void ritz_reference_put(const ritz_params *params, const ritz_reference_match *match,
                        ritz_dtype dtype, const double *theirs, void *ours) {
  if (match->position < 0) return;
  const ritz_param_info *info = ritz_params_info(params, match->position);
  const int planes = match->complex ? 2 : 1;
  for (ritz_index i = 0; i < match->count * planes; i++) {
    const ritz_index at = info->offset + our_index(match, info, i / planes, (int)(i % planes));
    ritz_number_set(dtype, ours, at, theirs[i]);
  }
}

void ritz_reference_get(const ritz_params *params, const ritz_reference_match *match,
                        ritz_dtype dtype, const void *ours, double *theirs) {
  if (match->position < 0) return;
  const ritz_param_info *info = ritz_params_info(params, match->position);
  const int planes = match->complex ? 2 : 1;
  for (ritz_index i = 0; i < match->count * planes; i++) {
    const ritz_index at = info->offset + our_index(match, info, i / planes, (int)(i % planes));
    theirs[i] = ritz_number_get(dtype, ours, at);
  }
}
