#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Links in the documentation lead to files, links to a heading to a heading.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
status=0

# anchors FILE: its headings as links name them.
anchors() {
  sed -n 's/^##* //p' "$1" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-'
}

while IFS=: read -r page link; do
  target=${link%%#*} file=$page
  [[ -z $target ]] || file=$(dirname "$page")/$target
  if [[ ! -e $file ]]; then
    echo "$page: $link leads nowhere"
    status=1
  elif [[ $link == *#* ]] && ! anchors "$file" | grep -qxF -- "${link#*#}"; then
    echo "$page: no heading for $link"
    status=1
  fi
done < <(find . -name '*.md' -not -path './build/*' -not -path './out/*' -print0 |
  xargs -0 grep -oHE '\]\([^):]+\)' | sed 's/](\(.*\))$/\1/')
exit $status
