import CShims
import Swiftlet
import SwiftletCore
import SwiftletVision

/// When a camera loop ends and what it prints.
struct CameraOptions {
  var mostResults: Int
  /// Nanoseconds; 0: for ever.
  var time: Int64
  var isJSON: Bool
  var isVerbose: Bool
  var isQuiet: Bool

  init(_ arguments: Arguments) {
    mostResults = arguments.count(.frames) ?? Int.max
    time = Int64(arguments.count(.time) ?? 0)
    isJSON = arguments.isOn(.json)
    isVerbose = arguments.isOn(.verbose)
    isQuiet = arguments.isOn(.quiet)
  }
}

/// The loop of one camera: takes the newest frame, runs the network, hands the result to the
/// sinks. Allocates nothing per frame.
struct CameraLoop: ~Copyable {
  private var session: Session
  private var answers: Answers
  private let feeder: Feeder
  private let stop: StopSignal
  private var writer: ResultWriter
  private var status = CameraStatus()
  private var counters = CameraCounters()
  private let options: CameraOptions
  /// Nobody reads stdout any more.
  private var isOutputClosed = false

  init(
    session: consuming Session, answers: consuming Answers, feeder: Feeder, stop: StopSignal,
    writer: consuming ResultWriter, options: CameraOptions
  ) {
    self.session = session
    self.answers = answers
    self.feeder = feeder
    self.stop = stop
    self.writer = writer
    self.options = options
  }

  /// Runs until a signal, the end of the source, or the asked number of results or time.
  mutating func run() {
    var slot = Mailbox.readersFirst
    counters.start = shim_monotonic()
    status.start(counters.start)
    while !stop.isSet && counters.results < options.mostResults && !isOutputClosed {
      let now = shim_monotonic()
      if options.time > 0 && now - counters.start >= options.time { break }
      betweenFrames(now)
      // The order matters: what was put before the end is still taken.
      let ticket = feeder.mailbox.ticket
      let isClosed = feeder.mailbox.isClosed
      guard let taken = feeder.mailbox.take(returning: slot) else {
        if isClosed { break }
        // Wakes at least ten times a second to see signals and the clock.
        feeder.mailbox.wait(since: ticket, atMost: min(100_000_000, status.due - now))
        continue
      }
      slot = taken
      let times = look(at: feeder.frames + slot)
      hand(times)
    }
    counters.end = shim_monotonic()
    counters.source = feeder.counts
  }

  /// What is done between frames, and ten times a second while none comes.
  private mutating func betweenFrames(_ now: Int64) {
    if now >= status.due {
      counters.source = feeder.counts
      tellStatus(now)
    }
  }

  /// One frame through the network.
  private mutating func look(at frame: UnsafeMutablePointer<CameraFrame>) -> FrameTimes {
    var times = FrameTimes()
    times.sequence = frame.pointee.image.sequence
    times.captured = frame.pointee.image.time
    times.decoded = frame.pointee.decoded
    times.taken = shim_monotonic()
    session.write(frame.pointee.image)
    times.converted = shim_monotonic()
    session.run()
    times.inferred = shim_monotonic()
    answers.look(at: session)
    times.done = shim_monotonic()
    counters.add(times)
    return times
  }

  /// The result in `answers` to all who want it.
  private mutating func hand(_ times: FrameTimes) {
    if options.isJSON {
      writer.writeJSON(times, answers, session)
      isOutputClosed = !writer.json.text.write(to: 1)
    } else if options.isVerbose {
      writer.writeText(times, answers)
      isOutputClosed = !writer.text.write(to: 1)
    }
  }

  private mutating func tellStatus(_ now: Int64) {
    status.write(now, &counters, answers, dropped: feeder.dropped)
    if options.isQuiet { return }
    if options.isJSON {
      status.text.write(to: 2)
    } else {
      isOutputClosed = !status.text.write(to: 1)
    }
  }

  /// The summary, unless nobody reads it.
  mutating func finish() throws(SwiftletError) {
    if isOutputClosed { return }
    try CameraSummary.print(
      &counters, camera: writer.camera, network: writer.network,
      dropped: feeder.dropped, asJSON: options.isJSON)
  }
}
