/* SPDX-License-Identifier: BSD-3-Clause
 * Files that ranks write together, each its own numbers, by HDF5 over MPI-IO.
 *
 * The structure is one rank's work: it creates the file with every data set in it
 * (ritz_h5_create_dataset() takes the space at once), closes it, and has the disk set the space
 * aside. Then all open the file and put numbers in their places. Nothing else changes, so no rank
 * depends on what another has in mind for the file, and its bytes are those of one writer.
 *
 * Collective functions are called by all ranks, in the same order, whatever has happened to one of
 * them: its status is its own, and the ranks agree about it afterwards (ritz_status_agree()).
 * Without parallel HDF5 there are none of these files: ritz_h5_together() says so. */
#ifndef RITZ_IO_H5_RANKS_H
#define RITZ_IO_H5_RANKS_H

#include "io/h5_part.h"

/** @param ranks  ritz_comm_native(). @return  Whether those can write files together. */
bool ritz_h5_together(const void *ranks);

/** Has the disk set aside the space of all of a file that is written nowhere yet, where the file
 * system can: a full one shows here. Not collective. RITZ_ERR_IO */
ritz_status ritz_h5_reserve(const char *path);

/** Opens for writing by ritz_h5_write_together() alone; closed by ritz_h5_close(), which is
 * collective too. Collective; that each rank can open the file has been agreed upon. RITZ_ERR_IO */
ritz_status ritz_h5_open_together(const void *ranks, const char *path, hid_t *file);

/**
 * Writes each rank's part, in rounds of 64 MiB a rank. Collective.
 *
 * @param part    Of this rank: no number is in two ranks' parts.
 * @param values  Of the part, one after the other.
 *                RITZ_ERR_SHAPE  the part is not inside; RITZ_ERR_IO; RITZ_ERR_COMMUNICATION
 */
ritz_status ritz_h5_write_together(const void *ranks, hid_t dataset, const ritz_h5_part *part,
                                   ritz_h5_type type, const void *values);

#endif
