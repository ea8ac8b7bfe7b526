/* SPDX-License-Identifier: BSD-3-Clause
 * The version at run time. */
#include <ritz/version.h>

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)

const char *ritz_version(void) {
  return TEXT(RITZ_VERSION_MAJOR) "." TEXT(RITZ_VERSION_MINOR) "." TEXT(RITZ_VERSION_PATCH);
}

int ritz_version_number(void) { return RITZ_VERSION_NUMBER; }
