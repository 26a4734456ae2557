// The best 16 values for a set of weights: one-dimensional weighted k-means. In one dimension
// clusters are intervals, so dynamic programming over a fine histogram finds the optimum itself
// (Wang and Song 2011, "Ckmeans.1d.dp"): no start values, no luck, the same answer every time.

/// A histogram that remembers the weight and the centre of mass of each bin.
package struct WeightedHistogram {
  /// Values reach from -reach to reach.
  package let reach: Float
  package var weight: [Double]
  package var moment: [Double]
  package var square: [Double]

  package init(reach: Float, bins: Int) {
    self.reach = reach
    weight = [Double](repeating: 0, count: bins)
    moment = weight
    square = weight
  }

  package mutating func add(_ value: Float, weight w: Float) {
    let bins = Float(weight.count)
    let bin = min(max(Int((value / reach + 1) * 0.5 * bins), 0), weight.count - 1)
    weight[bin] += Double(w)
    moment[bin] += Double(w * value)
    square[bin] += Double(w) * Double(value) * Double(value)
  }
}

/// The `count` values, ascending, that minimise the weighted squared distance to the nearest one.
/// With `pinsZero` one of them is exactly 0. Values repeat where the data has fewer.
package func optimalCodebook(
  _ histogram: WeightedHistogram, count: Int = 16, pinsZero: Bool = false
) -> [Float] {
  // Filled bins only.
  var w: [Double] = [0]
  var m: [Double] = [0]
  var s: [Double] = [0]
  for i in 0..<histogram.weight.count where histogram.weight[i] > 0 {
    w.append(w.last! + histogram.weight[i])
    m.append(m.last! + histogram.moment[i])
    s.append(s.last! + histogram.square[i])
  }
  let bins = w.count - 1
  if bins == 0 { return [Float](repeating: 0, count: count) }
  func cost(_ i: Int, _ j: Int) -> Double {
    // Bins i..<j as one cluster.
    let weight = w[j] - w[i]
    let moment = m[j] - m[i]
    return max(s[j] - s[i] - moment * moment / weight, 0)
  }
  let clusters = min(count, bins)
  var best = (0...bins).map { $0 == 0 ? 0 : cost(0, $0) }
  var starts = [[Int32]](repeating: [], count: clusters + 1)
  for k in 2..<max(clusters + 1, 2) {
    var next = [Double](repeating: .infinity, count: bins + 1)
    var start = [Int32](repeating: 0, count: bins + 1)
    // The best start of the last cluster never moves left as the end moves right.
    func solve(_ low: Int, _ high: Int, _ from: Int, _ to: Int) {
      if low > high { return }
      let end = (low + high) / 2
      var at = max(from, k - 1)
      for i in max(from, k - 1)...max(min(to, end - 1), max(from, k - 1)) where i < end {
        let value = best[i] + cost(i, end)
        if value < next[end] {
          next[end] = value
          at = i
        }
      }
      start[end] = Int32(at)
      solve(low, end - 1, from, at)
      solve(end + 1, high, at, to)
    }
    solve(k, bins, k - 1, bins - 1)
    best = next
    starts[k] = start
  }
  var values: [Float] = []
  var end = bins
  for k in stride(from: clusters, through: 1, by: -1) {
    let begin = k == 1 ? 0 : Int(starts[k][end])
    values.append(Float((m[end] - m[begin]) / (w[end] - w[begin])))
    end = begin
  }
  values.reverse()
  if pinsZero { values = pinZero(values, histogram) }
  while values.count < count { values.append(values.last!) }
  return values.sorted()
}

/// Moves the value nearest to zero to zero and lets the others settle around it.
private func pinZero(_ start: [Float], _ histogram: WeightedHistogram) -> [Float] {
  var values = start
  if values.count < 16 && !values.contains(0) {
    return (values + [0]).sorted()
  }
  let pinned = values.indices.min { abs(values[$0]) < abs(values[$1]) }!
  values[pinned] = 0
  for _ in 0..<8 {
    var weight = [Double](repeating: 0, count: values.count)
    var moment = weight
    var nearest = 0
    for i in 0..<histogram.weight.count where histogram.weight[i] > 0 {
      let value = Float(histogram.moment[i] / histogram.weight[i])
      while nearest + 1 < values.count
        && abs(values[nearest + 1] - value) <= abs(values[nearest] - value)
      { nearest += 1 }
      weight[nearest] += histogram.weight[i]
      moment[nearest] += histogram.moment[i]
    }
    for i in values.indices where i != pinned && weight[i] > 0 {
      values[i] = Float(moment[i] / weight[i])
    }
  }
  return values
}

/// Whole numbers within ±limit in the proportions of `values`, and how many steps make one unit
/// of `values`. Of the fitting step sizes the one whose rounding hurts least is taken.
///
/// - Parameter usage: how much each value counts.
package func wholeNumbers(
  _ values: [Float], usage: [Float], limit: Int
) -> (entries: [Int8], stepsPerUnit: Float) {
  let reach = values.reduce(0) { max($0, abs($1)) }
  if !(reach > 0) { return (values.map { _ in 0 }, 1) }
  var best: (error: Float, steps: Float) = (.infinity, 1)
  for i in 0..<24 {
    let steps = (Float(limit) + 0.499 - Float(i) * Float(limit) * 0.0125) / reach
    var error: Float = 0
    for (value, use) in zip(values, usage) {
      let off = (value * steps).rounded() / steps - value
      error += use * off * off
    }
    if error < best.error { best = (error, steps) }
  }
  let bound = Float(limit)
  let entries = values.map { Int8(min(max(($0 * best.steps).rounded(), -bound), bound)) }
  return (entries, best.steps)
}
