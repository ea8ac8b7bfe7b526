#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Nothing includes a layer above it, and examples and public headers see public headers only
# (docs/architecture.md).
# The floors, lowest first; a folder may include what is named behind it, and itself.
set -euo pipefail
cd "$(dirname "$0")/.."

floors='
include
src/core
src/io        src/core
src/kernels   src/core
src/dist      src/kernels src/core
src/graph     src/kernels src/dist src/core
solvers       src/kernels src/dist src/io src/core
datasets      solvers src/kernels src/dist src/io src/core
operators     src/graph src/kernels src/core
src/model     operators solvers src/graph src/kernels src/dist src/io src/core
src/train     src/model operators datasets solvers src/graph src/kernels src/dist src/io src/core
examples
'
status=0
while read -r folder below; do
  [[ -n $folder ]] || continue
  allowed=" $folder $below "
  # A folder that is not there, or of which nothing was read, would pass whatever it includes.
  sources=$(find "$folder" -name '*.[ch]' | wc -l)
  if ((sources == 0)); then
    echo "$folder: no sources; does the list of floors still fit?"
    status=1
    continue
  fi
  while IFS=: read -r file line text; do
    name=${text#*[\"<]} && name=${name%%[\">]*}
    # "graph/op.h" is in src/, "operators/layers.h" is not; a bare name is beside the file, and
    # what is in neither place belongs to include/ or to the system.
    [[ $name == */* ]] || continue
    [[ -e src/$name ]] && name=src/$name
    [[ -e $name || $text == *\"* ]] || continue
    used=${name%%/*}
    if [[ $used == src ]]; then used=${name#src/} && used=src/${used%%/*}; fi
    [[ $allowed == *" $used "* ]] && continue
    echo "$file:$line: $folder may not include $used ($name)"
    status=1
  done < <(grep -rnE '^ *# *include *["<]' --include='*.[ch]' --include='*.def' "$folder" || true)
done <<< "$floors"
exit $status
