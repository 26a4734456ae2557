import CShims
import Swiftlet
import SwiftletCore

/// What a bench found.
struct BenchResult {
  var frames = 0
  var seconds = 0.0
  var firstMilliseconds = 0.0
  var p50 = 0.0
  var p95 = 0.0
  var p99 = 0.0
  var least = 0.0
  var greatest = 0.0

  /// Takes over the spread of times.
  mutating func take(_ latencies: inout Latencies, seconds: Double) {
    self.seconds = seconds
    frames = latencies.count
    p50 = latencies.milliseconds(50) ?? 0
    p95 = latencies.milliseconds(95) ?? 0
    p99 = latencies.milliseconds(99) ?? 0
    least = Double(latencies.least) / 1e6
    greatest = Double(latencies.greatest) / 1e6
  }
}

/// `swiftlet bench`: how long a frame takes, from pixels in the arena to floats.
func benchCommand(_ arguments: Arguments) throws(SwiftletError) {
  if arguments.isOn(.front) { return try frontCommand(arguments) }
  if arguments.words.count > 1 {
    throw SwiftletError(
      .extraArgument, place: "swiftlet bench", expected: "one file, or --front",
      found: arguments.words[1])
  }
  if arguments.has(.prune) || arguments.has(.first) { return try prunedBench(arguments) }
  let path = arguments.words[0]
  let stop = StopSignal()
  var times = LoadTimes()
  let start = shim_monotonic()
  let model = try Model(mapping: path)
  times.load = shim_monotonic() - start
  var session = try Session(model, arguments.sessionOptions)
  times.plan = shim_monotonic() - start - times.load
  session.input.fill(seed: 1)

  let time = Int64(arguments.count(.time) ?? 10_000_000_000)
  let warmup = Int64(arguments.count(.warmup) ?? 500_000_000)
  var progress = ProgressBar(isQuiet: arguments.isOn(.quiet))
  if arguments.isOn(.power) {
    var power = try PowerBench(arguments, stop)
    power.run(&session, time: time, idleTime: min(2_000_000_000, time), &progress)
    progress.end()
    if !arguments.isOn(.json) { return try Console.result(power.text()) }
    var json = JSONWriter(schema: "swiftlet.bench/1", capacity: 2048)
    write(power.result(), times, model.contents, session, to: &json)
    power.write(to: &json)
    json.endLine()
    return try Console.result(json.text)
  }
  let result = measure(&session, time, warmup, stop, &progress)
  if arguments.isOn(.profile) {
    let profile = Profile(&session, time, stop, &progress)
    progress.end()
    try Console.result(
      arguments.isOn(.json) ? profile.json(model.contents, session) : profile.text(session))
  }
  progress.end()
  if arguments.isOn(.json) {
    var json = JSONWriter(schema: "swiftlet.bench/1", capacity: 1024)
    write(result, times, model.contents, session, to: &json)
    json.beginObject("energy")
    json.member("j_per_frame", nil, decimals: 0)
    json.member("avg_w", nil, decimals: 0)
    json.member("source", "none")
    json.endObject()
    json.member("sustained", false)
    json.endLine()
    try Console.result(json.text)
  } else {
    try Console.result(benchText(result, times, model.contents, session))
  }
}

private func measure(
  _ session: inout Session, _ time: Int64, _ warmup: Int64, _ stop: StopSignal,
  _ progress: inout ProgressBar
) -> BenchResult {
  var result = BenchResult()
  var latencies = Latencies()
  var start = shim_monotonic()
  session.run()
  result.firstMilliseconds = Double(shim_monotonic() - start) / 1e6
  start = shim_monotonic()
  while shim_monotonic() - start < warmup && !stop.isSet { session.run() }
  start = shim_monotonic()
  progress.begin()
  var before = start
  let marks = shim_marks() != 0
  repeat {
    if marks { shim_mark(0) }
    session.run()
    if marks { shim_mark(1) }
    let now = shim_monotonic()
    latencies.add(now - before)
    // Showing takes time of its own, outside of the frame.
    progress.show("bench", time > 0 ? Double(now - start) / Double(time) : 0)
    before = shim_monotonic()
  } while (time == 0 || before - start < time) && !stop.isSet
  result.take(&latencies, seconds: Double(before - start) / 1e9)
  return result
}

private func benchText(
  _ r: BenchResult, _ times: LoadTimes, _ contents: ModelContents, _ session: borrowing Session
) -> TextBuffer {
  var text = TextBuffer(capacity: 1024)
  text.append("\(contents.name): \(session.isaName), ")
  text.append(session.threads == 1 ? "1 thread" : "\(session.threads) threads")
  text.append(", \(session.bits.rawValue) bits, \(grouped(r.frames)) frames in ")
  text.append(r.seconds, decimals: 1)
  text.append(" s\n")
  for (name, value) in [
    ("p50", r.p50), ("p95", r.p95), ("p99", r.p99), ("least", r.least), ("greatest", r.greatest),
  ] {
    text.append("  ")
    text.append(column: name, 9)
    text.append(column: fixed(value, 3), 10, right: true)
    text.append(" ms\n")
  }
  text.append("frames/s \(fixed(Double(r.frames) / max(r.seconds, 1e-9), 1))")
  text.append(", \(fixed(Double(session.macs) / max(r.p50, 1e-9) / 1e6, 1)) GMAC/s\n")
  text.append("load \(fixed(times.loadMilliseconds, 3)) ms, plan ")
  text.append("\(fixed(times.planMilliseconds, 3)) ms, first ")
  text.append("\(fixed(r.firstMilliseconds, 3)) ms\n")
  text.append("file \(sizeText(contents.bytes.count)), arena \(sizeText(session.arenaBytes))")
  if let bytes = Machine.residentBytes { text.append(", resident \(sizeText(bytes))") }
  text.append("\n")
  return text
}

/// The members that every bench has.
private func write(
  _ r: BenchResult, _ times: LoadTimes, _ contents: ModelContents, _ session: borrowing Session,
  to json: inout JSONWriter
) {
  json.beginObject("ms")
  json.member("p50", r.p50, decimals: 4)
  json.member("p95", r.p95, decimals: 4)
  json.member("p99", r.p99, decimals: 4)
  json.member("min", r.least, decimals: 4)
  json.member("max", r.greatest, decimals: 4)
  json.endObject()
  json.member("isa", session.isaName)
  json.member("threads", session.threads)
  json.member("macs", session.macs)
  json.member("load_ms", times.loadMilliseconds, decimals: 4)
  json.member("plan_ms", times.planMilliseconds, decimals: 4)
  json.member("first_ms", r.firstMilliseconds, decimals: 4)
  json.member("arena_bytes", session.arenaBytes)
  json.member("file_bytes", contents.bytes.count)
  json.member("rss_bytes", Machine.residentBytes)
  json.member("model", contents.name)
  json.member("model_hash", contents.hash)
  json.member("bits", session.bits.rawValue)
  json.member("cpu", Machine.cpuName)
  json.member("frames", r.frames)
  json.member("time_s", r.seconds, decimals: 3)
  json.member("fps", Double(r.frames) / max(r.seconds, 1e-9), decimals: 2)
}
