/* SPDX-License-Identifier: BSD-3-Clause
 * XDMF text beside a map file: ParaView then shows the samples as time steps. */
#ifndef RITZ_IO_XDMF_H
#define RITZ_IO_XDMF_H

#include "io/map_writer.h"

/** Samples listed in a sidecar; a longer list helps nobody and takes ParaView long to read. */
#define RITZ_XDMF_SAMPLES 256

/**
 * Writes NAME.xdmf for NAME.h5 (same directory): one uniform grid per sample at time = sample
 * number, one scalar per channel with the same name in every step. XDMF counts axes slowest first,
 * so the last grid axis runs along ParaView's X.
 */
ritz_status ritz_xdmf_write(const char *h5_path, const ritz_map_spec *spec);

/** "a/b.h5" -> "a/b.xdmf"; other endings stay and get .xdmf behind. Release with ritz_free(). */
ritz_status ritz_xdmf_path(const char *h5_path, char **out);

#endif
