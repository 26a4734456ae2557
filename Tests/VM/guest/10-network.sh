# The shipped file on this kernel: information, photos, frames from a pipe; the host's bytes.
swiftlet info --json >/tmp/info 2>/tmp/err
code=$?
count cpus "$(grep -c ^processor /proc/cpuinfo)"
verdict info "exit $code, $(member version </tmp/info), kernel $(uname -r)" \
  $code = 0 -a -n "$(grep swiftlet.info/1 /tmp/info)"

for model in tiny large; do
  got=$(swiftlet run /vm/$model.swlt /vm/photo.jpg --json 2>/tmp/err | member output_crc32c)
  verdict "run-$model" "$got" -n "$got" -a "$got" = "$(expected run-$model)"
done

swiftlet selftest /vm/tiny.swlt --json >/tmp/out 2>/tmp/err
code=$?
verdict selftest "$(grep -o '"isa"' /tmp/out | wc -l) runs" $code = 0 -a \
  "$(member ok </tmp/out)" = true

swiftlet camera /vm/tiny.swlt -c - --framerate 0 -q --json </vm/clip.y4m >/tmp/out 2>/tmp/err
got=$(sed -n 's/.*\("detections":.*\)/\1/p' /tmp/out | md5sum | cut -d' ' -f1)
frames=$(member frames </tmp/out)
verdict camera-stdin "$frames frames, results $got" "$frames" = 40 -a "$got" = "$(expected clip)"
