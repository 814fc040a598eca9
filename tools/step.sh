# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts that run one step after another: one line per step with its time, the step's output in
# build/log/NAME.log, and the end of that log when the step fails. Not a place for what the steps do.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$root/build/log
mkdir -p "$logs"
export NO_COLOR=1  # the logs are read as text
if [ -x "$root/build/deps/node/bin/node" ]; then PATH=$root/build/deps/node/bin:$PATH; fi

# seconds_since START: with one decimal, START as $EPOCHREALTIME gave it.
seconds_since() {
  local elapsed=$(((${EPOCHREALTIME//[.,]/} - ${1//[.,]/}) / 100000))
  printf '%d.%d' $((elapsed / 10)) $((elapsed % 10))
}

# step NAME TEXT COMMAND...: runs the command quietly; returns its exit code.
step() {
  local name=$1 text=$2 started=$EPOCHREALTIME code=0
  shift 2
  if [ -t 1 ]; then printf '%-58s ...' "$text"; fi
  "$@" >"$logs/$name.log" 2>&1 </dev/null || code=$?
  if [ -t 1 ]; then printf '\r'; fi
  if [ $code = 0 ]; then
    printf '%-58s %6s s\n' "$text" "$(seconds_since "$started")"
    return 0
  fi
  printf '%-58s %6s s  FAILED (exit code %d)\n' "$text" "$(seconds_since "$started")" $code
  # What failed may stand far above the end: runners begin such a line with FAILED, CTest and GoogleTest mark theirs.
  grep -nE -A 4 '^ *FAILED|^\[  FAILED  \]|\*\*\*(Failed|Timeout|Exception)' "$logs/$name.log" | head -n 60 | sed 's/^/    /'
  tail -n "${TIDEMILL_LOG_LINES:-40}" "$logs/$name.log" | sed 's/^/    /'
  printf 'the whole output: %s\n' "build/log/$name.log"
  return $code
}

# closing_lines NAME: what CTest says at its end, for people and for machines that count tests.
closing_lines() {
  sed -n '/tests passed, /,$p' "$logs/$1.log" | grep -vE '^$|^(Label Time|[a-z]+ +=)' | head -n 40
}
