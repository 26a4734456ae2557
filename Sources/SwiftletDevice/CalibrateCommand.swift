import CShims
import Swiftlet
import SwiftletBoard
import SwiftletCore
import SwiftletPower

/// `swiftlet calibrate`: measures this board, a few minutes, and writes its own table.
///
/// Idle watts first; then every form of every network at some thread counts, at the lowest and at
/// the highest clock. What cannot be measured is left to the profile's figures.
func calibrateCommand(_ arguments: Arguments) throws(SwiftletError) {
  let stop = StopSignal()
  let output = try arguments.required(.output)
  let choice = try BoardChoice.of(arguments)
  var bench = CalibrationBench(choice.profile, arguments, stop)
  try bench.run(arguments.words)
  if stop.isSet { return }
  let file = AlignedBytes(Array(bench.file(reason: choice.reason).string.utf8))
  try AtomicFile.write(file.bytes, to: output, mode: 0o644)
  try Console.result(arguments.isOn(.json) ? bench.json(output) : bench.table(output))
}

/// One measured combination.
private struct CalibrationPoint {
  var network = ""
  var bits = 0
  var threads = 0
  /// MHz in force; nil where the system does not tell.
  var clock: Double?
  /// Seconds, median.
  var latency = 0.0
  var coreSeconds = 0.0
  var modelled = 0.0
  var watts: Double?
}

private struct CalibrationBench: ~Copyable {
  private let profile: BoardProfile
  private let power: PowerModel
  private let model: TimeModel?
  private var board: LinuxBoard
  private let stop: StopSignal
  private let time: Int64
  private let most: Int
  private var progress: ProgressBar
  private var fit = PowerFit()
  private var idle: Double?
  private var points: [CalibrationPoint] = []
  private var result = BoardCalibration()
  private var canCap = true

  init(_ profile: BoardProfile, _ arguments: Arguments, _ stop: StopSignal) {
    self.profile = profile
    self.stop = stop
    power = PowerModel(profile, cameraWatts: 0)
    model = TimeModel(profile)
    board = LinuxBoard(profile: profile)
    time = Int64(arguments.count(.time) ?? 3_000_000_000)
    most = arguments.count(.threads) ?? min(Machine.cpuCount, max(1, profile.clusters[0].count))
    progress = ProgressBar(isQuiet: arguments.isOn(.quiet))
    do throws(SwiftletError) {
      try board.takeKnobs()
    } catch {
      canCap = false
      _ = Console.report(error, asJSON: arguments.isOn(.json))
    }
  }

  /// The clocks to measure at: the lowest and the highest, or the one there is.
  private var clocks: [Double] {
    let steps = profile.clusters[0].steps
    guard canCap, profile.knobs.contains(.clock), steps.count > 1 else { return [0] }
    return [steps[0].megahertz, steps[steps.count - 1].megahertz]
  }

  private var threadCounts: [Int] {
    var list: [Int] = []
    var n = 1
    while n < most {
      list.append(n)
      n *= 2
    }
    list.append(most)
    return list
  }

  mutating func run(_ paths: [String]) throws(SwiftletError) {
    let family = try NetworkFamily(paths, SessionOptions(threads: most), top: 1)
    var forms = 0
    for i in 0..<family.count { forms += family.member(i).pointee.modes.count }
    let total = Double(forms * threadCounts.count * clocks.count) + 2
    progress.begin()
    idle = wattsWhileIdle(seconds: 2 * Double(time) * 1e-9)
    var done = 2.0
    for i in 0..<family.count {
      let member = family.member(i)
      for mode in member.pointee.modes {
        try member.pointee.session.setBits(mode.bits)
        for threads in threadCounts {
          member.pointee.session.setThreads(threads)
          for clock in clocks where !stop.isSet {
            if clock > 0 && board.setClockLimit(clock) == nil { canCap = false }
            progress.show("calibrate", done / total)
            measure(member, mode.bits.rawValue, threads)
            done += 1
          }
        }
      }
    }
    board.restore()
    progress.end()
    conclude(family)
  }

  private mutating func wattsWhileIdle(seconds: Double) -> Double? {
    if let lowest = clocks.first, lowest > 0 { _ = board.setClockLimit(lowest) }
    var meter = EnergyMeter()
    let end = board.now + seconds
    while board.now < end && !stop.isSet {
      let reading = board.read()
      meter.add(time: board.now, watts: reading.watts)
      shim_sleep(100_000_000)
    }
    guard let watts = meter.averageWatts else { return nil }
    fit.add(work: 0, watts: watts - power.leakage(at: board.read().celsius ?? 45))
    return watts
  }

  private mutating func measure(
    _ member: UnsafeMutablePointer<LoadedNetwork>, _ bits: Int, _ threads: Int
  ) {
    var latencies = Latencies()
    var meter = EnergyMeter()
    member.pointee.session.run()
    let start = shim_monotonic()
    let processStart = shim_process_time()
    var nextReading: Int64 = 0
    var celsius = 45.0
    var clock: Double?
    var before = start
    repeat {
      member.pointee.session.run()
      let now = shim_monotonic()
      latencies.add(now - before)
      if now >= nextReading {
        let reading = board.read()
        meter.add(time: board.now, watts: reading.watts)
        celsius = reading.celsius ?? celsius
        clock = reading.clockLimit ?? reading.clock
        nextReading = now + 100_000_000
      }
      before = shim_monotonic()
    } while (before - start < time || latencies.count < 3) && !stop.isSet
    var point = CalibrationPoint()
    point.network = member.pointee.name
    point.bits = bits
    point.threads = threads
    point.clock = clock
    point.latency = (latencies.milliseconds(50) ?? 0) * 1e-3
    point.coreSeconds = Double(shim_process_time() - processStart) * 1e-9 / Double(latencies.count)
    point.watts = meter.averageWatts
    let mhz = clock ?? power.topClock
    let work = layerWork(member.pointee.session)
    let predicted = model?.predict(work, clock: mhz > 0 ? mhz : 1000, threads: threads)
    point.modelled = predicted?.seconds ?? point.latency
    points.append(point)
    var entry = BoardCalibration.Entry()
    entry.hash = member.pointee.hash
    entry.name = member.pointee.name
    entry.bits = bits
    entry.threads = threads
    entry.latency = point.latency / max(point.modelled, 1e-9)
    entry.coreSeconds = point.coreSeconds / max(predicted?.coreSeconds ?? point.coreSeconds, 1e-9)
    result.entries.append(entry)
    if let watts = point.watts, mhz > 0 {
      let busy = point.coreSeconds / max(point.latency, 1e-9)
      let volts = power.volts(at: mhz)
      fit.add(work: busy * mhz / 1000 * volts * volts, watts: watts - power.leakage(at: celsius))
    }
  }

  /// One entry for each form and thread count: the mean over clocks.
  private mutating func conclude(_ family: borrowing NetworkFamily) {
    var merged: [BoardCalibration.Entry] = []
    var counts: [Double] = []
    for entry in result.entries {
      var place = merged.count
      for i in 0..<merged.count
      where merged[i].bits == entry.bits && merged[i].threads == entry.threads
        && isSame(merged[i].hash, entry.hash)
      { place = i }
      if place == merged.count {
        merged.append(entry)
        counts.append(1)
        continue
      }
      counts[place] += 1
      merged[place].latency += (entry.latency - merged[place].latency) / counts[place]
      merged[place].coreSeconds += (entry.coreSeconds - merged[place].coreSeconds) / counts[place]
    }
    result.entries = merged
    result.board = profile.name
    if idle != nil {
      result.sensor = profile.sensors.first?.driver ?? "hwmon"
      if let fitted = fit.result {
        result.base = fitted.base
        result.activity = fitted.activity
        result.residual = fitted.residual
      }
    }
  }

  // MARK: what is told

  /// The file that `CalibrationReader` reads.
  borrowing func file(reason: String) -> TextBuffer {
    var text = TextBuffer(capacity: 4096)
    text.append("# Measured by swiftlet calibrate; \(reason).\n")
    text.append("# latency and core_time: measured over modelled, mean over clocks.\n")
    text.append("board = \"\(profile.name)\"\ndate = \"")
    Machine.appendWallClock(to: &text)
    text.append("\"\nsensor = \"\(result.sensor)\"\n")
    if let base = result.base, let activity = result.activity, let residual = result.residual {
      text.append("\n[power]\nbase_w = \(fixed(base, 4))\nsimd_activity = ")
      text.append("\(fixed(max(activity, 0.001), 4))\nresidual = \(fixed(residual, 4))\n")
    }
    for entry in result.entries {
      text.append("\n[[time]]\nnetwork = \"\(entry.hash)\"\nbits = \(entry.bits)\n")
      text.append("threads = \(entry.threads)\nlatency = \(fixed(max(entry.latency, 0.001), 4))\n")
      text.append("core_time = \(fixed(max(entry.coreSeconds, 0.001), 4))\n")
    }
    return text
  }

  /// For people.
  borrowing func table(_ output: String) -> TextBuffer {
    var text = TextBuffer(capacity: 4096)
    text.append("\(profile.title)\n")
    if let idle { text.append("idle \(fixed(idle, 2)) W measured\n") }
    text.append("bits  threads     MHz        ms   core-ms   modelled      W  network\n")
    for point in points {
      text.append(column: "\(point.bits)", 4, right: true)
      text.append(column: "\(point.threads)", 9, right: true)
      text.append(column: point.clock.map { fixed($0, 0) } ?? "-", 8, right: true)
      text.append(column: fixed(point.latency * 1e3, 3), 10, right: true)
      text.append(column: fixed(point.coreSeconds * 1e3, 3), 10, right: true)
      text.append(column: fixed(point.modelled * 1e3, 3), 11, right: true)
      text.append(column: point.watts.map { fixed($0, 2) } ?? "-", 7, right: true)
      text.append("  \(point.network)\n")
    }
    if let base = result.base, let activity = result.activity, let residual = result.residual {
      text.append("fit: base \(fixed(base, 2)) W, activity \(fixed(activity, 3)) W/(GHz V^2), ")
      text.append("leaves \(fixed(residual * 100, 1)) %\n")
      if residual > 0.05 {
        text.append("more than 5 %: close other programs and calibrate again\n")
      }
    } else {
      text.append("no power sensor answered: watts stay modelled by the profile's figures\n")
    }
    text.append("\(output): use it with --calibration \(output)\n")
    return text
  }

  borrowing func json(_ output: String) -> TextBuffer {
    var json = JSONWriter(schema: "swiftlet.calibrate/1", capacity: 4096)
    json.member("board", profile.name)
    json.member("file", output)
    json.member("idle_w", idle, decimals: 4)
    json.member("base_w", result.base, decimals: 4)
    json.member("simd_activity", result.activity, decimals: 4)
    json.member("residual_ratio", result.residual, decimals: 4)
    json.beginArray("points")
    for point in points {
      json.beginObject()
      json.member("model", point.network)
      json.member("bits", point.bits)
      json.member("threads", point.threads)
      json.member("clock_hz", point.clock.map { $0 * 1e6 }, decimals: 0)
      json.member("latency_s", point.latency, decimals: 6)
      json.member("core_s", point.coreSeconds, decimals: 6)
      json.member("modelled_s", point.modelled, decimals: 6)
      json.member("avg_w", point.watts, decimals: 4)
      json.endObject()
    }
    json.endArray()
    json.endLine()
    return json.text
  }
}
