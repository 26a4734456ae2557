# The kernel's test camera through V4L2: rates, formats, a slow network, the cable pulled.
if ! has camera /dev/video; then
  skip camera "not in this build"
  return 0
fi
video=/dev/video0
device=vivid.0
driver=/sys/bus/platform/drivers/vivid
# cam MODEL FLAGS...: the summary's members in variables, text of the program in /tmp/err.
cam() {
  local model=$1
  shift
  timeout 60 swiftlet camera /vm/$model.swlt -c $video --json "$@" >/tmp/out 2>/tmp/err
  code=$?
  tail -n 1 /tmp/out >/tmp/last
  frames=$(member frames </tmp/last) captured=$(member captured </tmp/last)
  lost=$(member lost </tmp/last) dropped=$(member dropped </tmp/last)
  fps=$(member fps </tmp/last) back=$(member reconnects </tmp/last)
  got=$(grep -o 'got .*' /tmp/err | head -n 1)
}
counts() {
  count frames_captured "${captured:-0}"
  count frames_lost "${lost:-0}"
  count frames_inferred "${frames:-0}"
  count frames_dropped "${dropped:-0}"
}
# near A B SHARE: whether two numbers differ by at most SHARE percent.
near() { awk -v a="$1" -v b="$2" -v s="$3" 'BEGIN {exit !(a - b <= b * s / 100 && b - a <= b * s / 100)}'; }

swiftlet camera --list-cameras >/tmp/out 2>/tmp/err
verdict list-cameras "$(head -n 1 /tmp/out | tr -s ' ')" -n "$(grep "$video.*vivid" /tmp/out)"

# Sixty frames at a rate that S_PARM has to set; each rate has a size that offers it. The test
# camera loses frames when the emulator does not get its share of the machine, hence three tries;
# a loss counts unless a sleep of 10 ms, taken beside it, was late by a frame's time too.
for mode in "15 320 180" "30 640 360"; do
  set -- $mode
  for try in 1 2 3; do
    guest late >/tmp/late &
    watch=$!
    cam tiny --framerate $1 --width $2 --height $3 -n 60
    kill $watch
    wait $watch
    late=$(cat /tmp/late)
    near "${fps:-0}" $1 10 && is=yes || is=no
    [ $is = no -o "$lost" != 0 ] || break
  done
  if [ $code = 0 -a "$frames" = 60 -a "${late:-0}" -gt $((1000 / $1)) ] &&
    [ $is = no -o "$lost" != 0 ]; then
    skip camera-$1-hz "the machine is too busy: a sleep of 10 ms was $late ms late, lost $lost"
    counts
    continue
  fi
  verdict camera-$1-hz "$frames frames at $fps Hz, captured $captured, lost $lost, dropped \
$dropped, try $try, sleeps late by $late ms; $got" $code = 0 -a "$frames" = 60 -a "$lost" = 0 -a $is = yes
  counts
done

swiftlet camera -c $video --list-formats --json >/tmp/formats 2>/tmp/err
for format in YUYV NV12 GREY YU12; do
  cam tiny --format $format --width 320 --height 180 -n 5
  verdict format-$format "$frames frames, lost $lost; $got" $code = 0 -a "$frames" = 5 -a \
    -n "$(echo "$got" | grep "got $format")"
  counts
done
cam tiny --format MJPG -n 5
verdict format-MJPG "exit $code, which this camera does not offer: $(head -c 110 /tmp/err)" \
  $code = 69 -a -z "$(grep '"MJPG"' /tmp/formats)"

# What is seen decides the answer: a white picture, a black one.
for pattern in White Black; do
  guest control $video "Test Pattern" "100% $pattern" 2>/tmp/err || fail pattern "$pattern"
  guest control $video "OSD Text Mode" None 2>/dev/null
  cam tiny --width 320 --height 180 -n 10
  sed '$d' /tmp/out >/tmp/lines
  wanted=bright
  [ $pattern = White ] || wanted=dark
  right=$(grep -c "\"detections\":\[{\"label\":\"$wanted\"" /tmp/lines)
  verdict sees-$pattern "$right of $frames frames $wanted" "$right" = 10
  counts
done

# A picture that stays: every frame but the first is held.
held=$(grep -c '"gated":true' /tmp/lines)
verdict still-held "$held of 10 frames held" "$held" = 9

# A network that takes longer than a frame: the newest wins, the others go back unread. The time in
# the picture makes each frame another one.
guest control $video "OSD Text Mode" All 2>/tmp/err || fail osd "$(head -c 100 /tmp/err)"
cam large --framerate 15 --width 320 --height 180 -t 8s
verdict newest-wins "captured $captured, inferred $frames, dropped $dropped, lost $lost" \
  $code = 0 -a "${frames:-0}" -ge 1 -a "${dropped:-0}" -ge 10 -a "${lost:-99}" -le 5 -a \
  $((frames + dropped)) -le "$captured" -a $((frames + dropped + 2)) -ge "$captured"
counts

# The cable pulled: the driver forgets the camera while frames flow, and finds it again.
frames_now() { wc -l </tmp/stream; }
is_streaming() { [ "$(frames_now)" -gt $1 ]; }
pulled() {
  timeout 60 swiftlet camera /vm/tiny.swlt -c $video --framerate 15 --width 320 --height 180 \
    -q --json >/tmp/stream 2>/tmp/err &
  program=$!
  until_true 10 is_streaming 5
  swiftlet=$(pidof swiftlet | tr ' ' '\n' | head -n 1)
  handles=$(ls /proc/$swiftlet/fd | wc -l)
}
plugged() {  # NAME
  start=$(milliseconds)
  until_true 10 is_streaming $(($(frames_now) + 3)) && is=yes || is=no
  took=$(($(milliseconds) - start))
  after=$(ls /proc/$swiftlet/fd | wc -l)
  kill -TERM $swiftlet
  wait $program
  tail -n 1 /tmp/stream >/tmp/last
  back=$(member reconnects </tmp/last)
  verdict $1 "frames again $took ms after, reconnects $back, descriptors $handles then $after" \
    $is = yes -a "${back:-0}" -ge 1 -a "$handles" = "$after"
  captured=$(member captured </tmp/last) lost=$(member lost </tmp/last)
  frames=$(member frames </tmp/last) dropped=$(member dropped </tmp/last)
  counts
  count reconnects "${back:-0}"
}
pulled
guest control $video Disconnect 1 2>/tmp/err || fail disconnect "the control"
plugged unplug-error
pulled
echo $device >$driver/unbind
sleep 1
echo $device >$driver/bind
until_true 3 [ -e $video ]
plugged unplug-driver
