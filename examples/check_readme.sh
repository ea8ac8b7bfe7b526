#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The C program shown in README.md is examples/02_predict.c, to the letter.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
diff <(sed -n '/^```c$/,/^```$/p' README.md | sed '1d;$d') examples/02_predict.c
