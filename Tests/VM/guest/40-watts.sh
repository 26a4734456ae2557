# Watts from the kernel's INA219 and INA3221 drivers; chips that go away and come back.
if [ ! -e /vm/full ]; then
  for name in watts-total watts-parts watts-follow-clock sensor-removed; do
    skip $name "Debian's kernel has no INA driver; tools/vm --full builds them"
  done
  return 0
fi
insmod /modules/i2c-stub.ko chip_addr=0x40,0x41
guest chips 2>/tmp/err || fail chips "not made"
insmod /modules/ina3221.ko
insmod /modules/ina2xx.ko
adapter=/sys/class/i2c-adapter/i2c-0
guest watts 3200

# The profile's sensor, in the supply.
echo ina219 0x41 >$adapter/new_device
board-check watch 2 >/tmp/out 2>/tmp/err
seen=$(sed -n 's/.*: \(-*[0-9]*\) mW.*/\1/p' /tmp/out | sort -u | tr '\n' ' ')
readings=$(sed -n 's/readings .*watts //p' /tmp/out)
verdict watts-total "$readings readings of ${seen}mW" "$seen" = "3200 " -a "${readings:-0}" -ge 15
count watts_read "${readings:-0}"

# Both chips: the total is the supply's, not the sum.
echo ina3221 0x40 >$adapter/new_device
board-check watch 1 >/tmp/out 2>/tmp/err
seen=$(sed -n 's/.*: \(-*[0-9]*\) mW.*/\1/p' /tmp/out | sort -u | tr '\n' ' ')
verdict watts-parts "INA219 3200 mW, INA3221 $(cat /sys/class/hwmon/hwmon*/curr1_input |
  tr '\n' ' ')mA: told as ${seen}mW" "$seen" = "3200 "
echo 0x40 >$adapter/delete_device

# The board's watts follow the clock limit: one busy core that counts for four.
(while :; do :; done) &
load=$!
guest board 60 1.75 1.92 9 >/tmp/board 2>/tmp/err &
model=$!
board-check limit 4 1800 1000 600 >/tmp/out 2>/tmp/err
kill $model
wait $model
kill $load
wait $load 2>/dev/null
# The last watts of each limit, when the load's share has settled.
seen=$(awk '/^set/ {if (w != "") printf "%s ", w; w = ""} / mW,/ {w = $3} END {print w}' /tmp/out)
set -- $seen
verdict watts-follow-clock "1800, 1000, 600 MHz give ${seen} mW; $(member steps </tmp/board) \
steps of the board" $# = 3 -a "${1:-0}" -gt 4000 -a "${2:-9999}" -lt 3500 -a \
  "${3:-9999}" -lt 2900 -a "${2:-0}" -gt "${3:-9999}"
readings=$(sed -n 's/readings .*watts //p' /tmp/out | awk '{n += $1} END {print n}')
count watts_read "${readings:-0}"

# The driver is torn from the chip in the middle of a run, and given back.
guest watts 3200
board-check watch 12 >/tmp/out 2>/tmp/err &
program=$!
sleep 2
echo 0-0041 >/sys/bus/i2c/drivers/ina2xx/unbind
sleep 2
echo 0-0041 >/sys/bus/i2c/drivers/ina2xx/bind
wait $program
seen=$(sed -n 's/.*: \(-*[0-9]*\) mW.*/\1/p' /tmp/out | uniq | tr '\n' ' ')
verdict sensor-removed "mW seen: $seen" "$seen" = "3200 -1 3200 "
count watts_read "$(sed -n 's/readings .*watts //p' /tmp/out)"
