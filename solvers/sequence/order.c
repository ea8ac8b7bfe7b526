/* SPDX-License-Identifier: BSD-3-Clause
 * Orders of samples: greedy by distance, within groups that a coordinate or a curve makes. */
#include <ritz/sequence.h>

#include <math.h>
#include <stdlib.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/sequence/coordinates.h"

void ritz_sequence_order_defaults(ritz_sequence_order_options *options) {
  *options = (ritz_sequence_order_options){.sort = RITZ_SORT_GREEDY, .group = 1000, .modes = 6};
}

static double distance(ritz_index numbers, const double *x, const double *y) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (ritz_index i = 0; i < numbers; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum;
}

/* Puts order[1 ...] so that each follows the nearest one before it; of equally near ones the first
 * in the order comes first. */
static void greedy(ritz_index count, ritz_index *order, ritz_index numbers, const double *fields) {
  for (ritz_index k = 1; k < count; k++) {
    const double *last = fields + order[k - 1] * numbers;
    double least = INFINITY;
    ritz_index next = k;
    for (ritz_index i = k; i < count; i++) {
      const double d = distance(numbers, last, fields + order[i] * numbers);
      if (d < least) least = d, next = i;
    }
    const ritz_index chosen = order[next];
    for (ritz_index i = next; i > k; i--) order[i] = order[i - 1]; /* the others keep their order */
    order[k] = chosen;
  }
}

/* Brings the sample nearest to @p last to the front. */
static void start_near(ritz_index last, ritz_index count, ritz_index *order, ritz_index numbers,
                       const double *fields) {
  double least = INFINITY;
  ritz_index at = 0;
  for (ritz_index i = 0; i < count; i++) {
    const double d = distance(numbers, fields + last * numbers, fields + order[i] * numbers);
    if (d < least) least = d, at = i;
  }
  const ritz_index first = order[at];
  order[at] = order[0];
  order[0] = first;
}

/* Curves --------------------------------------------------------------------------------------*/

typedef struct place {
  uint64_t place;
  ritz_index sample;
} place;

static int compare(const void *x, const void *y) {
  const place *a = x, *b = y;
  if (a->place != b->place) return a->place < b->place ? -1 : 1;
  return a->sample < b->sample ? -1 : 1;
}

/* Places of samples along one coordinate, or along the curve through all of them, each between its
 * least and its greatest value. */
static void fill_places(ritz_index count, int dim, int used, const double *coordinates,
                        place *out) {
  double low[RITZ_COORDINATES], high[RITZ_COORDINATES];
  for (int d = 0; d < used; d++) {
    low[d] = INFINITY, high[d] = -INFINITY;
    for (ritz_index s = 0; s < count; s++) {
      low[d] = fmin(low[d], coordinates[s * dim + d]);
      high[d] = fmax(high[d], coordinates[s * dim + d]);
    }
  }
  for (ritz_index s = 0; s < count; s++) {
    uint32_t point[RITZ_COORDINATES];
    for (int d = 0; d < used; d++) {
      const double span = high[d] - low[d];
      const double part = span > 0 ? (coordinates[s * dim + d] - low[d]) / span : 0;
      point[d] = (uint32_t)(part * ((1 << RITZ_CURVE_BITS) - 1));
    }
    out[s] = (place){ritz_hilbert_place(used, point), s};
  }
}

static ritz_status along_curve(const ritz_sequence_order_options *o, ritz_index count, int dim,
                               const ritz_index *nodes, const double *fields, ritz_index *order) {
  int used;
  double *coordinates = NULL;
  place *places = NULL;
  ritz_status status =
      ritz_sequence_coordinates(count, dim, nodes, o->modes, fields, &used, &coordinates);
  if (status == RITZ_OK) status = RITZ_NEW(count, &places);
  if (status == RITZ_OK) {
    fill_places(count, used, o->sort == RITZ_SORT_GROUPS ? 1 : used, coordinates, places);
    qsort(places, (size_t)count, sizeof *places, compare);
    for (ritz_index k = 0; k < count; k++) order[k] = places[k].sample;
  }
  ritz_free(coordinates);
  ritz_free(places);
  return status;
}

/* All -----------------------------------------------------------------------------------------*/

static ritz_status check(const ritz_sequence_order_options *o, ritz_index count, int dim,
                         const ritz_index *nodes) {
  RITZ_TRY(ritz_reserved_check(o->reserved, "sequence order options"));
  RITZ_REQUIRE(o->sort >= RITZ_SORT_NONE && o->sort <= RITZ_SORT_HILBERT, RITZ_ERR_ARGUMENT,
               "sort is %d, wanted one of its names", (int)o->sort);
  RITZ_REQUIRE(o->group >= 1, RITZ_ERR_ARGUMENT, "group is %td, wanted at least 1", o->group);
  RITZ_REQUIRE(o->modes >= 0, RITZ_ERR_ARGUMENT, "modes is %d, wanted at least 0", o->modes);
  RITZ_REQUIRE(count >= 0, RITZ_ERR_ARGUMENT, "%td samples, wanted at least 0", count);
  RITZ_REQUIRE(dim >= 1 && dim <= 3, RITZ_ERR_ARGUMENT, "fields have %d axes, wanted 1 ... 3", dim);
  for (int a = 0; a < dim; a++)
    RITZ_REQUIRE(nodes[a] >= 1, RITZ_ERR_ARGUMENT, "axis %d has %td nodes, wanted at least 1", a,
                 nodes[a]);
  return RITZ_OK;
}

ritz_status ritz_sequence_order(const ritz_sequence_order_options *options, ritz_index count,
                                int dim, const ritz_index *nodes, const double *fields,
                                ritz_index *order) {
  ritz_sequence_order_options o;
  ritz_sequence_order_defaults(&o);
  if (options) o = *options;
  RITZ_TRY(check(&o, count, dim, nodes));
  ritz_index numbers = 1;
  for (int a = 0; a < dim; a++) numbers *= nodes[a];
  for (ritz_index k = 0; k < count; k++) order[k] = k;
  if (o.sort == RITZ_SORT_NONE || count == 0) return RITZ_OK;
  if (o.sort == RITZ_SORT_GREEDY) {
    greedy(count, order, numbers, fields);
    return RITZ_OK;
  }
  RITZ_TRY(along_curve(&o, count, dim, nodes, fields, order));
  for (ritz_index first = 0; first < count; first += o.group) {
    const ritz_index size = count - first < o.group ? count - first : o.group;
    if (first > 0) start_near(order[first - 1], size, order + first, numbers, fields);
    greedy(size, order + first, numbers, fields);
  }
  return RITZ_OK;
}
