import SwiftletPower

/// Who chooses the point in a simulated run.
public enum Policy: String, CaseIterable, Sendable {
  case scheduler
  /// A proportional-integral controller that walks the front by the watts it reads.
  case proportional
  /// The best point that is safe in every scenario, never left.
  case safePoint
  /// The most useful point, never left.
  case maximum

  /// For people.
  public var title: String {
    switch self {
    case .scheduler: "scheduler"
    case .proportional: "PI on watts"
    case .safePoint: "static safe point"
    case .maximum: "fixed maximum"
    }
  }
}

/// The points of a table whose utility rises with their watts.
struct Ladder {
  var points: [OperatingPoint] = []

  init(_ table: PointTable) {
    var best = -1.0
    for point in table.points where point.latency * point.rate <= PointBuilder.fullLoad + 1e-9 {
      let utility = point.utility(wantedRate: table.wantedRate)
      guard utility > best else { continue }
      best = utility
      points.append(point)
    }
    if points.isEmpty { points = Array(table.points.prefix(1)) }
  }
}

/// PI on watts, as it is usually written: it knows no model, only the cap and the reading.
struct ProportionalPolicy {
  let ladder: Ladder
  private var integral = 0.0
  private var last = 0
  /// Shares of the ladder for a watt, and for a watt during a second.
  private let proportional = 0.08
  private let integrating = 0.16

  init(_ ladder: Ladder) { self.ladder = ladder }

  mutating func decide(_ reading: BoardReading, cap: Double?, seconds: Double) -> OperatingPoint {
    guard let watts = reading.watts, let cap else { return ladder.points[last] }
    let error = cap - watts
    let span = Double(ladder.points.count - 1)
    integral = min(max(integral + integrating * error * seconds, 0), 1)
    let place = min(max(integral + proportional * error, 0), 1)
    last = Int((place * span).rounded())
    return ladder.points[last]
  }
}
