/// Least squares for the watts of a board: `P - leak = base + C * work`, where `work` is the sum
/// of `f V^2 u` over busy cores. Both unknowns are held at zero or above.
public struct PowerFit: Sendable {
  private var count = 0.0
  private var sumX = 0.0
  private var sumY = 0.0
  private var sumXX = 0.0
  private var sumXY = 0.0
  private var sumYY = 0.0

  public init() {}

  /// A measurement: `work` in GHz V^2, watts without leakage.
  public mutating func add(work x: Double, watts y: Double) {
    count += 1
    sumX += x
    sumY += y
    sumXX += x * x
    sumXY += x * y
    sumYY += y * y
  }

  /// Base, activity and the root mean square of what they leave, as a share of the mean watts;
  /// nil with fewer than three points or without differences in work.
  public var result: (base: Double, activity: Double, residual: Double)? {
    let spread = count * sumXX - sumX * sumX
    guard count >= 3, spread > 1e-9 * max(sumXX, 1e-12), sumY > 0 else { return nil }
    var activity = (count * sumXY - sumX * sumY) / spread
    var base = (sumY - activity * sumX) / count
    if activity < 0 { (base, activity) = (sumY / count, 0) }
    if base < 0 { (base, activity) = (0, sumXX > 0 ? sumXY / sumXX : 0) }
    let squares =
      sumYY - 2 * base * sumY - 2 * activity * sumXY + count * base * base
      + 2 * base * activity * sumX + activity * activity * sumXX
    return (base, activity, (max(0, squares) / count).squareRoot() / (sumY / count))
  }
}
