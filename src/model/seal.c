/* SPDX-License-Identifier: BSD-3-Clause
 * Sealed files. */
#include "model/seal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "core/memory.h"

static const char mark[8] = {'R', 'I', 'T', 'Z', '-', 'S', 'U', 'M'};
enum { piece = 1 << 16, slices = 8 };

/* table[k][b]: the register after byte b and k zero bytes. */
typedef struct crc {
  uint64_t table[slices][256], value;
} crc;

static void crc_begin(crc *c) {
  for (int b = 0; b < 256; b++) {
    uint64_t value = (uint64_t)b;
    for (int bit = 0; bit < 8; bit++)
      value = value >> 1 ^ (value & 1 ? UINT64_C(0xC96C5795D7870F42) : 0);
    c->table[0][b] = value;
  }
  for (int k = 1; k < slices; k++)
    for (int b = 0; b < 256; b++)
      c->table[k][b] = c->table[k - 1][b] >> 8 ^ c->table[0][c->table[k - 1][b] & 255];
  c->value = ~UINT64_C(0);
}

/* Eight bytes a step: the eight look-ups do not wait for each other. */
static void crc_add(crc *c, const unsigned char *byte, size_t count) {
  uint64_t value = c->value;
  for (; count >= slices; count -= slices, byte += slices) {
    uint64_t next = 0;
    for (int k = 0; k < slices; k++)
      next ^= c->table[slices - 1 - k][(value >> 8 * k & 255) ^ byte[k]];
    value = next;
  }
  for (; count > 0; count--, byte++) value = value >> 8 ^ c->table[0][(value & 255) ^ *byte];
  c->value = value;
}

/* The checksum of the first `bytes` bytes; RITZ_ERR_IO if they cannot be read. */
static ritz_status sum_file(FILE *file, long bytes, uint64_t *sum) {
  unsigned char *buffer = NULL;
  crc *c = NULL;
  ritz_status status;
  RITZ_TRY_DONE(ritz_calloc(piece, 1, (void **)&buffer));
  RITZ_TRY_DONE(RITZ_NEW(1, &c));
  crc_begin(c);
  rewind(file);
  while (bytes > 0 && status == RITZ_OK) {
    const size_t wanted = bytes < piece ? (size_t)bytes : piece;
    if (fread(buffer, 1, wanted, file) != wanted)
      status = RITZ_FAIL(RITZ_ERR_IO, "cannot be read: %s", strerror(errno));
    crc_add(c, buffer, wanted);
    bytes -= (long)wanted;
  }
  *sum = ~c->value;
done:
  ritz_free(buffer);
  ritz_free(c);
  return status;
}

static void encode(uint64_t sum, unsigned char out[RITZ_SEAL_BYTES]) {
  memcpy(out, mark, sizeof mark);
  for (int k = 0; k < 8; k++) out[sizeof mark + (size_t)k] = (unsigned char)(sum >> 8 * k & 255);
}

static ritz_status put_seal(FILE *file) {
  unsigned char seal[RITZ_SEAL_BYTES];
  uint64_t sum = 0;
  RITZ_REQUIRE(fseek(file, 0, SEEK_END) == 0, RITZ_ERR_IO, "cannot be read: %s", strerror(errno));
  RITZ_TRY(sum_file(file, ftell(file), &sum));
  encode(sum, seal);
  const bool put =
      fseek(file, 0, SEEK_END) == 0 && fwrite(seal, 1, sizeof seal, file) == sizeof seal;
  RITZ_REQUIRE(put && fflush(file) == 0, RITZ_ERR_IO, "cannot be written: %s", strerror(errno));
  return RITZ_OK;
}

static ritz_status append_seal(const char *path) {
  FILE *file = fopen(path, "r+b");
  RITZ_REQUIRE(file, RITZ_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
  const ritz_status status = put_seal(file);
  fclose(file);
  return status == RITZ_OK ? status : ritz_fail_prefix(status, "%s", path);
}

ritz_status ritz_seal_publish(const char *temporary, const char *path) {
  ritz_status status = append_seal(temporary);
  if (status == RITZ_OK) status = ritz_file_publish(temporary, path);
  if (status != RITZ_OK) remove(temporary);
  return status;
}

ritz_status ritz_seal_commit(hid_t *file, const char *temporary, const char *path) {
  ritz_status status = ritz_h5_flush(*file);
  if (status == RITZ_OK) status = ritz_h5_close(file);
  if (status == RITZ_OK) return ritz_seal_publish(temporary, path);
  ritz_h5_abandon(file, temporary);
  return status;
}

static ritz_status compare_seal(FILE *file) {
  unsigned char seal[RITZ_SEAL_BYTES], wanted[RITZ_SEAL_BYTES];
  uint64_t sum = 0;
  if (fseek(file, -RITZ_SEAL_BYTES, SEEK_END) != 0) return RITZ_OK;
  if (fread(seal, 1, sizeof seal, file) != sizeof seal) return RITZ_OK;
  if (memcmp(seal, mark, sizeof mark) != 0) return RITZ_OK;
  RITZ_TRY(sum_file(file, ftell(file) - RITZ_SEAL_BYTES, &sum));
  encode(sum, wanted);
  RITZ_REQUIRE(memcmp(seal, wanted, sizeof seal) == 0, RITZ_ERR_FORMAT,
               "damaged: the checksum at its end is not of its contents");
  return RITZ_OK;
}

ritz_status ritz_seal_check(const char *path) {
  FILE *file = path ? fopen(path, "rb") : NULL;
  if (!file) return RITZ_OK;
  const ritz_status status = compare_seal(file);
  fclose(file);
  return status == RITZ_OK ? status : ritz_fail_prefix(status, "%s", path);
}
