import CShims
import Swiftlet
import SwiftletCore
import SwiftletVision

/// `swiftlet bench --prune`: how long frames take when work is left out. That depends on what they
/// show, so the photos of a folder take turns; decoding and conversion are not counted.
func prunedBench(_ arguments: Arguments) throws(SwiftletError) {
  guard let folder = arguments.text(.images) else {
    throw SwiftletError(
      .missingArgument, place: "swiftlet bench --prune",
      expected: "--images with a folder of photos: time depends on what they show")
  }
  let stop = StopSignal()
  let wish = try PruneWish(arguments)
  var network = try LoadedNetwork(
    path: arguments.words[0], arguments.sessionOptions, top: 1, prune: wish)
  network.start(wish)
  network.cascadeGuard.isOn = false
  var options = SourceOptions()
  options.loops = arguments.has(.time)
  let source = try FrameSource.open(folder, options)
  let time = Int64(arguments.count(.time) ?? 0)
  let most = arguments.count(.limit) ?? Int.max
  var image = Image()
  var latencies = Latencies()
  var sum: Int64 = 0
  var full = 0
  var live = 0.0
  let marks = shim_marks() != 0
  let start = shim_monotonic()
  while !stop.isSet, latencies.count < most, try source.next(into: &image) {
    var times = FrameTimes()
    if marks { shim_mark(0) }
    network.look(at: image, &times)
    if marks { shim_mark(1) }
    latencies.add(times.inferred - times.converted)
    sum += times.inferred - times.converted
    full += times.outcome.exitLevel ?? 1
    live += times.outcome.liveShare ?? 1
    if time > 0 && shim_monotonic() - start >= time { break }
  }
  let count = Double(max(latencies.count, 1))
  let rows: [(name: StaticString, value: Double)] = [
    ("mean", Double(sum) / count / 1e6), ("p50", latencies.milliseconds(50) ?? 0),
    ("p95", latencies.milliseconds(95) ?? 0), ("max", Double(latencies.greatest) / 1e6),
  ]
  if arguments.isOn(.json) {
    var json = JSONWriter(schema: "swiftlet.pruned-bench/1", capacity: 512)
    json.beginObject("ms")
    for row in rows { json.member(row.name, row.value, decimals: 4) }
    json.endObject()
    json.member("frames", latencies.count)
    json.member("full_pass_ratio", Double(full) / count, decimals: 4)
    json.member("live_share", live / count, decimals: 4)
    json.member("model", network.name)
    json.endLine()
    return try Console.result(json.text)
  }
  var text = TextBuffer(capacity: 512)
  text.append("\(network.name): \(latencies.count) photos\n")
  for row in rows {
    text.append("  ")
    text.append(column: "\(row.name)", 9)
    text.append(column: fixed(row.value, 3), 10, right: true)
    text.append(" ms\n")
  }
  text.append("full pass for ")
  text.append(Double(full) / count * 100, decimals: 1)
  text.append(" %, live multiply-adds ")
  text.append(live / count * 100, decimals: 1)
  text.append(" %\n")
  try Console.result(text)
}
