import SwiftletCore
import SwiftletPower

extension Flag {
  /// What a budget is given by; any of them starts the governor.
  public static var budget: [Flag] {
    [.maxWatts, .minRate, .maxLatency, .maxCelsius, .minAccuracy, .battery, .hours]
  }
}

extension Arguments {
  /// Whether a budget was given.
  public var hasBudget: Bool {
    for flag in Flag.budget where has(flag) { return true }
    return false
  }

  /// The budget; throws USE004 for a battery without hours or the other way round.
  public func goals() throws(SwiftletError) -> Goals {
    if has(.battery) != has(.hours) {
      throw SwiftletError(
        .missingArgument, place: "swiftlet " + command.row.name,
        expected: "--battery and --hours together")
    }
    var goals = Goals()
    goals.maxWatts = number(.maxWatts)
    goals.minRate = number(.minRate)
    goals.maxLatency = count(.maxLatency).map { Double($0) * 1e-9 }
    goals.maxCelsius = number(.maxCelsius)
    goals.minAccuracy = number(.minAccuracy)
    goals.batteryWattHours = number(.battery)
    goals.batteryHours = count(.hours).map { Double($0) / 3600e9 }
    return goals
  }
}
