import SwiftletCore

/// A photo that went through a cheap pass and the full one.
package struct PassSample {
  /// Of the cheap pass.
  package var margin: Float
  /// Whether both gave the same first answer.
  package var agrees: Bool

  package init(margin: Float, agrees: Bool) {
    self.margin = margin
    self.agrees = agrees
  }
}

/// A whole set of photos under one shift of the gates.
struct GateSample {
  var shift: Float
  var disagreeing: Int
  /// Mean time as a share of all groups live.
  var cost: Double
}

/// From what calibration saw to the rows of the dial.
///
/// A row keeps an agreement floor by conformal risk control (Angelopoulos and others, 2022,
/// theorem 1): with d of n photos answered differently, (d + 1) / (n + 1) bounds the expected share
/// on new photos of the same kind. No label is needed, no distribution is assumed.
package enum DialFit {
  /// Steps of the dial, in thousandths, and the agreement that each keeps at least; 0: the first
  /// pass alone.
  package static let floors: [(dial: Int, agreement: Double)] = [
    (100, 0.995), (150, 0.9925), (200, 0.99), (250, 0.985), (300, 0.98), (350, 0.975),
    (400, 0.97), (450, 0.96), (500, 0.95), (550, 0.94), (600, 0.93), (650, 0.915), (700, 0.90),
    (750, 0.875), (800, 0.85), (850, 0.825), (900, 0.80), (950, 0.70), (1000, 0),
  ]

  /// A row has to save this much, so that what differs between machines cannot turn it around.
  static let mostCost = 0.97

  static func bound(_ disagreeing: Int, of count: Int) -> Double {
    Double(disagreeing + 1) / Double(count + 1)
  }

  /// Rows of a first pass that takes `firstCost` of the full one's time.
  package static func rows(_ samples: [PassSample], firstCost: Double, like model: PruneRow)
    -> [PruneRow]
  {
    let sorted = samples.sorted { $0.margin < $1.margin }
    let count = sorted.count
    // wrong[k]: photos that would be answered differently if the k smallest margins escalate.
    var wrong = [Int](repeating: 0, count: count + 1)
    for k in stride(from: count - 1, through: 0, by: -1) {
      wrong[k] = wrong[k + 1] + (sorted[k].agrees ? 0 : 1)
    }
    var rows: [PruneRow] = []
    for (dial, floor) in floors {
      var k = 0
      // Equal margins escalate together.
      while k < count
        && (bound(wrong[k], of: count) > 1 - floor && floor > 0
          || k > 0 && sorted[k].margin == sorted[k - 1].margin)
      { k += 1 }
      guard k < count else { continue }
      var row = model
      row.dial = dial
      row.margin = k == 0 ? 0 : sorted[k].margin
      row.escalated = Float(k) / Float(count)
      row.agreement = Float(1 - bound(wrong[k], of: count))
      row.firstCost = Float(min(firstCost, 1))
      row.cost = Float(firstCost) + row.escalated
      row.photos = count
      append(row, to: &rows)
    }
    return rows
  }

  /// Rows of the file's own gates.
  static func rows(_ samples: [GateSample], photos: Int) -> [PruneRow] {
    var rows: [PruneRow] = []
    for (dial, floor) in floors {
      var best: GateSample?
      for sample in samples
      where bound(sample.disagreeing, of: photos) <= 1 - floor
        && sample.cost < best?.cost ?? .infinity
      { best = sample }
      guard let best else { continue }
      var row = PruneRow()
      row.way = .gates
      row.dial = dial
      row.shift = best.shift
      row.cost = Float(best.cost)
      row.agreement = Float(1 - bound(best.disagreeing, of: photos))
      row.photos = photos
      append(row, to: &rows)
    }
    return rows
  }

  /// A row that saves nothing, or no more than the one before, is left out.
  private static func append(_ row: PruneRow, to rows: inout [PruneRow]) {
    guard Double(row.cost) <= mostCost else { return }
    if let last = rows.last, row.cost >= last.cost { return }
    rows.append(row)
  }
}
