#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: man.sh RITZ OUTPUT_DIR
#
# Manual pages out of the help of the command: ritz.1 and ritz-COMMAND.1. The first line of a help
# page is the synopsis, a line "Word:" a heading; all else stays as it is set.
set -euo pipefail
ritz=$1
folder=$2
version=$("$ritz" --version | head -n 1)
mkdir -p "$folder"

# page NAME SUMMARY: from a help page on stdin.
page() {
  printf '.TH %s 1 "" "%s"\n.SH NAME\n%s \\- %s\n' "${1^^}" "$version" "$1" "$2"
  sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^[.']/\\\\\\&&/" \
    -e '1s/^usage: \(.*\)/.SH SYNOPSIS\n.nf\n\1\n.fi\n.SH DESCRIPTION\n.nf/' \
    -e 's/^\([A-Z][A-Za-z ]*\):$/.fi\n.SH \U\1\E\n.nf/'
  printf '.fi\n'
}

"$ritz" help | page ritz "neural PDE operators and the solvers that make their data" \
  > "$folder/ritz.1"
"$ritz" help | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on' |
  while read -r command summary; do
    "$ritz" help "$command" | page "ritz-$command" "$summary" > "$folder/ritz-$command.1"
  done
