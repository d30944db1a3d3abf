# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# What deploy.sh and rollback.sh say, and the statuses that they end with. Sourced.
#
# Nobody may be listening any more: the reader of a pipe has ended, or the terminal was closed. That must not end a script
# while services change, so what cannot be said is left unsaid.

readonly STATUS_USAGE=2        # wrong options
readonly STATUS_REFUSED=3      # a check before any change did not pass
readonly STATUS_LOCKED=4       # another deploy or rollback is running
readonly STATUS_BUILD=5        # building or pushing an image failed
readonly STATUS_MIGRATION=6    # the migration failed; the services were not touched
readonly STATUS_ROLLED_BACK=7  # the release failed; the previous one is serving again
readonly STATUS_STRANDED=8     # the release failed, and so did the way back: a person is needed now

# Colour at a terminal only; a log stays plain.
if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then
  bold=$'\e[1m' red=$'\e[31m' yellow=$'\e[33m' green=$'\e[32m' plain=$'\e[0m'
else
  bold='' red='' yellow='' green='' plain=''
fi

# One heading a step, so that a log can be skimmed.
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain" || true; }
say() { printf '   %s\n' "$*" || true; }
good() { printf '   %s%s%s\n' "$green" "$*" "$plain" || true; }
warn() { printf '   %swarning: %s%s\n' "$yellow" "$*" "$plain" >&2 || true; }
bad() { printf '   %s%s%s\n' "$red" "$*" "$plain" >&2 || true; }

# heed_signals: from now on a signal is noted, and the next step heeds it. A closed pipe is no reason to stop; caught, not
# ignored, so that other programs are started with the default.
heed_signals() {
  trap 'interrupted=true' INT TERM HUP
  trap : PIPE
}

# die STATUS MESSAGE: ends the script; the EXIT trap gives the lock back.
die() {
  local status=$1
  shift
  printf '\n%serror: %s%s\n' "$red" "$*" "$plain" >&2 || true
  exit "$status"
}

# The comment at the top of a script is its help.
print_help() { sed -n '2,/^set/p' "$1" | sed '/^set/d; /^# shellcheck/d; s/^# \{0,1\}//'; }

# confirm WORD: production is changed only by someone who typed its name, or said --yes.
confirm() {
  local word=$1 answer
  [[ -t 0 ]] || die "$STATUS_REFUSED" "nobody is there to confirm; say --yes to go on without"
  read -r -p "   Type $word to go on: " answer || answer=''
  [[ "$answer" == "$word" ]] || die "$STATUS_REFUSED" "not confirmed; nothing was changed"
}
