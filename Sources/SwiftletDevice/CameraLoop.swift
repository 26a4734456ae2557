import CShims
import Swiftlet
import SwiftletCore
import SwiftletPower
import SwiftletVision

/// What a camera loop was asked for.
struct CameraOptions {
  let session: SessionOptions
  let prune: PruneWish
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

  init(
    _ arguments: Arguments, _ session: SessionOptions, _ prune: PruneWish, isLossless: Bool
  ) {
    self.session = session
    self.prune = prune
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
  private var family: NetworkFamily
  private var lines: CameraLines
  /// Nil without a budget.
  private let power: PowerControl?
  private var gate = LoopGate()
  private var pacer = RatePacer()
  /// The operating point that runs; -1: none yet.
  private var point = -1
  /// Frames from before this time are too old: nobody was watching.
  private var notBefore: Int64 = 0
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
    family: consuming NetworkFamily, lines: consuming CameraLines, power: PowerControl?,
    feeder: Feeder, stop: StopSignal, signals: ServiceSignals, writer: consuming ResultWriter,
    output: OutputWriter?, options: CameraOptions
  ) {
    self.family = family
    self.lines = lines
    self.power = power
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
      if lines.hasWake && !watches(now) { continue }
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
      let captured = feeder.frames[slot].image.time
      if captured < notBefore { continue }
      if let power {
        follow(power)
        if !options.isLossless && !pacer.takes(captured) {
          counters.skipped += 1
          // Nothing hangs: the rate is low on purpose.
          notifier.isAlive(now)
          continue
        }
      }
      let times = look(at: feeder.frames + slot)
      hand(times)
    }
    counters.end = shim_monotonic()
    counters.source = feeder.counts
    notifier.isStopping()
  }

  /// What is done between frames, and ten times a second while none comes.
  private mutating func betweenFrames(_ now: Int64) {
    lines.idle(now)
    if signals.wantsReload() { reload() }
    if signals.wantsStatistics() { tellStatistics(now) }
    if now >= status.due {
      counters.source = feeder.counts
      tellStatus(now)
    }
  }

  /// Whether the wake line says to watch; else the camera rests and an edge is waited for.
  private mutating func watches(_ now: Int64) -> Bool {
    if lines.isAwake(now) {
      if feeder.isPaused {
        notBefore = now
        counters.wakes += 1
        feeder.isPaused = false
      }
      return true
    }
    feeder.isPaused = true
    lines.rest(now)
    notifier.isAlive(now)
    return false
  }

  /// Switches to the governor's operating point.
  private mutating func follow(_ power: PowerControl) {
    let (wanted, rate) = power.current
    pacer.rate = rate
    guard wanted != point, wanted < power.table.points.points.count else { return }
    point = wanted
    let new = power.table.points.points[wanted]
    family.select(new.network)
    let network = family.active
    // The planes were verified when the table was made, so nothing is thrown here.
    try? network.pointee.session.setBits(new.bits == 4 ? .four : .eight)
    network.pointee.session.setThreads(new.threads)
    network.pointee.first?.session.setThreads(new.threads)
    network.pointee.select(row: row(of: network.pointee.rows, dial: new.prune))
    gate.forget()
    writer.network = network.pointee.name
    writer.mode = power.table.modes[wanted]
  }

  /// One frame through the network.
  private mutating func look(at frame: UnsafeMutablePointer<CameraFrame>) -> FrameTimes {
    var times = FrameTimes()
    times.sequence = frame.pointee.image.sequence
    times.captured = frame.pointee.image.time
    times.decoded = frame.pointee.decoded
    times.taken = shim_monotonic()
    power?.begins(times.taken)
    let network = family.active
    let holdsNoise = network.pointee.row != nil || network.pointee.holdsNoise
    if gate.holds(frame.pointee.image, isPruned: holdsNoise) {
      times.converted = times.taken
      times.inferred = times.taken
      times.outcome = network.pointee.outcome
      times.outcome.isHeld = true
    } else {
      network.pointee.look(at: frame.pointee.image, &times)
    }
    times.done = shim_monotonic()
    power?.ends(times.done, wasHeld: times.outcome.isHeld)
    counters.add(times)
    return times
  }

  /// The result in `answers` to all who want it.
  private mutating func hand(_ times: FrameTimes) {
    let network = family.active
    lines.follow(network.pointee.answers, times.done)
    if options.isJSON || output != nil {
      writer.writeJSON(times, network.pointee.answers, network.pointee.session)
    }
    output?.put(writer.json.text)
    if options.isJSON {
      isOutputClosed = !print(writer.json.text)
    } else if options.isVerbose {
      writer.writeText(times, network.pointee.answers)
      isOutputClosed = !print(writer.text)
    }
    notifier.hasResult(times.done)
  }

  private mutating func tellStatus(_ now: Int64) {
    status.write(
      now, &counters, family.active.pointee.answers, dropped: feeder.dropped, output, power)
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
    for i in 0..<family.count {
      do throws(SwiftletError) {
        let old = family.member(i)
        // Loaded in full before it is compared: a file damaged in its weights has the old hash.
        let new = try LoadedNetwork(
          path: old.pointee.path, options.session, top: options.top, prune: options.prune)
        if isSame(new.hash, old.pointee.hash) { continue }
        family.replace(i, with: new)
        gate.forget()
        writer.network = family.active.pointee.name
        // The next frame sets bits and threads of the new session.
        point = -1
        counters.reloads += 1
      } catch {
        _ = Console.report(error, asJSON: options.isJSON)
      }
    }
    notifier.hasReloaded()
  }

  /// Writes what is still to be written, and the summary unless nobody reads it. Both together
  /// take less than a second, whatever stdout and the disk do.
  mutating func finish() throws(SwiftletError) {
    power?.stop()
    output?.finish(within: 500_000_000)
    if isOutputClosed || shim_can_write(1, 200) == 0 { return }
    try CameraSummary.print(
      &counters, camera: writer.camera, network: writer.network,
      dropped: feeder.dropped, power, asJSON: options.isJSON)
  }
}
