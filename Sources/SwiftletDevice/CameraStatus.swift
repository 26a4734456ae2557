import SwiftletCore

/// The status line of each second.
struct CameraStatus: ~Copyable {
  /// When the next one is due, on the monotonic clock.
  private(set) var due: Int64 = 0
  private var resultsBefore = 0
  /// The last line.
  private(set) var text = TextBuffer(capacity: 512)

  /// Begins to count seconds.
  mutating func start(_ now: Int64) { due = now + 1_000_000_000 }

  /// Makes the line of now and sets the time of the next one.
  mutating func write(
    _ now: Int64, _ counters: inout CameraCounters, _ answers: borrowing Answers, dropped: Int,
    _ output: OutputWriter?, _ power: PowerControl?
  ) {
    let rate = Double(counters.results - resultsBefore) / (seconds(now - due) + 1)
    resultsBefore = counters.results
    due = now + 1_000_000_000
    let age = Int((seconds(now - counters.start)).rounded())
    text.clear()
    var tens = 10
    var blanks = 4
    while blanks > 0 && age >= tens {
      tens *= 10
      blanks -= 1
    }
    text.append(blanks: blanks)
    text.append(age)
    text.append(" s  ")
    text.append(rate, decimals: 1)
    text.append(" frames/s, age ")
    text.append(counters.ages.milliseconds(50) ?? 0, decimals: 1)
    text.append(" ms, dropped ")
    text.append(dropped)
    power?.append(to: &text)
    let lost = counters.stdoutDropped + (output?.dropped ?? 0)
    if lost > 0 {
      text.append(", lines lost ")
      text.append(lost)
    }
    if answers.count > 0 && counters.results > 0 {
      text.append("  ")
      answers.append(rank: 0, to: &text)
    }
    if let source = counters.source, !source.isUp { text.append("  camera away") }
    text.append("\n")
  }
}

/// The summary at the end of a camera loop, and the line of statistics that SIGUSR1 asks for.
enum CameraSummary {
  /// Everything since the start in one line.
  static func statistics(
    _ counters: inout CameraCounters, _ now: Int64, dropped: Int, _ output: OutputWriter?,
    asJSON: Bool
  ) -> TextBuffer {
    let time = max(seconds(now - counters.start), 1e-9)
    if asJSON {
      var json = JSONWriter(schema: "swiftlet.stats/1")
      json.member("frames", counters.results)
      json.member("dropped", dropped)
      json.member("time_s", time, decimals: 3)
      json.member("fps", Double(counters.results) / time, decimals: 2)
      spread("age_ms", &counters.ages, &json)
      spread("ms", &counters.inferences, &json)
      json.member("reloads", counters.reloads)
      json.member("stdout_dropped", counters.stdoutDropped)
      json.member("output_written", output?.written)
      json.member("output_dropped", output?.dropped)
      json.member("rss_bytes", Machine.residentBytes)
      json.endLine()
      return json.text
    }
    var text = TextBuffer(capacity: 256)
    text.append(counters.results)
    text.append(" frames, dropped ")
    text.append(dropped)
    text.append(", reloads ")
    text.append(counters.reloads)
    text.append(", stdout lines dropped ")
    text.append(counters.stdoutDropped)
    text.append(", output lines written ")
    text.append(output?.written ?? 0)
    text.append(", dropped ")
    text.append(output?.dropped ?? 0)
    text.append(", ")
    text.append(Double(counters.results) / time, decimals: 1)
    text.append(" frames/s\n")
    return text
  }

  /// Prints it on stdout.
  static func print(
    _ counters: inout CameraCounters, camera: String, network: String, dropped: Int,
    _ power: PowerControl?, asJSON: Bool
  ) throws(SwiftletError) {
    let results = counters.results
    let time = max(seconds(counters.end - counters.start), 1e-9)
    if asJSON {
      var json = JSONWriter(schema: "swiftlet.camera/1")
      json.member("camera", camera)
      json.member("model", network)
      json.member("frames", results)
      json.member("dropped", dropped)
      if let source = counters.source {
        json.member("captured", source.captured)
        json.member("lost", source.lost)
        json.member("damaged", source.damaged)
        json.member("reconnects", source.reconnects)
      }
      json.member("time_s", time, decimals: 3)
      json.member("fps", Double(results) / time, decimals: 2)
      spread("age_ms", &counters.ages, &json)
      spread("ms", &counters.inferences, &json)
      json.member("held", counters.held)
      json.member("first_pass", counters.early)
      if counters.wakes > 0 { json.member("wakes", counters.wakes) }
      power?.write(to: &json, frames: results, skipped: counters.skipped)
      json.member("rss_bytes", Machine.residentBytes)
      json.endLine()
      return try Console.result(json.text)
    }
    var text = TextBuffer(capacity: 512)
    text.append(grouped: results)
    text.append(" frames in ")
    text.append(time, decimals: 1)
    text.append(" s: ")
    text.append(Double(results) / time, decimals: 1)
    text.append(" frames/s, ")
    text.append(grouped: dropped)
    text.append(" dropped\n")
    if results > 0 {
      spread("age of a result  p50 ", &counters.ages, &text)
      spread("network alone    p50 ", &counters.inferences, &text)
    }
    if counters.held + counters.early > 0 {
      text.append("left out         ")
      text.append(counters.held)
      text.append(" frames held, ")
      text.append(counters.early)
      text.append(" answered by the first pass\n")
    }
    power?.appendSummary(to: &text, frames: results, skipped: counters.skipped)
    try Console.result(text)
  }

  private static func spread(_ key: String, _ times: inout Latencies, _ json: inout JSONWriter) {
    json.beginObject(key)
    json.member("p50", times.milliseconds(50), decimals: 3)
    json.member("p99", times.milliseconds(99), decimals: 3)
    json.member("max", times.count == 0 ? nil : Double(times.greatest) / 1e6, decimals: 3)
    json.endObject()
  }

  private static func spread(_ title: String, _ times: inout Latencies, _ text: inout TextBuffer) {
    text.append(title)
    text.append(times.milliseconds(50) ?? 0, decimals: 1)
    text.append(" ms, p99 ")
    text.append(times.milliseconds(99) ?? 0, decimals: 1)
    text.append(" ms\n")
  }
}
