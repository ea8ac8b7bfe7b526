# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What scripts/test.sh and scripts/test-all.sh share: running parts and counting. Sourced from the
# root of the project.
passed=0
failed=0
failures=()
declare -A up_to_date=()
jobs=$(nproc)

count_failure() {
  failed=$((failed + 1))
  failures+=("$1")
}

# run COMMAND...: shows the command, then runs it.
run() {
  printf '$ %s\n' "$*"
  "$@"
}

# check COMMAND...: one test.
check() {
  if run "$@"; then passed=$((passed + 1)); else count_failure "$*"; fi
}

# build DIRECTORY CMAKE-ARGUMENT...: configures and builds; a failure counts as one failed test.
build() {
  local directory=$1
  shift
  up_to_date[$directory]=
  run cmake "$@" && run cmake --build "$directory" --parallel "$jobs" &&
    up_to_date[$directory]=yes && return
  count_failure "build $directory"
  return 1
}

# run_ctest DIRECTORY CTEST-ARGUMENT...: adds its tests to the count. The report is kept inside the
# build tree; its first lines hold the totals, skipped tests count as neither.
run_ctest() {
  local directory=$1 report=$PWD/$1/ctest.xml
  shift
  rm -f "$report"
  run ctest --test-dir "$directory" --output-on-failure --parallel "$jobs" \
    --output-junit "$report" "$@"
  if ! [[ -s $report ]]; then
    count_failure "ctest in $directory"
    return
  fi
  local total failures_here skipped disabled
  total=$(suite_total tests "$report")
  failures_here=$(suite_total failures "$report")
  skipped=$(suite_total skipped "$report")
  disabled=$(suite_total disabled "$report")
  if ((total == 0)); then
    count_failure "ctest in $directory found no tests"
    return
  fi
  passed=$((passed + total - failures_here - skipped - disabled))
  failed=$((failed + failures_here))
  ((failures_here == 0)) || failures+=("$failures_here of $total tests in $directory")
}

# suite_total NAME REPORT: an attribute of <testsuite>.
suite_total() { grep -m 1 -o "^[[:space:]]*$1=\"[0-9]*\"" "$2" | tr -cd 0-9; }

# preset NAME: configures, builds and tests build/NAME.
preset() { build "build/$1" --preset "$1" && run_ctest "build/$1"; }

# built NAME: build/NAME is up to date, for parts that look at its results.
built() { [[ -n ${up_to_date[build/$1]-} ]] || build "build/$1" --preset "$1"; }

# add_summary LINE WHAT: counts what another script counted, "N passed, N failed".
add_summary() {
  if [[ $1 =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    ((BASH_REMATCH[2] == 0)) || failures+=("${BASH_REMATCH[2]} in $2")
  else
    count_failure "$2 broke off"
  fi
}

# main INSTALL-OPTIONS ALL-PARTS ARGUMENT...: runs the chosen parts (functions part_NAME, _ for -).
main() {
  local install=$1 all=$2 part started chosen=()
  shift 2
  for part in "$@"; do
    case $part in
      --no-install) install= ;;
      --help) sed -n '/^[^#]/q;s/^# \{0,1\}//p' "$0" | sed 1,2d; exit 0 ;;
      *)
        if [[ " $all " != *" $part "* ]]; then
          printf '%s: no part "%s", there are: %s\n' "$0" "$part" "$all" >&2
          exit 2
        fi
        chosen+=("$part")
        ;;
    esac
  done
  ((${#chosen[@]} > 0)) || read -ra chosen <<< "$all"
  # shellcheck disable=SC2086 # several options in one word
  [[ -z $install ]] || run scripts/install-deps.sh $install || exit 1
  for part in "${chosen[@]}"; do
    started=$SECONDS
    printf '\n== %s\n' "$part"
    "part_${part//-/_}"
    printf -- '-- %s: %d s\n' "$part" $((SECONDS - started))
  done
  summary
}

summary() {
  printf '\n'
  ((failed == 0)) || printf 'FAILED: %s\n' "${failures[@]}"
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}
