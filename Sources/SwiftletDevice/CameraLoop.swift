import CShims
import Swiftlet
import SwiftletCore
import SwiftletVision

/// What a camera loop was asked for.
struct CameraOptions {
  /// The model file, which a reload opens again.
  let model: String
  /// What stands for its bytes; changes with a reload.
  var modelHash: String
  let session: SessionOptions
  let top: Int
  let mostResults: Int
  /// Nanoseconds; 0: for ever.
  let time: Int64
  /// Result lines go to stdout.
  let isJSON: Bool
  let isVerbose: Bool
  let isQuiet: Bool
  /// The source waits for the loop, so the loop may wait for stdout.
  let isLossless: Bool

  init(_ arguments: Arguments, modelHash: String, isLossless: Bool) {
    model = arguments.words[0]
    self.modelHash = modelHash
    session = arguments.sessionOptions
    top = arguments.count(.top) ?? 5
    mostResults = arguments.count(.frames) ?? Int.max
    time = Int64(arguments.count(.time) ?? 0)
    isJSON = arguments.isOn(.json) || isSame(arguments.text(.output) ?? "", "-")
    isVerbose = arguments.isOn(.verbose)
    isQuiet = arguments.isOn(.quiet)
    self.isLossless = isLossless
  }
}

/// The loop of one camera: takes the newest frame, runs the network, hands the result to the
/// sinks. Allocates nothing per frame.
struct CameraLoop: ~Copyable {
  private var session: Session
  private var answers: Answers
  private let feeder: Feeder
  private let stop: StopSignal
  private var signals: ServiceSignals
  private var notifier = ServiceNotifier()
  private var writer: ResultWriter
  private let output: OutputWriter?
  private var status = CameraStatus()
  private var counters = CameraCounters()
  private var options: CameraOptions
  /// Nobody reads stdout any more.
  private var isOutputClosed = false

  init(
    session: consuming Session, answers: consuming Answers, feeder: Feeder, stop: StopSignal,
    signals: ServiceSignals, writer: consuming ResultWriter, output: OutputWriter?,
    options: CameraOptions
  ) {
    self.session = session
    self.answers = answers
    self.feeder = feeder
    self.stop = stop
    self.signals = signals
    self.writer = writer
    self.output = output
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
    notifier.isStopping()
  }

  /// What is done between frames, and ten times a second while none comes.
  private mutating func betweenFrames(_ now: Int64) {
    if signals.wantsReload() { reload() }
    if signals.wantsStatistics() { tellStatistics(now) }
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
    if options.isJSON || output != nil { writer.writeJSON(times, answers, session) }
    output?.put(writer.json.text)
    if options.isJSON {
      isOutputClosed = !print(writer.json.text)
    } else if options.isVerbose {
      writer.writeText(times, answers)
      isOutputClosed = !print(writer.text)
    }
    notifier.hasResult(times.done)
  }

  private mutating func tellStatus(_ now: Int64) {
    status.write(now, &counters, answers, dropped: feeder.dropped, output)
    notifier.status(status.text)
    if options.isQuiet { return }
    if options.isJSON {
      note(status.text)
    } else {
      isOutputClosed = !print(status.text)
    }
  }

  /// A line on stdout; false if nobody reads it any more. The lines of a live camera are dropped
  /// while stdout has no room.
  private mutating func print(_ line: TextBuffer) -> Bool {
    while shim_can_write(1, options.isLossless ? 100 : 0) == 0 {
      if options.isLossless && !stop.isSet { continue }
      counters.stdoutDropped += 1
      return true
    }
    return line.write(to: 1)
  }

  /// A line on stderr, unless it is stuck.
  private func note(_ line: TextBuffer) { if shim_can_write(2, 0) != 0 { line.write(to: 2) } }

  /// SIGUSR1.
  private mutating func tellStatistics(_ now: Int64) {
    note(
      CameraSummary.statistics(
        &counters, now, dropped: feeder.dropped, output, asJSON: options.isJSON))
  }

  /// SIGHUP: the output is opened anew; a model file that changed is verified and takes over from
  /// the next frame on. A bad one is refused, and the old one, still mapped, stays.
  private mutating func reload() {
    notifier.isReloading()
    output?.reopen()
    do throws(SwiftletError) {
      let model = try Model(mapping: options.model)
      let hash = model.contents.hash
      if !isSame(hash, options.modelHash) {
        let new = try Session(model, options.session)
        answers = Answers(model.contents, new, top: options.top)
        session = new
        writer.network = model.contents.name
        options.modelHash = hash
        counters.reloads += 1
      }
    } catch {
      _ = Console.report(error, asJSON: options.isJSON)
    }
    notifier.hasReloaded()
  }

  /// Writes what is still to be written, and the summary unless nobody reads it. Both together
  /// take less than a second, whatever stdout and the disk do.
  mutating func finish() throws(SwiftletError) {
    output?.finish(within: 500_000_000)
    if isOutputClosed || shim_can_write(1, 200) == 0 { return }
    try CameraSummary.print(
      &counters, camera: writer.camera, network: writer.network,
      dropped: feeder.dropped, asJSON: options.isJSON)
  }
}
