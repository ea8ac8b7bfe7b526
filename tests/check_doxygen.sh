#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Doxygen reads every public header without a warning; the pages go to build/doxygen.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/doxygen
{ cat docs/Doxyfile && echo 'OUTPUT_DIRECTORY = build/doxygen'; } | doxygen -
