import SwiftletPower

/// A board on a virtual clock: frames, watts, heat and faults of a scenario.
public struct SimulatedBoard: BoardAccess {
  /// Seconds since the start.
  public private(set) var now = 0.0
  /// The board's own parameters.
  let power: PowerModel
  public private(set) var thermal: ThermalModel
  let scenario: Scenario
  private let throttleLimit: Double
  private let cores: Int
  private var random: Randomness

  // What the scenario has done so far.
  public private(set) var state = Disturbance()
  private var nextEvent = 0
  private var firmwareCap = 0.0

  // What runs.
  private var point = OperatingPoint()
  private var rate = 0.0
  private let cameraRate: Double
  private var clockLimit: Double
  private let firstClockLimit: Double
  private var busyUntil = 0.0
  private var isBusy = false
  private var frameLatency = 0.0
  private var due = 0.0
  private var lastFrame = -1
  private var busyWatts = 0.0
  private var restoredClock = true

  // Since the last step.
  private var joules = 0.0
  private var otherSeconds = 0.0
  private var readAt = 0.0
  private var lastReading = 0.0
  public private(set) var step = StepResult()

  /// Everything since the start.
  public private(set) var trace = Trace()
  private var tickJoules = 0.0
  private var earned = 0.0
  private var framesBefore = 0
  /// Limits put back after they were changed, and limits changed.
  public private(set) var restores = 0
  public private(set) var clockWrites = 0
  public private(set) var refusals = 0
  public var isRestored: Bool { clockLimit == firstClockLimit }

  /// Seconds between two values of the trace, and between two steps of heat.
  public static let tick = 0.05

  public struct Disturbance: Sendable {
    public var slowdown = 1.0
    public var other = 0.0
    public var hidden = 0.0
    public var sensor = Scenario.Sensor.healthy
    public var refusesClock = false
    public var onlineCores = 0
    public var throttle = 0.0
    public var cap: Double?
  }

  /// Frames of one step.
  public struct StepResult: Sendable {
    public var frames = 0
    public var busySeconds = 0.0
    fileprivate var latencies: [Double] = []
    /// Their median.
    public var latency: Double? {
      latencies.isEmpty ? nil : latencies.sorted()[latencies.count / 2]
    }
  }

  /// One value each `tick`.
  public struct Trace: Sendable {
    public var watts: [Float] = []
    public var celsius: [Float] = []
    /// Accuracy of the frames finished in the tick, summed.
    public var earned: [Float] = []
    /// Frames finished in the tick.
    public var frameCounts: [UInt16] = []
    public var frames = 0
    /// Frames of the camera that nobody looked at.
    public var skipped = 0
    public var longestFrame = 0.0
  }

  public init(
    profile: BoardProfile, cameraWatts: Double, cameraRate: Double, scenario: Scenario,
    seed: UInt64
  ) {
    var power = PowerModel(profile, cameraWatts: cameraWatts)
    if let activity = scenario.truth.activity { power.activity = activity }
    if let base = scenario.truth.base { power.base = base + cameraWatts }
    power.leak *= scenario.truth.leak
    self.power = power
    var facts = profile.thermal
    if let ambient = scenario.truth.ambient { facts.ambient = ambient }
    thermal = ThermalModel(facts, watts: power.base)
    throttleLimit = profile.thermal.throttle > 0 ? profile.thermal.throttle : .infinity
    cores = profile.clusters.first?.count ?? 1
    self.scenario = scenario
    self.cameraRate = cameraRate
    random = Randomness(seed: seed ^ 0x5157_4C54)
    clockLimit = power.topClock
    firstClockLimit = clockLimit
    state.onlineCores = cores
    trace.watts.reserveCapacity(Int(scenario.seconds / Self.tick) + 2)
    trace.celsius.reserveCapacity(trace.watts.capacity)
    trace.earned.reserveCapacity(trace.watts.capacity)
    takeEvents()
  }

  /// MHz now.
  var clock: Double {
    var clock = clockLimit
    if firmwareCap > 0 { clock = min(clock, firmwareCap) }
    if state.throttle > 0 { clock = min(clock, state.throttle) }
    return clock
  }

  // MARK: as the governor sees it

  public mutating func read() -> BoardReading {
    var reading = BoardReading()
    let seconds = now - readAt
    let truth = seconds > 0 ? joules / seconds : power.base
    let noise = 1 + scenario.truth.sensorNoise * random.normal()
    joules = 0
    readAt = now
    if scenario.truth.hasSensor {
      switch state.sensor {
      case .healthy: lastReading = truth * noise
      case .lying(let factor): lastReading = truth * noise * factor
      case .frozen, .lost: break
      }
      reading.watts = state.sensor == .lost ? nil : lastReading
    }
    // Half kelvins, as the sensors of small boards give.
    reading.celsius = ((thermal.die + 0.2 * random.normal()) * 2).rounded() / 2
    reading.clockLimit = clockLimit
    reading.clock = clock
    if firmwareCap > 0 { reading.throttle.insert(.throttled) }
    if state.throttle > 0 { reading.throttle.insert(.clockCapped) }
    // Hundredths of a second of each core.
    let jiffies = (otherSeconds * 100 + random.unit()).rounded(.down)
    otherSeconds = 0
    reading.otherCores = seconds > 0 ? jiffies / (seconds * 100) : nil
    reading.onlineCores = state.onlineCores
    return reading
  }

  public mutating func setClockLimit(_ megahertz: Double) -> Double? {
    if state.refusesClock {
      refusals += 1
      return nil
    }
    clockWrites += 1
    clockLimit = power.steps.last { $0.megahertz <= megahertz + 0.5 }?.megahertz ?? clockLimit
    return clockLimit
  }

  public mutating func restore() {
    // A real governor restores in another way than by asking: a refusal does not hold it up.
    if clockLimit != firstClockLimit { restores += 1 }
    clockLimit = firstClockLimit
  }

  // MARK: time

  /// What shall run from now on; a frame that has begun ends as it was.
  public mutating func run(_ point: OperatingPoint, rate: Double) {
    if rate != self.rate { due = min(due, now + 1 / max(rate, 1e-3)) }
    self.point = point
    self.rate = rate
  }

  /// Lets time pass.
  public mutating func advance(_ seconds: Double) {
    step.frames = 0
    step.busySeconds = 0
    step.latencies.removeAll(keepingCapacity: true)
    let ticks = Int((seconds / Self.tick).rounded())
    for _ in 0..<ticks { advanceTick() }
    takeEvents()
  }

  private mutating func advanceTick() {
    takeEvents()
    let start = now
    let end = start + Self.tick
    let idle = idleWatts
    var t = start
    while t < end - 1e-9 {
      if isBusy {
        let stop = min(busyUntil, end)
        tickJoules += (idle + busyWatts) * (stop - t)
        step.busySeconds += stop - t
        t = stop
        if busyUntil <= end {
          isBusy = false
          step.frames += 1
          step.latencies.append(frameLatency)
          trace.frames += 1
          trace.longestFrame = max(trace.longestFrame, frameLatency)
          earned += point.accuracy
        }
      } else {
        let begin = rate > 0 ? max(due, t, nextArrival) : .infinity
        let stop = min(begin, end)
        tickJoules += idle * (stop - t)
        t = stop
        if begin < end { beginFrame(at: begin) }
      }
    }
    now = (end / Self.tick).rounded() * Self.tick
    thermal.step(watts: tickJoules / Self.tick, seconds: Self.tick)
    protect()
    trace.watts.append(Float(tickJoules / Self.tick))
    trace.celsius.append(Float(thermal.die))
    trace.earned.append(Float(earned))
    trace.frameCounts.append(UInt16(clamping: trace.frames - framesBefore))
    framesBefore = trace.frames
    joules += tickJoules
    otherSeconds += Self.tick * state.other / power.coreWatts(at: clock)
    tickJoules = 0
    earned = 0
  }

  /// When a frame is there that was not looked at: the newest one waits, older ones are gone.
  private var nextArrival: Double {
    cameraRate > 0 ? Double(lastFrame + 1) / cameraRate - 1e-9 : 0
  }

  private mutating func beginFrame(at time: Double) {
    let noise = 1 + scenario.truth.frameNoise * random.normal()
    frameLatency = frameSeconds * max(noise, 0.5)
    lastFrame = Int(time * cameraRate + 1e-6)
    busyUntil = time + frameLatency
    busyWatts =
      point.coreSeconds / max(point.latency, 1e-9) * power.coreWatts(at: clock)
      * Double(min(point.threads, state.onlineCores)) / Double(max(point.threads, 1))
      + point.bytes * power.joulesPerByte / max(frameSeconds, 1e-9)
    isBusy = true
    let period = 1 / rate
    // Absolute deadlines; what is late by more than a frame is not made up for.
    due = max(due + period, time)
  }

  /// Seconds of a frame now.
  private var frameSeconds: Double {
    let own = point.clock > 0 ? point.clock : power.topClock
    var seconds = point.latency * state.slowdown * own / clock
    if state.onlineCores < point.threads {
      seconds *= Double(point.threads) / Double(state.onlineCores)
    }
    return seconds
  }

  private var idleWatts: Double {
    power.base + power.leakage(at: thermal.die) + state.other + state.hidden
  }

  /// The firmware's own protection, as a Raspberry Pi 4 does it.
  private mutating func protect() {
    if thermal.die > throttleLimit + 5 {
      firmwareCap = 600
    } else if thermal.die > throttleLimit {
      firmwareCap = firmwareCap > 0 ? min(firmwareCap, 1000) : 1000
    } else if thermal.die < throttleLimit - 2 {
      firmwareCap = 0
    }
  }

  private mutating func takeEvents() {
    while nextEvent < scenario.events.count, scenario.events[nextEvent].time <= now + 1e-9 {
      switch scenario.events[nextEvent].change {
      case .cap(let watts): state.cap = watts
      case .slowdown(let factor): state.slowdown = factor
      case .ambient(let celsius): thermal.air = celsius
      case .other(let watts): state.other = watts
      case .hidden(let watts): state.hidden = watts
      case .sensor(let sensor): state.sensor = sensor
      case .refusesClock(let refuses): state.refusesClock = refuses
      case .cores(let count): state.onlineCores = min(max(count, 1), cores)
      case .throttle(let clock): state.throttle = clock
      }
      nextEvent += 1
    }
  }
}
