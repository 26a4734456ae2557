# Words of the cases. A case prints one line, PASS, FAIL or SKIP, and COUNT lines for the table.
pass() { echo "PASS $1: $2"; }
fail() { echo "FAIL $1: $2"; [ ! -s /tmp/err ] || sed 's/^/LOG /' /tmp/err | tail -n 5; }
skip() { echo "SKIP $1: $2"; }
count() { echo "COUNT $1 $2"; }

# verdict NAME FIGURE CONDITION...: PASS if the test holds.
verdict() {
  local name=$1 figure=$2
  shift 2
  if [ "$@" ]; then pass "$name" "$figure"; else fail "$name" "$figure (wanted: $*)"; fi
}

# has COMMAND WORD: whether this build's help of the command names the word.
has() { swiftlet "$1" --help 2>/dev/null | grep -q -e "$2"; }

# member KEY: the value of the last such key of the JSON lines on stdin.
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" | tail -n 1; }

# expected NAME: what the host got.
expected() { sed -n "s/^$1 //p" /vm/expected; }

# milliseconds: of the machine's life.
milliseconds() { awk '{print int($1 * 1000)}' /proc/uptime; }

# until SECONDS COMMAND...: whether the command holds before the time is over.
until_true() {
  local end=$(($(milliseconds) + $1 * 1000))
  shift
  while ! "$@"; do
    [ "$(milliseconds)" -lt "$end" ] || return 1
    usleep 50000
  done
}
