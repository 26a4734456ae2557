# Clock limits through a real cpufreq driver: set, obeyed, put back after each kind of end.
policy=/sys/devices/system/cpu/cpufreq/policy0
highest=$(cat $policy/cpuinfo_max_freq)
limit() { cat $policy/scaling_max_freq; }
is_limit() { [ "$(limit)" = "$1" ]; }
clock() { cat $policy/scaling_cur_freq; }
echo schedutil >$policy/scaling_governor 2>/tmp/err

verdict profile "$(board-check match 2>&1), $(cat $policy/scaling_driver), \
$(wc -w <$policy/scaling_available_frequencies) steps to $((highest / 1000)) MHz" \
  "$(board-check match)" = "profile raspberry-pi-4b"

# A busy core makes the governor ask for all it may have.
(while :; do :; done) &
load=$!
is_clock() { [ "$(clock)" = "$1" ]; }
until_true 5 is_clock "$highest"
before=$(clock)
board-check limit 2 1000 >/tmp/out 2>/tmp/err &
program=$!
until_true 3 is_limit 1000000
sleep 1
during=$(clock)
wait $program
verdict limit-obeyed "clock $((before / 1000)) MHz without, $((during / 1000)) under a limit of \
1000; $(grep -c 'got 1000' /tmp/out) set" "$before" = "$highest" -a "$during" -le 1000000 -a \
  -n "$(grep 'got 1000' /tmp/out)"
verdict restored-at-end "limit $(($(limit) / 1000)) MHz" "$(limit)" = "$highest"
count restores 1
kill $load
wait $load 2>/dev/null

# A signal in the middle, asked for politely and not.
for signal in TERM KILL; do
  board-check limit 20 1200 >/tmp/out 2>/tmp/err &
  program=$!
  until_true 3 is_limit 1200000
  set=$(limit)
  start=$(milliseconds)
  kill -$signal $program
  until_true 2 is_limit "$highest"
  took=$(($(milliseconds) - start))
  wait $program 2>/dev/null
  verdict restored-after-$signal "from $((set / 1000)) to $(($(limit) / 1000)) MHz within $took ms" \
    "$set" = 1200000 -a "$(limit)" = "$highest"
  [ "$(limit)" != "$highest" ] || count restores 1
done

# The guardian is killed as well: the next start heals.
board-check limit 20 900 >/tmp/out 2>/tmp/err &
program=$!
until_true 3 is_limit 900000
kill -STOP $program
for guardian in $(pidof board-check); do [ "$guardian" = $program ] || kill -KILL $guardian; done
kill -KILL $program
wait $program 2>/dev/null
sleep 1
stale=$(limit)
board-check limit 0 >/tmp/out 2>/tmp/err
verdict healed "limit left at $((stale / 1000)) MHz, $(grep healed /tmp/out), then \
$(($(limit) / 1000)) MHz" "$stale" = 900000 -a "$(limit)" = "$highest"
count restores 1

# A second program may not set what a first one holds.
board-check limit 3 1100 >/tmp/out 2>/tmp/err &
program=$!
until_true 3 is_limit 1100000
board-check limit 1 700 >/tmp/second 2>&1
code=$?
verdict second-refused "exit $code, limit $(($(limit) / 1000)) MHz" $code = 1 -a \
  "$(limit)" = 1100000
wait $program

# A core goes and comes back under a program that counts them.
board-check watch 4 >/tmp/out 2>/tmp/err &
program=$!
sleep 1
echo 0 >/sys/devices/system/cpu/cpu3/online
sleep 1
echo 1 >/sys/devices/system/cpu/cpu3/online
wait $program
seen=$(sed -n 's/.*cores //p' /tmp/out | uniq | tr '\n' ' ')
verdict core-offline "cores seen: $seen" "$seen" = "4 3 4 "
skip core-refused "cores of this machine can be switched off; a Raspberry Pi's firmware refuses"
