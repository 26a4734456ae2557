import CShims
import Swiftlet
import SwiftletBoard
import SwiftletCore
import SwiftletPower

/// What the board told before or after a measurement.
struct BoardState {
  var celsius: Double?
  var clock: Double?
  var clockLimit: Double?
  var throttle: Throttle = []

  init(_ reading: BoardReading) {
    celsius = reading.celsius
    clock = reading.clock
    clockLimit = reading.clockLimit
    throttle = reading.throttle
  }
}

/// `swiftlet bench --power`: frames a second and joules a frame that a board sustains.
///
/// Idle watts first, then `--soak` of frames that do not count, so that heat has its effect, then
/// the measurement. Watts come from a sensor, or from the board's model and are then called so.
struct PowerBench: ~Copyable {
  private let choice: BoardChoice
  private let power: PowerModel
  private var board: LinuxBoard
  private let stop: StopSignal
  private let rate: Double
  private var before: BoardState
  private var after: BoardState
  private var idle: Double?
  private var meter = EnergyMeter()
  private var latencies = Latencies()
  private var seconds = 0.0
  private var processSeconds = 0.0
  private var warmest: Double?
  private var newThrottle: Throttle = []
  private let soak: Int64

  init(_ arguments: Arguments, _ stop: StopSignal) throws(SwiftletError) {
    choice = try BoardChoice.of(arguments)
    power = PowerModel(choice.profile, cameraWatts: arguments.number(.cameraWatts) ?? 0)
    board = LinuxBoard(profile: choice.profile)
    self.stop = stop
    rate = arguments.number(.rate) ?? 0
    soak = Int64(arguments.count(.soak) ?? 0)
    before = BoardState(BoardReading())
    after = before
  }

  mutating func run(
    _ session: inout Session, time: Int64, idleTime: Int64, _ progress: inout ProgressBar
  ) {
    idle = idleWatts(idleTime)
    var ignored = EnergyMeter()
    let whole = Double(max(soak + time, 1))
    frames(&session, for: soak, &ignored, counts: false) { progress.show("soak", $0 / whole) }
    before = BoardState(board.read())
    let start = shim_monotonic()
    let processStart = shim_process_time()
    var counted = EnergyMeter()
    let soaked = Double(soak)
    frames(&session, for: time, &counted, counts: true) {
      progress.show("bench", (soaked + $0) / whole)
    }
    meter = counted
    seconds = Double(shim_monotonic() - start) * 1e-9
    processSeconds = Double(shim_process_time() - processStart) * 1e-9
    after = BoardState(board.read())
  }

  private mutating func idleWatts(_ time: Int64) -> Double? {
    var meter = EnergyMeter()
    let end = shim_monotonic() + time
    while shim_monotonic() < end && !stop.isSet {
      let reading = board.read()
      if reading.watts == nil { return nil }
      meter.add(time: board.now, watts: reading.watts)
      shim_sleep(100_000_000)
    }
    return meter.averageWatts
  }

  private mutating func frames(
    _ session: inout Session, for time: Int64, _ meter: inout EnergyMeter, counts: Bool,
    _ show: (Double) -> Void
  ) {
    if time <= 0 && !counts { return }
    let start = shim_monotonic()
    var now = start
    var nextReading: Int64 = 0
    var due = start
    while (now - start < time || (counts && latencies.count < 3)) && !stop.isSet {
      session.run()
      let done = shim_monotonic()
      if counts { latencies.add(done - now) }
      if done >= nextReading {
        let reading = board.read()
        meter.add(time: board.now, watts: reading.watts)
        if let celsius = reading.celsius { warmest = max(warmest ?? celsius, celsius) }
        if counts { newThrottle.formUnion(reading.throttle) }
        nextReading = done + 100_000_000
        show(Double(done - start))
      }
      if rate > 0 {
        due += Int64(1e9 / rate)
        let waits = shim_monotonic()
        if due > waits { shim_sleep_until(due) } else { due = waits }
      }
      now = shim_monotonic()
    }
  }

  // MARK: what is told

  mutating func result() -> BenchResult {
    var result = BenchResult()
    result.take(&latencies, seconds: seconds)
    return result
  }

  private var framesPerSecond: Double { Double(latencies.count) / max(seconds, 1e-9) }

  /// Mean watts and where they come from.
  var watts: (value: Double?, source: String) {
    if let value = meter.averageWatts { return (value, choice.sensorWord) }
    let clock = before.clockLimit ?? before.clock ?? power.topClock
    guard clock > 0, power.base > 0 else { return (nil, "none") }
    let busy = processSeconds / max(seconds, 1e-9)
    let value =
      power.base + busy * power.coreWatts(at: clock) + power.leakage(at: after.celsius ?? 45)
    return (value, "model")
  }

  /// Whether the board was soaked and did not slow itself down.
  var isSustained: Bool { soak > 0 && newThrottle.isEmpty && after.throttle.isEmpty }

  mutating func text() -> TextBuffer {
    var text = TextBuffer(capacity: 1024)
    let (value, source) = watts
    text.append("\(choice.profile.title): \(fixed(framesPerSecond, 1)) frames/s")
    text.append(
      isSustained ? " sustained" : soak > 0 ? " throttled" : " (not soaked: --soak 10min)")
    text.append("\n  p50 \(fixed(latencies.milliseconds(50) ?? 0, 3)) ms")
    text.append(", p95 \(fixed(latencies.milliseconds(95) ?? 0, 3)) ms")
    text.append(", p99 \(fixed(latencies.milliseconds(99) ?? 0, 3)) ms\n")
    if let value {
      text.append("  \(fixed(value, 2)) W \(source == "model" ? "modelled" : "measured")")
      text.append(" (source: \(source)), \(fixed(value / max(framesPerSecond, 1e-9), 4)) J a frame")
      if let idle {
        text.append(", \(fixed((value - idle) / max(framesPerSecond, 1e-9), 4)) J above idle ")
        text.append("(\(fixed(idle, 2)) W)")
      }
      text.append("\n")
    } else {
      text.append("  no watts: no sensor, and no model for this board\n")
    }
    for (name, state) in [("before", before), ("after", after)] {
      text.append("  \(name): ")
      text.append(state.celsius.map { fixed($0, 1) + " C" } ?? "no thermal zone")
      text.append(", ")
      text.append(state.clock.map { fixed($0, 0) + " MHz" } ?? "clock not told")
      text.append(state.clockLimit.map { " of " + fixed($0, 0) } ?? "")
      text.append(", throttle bits \(state.throttle.rawValue)\n")
    }
    return text
  }

  /// The members `board` to `sustained` of `swiftlet.bench/1`.
  mutating func write(to json: inout JSONWriter) {
    json.member("board", choice.profile.name)
    json.beginObject("energy")
    let (value, source) = watts
    json.member("j_per_frame", value.map { $0 / max(framesPerSecond, 1e-9) }, decimals: 6)
    json.member("avg_w", value, decimals: 4)
    json.member("idle_w", idle, decimals: 4)
    json.member("source", source)
    json.endObject()
    for (name, state) in [("before", before), ("after", after)] {
      json.beginObject(name)
      json.member("temperature_c", state.celsius, decimals: 2)
      json.member("clock_hz", state.clock.map { $0 * 1e6 }, decimals: 0)
      json.member("clock_limit_hz", state.clockLimit.map { $0 * 1e6 }, decimals: 0)
      json.member("throttle_bits", Int(state.throttle.rawValue))
      json.endObject()
    }
    json.member("warmest_c", warmest, decimals: 2)
    json.member("soak_s", Double(soak) * 1e-9, decimals: 1)
    json.member("sustained", isSustained)
  }
}

extension BoardChoice {
  /// `rail` for sensors on the board, `hwmon` for one in its supply.
  var sensorWord: String {
    for rule in profile.sensors where isSame(rule.driver, "ina2xx") { return "hwmon" }
    return "rail"
  }
}
