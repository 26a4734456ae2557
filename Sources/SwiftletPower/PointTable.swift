/// The useful operating points of a board and a family: the front of utility, watts and latency.
public struct PointTable: Sendable {
  /// Rising watts; at most `PointTable.limit`.
  public let points: [OperatingPoint]
  /// Frames a second that utility counts up to.
  public let wantedRate: Double
  /// The lowest frame rate and the best accuracy, resolution and prune dial of all points.
  public let lowestRate: Double
  public let bestAccuracy: Double
  public let bestResolution: Int
  public let leastPrune: Double

  /// Points that a table holds at most.
  public static let limit = 64

  /// The front of `candidates`; the same candidates always give the same table.
  public init(_ candidates: [OperatingPoint], wantedRate: Double) {
    self.wantedRate = wantedRate
    var front = Self.front(candidates, wantedRate)
    Self.thin(&front, wantedRate)
    points = front
    var rate = Double.infinity
    var accuracy = 0.0
    var resolution = 0
    var prune = Double.infinity
    for point in front {
      rate = min(rate, point.rate)
      accuracy = max(accuracy, point.accuracy)
      resolution = max(resolution, point.resolution)
      prune = min(prune, point.prune)
    }
    lowestRate = front.isEmpty ? 0 : rate
    bestAccuracy = accuracy
    bestResolution = resolution
    leastPrune = front.isEmpty ? 0 : prune
  }

  /// Whether `a` is nowhere worse than `b`.
  private static func covers(
    _ a: OperatingPoint, _ b: OperatingPoint, _ wantedRate: Double
  ) -> Bool {
    a.utility(wantedRate: wantedRate) >= b.utility(wantedRate: wantedRate)
      && a.dynamicWatts <= b.dynamicWatts && a.latency <= b.latency
  }

  /// Candidates that no other one covers, by rising watts. Of equals the first stays.
  private static func front(
    _ candidates: [OperatingPoint], _ wantedRate: Double
  ) -> [OperatingPoint] {
    var kept: [OperatingPoint] = []
    for point in candidates {
      var isCovered = false
      for other in kept where covers(other, point, wantedRate) {
        isCovered = true
        break
      }
      if isCovered { continue }
      var place = 0
      for i in 0..<kept.count where !covers(point, kept[i], wantedRate) {
        kept[place] = kept[i]
        place += 1
      }
      kept.removeLast(kept.count - place)
      place = kept.count
      while place > 0 && kept[place - 1].dynamicWatts > point.dynamicWatts { place -= 1 }
      kept.insert(point, at: place)
    }
    return kept
  }

  /// What is lost where `other` has to stand in for `point`: shares of utility and watts, and of
  /// latency as far as it matters, which is a tenth.
  private static func loss(
    _ point: OperatingPoint, _ other: OperatingPoint, _ wantedRate: Double
  ) -> Double {
    let mine = point.utility(wantedRate: wantedRate)
    let utility = max(0, mine - other.utility(wantedRate: wantedRate)) / max(mine, 1e-9)
    let watts = max(0, other.dynamicWatts - point.dynamicWatts) / max(point.dynamicWatts, 1e-3)
    let latency = max(0, other.latency - point.latency) / max(point.latency, 1e-6)
    return utility + watts + 0.1 * latency
  }

  /// Takes away the point that is missed least, until the rest fits. The cheapest and the best
  /// stay: nothing stands in for them.
  private static func thin(_ points: inout [OperatingPoint], _ wantedRate: Double) {
    guard points.count > limit else { return }
    var standIn = [Int](repeating: 0, count: points.count)
    var cost = [Double](repeating: 0, count: points.count)
    var isThere = [Bool](repeating: true, count: points.count)
    var best = 0
    for i in 0..<points.count
    where points[i].utility(wantedRate: wantedRate) > points[best].utility(wantedRate: wantedRate) {
      best = i
    }
    func search(_ i: Int) {
      cost[i] = .infinity
      for k in 0..<points.count where k != i && isThere[k] {
        let lost = loss(points[i], points[k], wantedRate)
        if lost < cost[i] {
          cost[i] = lost
          standIn[i] = k
        }
      }
    }
    for i in 0..<points.count { search(i) }
    for _ in limit..<points.count {
      var least = -1
      for i in 1..<points.count where isThere[i] && i != best {
        if least < 0 || cost[i] < cost[least] { least = i }
      }
      isThere[least] = false
      for i in 0..<points.count where isThere[i] && standIn[i] == least { search(i) }
    }
    var place = 0
    for i in 0..<points.count where isThere[i] {
      points[place] = points[i]
      place += 1
    }
    points.removeLast(points.count - place)
  }
}
