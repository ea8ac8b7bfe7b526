/* SPDX-License-Identifier: BSD-3-Clause
 * Which version this is: of the headers at compile time, of the library at run time.
 *
 * Numbers are those of semver.org: a patch mends, a minor version adds, a major one breaks. While
 * the major version is 0, a minor one may break, too. The shared library's soname counts what
 * breaks: libritz.so.0.1 now, libritz.so.1 from 1.0 on. */
#ifndef RITZ_VERSION_H
#define RITZ_VERSION_H

#include <ritz/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RITZ_VERSION_MAJOR 0
#define RITZ_VERSION_MINOR 1
#define RITZ_VERSION_PATCH 0

/** One number that grows with the version: 1.2.3 is 10203. */
#define RITZ_VERSION_NUMBER \
  (RITZ_VERSION_MAJOR * 10000 + RITZ_VERSION_MINOR * 100 + RITZ_VERSION_PATCH)

/** @return  The version of the library that runs, "0.1.0". */
RITZ_API const char *ritz_version(void);
/** @return  Its RITZ_VERSION_NUMBER, which may be more than that of the headers a program was
 *           compiled with. */
RITZ_API int ritz_version_number(void);

#ifdef __cplusplus
}
#endif
#endif
