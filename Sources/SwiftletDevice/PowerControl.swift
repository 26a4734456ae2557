import CShims
import SwiftletBoard
import SwiftletCore
import SwiftletPower
import Synchronization

/// The thread that keeps a camera loop within its budget: every 250 ms it reads the board, decides
/// and publishes an operating point. The loop picks it up between two frames with one atomic load
/// and tells how long frames take; neither ever waits for the other.
final class PowerControl {
  let table: OperatingTable
  private var governor: Governor<LinuxBoard>
  private var thread = shim_thread()
  private var isStarted = false
  private let stops = Atomic<Bool>(false)
  /// Sleeps on it between two steps.
  private let bell: UnsafeMutablePointer<Int32>

  // From the governor to the loop: number of the point and the rate in thousandths.
  private let wish = Atomic<UInt64>(0)
  // From the loop to the governor.
  private let frames = Atomic<Int>(0)
  private let busyTime = Atomic<Int>(0)
  private let frameStart = Atomic<Int>(0)
  private static let ring = 32
  private let latencies: UnsafeMutablePointer<Atomic<Int>>
  // For status lines: bit patterns of doubles, NaN where nothing is known.
  private let shownWatts = Atomic<UInt64>(0)
  private let shownCelsius = Atomic<UInt64>(0)
  private let shownCap = Atomic<UInt64>(0)
  private let shownState = Atomic<UInt64>(0)
  private var wasTrusted = false
  /// Read after `stop` only.
  private(set) var meter = EnergyMeter()
  private(set) var account = Account()

  /// What happened, for the summary.
  struct Account {
    var decisions = 0
    /// Readings with watts of a sensor.
    var readings = 0
    var switches = 0
    /// Seconds above the cap, by the sensor.
    var secondsOver = 0.0
    var infeasible = 0
    var clockRefusals = 0
    var modelled = 0
  }

  /// The cap in force; read after `stop` only.
  var governorCap: Double? { governor.scheduler.cap }

  static let period: Int64 = 250_000_000

  init(_ board: consuming LinuxBoard, _ table: OperatingTable, _ goals: Goals) {
    self.table = table
    governor = Governor(
      board: board,
      scheduler: Scheduler(
        table: table.points, goals: goals, power: table.power, thermal: table.board.thermal))
    bell = .allocate(capacity: 1)
    bell.initialize(to: 0)
    latencies = .allocate(capacity: Self.ring)
    for i in 0..<Self.ring { (latencies + i).initialize(to: Atomic(0)) }
  }

  deinit {
    bell.deallocate()
    latencies.deinitialize(count: Self.ring)
    latencies.deallocate()
  }

  // MARK: the loop's side

  /// The point and rate to run at now.
  var current: (point: Int, rate: Double) {
    let word = wish.load(ordering: .acquiring)
    return (Int(word & 0xffff), Double(word >> 16) * 1e-3)
  }

  /// A frame begins at a time of the monotonic clock.
  func begins(_ now: Int64) { frameStart.store(Int(now), ordering: .relaxed) }

  /// The frame that began is done. A held one costs time but says nothing about the network.
  func ends(_ now: Int64, wasHeld: Bool) {
    let took = max(0, Int(now) - frameStart.load(ordering: .relaxed))
    frameStart.store(0, ordering: .relaxed)
    if wasHeld {
      busyTime.add(took, ordering: .relaxed)
      return
    }
    let number = frames.load(ordering: .relaxed)
    latencies[number % Self.ring].store(took, ordering: .relaxed)
    busyTime.add(took, ordering: .relaxed)
    frames.store(number + 1, ordering: .releasing)
  }

  /// Adds `2.91 of 3.20 W, 61 C` to a status line.
  func append(to text: inout TextBuffer) {
    let watts = Double(bitPattern: shownWatts.load(ordering: .relaxed))
    let cap = Double(bitPattern: shownCap.load(ordering: .relaxed))
    let celsius = Double(bitPattern: shownCelsius.load(ordering: .relaxed))
    let state = shownState.load(ordering: .relaxed)
    text.append("  ")
    text.append(watts, decimals: 2)
    if cap == cap {
      text.append(" of ")
      text.append(cap, decimals: 2)
    }
    text.append(state & 1 == 0 ? " W modelled" : " W measured")
    if celsius == celsius {
      text.append(", ")
      text.append(celsius, decimals: 0)
      text.append(" C")
    }
    text.append(", ")
    text.append(table.modes[current.point])
    if state & 2 != 0 { text.append(", infeasible") }
  }

  // MARK: the governor's side

  /// Decides for the first time and starts the thread.
  func start() throws(SwiftletError) {
    step(frames: 0, latency: nil, busy: nil)
    let status = shim_thread_start(
      &thread,
      { context in
        if let context { Unmanaged<PowerControl>.fromOpaque(context).takeUnretainedValue().run() }
        return nil
      }, Unmanaged.passUnretained(self).toOpaque(), 256 << 10)
    if status != 0 {
      governor.restore()
      throw SwiftletError(
        .systemCall, place: "pthread_create", expected: "a thread for the governor",
        found: systemErrorName(status))
    }
    isStarted = true
  }

  /// Ends the thread and puts the board back as it was.
  func stop() {
    guard isStarted else { return }
    isStarted = false
    stops.store(true, ordering: .releasing)
    shim_increment(bell)
    shim_futex_wake(bell, 1)
    shim_thread_join(thread)
    governor.restore()
  }

  private func run() {
    var next = shim_monotonic()
    var framesBefore = 0
    var busyBefore = 0
    while !stops.load(ordering: .acquiring) {
      next += Self.period
      let seen = shim_load(bell)
      let now = shim_monotonic()
      if next > now {
        if !stops.load(ordering: .acquiring) { shim_futex_wait_for(bell, seen, next - now) }
        if shim_monotonic() < next && !stops.load(ordering: .acquiring) {
          next -= Self.period
          continue
        }
      } else {
        next = now
      }
      let count = frames.load(ordering: .acquiring)
      var busy = busyTime.load(ordering: .relaxed)
      let start = frameStart.load(ordering: .relaxed)
      if start > 0 { busy += max(0, Int(shim_monotonic()) - start) }
      step(
        frames: count - framesBefore, latency: typical(of: count - framesBefore, before: count),
        busy: Double(max(0, busy - busyBefore)) * 1e-9)
      framesBefore = count
      busyBefore = busy
    }
  }

  /// The middle of the last frames' seconds; at most as many as the ring holds. With a first pass
  /// they are of two kinds, and their mean is what the table says.
  private func typical(of count: Int, before end: Int) -> Double? {
    let n = min(count, Self.ring)
    if n <= 0 { return nil }
    let point = table.points.points[current.point]
    if point.worstLatency > point.latency {
      var sum = 0
      for i in 0..<n { sum += latencies[(end - 1 - i) % Self.ring].load(ordering: .relaxed) }
      return Double(sum) / Double(n) * 1e-9
    }
    var sorted = InlineArray<32, Int>(repeating: 0)
    for i in 0..<n {
      let value = latencies[(end - 1 - i) % Self.ring].load(ordering: .relaxed)
      var place = i
      while place > 0 && sorted[place - 1] > value {
        sorted[place] = sorted[place - 1]
        place -= 1
      }
      sorted[place] = value
    }
    return Double(sorted[n / 2]) * 1e-9
  }

  private func step(frames: Int, latency: Double?, busy: Double?) {
    let before = current.point
    let hadRefusal = governor.board.refusal != nil
    let decision = governor.step(frames: frames, latency: latency, busySeconds: busy) { decision in
      let rate = UInt64(max(0, min(decision.rate, 1e6)) * 1000)
      wish.store(UInt64(decision.point) | rate << 16, ordering: .releasing)
    }
    let reading = governor.reading
    account.decisions += 1
    if before != current.point { account.switches += 1 }
    if reading.watts != nil { account.readings += 1 }
    if decision.source == .measured { wasTrusted = true }
    // A sensor is trusted after some readings; until then it is still what there is.
    let isMeasured = reading.watts != nil && (decision.source == .measured || !wasTrusted)
    if !isMeasured { account.modelled += 1 }
    if decision.concession == .infeasible { account.infeasible += 1 }
    if governor.board.refusal != nil && !hadRefusal { account.clockRefusals += 1 }
    if let watts = reading.watts, let cap = decision.cap, watts > cap {
      account.secondsOver += Double(Self.period) * 1e-9
    }
    let watts = isMeasured ? reading.watts ?? decision.watts : decision.watts
    meter.add(time: governor.board.now, watts: watts)
    shownWatts.store(watts.bitPattern, ordering: .relaxed)
    shownCelsius.store((reading.celsius ?? .nan).bitPattern, ordering: .relaxed)
    shownCap.store((decision.cap ?? .nan).bitPattern, ordering: .relaxed)
    let state: UInt64 =
      (isMeasured ? 1 : 0) | (decision.concession == .infeasible ? 2 : 0)
    shownState.store(state, ordering: .relaxed)
  }
}
