/// A battery that has to last: what is left of it, over the time that is left, is a cap.
package struct BatteryBudget: Sendable {
  private var joules: Double
  private var seconds: Double
  /// Share of the battery's energy that arrives behind its converter.
  package static let converterShare = 0.88

  /// Nil without a battery goal.
  init?(_ goals: Goals) {
    guard let energy = goals.batteryWattHours, let hours = goals.batteryHours, hours > 0 else {
      return nil
    }
    joules = energy * 3600 * Self.converterShare
    seconds = hours * 3600
    cap = joules / seconds
  }

  /// Tells that the board drew `watts` for `seconds`.
  mutating func spend(watts: Double, seconds passed: Double) {
    joules = max(joules - watts * passed, 0)
    seconds = max(seconds - passed, 0)
    // In the last minute it stays as it is: small savings would move it far.
    if seconds > 60 { cap = joules / seconds }
  }

  /// Watts that may be drawn from now to the end.
  private(set) var cap: Double
}
