import SwiftletPower

/// What a simulated board really is, where it differs from its profile, and what happens to it.
public struct Scenario: Sendable {
  /// Seconds of the run.
  public var seconds = 600.0
  public var truth = Truth()
  /// By rising time.
  public var events: [Event] = []

  public init() {}

  /// The board's own parameters; nil: as in the profile.
  public struct Truth: Sendable {
    /// W / (GHz V^2) of a core in SIMD kernels.
    public var activity: Double?
    /// Watts with idle cores, without a camera.
    public var base: Double?
    /// C.
    public var ambient: Double?
    /// Factor on leakage.
    public var leak = 1.0
    /// Relative deviation of a reading of the sensor.
    public var sensorNoise = 0.01
    /// Relative deviation of a frame's time.
    public var frameNoise = 0.03
    public var hasSensor = true

    public init() {}
  }

  public struct Event: Sendable {
    public var time: Double
    public var change: Change

    public init(_ time: Double, _ change: Change) {
      self.time = time
      self.change = change
    }
  }

  /// What can happen.
  public enum Change: Sendable, Equatable {
    /// The user sets another cap, W; the governor hears of it at its next step.
    case cap(Double)
    /// Frames take so many times as long, and as many core-seconds.
    case slowdown(Double)
    /// Temperature of the air, C.
    case ambient(Double)
    /// Watts of other processes, which `/proc/stat` tells.
    case other(Double)
    /// Watts of something that `/proc/stat` does not tell, for example a disk.
    case hidden(Double)
    case sensor(Sensor)
    /// Whether a new clock limit is refused.
    case refusesClock(Bool)
    /// CPUs online.
    case cores(Int)
    /// The firmware caps the clock, MHz; 0: no longer.
    case throttle(Double)
  }

  public enum Sensor: Sendable, Equatable {
    case healthy
    /// Every read fails.
    case lost
    /// The last value again and again.
    case frozen
    /// The truth times a factor.
    case lying(Double)
  }

  /// Adds something that begins and ends.
  public mutating func add(
    _ change: Change, then back: Change, at time: Double, for seconds: Double
  ) {
    events.append(Event(time, change))
    events.append(Event(time + seconds, back))
  }

  /// Puts the events in the order of time; those of one moment keep theirs.
  public mutating func sort() {
    let order = events.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    events = order.map(\.element)
  }

  /// Whether sensor or governor fail at some time.
  public var hasFault: Bool {
    for event in events {
      switch event.change {
      case .sensor(.healthy), .refusesClock(false): break
      case .sensor, .refusesClock: return true
      default: break
      }
    }
    return false
  }

  /// A ten-minute scenario: three caps, a slow-down, heat, another process, a lost sensor, a
  /// refusing governor; chip and rig drawn too. The distributions are those of docs/scheduler.md.
  public static func random(
    seed: UInt64, power: PowerFacts, ambient: Double, cameraWatts: Double = 0
  ) -> Scenario {
    var random = Randomness(seed: seed)
    var scenario = Scenario()
    // 0.40...0.80 where 0.58 is assumed, 1.5...2.0 where 1.75 is.
    scenario.truth.activity = power.kernelActivity * random.between(0.40, 0.80) / 0.58
    scenario.truth.base = power.base + random.between(-0.25, 0.25)
    scenario.truth.ambient = ambient
    scenario.truth.leak = random.between(0.7, 1.3)
    let floor = power.base + cameraWatts - 1.75
    for part in 0..<3 {
      let time = part == 0 ? 0 : random.between(0.15, 0.45) * 600 + Double(part - 1) * 200
      scenario.events.append(Event(time, .cap(floor + random.between(2.6, 5))))
    }
    scenario.add(
      .slowdown(random.between(1.15, 1.6)), then: .slowdown(1), at: random.between(30, 450),
      for: random.between(30, 150))
    scenario.add(
      .ambient(ambient + random.between(10, 28)), then: .ambient(ambient),
      at: random.between(30, 400), for: random.between(60, 300))
    scenario.add(
      .other(random.between(0.1, 0.5)), then: .other(0), at: random.between(30, 500),
      for: random.between(20, 150))
    scenario.add(
      .sensor(.lost), then: .sensor(.healthy), at: random.between(30, 560),
      for: random.between(5, 30))
    scenario.add(
      .refusesClock(true), then: .refusesClock(false), at: random.between(30, 580),
      for: random.between(2, 10))
    scenario.sort()
    return scenario
  }
}
