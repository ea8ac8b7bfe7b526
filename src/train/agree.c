/* SPDX-License-Identifier: BSD-3-Clause */
#include "train/agree.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "dist/comm.h"
#include "io/h5_ranks.h"

static const char *const section[] = {"operator", "data",    "loss", "optimizer",
                                      "schedule", "rollout", "train"};
enum { sections = sizeof section / sizeof *section };

/* FNV-1a, 64 bits. Fowler, Noll, Vo & Eastlake 2019, draft-eastlake-fnv. */
static uint64_t add_text(uint64_t hash, const char *text) {
  for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
  return hash;
}

static bool is_file(const ritz_value *value) {
  return value->key && (strcmp(value->key, "train") == 0 || strcmp(value->key, "test") == 0);
}

static ritz_status hash_section(const ritz_value *map, uint64_t *hash) {
  *hash = 0xcbf29ce484222325;
  for (int i = 0; map && i < map->count; i++) {
    char *text;
    if (is_file(map->item[i])) continue;
    RITZ_TRY(ritz_value_to_json(map->item[i], &text));
    *hash = add_text(add_text(*hash, map->item[i]->key), text);
    ritz_free(text);
  }
  return RITZ_OK;
}

static ritz_status hash_sections(const ritz_value *tree, uint64_t out[sections]) {
  for (int i = 0; i < sections; i++)
    RITZ_TRY(hash_section(ritz_value_get(tree, section[i]), &out[i]));
  return RITZ_OK;
}

static ritz_status compare_sections(const uint64_t mine[sections], const uint64_t first[sections]) {
  for (int i = 0; i < sections; i++)
    RITZ_REQUIRE(mine[i] == first[i], RITZ_ERR_CONFIG,
                 "section %s of the configuration is not that of rank 0", section[i]);
  return RITZ_OK;
}

ritz_status ritz_agree_on_config(const ritz_context *context, const ritz_value *tree) {
  uint64_t mine[sections] = {0}, first[sections];
  RITZ_TRY(ritz_status_agree(context, hash_sections(tree, mine)));
  memcpy(first, mine, sizeof first);
  RITZ_TRY(ritz_comm_broadcast(context->comm, 0, sizeof first, first));
  return ritz_status_agree(context, compare_sections(mine, first));
}

static ritz_status compare_data(const ritz_dataset_info *info, const ritz_index mine[6],
                                const ritz_index first[6]) {
  RITZ_REQUIRE(memcmp(mine, first, 6 * sizeof *mine) == 0, RITZ_ERR_CONFIG,
               "%s has %td samples of %td x %td x %td points, %td channels in and %td out; the "
               "file of rank 0 has %td of %td x %td x %td, %td and %td",
               info->path, mine[0], mine[1], mine[2], mine[3], mine[4], mine[5], first[0], first[1],
               first[2], first[3], first[4], first[5]);
  return RITZ_OK;
}

ritz_status ritz_agree_on_data(const ritz_context *context, const ritz_dataset_info *info) {
  const ritz_index mine[6] = {info->samples, info->grid[0],     info->grid[1],
                              info->grid[2], info->channels_in, info->channels_out};
  ritz_index first[6];
  memcpy(first, mine, sizeof first);
  RITZ_TRY(ritz_comm_broadcast(context->comm, 0, sizeof first, first));
  return ritz_status_agree(context, compare_data(info, mine, first));
}

ritz_status ritz_agree_on_opening(const ritz_context *context, const char *path, hid_t *file) {
  const void *ranks = ritz_comm_native(context->comm);
  *file = H5I_INVALID_HID;
  RITZ_TRY(ritz_status_agree(context, ritz_h5_look(path)));
  return ritz_status_agree(context, ritz_h5_open_together(ranks, path, file));
}
