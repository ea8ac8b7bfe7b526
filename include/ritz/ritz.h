/* SPDX-License-Identifier: BSD-3-Clause
 * Everything public. <ritz/mpi.h>, where it is installed, is apart because it needs mpi.h. */
#ifndef RITZ_RITZ_H
#define RITZ_RITZ_H

#include <ritz/context.h>
#include <ritz/graph.h>
#include <ritz/operator.h>
#include <ritz/params.h>
#include <ritz/random.h>
#include <ritz/status.h>
#include <ritz/types.h>

#endif
