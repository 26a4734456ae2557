import CShims
import Swiftlet
import SwiftletCore
import SwiftletVision

/// `swiftlet camera`: the newest frame through the network, again and again.
///
/// Text for people: a status line per second with the best answer (every frame with `-v`).
/// With `--json` each result is a line on stdout and the status goes to stderr.
func cameraCommand(_ arguments: Arguments) throws(SwiftletError) {
  if try listCameras(arguments) { return }
  let stop = StopSignal()
  let name = try arguments.required(.camera)
  let model = try Model(mapping: arguments.words[0])
  var session = try Session(model, arguments.sessionOptions)
  if arguments.has(.width) != arguments.has(.height) {
    throw SwiftletError(
      .missingArgument, place: "swiftlet camera", expected: "--width and --height together")
  }
  let options = SourceOptions(arguments, for: session, model.contents.preprocessing)
  let source = try FrameSource.open(name, options)
  if case .camera(let camera) = source, !arguments.isOn(.quiet) { Console.note(camera.agreement) }
  let feeder = Feeder(source, waitsForTaker: waitsForTaker(source, options.framerate), stop)
  var loop = CameraLoop(arguments, model.contents, session, camera: name)
  try feeder.start()
  loop.run(&session, feeder, stop)
  try loop.finish(feeder)
  if feeder.mailbox.isClosed, let error = feeder.error { throw error }
}

/// Photos without a rate are all looked at, one after another; so is any source at rate 0.
private func waitsForTaker(_ source: FrameSource, _ framerate: Double?) -> Bool {
  if let framerate { return framerate == 0 }
  if case .photos = source { return true }
  return false
}

/// The loop of one camera: allocates nothing per frame.
private struct CameraLoop: ~Copyable {
  private let arguments: Arguments
  private let contents: ModelContents
  private let camera: String
  private let network: String
  private let isJSON: Bool
  private var answers: Answers
  private var text = TextBuffer(capacity: 4096)
  private var json = JSONWriter(capacity: 4096)
  private var ages = Latencies()
  private var inferences = Latencies(capacity: 1 << 16)
  private var results = 0
  private var start: Int64 = 0
  private var end: Int64 = 0
  private var statusDue: Int64 = 0
  private var resultsAtStatus = 0
  private var isOutputClosed = false

  init(
    _ arguments: Arguments, _ contents: ModelContents, _ session: borrowing Session,
    camera: String
  ) {
    self.arguments = arguments
    self.contents = contents
    self.camera = camera
    network = contents.name
    isJSON = arguments.isOn(.json)
    answers = Answers(contents, session, top: arguments.count(.top) ?? 5)
  }

  /// Runs until a signal, the end of the source, or the asked number of results or time.
  mutating func run(_ session: inout Session, _ feeder: Feeder, _ stop: StopSignal) {
    let most = arguments.count(.frames) ?? Int.max
    let time = Int64(arguments.count(.time) ?? 0)
    var slot = Mailbox.readersFirst
    start = shim_monotonic()
    statusDue = start + 1_000_000_000
    while !stop.isSet && results < most && !isOutputClosed {
      let now = shim_monotonic()
      if time > 0 && now - start >= time { break }
      if now >= statusDue { status(now, feeder) }
      // The order matters: what was put before the end is still taken.
      let ticket = feeder.mailbox.ticket
      let isClosed = feeder.mailbox.isClosed
      guard let taken = feeder.mailbox.take(returning: slot) else {
        if isClosed { break }
        // Wakes at least ten times a second to see signals and the clock.
        feeder.mailbox.wait(since: ticket, atMost: min(100_000_000, statusDue - now))
        continue
      }
      slot = taken
      frame(&session, feeder.frames + slot)
    }
    end = shim_monotonic()
  }

  private mutating func frame(
    _ session: inout Session, _ frame: UnsafeMutablePointer<CameraFrame>
  ) {
    let taken = shim_monotonic()
    session.write(frame.pointee.image)
    let converted = shim_monotonic()
    session.run()
    let inferred = shim_monotonic()
    answers.look(at: session)
    let done = shim_monotonic()
    ages.add(done - frame.pointee.image.time)
    inferences.add(inferred - converted)
    results += 1
    if isJSON {
      json.begin(schema: "swiftlet.result/1")
      json.member("seq", frame.pointee.image.sequence)
      json.member("camera", camera)
      json.member("model", network)
      json.member("t_mono_s", seconds(done), decimals: 6)
      json.memberWallClock("t_wall")
      json.member("age_s", seconds(done - frame.pointee.image.time), decimals: 6)
      json.beginObject("stages")
      json.member(
        "capture_s", seconds(frame.pointee.decoded - frame.pointee.image.time), decimals: 6)
      json.member("convert_s", seconds(converted - taken), decimals: 6)
      json.member("infer_s", seconds(inferred - converted), decimals: 6)
      json.member("post_s", seconds(done - inferred), decimals: 6)
      json.endObject()
      json.member("mode", nil as String?)
      json.member("exit_level", nil as Int?)
      answers.append(of: session, to: &json)
      json.endLine()
      isOutputClosed = !json.text.write(to: 1)
    } else if arguments.isOn(.verbose) {
      text.clear()
      text.append("#")
      text.append(frame.pointee.image.sequence)
      text.append("  age ")
      text.append(seconds(done - frame.pointee.image.time) * 1000, decimals: 1)
      text.append(" ms")
      for i in 0..<min(answers.count, 3) {
        text.append("  ")
        answers.append(rank: i, to: &text)
      }
      text.append("\n")
      isOutputClosed = !text.write(to: 1)
    }
  }

  private func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }

  /// The line of each second.
  private mutating func status(_ now: Int64, _ feeder: Feeder) {
    let span = seconds(now - statusDue) + 1
    let rate = Double(results - resultsAtStatus) / span
    resultsAtStatus = results
    statusDue = now + 1_000_000_000
    if arguments.isOn(.quiet) { return }
    text.clear()
    text.append(column: fixed(seconds(now - start), 0) + " s", 7, right: true)
    text.append("  ")
    text.append(rate, decimals: 1)
    text.append(" frames/s, age ")
    text.append(ages.milliseconds(50) ?? 0, decimals: 1)
    text.append(" ms, dropped ")
    text.append(feeder.dropped)
    if answers.count > 0 && results > 0 {
      text.append("  ")
      answers.append(rank: 0, to: &text)
    }
    if case .camera(let camera) = feeder.source, !camera.isUp { text.append("  camera away") }
    text.append("\n")
    if isJSON {
      text.write(to: 2)
    } else {
      isOutputClosed = !text.write(to: 1)
    }
  }

  /// The summary, unless nobody reads it.
  mutating func finish(_ feeder: Feeder) throws(SwiftletError) {
    if isOutputClosed { return }
    let time = max(seconds(end - start), 1e-9)
    let dropped = feeder.dropped
    if isJSON {
      json.begin(schema: "swiftlet.camera/1")
      json.member("camera", camera)
      json.member("model", network)
      json.member("frames", results)
      json.member("dropped", dropped)
      if case .camera(let camera) = feeder.source {
        json.member("captured", camera.captured)
        json.member("lost", camera.lost)
        json.member("damaged", camera.errors)
        json.member("reconnects", camera.reconnects)
      }
      json.member("time_s", time, decimals: 3)
      json.member("fps", Double(results) / time, decimals: 2)
      json.beginObject("age_ms")
      json.member("p50", ages.milliseconds(50), decimals: 3)
      json.member("p99", ages.milliseconds(99), decimals: 3)
      json.member("max", results == 0 ? nil : Double(ages.greatest) / 1e6, decimals: 3)
      json.endObject()
      json.beginObject("ms")
      json.member("p50", inferences.milliseconds(50), decimals: 3)
      json.member("p99", inferences.milliseconds(99), decimals: 3)
      json.member("max", results == 0 ? nil : Double(inferences.greatest) / 1e6, decimals: 3)
      json.endObject()
      json.member("rss_bytes", Machine.residentBytes)
      json.endLine()
      return try Console.result(json.text)
    }
    text.clear()
    text.append("\(grouped(results)) frames in \(fixed(time, 1)) s: ")
    text.append("\(fixed(Double(results) / time, 1)) frames/s, \(grouped(dropped)) dropped\n")
    if results > 0 {
      text.append("age of a result  p50 \(fixed(ages.milliseconds(50) ?? 0, 1)) ms, ")
      text.append("p99 \(fixed(ages.milliseconds(99) ?? 0, 1)) ms\n")
      text.append("network alone    p50 \(fixed(inferences.milliseconds(50) ?? 0, 1)) ms, ")
      text.append("p99 \(fixed(inferences.milliseconds(99) ?? 0, 1)) ms\n")
    }
    try Console.result(text)
  }
}
