/* SPDX-License-Identifier: BSD-3-Clause
 * Texts of the reasons. */
#include <ritz/solve.h>

const char *ritz_solve_reason_text(ritz_solve_reason reason) {
  switch (reason) {
#define RITZ_SOLVE_REASON_CASE(name, number, text) \
  case name: return text;
    RITZ_SOLVE_REASON_LIST(RITZ_SOLVE_REASON_CASE)
#undef RITZ_SOLVE_REASON_CASE
  }
  return "unknown reason";
}
