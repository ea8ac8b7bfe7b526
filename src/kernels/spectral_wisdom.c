/* SPDX-License-Identifier: BSD-3-Clause
 * A list of lines, and the file it comes from and goes to. */
#define _POSIX_C_SOURCE 200809L
#include "kernels/spectral_wisdom.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "core/memory.h"
#include "kernels/kernels.h"

static const char title[] = "ritz spectral wisdom 1";

enum { KEY_BYTES = 192, LINE_BYTES = 256 };

typedef struct entry {
  char key[KEY_BYTES];
  ritz_spectral_algorithm algorithm;
} entry;

struct ritz_spectral_wisdom {
  ritz_index count, room;
  entry *entry;
};

ritz_status ritz_spectral_wisdom_create(ritz_spectral_wisdom **out) { return RITZ_NEW(1, out); }

void ritz_spectral_wisdom_destroy(ritz_spectral_wisdom **wisdom) {
  if (!*wisdom) return;
  ritz_free((*wisdom)->entry);
  ritz_free(*wisdom);
  *wisdom = NULL;
}

ritz_index ritz_spectral_wisdom_count(const ritz_spectral_wisdom *w) { return w->count; }

/* FNV-1a over the frequencies of all axes: lists are too long for a line. */
static uint64_t hash_frequencies(const ritz_transform_shape *shape) {
  uint64_t hash = 14695981039346656037u;
  for (int i = 0; i < shape->dim; i++)
    for (ritz_index k = 0; shape->transform[i] == RITZ_TRANSFORM_FOURIER && k < shape->modes[i];
         k++) {
      const ritz_index n = shape->grid[i];
      hash = (hash ^ (uint64_t)((shape->frequency[i][k] % n + n) % n)) * 1099511628211u;
    }
  return hash;
}

/* Behind the points of an axis. */
static const char *const letters[RITZ_AXIS_TRANSFORMS] = {"", "s", "c", "S", "C"};

static void write_key(const ritz_transform_shape *shape, char key[KEY_BYTES]) {
  int at = snprintf(key, KEY_BYTES, "%s %s b%td c%td ", ritz_kernels_get(shape->dtype)->isa,
                    ritz_dtype_name(shape->dtype), shape->batch, shape->channels);
  for (int i = 0; i < shape->dim; i++)
    at += snprintf(key + at, (size_t)(KEY_BYTES - at), "%s%td%s", i ? "x" : "", shape->grid[i],
                   letters[shape->transform[i]]);
  for (int i = 0; i < shape->dim; i++)
    at += snprintf(key + at, (size_t)(KEY_BYTES - at), "%s%td", i ? "x" : " ", shape->modes[i]);
  snprintf(key + at, (size_t)(KEY_BYTES - at), " %016llx",
           (unsigned long long)hash_frequencies(shape));
}

static entry *find(const ritz_spectral_wisdom *w, const char *key) {
  for (ritz_index i = 0; i < w->count; i++)
    if (strcmp(w->entry[i].key, key) == 0) return &w->entry[i];
  return NULL;
}

bool ritz_spectral_wisdom_find(const ritz_spectral_wisdom *w, const ritz_transform_shape *shape,
                               ritz_spectral_algorithm *out) {
  char key[KEY_BYTES];
  write_key(shape, key);
  const entry *e = find(w, key);
  if (e) *out = e->algorithm;
  return e != NULL;
}

static ritz_status add(ritz_spectral_wisdom *w, const char *key,
                       ritz_spectral_algorithm algorithm) {
  entry *e = find(w, key);
  if (!e) {
    if (w->count == w->room) {
      const ritz_index room = 2 * w->room + 16;
      RITZ_TRY(ritz_grow(w->room, room, sizeof *w->entry, (void **)&w->entry));
      w->room = room;
    }
    e = &w->entry[w->count++];
    snprintf(e->key, KEY_BYTES, "%s", key);
  }
  e->algorithm = algorithm;
  return RITZ_OK;
}

ritz_status ritz_spectral_wisdom_add(ritz_spectral_wisdom *w, const ritz_transform_shape *shape,
                                     ritz_spectral_algorithm algorithm) {
  char key[KEY_BYTES];
  write_key(shape, key);
  return add(w, key, algorithm);
}

/* Cuts "key algorithm\n" in two. Keys are only compared, so any text of seven words will do. */
static bool read_line(char *line, ritz_spectral_algorithm *algorithm) {
  char *end = strchr(line, '\n');
  if (!end) return false; /* cut off, or too long */
  *end = 0;
  int words = 1;
  for (const char *c = line; *c; c++) {
    if (*c < ' ' || *c > '~') return false;
    words += *c == ' ';
  }
  char *name = strrchr(line, ' ');
  if (words != 8 || name - line >= KEY_BYTES) return false;
  *name = 0;
  return ritz_spectral_algorithm_parse(name + 1, algorithm) && *algorithm != RITZ_SPECTRAL_AUTO;
}

static ritz_status read_file(FILE *file, const char *path, ritz_spectral_wisdom *into) {
  char line[LINE_BYTES];
  RITZ_REQUIRE(fgets(line, sizeof line, file) && strncmp(line, title, sizeof title - 1) == 0 &&
                   strcmp(line + sizeof title - 1, "\n") == 0,
               RITZ_ERR_FORMAT, "%s: line 1 is not \"%s\"", path, title);
  for (int number = 2; fgets(line, sizeof line, file); number++) {
    ritz_spectral_algorithm algorithm;
    RITZ_REQUIRE(read_line(line, &algorithm), RITZ_ERR_FORMAT,
                 "%s: line %d is not a shape and an algorithm", path, number);
    RITZ_TRY(add(into, line, algorithm));
  }
  RITZ_REQUIRE(!ferror(file), RITZ_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
  return RITZ_OK;
}

ritz_status ritz_spectral_wisdom_load(ritz_spectral_wisdom *w, const char *path) {
  FILE *file = fopen(path, "r");
  RITZ_REQUIRE(file, RITZ_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
  ritz_spectral_wisdom all = {0};
  ritz_status status = RITZ_OK;
  for (ritz_index i = 0; i < w->count; i++)
    RITZ_TRY_DONE(add(&all, w->entry[i].key, w->entry[i].algorithm));
  RITZ_TRY_DONE(read_file(file, path, &all));
  ritz_free(w->entry);
  *w = all;
  all.entry = NULL;
done:
  ritz_free(all.entry);
  fclose(file);
  return status;
}

static int by_key(const void *a, const void *b) {
  return strcmp(((const entry *)a)->key, ((const entry *)b)->key);
}

static ritz_status put_entries(FILE *file, const void *what) {
  const ritz_spectral_wisdom *sorted = what;
  fprintf(file, "%s\n", title);
  for (ritz_index i = 0; i < sorted->count; i++)
    fprintf(file, "%s %s\n", sorted->entry[i].key,
            ritz_spectral_algorithm_name(sorted->entry[i].algorithm));
  return RITZ_OK;
}

ritz_status ritz_spectral_wisdom_save(const ritz_spectral_wisdom *w, const char *path) {
  ritz_spectral_wisdom sorted = *w;
  RITZ_TRY(RITZ_NEW(w->count, &sorted.entry));
  if (w->count > 0) memcpy(sorted.entry, w->entry, (size_t)w->count * sizeof *sorted.entry);
  qsort(sorted.entry, (size_t)w->count, sizeof *sorted.entry, by_key);
  const ritz_status status = ritz_file_write(path, put_entries, &sorted);
  ritz_free(sorted.entry);
  return status;
}
