/// Two thermal nodes to the air: the die follows the board, the board follows the watts.
///
/// `die' = (board + Rd P - die) / td`, `board' = (air + Rb P - board) / tb`; steps are exact for
/// constant watts.
public struct ThermalModel: Sendable {
  /// Die, board and the air around it, C. The air is an estimate once `correct` was called.
  public var die: Double
  public var board: Double
  public var air: Double
  package var facts: ThermalFacts

  /// A board that ran for long at `watts`.
  public init(_ facts: ThermalFacts, watts: Double = 0) {
    self.facts = facts
    // The exact step divides by the difference of the time constants.
    self.facts.dieSeconds = max(facts.dieSeconds, 0.1)
    self.facts.boardSeconds = max(facts.boardSeconds, self.facts.dieSeconds * 1.01)
    air = facts.ambient
    board = air + facts.boardResistance * watts
    die = board + facts.dieResistance * watts
  }

  /// Whether the board's thermal behaviour is known.
  public var isKnown: Bool { facts.dieResistance > 0 }

  /// Lets `seconds` pass at constant watts.
  public mutating func step(watts: Double, seconds: Double) {
    let end = ahead(watts: watts, seconds: seconds)
    board = end.board
    die = end.die
  }

  /// Both nodes after `seconds` at constant watts.
  public func ahead(watts: Double, seconds: Double) -> (die: Double, board: Double) {
    let fast = exponential(-seconds / facts.dieSeconds)
    let slow = exponential(-seconds / facts.boardSeconds)
    let boardEnd = air + facts.boardResistance * watts
    let dieEnd = boardEnd + facts.dieResistance * watts
    let rest = board - boardEnd
    let share = rest * facts.boardSeconds / (facts.boardSeconds - facts.dieSeconds)
    return (dieEnd + share * slow + (die - dieEnd - share) * fast, boardEnd + rest * slow)
  }

  /// The constant watts with which the die stands at `limit` after `seconds`.
  public func allowance(limit: Double, seconds: Double) -> Double {
    guard isKnown else { return .infinity }
    let none = ahead(watts: 0, seconds: seconds).die
    let one = ahead(watts: 1, seconds: seconds).die
    return (limit - none) / max(one - none, 1e-6)
  }

  /// Pulls the model to a measured die temperature: position and drift, as an alpha-beta filter
  /// with about eight seconds; the drift is told as the temperature of the air.
  public mutating func correct(measured: Double, seconds: Double) {
    let error = measured - die
    if error > 8 || error < -8 {
      // Another sensor, or a long gap: begin again from here.
      die = measured
      board += error
      return
    }
    let alpha = min(0.25 * seconds, 0.5)
    let beta = alpha * alpha / (2 - alpha)
    die += min(3 * alpha, 0.5) * error
    board += alpha * error
    let drift = beta / max(seconds, 0.05) * error
    air = min(max(air + drift * facts.boardSeconds, facts.ambient - 60), facts.ambient + 60)
  }
}
