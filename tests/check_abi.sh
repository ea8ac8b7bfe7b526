#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: check_abi.sh BUILD_DIR
#        check_abi.sh --update [--same-version]
#
# What programs that were compiled against the public headers rely on is as tests/abi.txt says:
# signatures, layouts of structs, numbers of enums, soname; and the shared library exports what the
# headers declare. --update writes the file anew. Where a line of it has changed or is gone, the
# version in include/ritz/version.h must have been raised first (the minor one while the major one
# is 0); new fields may take the place of reserved ones. --same-version is for what no release has
# had yet, and for structs that only the library makes, which may grow at their end. Signatures are
# compared as text, so the name of a parameter counts. Layouts are those of x86-64; <ritz/mpi.h> is
# left out.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
baseline=$root/tests/abi.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The declarations of the headers, one a line.
declarations() {
  ${CC:-cc} -std=c11 -E -I "$root/include" -x c - <<< '#include <ritz/ritz.h>' |
    awk '/^# [0-9]+ "/ {keep = $3 ~ /include\/ritz\//; next} keep' | tr -s ' \n\t' ' ' |
    sed -E 's/__attribute__ ?\(\((visibility|format) ?\([^)]*\)\)\)//g; s/_Bool/bool/g' |
    awk '{
      depth = 0
      for (i = 1; i <= length($0); i++) {
        c = substr($0, i, 1)
        if (c == "{") depth++
        if (c == "}") depth--
        if (c == ";" && depth == 0) { print text; text = "" } else text = text c
      }
    }' | sed -E 's/ +/ /g; s/^ //; s/ $//; s/ ?\( ?/(/g; s/ ?\) ?/)/g'
}

# A program that prints them with their sizes, offsets and numbers.
program() {
  awk '
    function quoted(text) { gsub(/"/, "\\\"", text); return "\"" text "\"" }
    function name_of(part) {
      if (match(part, /\(\*[a-z_0-9]+\)/)) return substr(part, RSTART + 2, RLENGTH - 3)
      sub(/\[.*/, "", part)
      match(part, /[A-Za-z_0-9]+ *$/)
      return substr(part, RSTART, RLENGTH)
    }
    function field(type, whole,    part, n, i, name) {
      n = whole ~ /\(/ ? 1 : split(whole, part, ",")
      if (n == 1) part[1] = whole
      for (i = 1; i <= n; i++) {
        name = name_of(part[i])
        gsub(/ /, "", name)
        printf "  F(%s, %s, %s);\n", type, name, quoted(whole)
      }
    }
    BEGIN {
      print "#include <ritz/ritz.h>\n#include <stdio.h>"
      print "#define F(type, name, text) printf(\"struct %s at %04zu: \" #name \", %zu bytes, of " \
            "%s\\n\", #type, offsetof(type, name), sizeof((type *)0)->name, text)"
      print "#define E(type, name) printf(\"enum %s: %s = %lld\\n\", #type, #name, (long long)name)"
      print "int main(void) {"
      print "  printf(\"soname %d\", RITZ_VERSION_MAJOR);"
      print "  if (RITZ_VERSION_MAJOR == 0) printf(\".%d\", RITZ_VERSION_MINOR);"
      print "  puts(\"\");"
    }
    /^typedef (struct|enum) ritz_[a-z_0-9]+ \{/ {
      type = $3
      body = substr($0, index($0, "{") + 1)
      sub(/\}[^}]*$/, "", body)
      n = split(body, part, $2 == "enum" ? "," : ";")
      if ($2 == "struct") printf "  printf(\"struct %s: %%zu bytes\\n\", sizeof(%s));\n", type, type
      for (i = 1; i <= n; i++) {
        gsub(/^ +| +$/, "", part[i])
        if (part[i] == "") continue
        if ($2 == "struct") field(type, part[i])
        else { sub(/ *=.*/, "", part[i]); printf "  E(%s, %s);\n", type, part[i] }
      }
      next
    }
    /^typedef/ { printf "  puts(%s);\n", quoted("type " substr($0, 9)); next }
    /\(/ {
      match($0, /ritz_[a-z_0-9]+\(/)
      printf "  puts(%s);\n", quoted("function " substr($0, RSTART, RLENGTH - 1) ": " $0)
      next
    }
    { print "declaration that is not understood: " $0 > "/dev/stderr"; failed = 1 }
    END { print "  return 0;\n}"; exit failed }'
}

declarations | program > "$work/abi.c"
${CC:-cc} -std=c11 -I "$root/include" -o "$work/abi" "$work/abi.c"
"$work/abi" | sort -u > "$work/abi.txt"

if [[ $1 == --update ]]; then
  lost=$(comm -23 <(sort "$baseline" 2> /dev/null) "$work/abi.txt" | grep -v ': reserved, ' || true)
  if [[ -n $lost && ${2-} != --same-version ]] && ! grep -q '^soname' <<< "$lost"; then
    printf 'these are no longer so; raise the version in include/ritz/version.h first:\n%s\n' "$lost"
    exit 1
  fi
  cp "$work/abi.txt" "$baseline"
  exit 0
fi

status=0
if ! diff -U 0 "$baseline" "$work/abi.txt"; then
  echo 'the ABI is not that of tests/abi.txt; if it has to change: tests/check_abi.sh --update'
  status=1
fi
nm -D --defined-only "$1"/libritz*.so | awk '$NF ~ /^ritz_/ && $NF != "ritz_context_create_mpi" {print $NF}' |
  sort -u > "$work/exported"
sed -n 's/^function \([^:]*\):.*/\1/p' "$work/abi.txt" | sort > "$work/declared"
if ! diff "$work/declared" "$work/exported"; then
  echo 'the library does not export what the headers declare (<) or more (>)'
  status=1
fi
exit $status
