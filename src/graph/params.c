/* SPDX-License-Identifier: BSD-3-Clause
 * Named tensors in one flat array. */
#include "graph/params.h"

#include <math.h>
#include <ritz/random.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/op.h"

enum { alignment = 16 }; /* numbers: every tensor starts on a cache line, in float and in double */

struct ritz_params {
  int references; /* atomic */
  ritz_context *context;
  ritz_dtype dtype;
  uint64_t seed;
  int count, capacity;
  ritz_param_info *info;
  ritz_index length, reserved; /* numbers used, allocated */
  void *data;
  double limit, numbers; /* most numbers allowed (0: any), numbers held; padding not counted */
};

ritz_status ritz_params_create(ritz_context *context, ritz_dtype dtype, uint64_t seed,
                               ritz_params **out) {
  RITZ_TRY(RITZ_NEW(1, out));
  (*out)->references = 1;
  (*out)->context = ritz_context_retain(context);
  (*out)->dtype = dtype;
  (*out)->seed = seed;
  return RITZ_OK;
}

ritz_params *ritz_params_retain(ritz_params *params) {
  __atomic_add_fetch(&params->references, 1, __ATOMIC_RELAXED);
  return params;
}

void ritz_params_destroy(ritz_params **params) {
  if (!params || !*params) return;
  ritz_params *p = *params;
  *params = NULL;
  if (__atomic_sub_fetch(&p->references, 1, __ATOMIC_ACQ_REL) > 0) return;
  for (int i = 0; i < p->count; i++) ritz_free((char *)p->info[i].name);
  ritz_free(p->info);
  ritz_free(p->data);
  ritz_context_destroy(&p->context);
  ritz_free(p);
}

ritz_dtype ritz_params_dtype(const ritz_params *params) { return params->dtype; }
int ritz_params_count(const ritz_params *params) { return params->count; }
ritz_index ritz_params_length(const ritz_params *params) { return params->length; }
const ritz_param_info *ritz_params_info(const ritz_params *params, int i) {
  return &params->info[i];
}
void *ritz_params_data(ritz_params *params) { return params->data; }

void ritz_params_set_limit(ritz_params *params, double numbers) { params->limit = numbers; }

void ritz_params_freeze(ritz_params *params, int i) { params->info[i].trainable = false; }

ritz_index ritz_params_numbers(const ritz_params *params) {
  ritz_index numbers = 0;
  for (int i = 0; i < params->count; i++)
    if (params->info[i].trainable) numbers += params->info[i].count;
  return numbers;
}

int ritz_params_find(const ritz_params *params, const char *name) {
  for (int i = 0; i < params->count; i++)
    if (strcmp(params->info[i].name, name) == 0) return i;
  return -1;
}

/* FNV-1a: gives every name its own random stream, whatever the order of creation. */
static uint32_t hash(const char *name) {
  uint32_t h = 2166136261u;
  for (; *name; name++) h = (h ^ (unsigned char)*name) * 16777619u;
  return h;
}

/* Entry i of a kernel [K..., Ci, Co] that treats every channel alike: the product over its axes of
 * a hat two taps wide about tap 1. */
static double hat(const ritz_shape *shape, ritz_index i) {
  const ritz_index co = shape->n[shape->rank - 1], ci = shape->n[shape->rank - 2];
  double value = i % co == i / co % ci ? 1 : 0;
  i /= ci * co;
  for (int a = shape->rank - 3; a >= 0; a--) {
    const double far = fabs((double)(i % shape->n[a]) - 1);
    value *= far < 2 ? 1 - far / 2 : 0;
    i /= shape->n[a];
  }
  return value;
}

/* Is entry i of a complex parameter an imaginary part? */
static bool is_imaginary(const ritz_param_info *info, ritz_index i) {
  if (info->complex_axis < 0) return false;
  ritz_index plane = 1;
  for (int a = info->complex_axis + 1; a < info->shape.rank; a++) plane *= info->shape.n[a];
  return i / plane % 2;
}

/* Entry i before the scale; normals come in pairs and are drawn together. */
static double initial(ritz_init_kind kind, const ritz_param_info *info, ritz_random stream,
                      ritz_index i) {
  switch (kind) {
    case RITZ_INIT_ZERO: return 0;
    case RITZ_INIT_CONSTANT: return 1;
    case RITZ_INIT_SYMMETRIC: return 2 * ritz_random_uniform(stream, (uint64_t)i) - 1;
    case RITZ_INIT_UNIFORM: return ritz_random_uniform(stream, (uint64_t)i);
    case RITZ_INIT_REAL: return is_imaginary(info, i) ? 0 : 1;
    case RITZ_INIT_HAT: return hat(&info->shape, i);
    case RITZ_INIT_NORMAL: break;
  }
  return NAN;
}

static void fill(ritz_params *params, const ritz_param_info *info, ritz_init init) {
  enum { piece = 256 };
  const ritz_random stream = {params->seed, RITZ_RANDOM_INIT, hash(info->name)};
  for (ritz_index first = 0; first < info->count; first += piece) {
    const ritz_index left = info->count - first, count = left < piece ? left : piece;
    double value[piece];
    if (init.kind == RITZ_INIT_NORMAL)
      ritz_random_normals(stream, (uint64_t)first, count, value);
    else
      for (ritz_index k = 0; k < count; k++) value[k] = initial(init.kind, info, stream, first + k);
    for (ritz_index k = 0; k < count; k++)
      ritz_number_set(params->dtype, params->data, info->offset + first + k, init.scale * value[k]);
  }
}

static ritz_status reserve(ritz_params *params, ritz_index length) {
  if (params->count == params->capacity) {
    const int capacity = params->capacity ? 2 * params->capacity : 32;
    RITZ_TRY(ritz_grow(params->count, capacity, sizeof *params->info, (void **)&params->info));
    params->capacity = capacity;
  }
  if (length > params->reserved) {
    const ritz_index reserved = length > 2 * params->reserved ? length : 2 * params->reserved;
    RITZ_TRY(ritz_grow(params->length, reserved, ritz_dtype_size(params->dtype), &params->data));
    params->reserved = reserved;
  }
  return RITZ_OK;
}

/* Numbers up to the next tensor, padding included. */
static ritz_index extent_of(const ritz_params *params, int i) {
  const ritz_index next = i + 1 < params->count ? params->info[i + 1].offset : params->length;
  return next - params->info[i].offset;
}

ritz_index ritz_params_parts(const ritz_params *params, const ritz_index *shares,
                             const ritz_comm *comm, ritz_param_part *part, ritz_index *common) {
  ritz_index place = 0;
  for (int i = 0; i < params->count; i++) {
    part[i] = (ritz_param_part){params->info[i].offset, params->info[i].count, place};
    if (!shares || shares[i] == 0) place += extent_of(params, i);
  }
  *common = place;
  for (int i = 0; shares && i < params->count; i++) {
    if (shares[i] == 0) continue;
    const ritz_index block = part[i].count / shares[i];
    ritz_index first, count;
    ritz_comm_share(comm, shares[i], &first, &count);
    part[i] = (ritz_param_part){part[i].first + first * block, count * block, place};
    place += part[i].count;
  }
  return place;
}

static ritz_status check_same(const ritz_param_info *info, const ritz_shape *shape,
                              int complex_axis) {
  char have[128], want[128];
  RITZ_REQUIRE(ritz_shape_equal(&info->shape, shape) && info->complex_axis == complex_axis,
               RITZ_ERR_SHAPE, "parameter %s is %s, the graph wants %s", info->name,
               ritz_shape_text(&info->shape, have), ritz_shape_text(shape, want));
  return RITZ_OK;
}

/* In double: extents from a damaged file may overflow an index. */
static ritz_status check_limit(const ritz_params *params, const char *name,
                               const ritz_shape *shape) {
  char text[128];
  double count = 1;
  for (int a = 0; a < shape->rank; a++) count *= (double)shape->n[a];
  const double numbers = params->numbers + count;
  RITZ_REQUIRE(params->limit == 0 || numbers <= params->limit, RITZ_ERR_SHAPE,
               "parameter %s %s makes %.0f numbers, the weights hold %.0f", name,
               ritz_shape_text(shape, text), numbers, params->limit);
  RITZ_REQUIRE(count <= 0x1p60, RITZ_ERR_MEMORY, "parameter %s %s does not fit into memory", name,
               ritz_shape_text(shape, text));
  return RITZ_OK;
}

ritz_status ritz_params_require(ritz_params *params, const char *name, ritz_shape shape,
                                int complex_axis, ritz_init init, int *position) {
  *position = ritz_params_find(params, name);
  if (*position >= 0) return check_same(&params->info[*position], &shape, complex_axis);

  RITZ_TRY(check_limit(params, name, &shape));
  const ritz_index count = ritz_shape_count(&shape);
  const ritz_index padded = (count + alignment - 1) / alignment * alignment;
  RITZ_TRY(reserve(params, params->length + padded));
  ritz_param_info info = {.shape = shape,
                          .complex_axis = complex_axis,
                          .offset = params->length,
                          .count = count,
                          .trainable = true};
  RITZ_TRY(ritz_strdup(name, (char **)&info.name));
  fill(params, &info, init);
  *position = params->count;
  params->info[params->count++] = info;
  params->length += padded;
  params->numbers += (double)count;
  return RITZ_OK;
}
