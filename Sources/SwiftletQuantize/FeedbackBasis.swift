/// The second moments of a layer's input, prepared for error feedback.
///
/// Rounding one weight of a row shifts the layer's output; weights not yet rounded can take the
/// shift back as far as their inputs correlate (GPTQ: Frantar et al. 2022; the same steps as
/// Babai's nearest plane). With H = C Cᵀ, C lower, the cost of an error row e is |Cᵀ e|², so
/// going from the last column to the first, each weight can cancel its component of Cᵀ e exactly
/// but for its own rounding. Columns are sorted so that the largest diagonal goes first.
package struct FeedbackBasis: Sendable {
  package let count: Int
  /// Sorted position -> column of the layer; the diagonal of H ascends.
  package let order: [Int]
  /// H with damping, sorted, [count, count].
  package let moments: [Float]
  /// Lower factor of `moments`, [count, count].
  package let factor: [Float]

  /// - Parameters:
  ///   - covariance: [count, count], about the mean of the input.
  ///   - damping: added to the diagonal, as a part of its mean.
  package init(covariance: [Float], count: Int, damping: Float) {
    let diagonal = (0..<count).map { max(covariance[$0 * count + $0], 0) }
    var mean = diagonal.reduce(Double(0)) { $0 + Double($1) } / Double(max(count, 1))
    if !(mean > 0) { mean = 1 }
    let order = (0..<count).sorted {
      diagonal[$0] != diagonal[$1] ? diagonal[$0] < diagonal[$1] : $0 < $1
    }
    var damp = Double(damping) * mean
    var sorted = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0..<count {
        sorted[i * count + j] = Double(covariance[order[i] * count + order[j]])
      }
    }
    var factor: [Double]?
    while factor == nil {
      var damped = sorted
      for i in 0..<count { damped[i * count + i] += damp }
      factor = choleskyFactor(damped, count)
      if factor == nil { damp = max(damp, 1e-9 * mean) * 10 } else { sorted = damped }
    }
    self.count = count
    self.order = order
    moments = sorted.map { Float($0) }
    self.factor = factor!.map { Float($0) }
  }

  /// Rows of a layer, [rows, count], with columns in sorted order.
  package func sorted(_ weights: [Float]) -> [Float] {
    var out = weights
    for row in 0..<(count == 0 ? 0 : weights.count / count) {
      for i in 0..<count { out[row * count + i] = weights[row * count + order[i]] }
    }
    return out
  }

  /// Back from sorted order to the layer's.
  package func unsorted<T>(_ sorted: [T]) -> [T] {
    var out = sorted
    for row in 0..<(count == 0 ? 0 : sorted.count / count) {
      for i in 0..<count { out[row * count + order[i]] = sorted[row * count + i] }
    }
    return out
  }

  /// rows * H, [rows, count].
  package func product(_ rows: [Float], threads: Int) -> [Float] {
    let n = count == 0 ? 0 : rows.count / count
    var out = [Float](repeating: 0, count: rows.count)
    out.withUnsafeMutableBufferPointer { out in
      rows.withUnsafeBufferPointer { rows in
        moments.withUnsafeBufferPointer { h in
          let out = out.baseAddress!
          // Parts of one size, or the sums would depend on the number of threads.
          let chunk = 32
          spread((n + chunk - 1) / chunk, threads: threads) { part in
            let first = part * chunk
            multiply(
              min(chunk, n - first), count, count, rows.baseAddress! + first * count, count,
              h.baseAddress!, count, out + first * count, count)
          }
        }
      }
    }
    return out
  }
}
