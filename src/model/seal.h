/* SPDX-License-Identifier: BSD-3-Clause
 * A checksum behind the end of a finished HDF5 file: HDF5 neither reads nor minds it, and drops it
 * when the file is opened for writing, so an edited file counts as unsealed. It is looked at before
 * HDF5 sees the file, because HDF5 1.10 hangs on some damaged ones.
 *
 * Form: "RITZ-SUM" and the CRC-64 (ECMA-182, reflected, as in xz) of all bytes before,
 * little-endian.
 */
#ifndef RITZ_MODEL_SEAL_H
#define RITZ_MODEL_SEAL_H

#include "io/h5.h"

/** Bytes a seal adds to a file. */
#define RITZ_SEAL_BYTES 16

/**
 * ritz_h5_commit() with a seal: closes, seals, forces to the disk and renames.
 *
 * @param file  Cleared in every case; @p temporary is removed on failure.
 */
ritz_status ritz_seal_commit(hid_t *file, const char *temporary, const char *path);
/** The same for a file that is closed. */
ritz_status ritz_seal_publish(const char *temporary, const char *path);

/** RITZ_ERR_FORMAT if @p path has a seal that is not of its contents. RITZ_OK also without a seal,
 * or where the file cannot be opened: HDF5 will say why. Cost: one pass over the file. */
ritz_status ritz_seal_check(const char *path);

#endif
