# GPIO through the kernel's character device: a real PL061, its edge from outside the machine.
board-check edge 8 gpio:button,debounce=0 >/tmp/out 2>/tmp/err &
program=$!
until_true 3 grep -q waiting /tmp/out
sleep 1
echo PRESS
wait $program
verdict edge-wakes "$(tail -n 1 /tmp/out)" -n "$(grep 'edge after' /tmp/out)"
[ -z "$(grep 'edge after' /tmp/out)" ] || count edges 1

board-check edge 1 gpio:button >/tmp/out 2>/tmp/err
verdict no-edge-no-wake "$(tail -n 1 /tmp/out)" "$(tail -n 1 /tmp/out)" = nothing

board-check edge 1 gpio:nosuch >/tmp/out 2>&1
code=$?
verdict unknown-line "exit $code: $(head -c 90 /tmp/out | head -n 1)" $code = 1 -a \
  -n "$(grep PWR /tmp/out)"

# libgpiod's own tool on the lines that we hold: names, offsets, user, direction, level.
told() { gpioinfo gpiochip0 2>/tmp/err | grep "\"$1\"" | tr -s '\t ' ' ' | sed 's/^ *line *//; s/ *$//'; }
board-check edge 3 gpio:button >/tmp/out 2>/tmp/err &
program=$!
until_true 3 grep -q waiting /tmp/out
input=$(told button)
wait $program
board-check output gpio:lamp,active-low $(seq 100 300 2000) >/tmp/out 2>/tmp/err &
program=$!
is_told() { output=$(told lamp); echo "$output" | grep -q swiftlet; }
until_true 3 is_told
wait $program
free=$(told lamp)
verdict libgpiod-agrees "$input; $output; $free" \
  "$(echo "$input" | grep -c '^3: "button" "swiftlet" input active-high \[used\]')" = 1 -a \
  "$(echo "$output" | grep -c '"lamp" "swiftlet" output active-low \[used\]')" = 1 -a \
  "$(echo "$free" | grep -c '"lamp" unused')" = 1

# What the kernel tells the chip, with its times: from the kernel's own trace.
trace=/sys/kernel/tracing
mount -t tracefs tracefs $trace
echo mono >$trace/trace_clock
echo 1 >$trace/events/gpio/gpio_value/enable
# levels: of the lamp, each with its time, one a line.
levels() { sed -n 's/.* \([0-9.]*\): gpio_value: [0-9]* set \([01]\).*/\1 \2/p' $trace/trace; }
sequence() { levels | awk '{printf "%s", $2}'; }

# Seen at 0.3 s and at 0.5 s: low from the start, high until half a second after the last, low.
echo >$trace/trace
board-check output gpio:lamp=bright 300 500 >/tmp/out 2>/tmp/err
on=$(levels | awk '$2 == 1 {a = $1} $2 == 0 && a {print int(($1 - a) * 1000); exit}')
verdict output-follows "levels $(sequence), high for ${on:-0} ms" "$(sequence)" = 0100 -a \
  "${on:-0}" -ge 490 -a "${on:-0}" -le 4000

# Ended while it is high (seen again and again): the safe level comes with the end.
echo >$trace/trace
board-check output gpio:lamp $(seq 100 300 9000) >/tmp/out 2>/tmp/err &
program=$!
is_high() { [ "$(sequence)" = 01 ]; }
until_true 3 is_high
kill -TERM $program
wait $program
verdict output-safe-at-end "levels $(sequence)" "$(sequence)" = 010
echo 0 >$trace/events/gpio/gpio_value/enable
