# SPDX-License-Identifier: BSD-3-Clause
# bash completion for ritz; what is completed comes from ritz itself.

# The first words of the indented lines below a heading of a help page.
_ritz_below() {
  awk -v heading="$1" '
    $0 == heading ":" || index($0, heading " (") == 1 { on = 1; next }
    /^[^ ]/ { on = 0 }
    on && /^  [^ ]/ { print $1 }'
}

_ritz() {
  local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=
  if ((COMP_CWORD == 1)); then
    words=$(ritz help | _ritz_below Commands)
  elif [[ $current == -* ]]; then
    words=$(ritz help "$command" 2> /dev/null | _ritz_below Options)
  else
    case $command:$COMP_CWORD in
      help:2) words=$(ritz help | _ritz_below Commands) ;;
      generate:2) words=$(ritz list generators | awk '{ print $1 }') ;;
      list:2) words=$(ritz help list | _ritz_below Kinds) ;;
      list:3) words=$(ritz list "${COMP_WORDS[2]}" 2> /dev/null | awk '{ print $1 }') ;;
    esac
  fi
  if [[ -n $words ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _ritz ritz
