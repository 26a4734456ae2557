/// Whether a power sensor can be believed now.
///
/// Missing, frozen and suddenly lower readings are told apart from news. A reading that rises
/// without a cause is believed at once, because a cap is hard; one that falls by a lot without a
/// cause is believed only after a minute. A sensor that always lied cannot be told from a chip
/// that draws more or less.
struct SensorTrust: Sendable {
  enum State: UInt8, Sendable {
    case trusted
    case missing
    case frozen
    case implausible
  }

  private(set) var state = State.missing
  private var last = -1.0
  private var sinceChange = 0.0
  private var sinceDoubt = 0.0

  /// Seconds with the very same reading after which a sensor counts as frozen.
  static let frozenAfter = 2.0
  /// Seconds after which an implausible level counts as the truth.
  static let patience = 60.0

  /// What a reading is, before it is compared to the expectation.
  mutating func look(_ watts: Double?, seconds: Double) -> Double? {
    guard let watts, watts > 0, watts < 1000 else {
      state = .missing
      last = -1
      return nil
    }
    if watts == last {
      sinceChange += seconds
      if sinceChange >= Self.frozenAfter - 0.01 { state = .frozen }
      // It says nothing new, and may have stopped.
      return nil
    }
    last = watts
    sinceChange = 0
    if state != .implausible { state = .trusted }
    return watts
  }

  /// Tells whether a reading that differs by `jump` from the expectation may be used;
  /// `deviation` is what may differ anyway.
  mutating func accepts(
    jump: Double, expected: Double, deviation: Double, known: Bool, seconds: Double
  ) -> Bool {
    let large = max(0.12 * expected, max(0.2, 4 * deviation))
    if state == .implausible {
      sinceDoubt += seconds
      if known || jump > -0.6 * large || sinceDoubt > Self.patience {
        state = .trusted
        return true
      }
      return false
    }
    if jump < -large && !known {
      state = .implausible
      sinceDoubt = 0
      return false
    }
    return true
  }
}
