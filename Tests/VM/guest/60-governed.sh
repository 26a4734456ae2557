# The camera command with lines and a budget: woken by the button, lamp by what is seen, clock
# limits by the governor, all put back.
video=/dev/video0
policy=/sys/devices/system/cpu/cpufreq/policy0
trace=/sys/kernel/tracing
highest=$(cat $policy/cpuinfo_max_freq)
limit() { cat $policy/scaling_max_freq; }
is_limit() { [ "$(limit)" = "$1" ]; }
is_limited() { [ "$(limit)" -lt "$highest" ]; }
lines_of() { wc -l </tmp/stream; }
has_lines() { [ "$(lines_of)" -ge "$1" ]; }
# start FLAGS...: a camera in the background; its results go to /tmp/stream.
start() {
  local model=$1
  shift
  : >/tmp/stream
  swiftlet camera /vm/$model.swlt -c $video --width 320 --height 180 --framerate 15 -q --json \
    "$@" >/tmp/stream 2>/tmp/err &
  program=$!
}
# finish SIGNAL: the summary is then in /tmp/last.
finish() {
  kill -$1 $program
  wait $program 2>/dev/null
  code=$?
  tail -n 1 /tmp/stream >/tmp/last
}

if has camera --wake; then
  start tiny --wake gpio:button,debounce=0 --awake 2s
  sleep 3
  asleep=$(lines_of)
  echo PRESS
  begin=$(milliseconds)
  until_true 6 has_lines $((asleep + 1)) && is=yes || is=no
  took=$(($(milliseconds) - begin))
  sleep 4
  awake=$(lines_of)
  sleep 1
  again=$(lines_of)
  finish TERM
  verdict camera-wake "$asleep results asleep, first $took ms after the button, $awake until \
asleep, $((again - awake)) after; exit $code" $is = yes -a "$asleep" = 0 -a "$again" = "$awake" \
    -a $code = 0
  [ $is = no ] || count edges 1
else
  skip camera-wake "not in this build"
fi

if has camera --signal; then
  [ -e $trace/trace ] || mount -t tracefs tracefs $trace
  echo 1 >$trace/events/gpio/gpio_value/enable
  echo >$trace/trace
  sequence() {
    sed -n 's/.*gpio_value: [0-9]* set \([01]\).*/\1/p' $trace/trace | uniq | tr -d '\n'
  }
  is_sequence() { [ "$(sequence)" = "$1" ]; }
  guest control $video "Test Pattern" "100% Black"
  start tiny --signal gpio:lamp=bright
  until_true 6 has_lines 5
  guest control $video "Test Pattern" "100% White"
  until_true 5 is_sequence 01
  guest control $video "Test Pattern" "100% Black"
  until_true 5 is_sequence 010
  guest control $video "Test Pattern" "100% White"
  until_true 5 is_sequence 0101
  finish TERM
  verdict camera-signal "lamp $(sequence) for black, white, black, white, end; exit $code" \
    "$(sequence)" = 01010 -a $code = 0
  echo 0 >$trace/events/gpio/gpio_value/enable
else
  skip camera-signal "not in this build"
fi

if ! has camera --max-watts; then
  for name in governed-modelled governed-TERM governed-KILL governed-loop governed-removed; do
    skip $name "not in this build"
  done
  return 0
fi
# Members of the summary's budget, and their counts.
budget() {
  decisions=$(member decisions </tmp/last) readings=$(member sensor_readings </tmp/last)
  modelled=$(member modelled_decisions </tmp/last) switches=$(member switches </tmp/last)
  average=$(member avg_w </tmp/last) refusals=$(member clock_refusals </tmp/last)
  source=$(sed -n 's/.*"energy":{[^}]*"source":"\([^"]*\)".*/\1/p' /tmp/last)
  count decisions "${decisions:-0}"
  count watts_read "${readings:-0}"
  count switches "${switches:-0}"
}
# A cap that only a low clock can hold, so that the limit has to move.
start large -j 4 --max-watts 2.6W -t 6s
until_true 5 is_limited && is=yes || is=no
during=$(limit)
wait $program
code=$?
tail -n 1 /tmp/stream >/tmp/last
if [ ! -e /vm/full ]; then
  budget
  verdict governed-modelled "$decisions decisions, limit $((during / 1000)) MHz, $average W from \
$source; then $(($(limit) / 1000)) MHz" $code = 0 -a $is = yes -a "$source" = model -a \
    "${decisions:-0}" -ge 8 -a "$(limit)" = "$highest"
  count restores 1
else
  skip governed-modelled "there is a sensor in the full form"
fi
for signal in TERM KILL; do
  start large -j 4 --max-watts 2.6W
  until_true 8 is_limited
  during=$(limit)
  finish $signal
  until_true 2 is_limit "$highest"
  verdict governed-$signal "from $((during / 1000)) to $(($(limit) / 1000)) MHz" \
    "$during" -lt "$highest" -a "$(limit)" = "$highest"
  [ "$(limit)" != "$highest" ] || count restores 1
done

if [ ! -e /vm/full ]; then
  for name in governed-loop governed-removed; do
    skip $name "Debian's kernel has no INA driver; tools/vm --full builds them"
  done
  return 0
fi
# The loop closed: the board's model turns the governor's clock and the load into watts, the chip
# tells them, the governor reads them. A load that falls without a cause known to the governor
# makes it doubt the sensor for a while, and an emulated load does fall so: at most a quarter of the time.
for cap in 3.6 2.8; do
  guest board 60 1.75 0.48 $cap >/tmp/board 2>/tmp/board-err &
  model=$!
  start large -j 4 --max-watts ${cap}W -t 20s
  wait $program
  code=$?
  kill $model
  wait $model
  tail -n 1 /tmp/stream >/tmp/last
  budget
  mean=$(member mean_w </tmp/board) longest=$(member longest_over_s </tmp/board)
  is=$(awk -v m="$mean" -v c=$cap -v l="$longest" 'BEGIN {print m <= c && l <= 2 ? "yes" : "no"}')
  verdict governed-loop-$cap "mean $mean W, most $(member max_w </tmp/board) W, above the cap \
$(member over_s </tmp/board) s (longest $longest); $decisions decisions, $readings with watts, \
$modelled while the sensor was doubted, \
$switches switches, $(member limit_changes </tmp/board) limits; source $source" \
    $code = 0 -a $is = yes -a "${readings:-0}" = "$decisions" -a "${readings:-0}" -ge 40 -a \
    "${modelled:-0}" -le $((decisions / 4))
done

guest watts 2400
start large -j 4 --max-watts 3.2W -t 12s
sleep 3
echo 0-0041 >/sys/bus/i2c/drivers/ina2xx/unbind
wait $program
code=$?
tail -n 1 /tmp/stream >/tmp/last
echo 0-0041 >/sys/bus/i2c/drivers/ina2xx/bind
budget
verdict governed-removed "$readings decisions with watts, $modelled modelled, source $source" \
  $code = 0 -a "${modelled:-0}" -ge 8 -a "${readings:-0}" -ge 4
