/// Watts of a board: `base + sum of busy cores (C f V^2) + leak(T) + e * bytes/s`, f in GHz.
public struct PowerModel: Sendable {
  /// Watts with idle cores and a streaming camera, without leakage.
  public var base: Double
  /// W / (GHz V^2) of a core in SIMD kernels.
  public var activity: Double
  /// Watts of leakage at 45 C, and the kelvins in which they grow e-fold.
  public var leak: Double
  public var leakFold: Double
  /// Joules for a byte from or to memory.
  public var joulesPerByte: Double
  /// Relative spread of `activity` between chips.
  public var spread: Double
  /// Rising clocks with their volts.
  public let steps: [ClockStep]

  /// The priors of a profile. `cameraWatts` nil: those of the board's usual camera.
  public init(_ profile: BoardProfile, cluster: Int = 0, cameraWatts: Double? = nil) {
    base = profile.power.base + (cameraWatts ?? profile.cameraWatts)
    let facts = profile.power
    activity = facts.kernelActivity
    leak = facts.leak
    leakFold = max(facts.leakFold, 1)
    joulesPerByte = facts.joulesPerByte
    spread = facts.spread
    steps = cluster < profile.clusters.count ? profile.clusters[cluster].steps : []
  }

  /// The highest clock, MHz; 0 without steps.
  public var topClock: Double { steps.isEmpty ? 0 : steps[steps.count - 1].megahertz }

  /// Volts at a clock in MHz, straight lines between the steps; 0 MHz: the highest.
  public func volts(at megahertz: Double) -> Double {
    guard !steps.isEmpty else { return 1 }
    if megahertz <= 0 { return steps[steps.count - 1].volts }
    var i = 0
    while i < steps.count && steps[i].megahertz < megahertz { i += 1 }
    if i == 0 { return steps[0].volts }
    if i == steps.count { return steps[i - 1].volts }
    let low = steps[i - 1]
    let high = steps[i]
    let share = (megahertz - low.megahertz) / (high.megahertz - low.megahertz)
    return low.volts + share * (high.volts - low.volts)
  }

  /// Watts of one busy core at a clock in MHz.
  public func coreWatts(at megahertz: Double) -> Double {
    let clock = megahertz > 0 ? megahertz : topClock
    let v = volts(at: clock)
    return activity * clock / 1000 * v * v
  }

  /// Watts of leakage at a die temperature in C above that of an idle board, which is about 45 C
  /// warm: the base was measured with it.
  public func leakage(at celsius: Double) -> Double {
    leak * (exponential((min(celsius, 150) - 45) / leakFold) - 1)
  }

  /// Joules of one undisturbed frame of a point above the board's base.
  public func frameJoules(_ point: OperatingPoint) -> Double {
    point.coreSeconds * coreWatts(at: point.clock) + point.bytes * joulesPerByte
  }
}
