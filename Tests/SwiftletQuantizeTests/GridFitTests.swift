import SwiftletQuantize
import Testing

@Suite struct GridFitTests {
  /// Covariance of correlated random inputs.
  private func covariance(_ n: Int, seed: UInt64, samples: Int = 300) -> [Float] {
    var random = SplitMix(seed: seed)
    var rows = [Float](repeating: 0, count: samples * n)
    for s in 0..<samples {
      var carry: Float = 0
      for i in 0..<n {
        carry = 0.8 * carry + (random.unit() - 0.5) * (1 + Float(i % 5))
        rows[s * n + i] = carry
      }
    }
    return gram(rows, rows: samples, columns: n)
  }

  private func grid(_ basis: FeedbackBasis, rows: Int, seed: UInt64) -> GridFit {
    var random = SplitMix(seed: seed)
    let n = basis.count
    let table: [Float] = (0..<16).map { Float($0) * 2 - 15 }
    return GridFit(
      target: (0..<rows * n).map { _ in random.unit() * 2 - 1 }, rows: rows, count: n,
      scales: (0..<rows).map { _ in 0.07 }, tables: [table], rowsPerTable: rows)
  }

  /// Expected squared error of row n, in double.
  private func cost(_ grid: GridFit, _ basis: FeedbackBasis, _ n: Int) -> Double {
    let e = grid.errors()[n * grid.count..<(n + 1) * grid.count].map { Double($0) }
    var sum = 0.0
    for i in e.indices {
      for j in e.indices { sum += e[i] * e[j] * Double(basis.moments[i * grid.count + j]) }
    }
    return sum
  }

  @Test func choleskyFactor_randomMatrix_multipliesBack() {
    let n = 23
    var a = covariance(n, seed: 1).map { Double($0) }
    for i in 0..<n { a[i * n + i] += 0.1 }
    let c = choleskyFactor(a, n)!
    for i in 0..<n {
      for j in 0..<n {
        var sum = 0.0
        for k in 0..<n { sum += c[i * n + k] * c[j * n + k] }
        #expect(abs(sum - a[i * n + j]) < 1e-9)
      }
    }
    var x = (0..<2 * n).map { Double($0 % 7) - 3 }
    let right = x
    choleskySolve(c, n, &x, rows: 2)
    for row in 0..<2 {
      for i in 0..<n {
        var sum = 0.0
        for k in 0..<n { sum += a[i * n + k] * x[row * n + k] }
        #expect(abs(sum - right[row * n + i]) < 1e-8)
      }
    }
    #expect(choleskyFactor([1, 2, 2, 1], 2) == nil)
  }

  /// Error feedback by its textbook form: round one weight, spread its error over the rest by the
  /// inverse of the moments, eliminate it.
  @Test(arguments: [5, 64, 65, 130]) func feedBack_randomLayer_matchesInverseForm(n: Int) {
    let basis = FeedbackBasis(covariance: covariance(n, seed: 2), count: n, damping: 0.01)
    var fit = grid(basis, rows: 3, seed: 9)
    fit.feedBack(basis)
    var inverse = [Double](repeating: 0, count: n * n)
    for i in 0..<n { inverse[i * n + i] = 1 }
    choleskySolve(choleskyFactor(basis.moments.map { Double($0) }, n)!, n, &inverse, rows: n)
    var differing = 0
    for row in 0..<3 {
      var w = fit.target[row * n..<(row + 1) * n].map { Double($0) }
      var h = inverse
      for p in stride(from: n - 1, through: 0, by: -1) {
        let table = fit.tables[0].map { Double($0) * 0.07 }
        let q = table.indices.min { abs(table[$0] - w[p]) < abs(table[$1] - w[p]) }!
        if q != Int(fit.codes[row * n + p]) { differing += 1 }
        let error = (w[p] - table[Int(fit.codes[row * n + p])]) / h[p * n + p]
        for j in 0..<p { w[j] -= error * h[p * n + j] }
        let pivot = h[p * n + p]
        let column = (0..<n).map { h[$0 * n + p] }
        for i in 0..<p {
          for j in 0..<p { h[i * n + j] -= column[i] * column[j] / pivot }
        }
      }
    }
    // Only exact ties may fall to the other side.
    #expect(differing <= 1)
  }

  @Test func feedBack_correlatedInputs_beatsNearest() {
    let basis = FeedbackBasis(covariance: covariance(96, seed: 3), count: 96, damping: 0.01)
    var plain = grid(basis, rows: 8, seed: 4)
    plain.roundToNearest()
    var fed = plain
    fed.feedBack(basis)
    #expect(fed.costs(basis).reduce(0, +) < 0.7 * plain.costs(basis).reduce(0, +))
    for n in 0..<8 {
      #expect(abs(Double(fed.costs(basis)[n]) - cost(fed, basis, n)) < 1e-3 * cost(fed, basis, n))
    }
  }

  @Test func descend_untilStill_noSingleChangeHelps() {
    let n = 20
    let basis = FeedbackBasis(covariance: covariance(n, seed: 5), count: n, damping: 0.01)
    var fit = grid(basis, rows: 4, seed: 6)
    fit.roundToNearest()
    var before = fit.costs(basis)
    for _ in 0..<50 {
      let moved = fit.descend(basis)
      let after = fit.costs(basis)
      for row in 0..<4 { #expect(after[row] <= before[row] * 1.0001) }
      before = after
      if moved == 0 { break }
    }
    for row in 0..<4 {
      let least = cost(fit, basis, row)
      for k in 0..<n {
        for code in 0..<16 {
          var other = fit
          other.codes[row * n + k] = Int8(code)
          #expect(cost(other, basis, row) >= least * 0.9999)
        }
      }
    }
  }

  @Test func rescale_anyCodes_isTheBestScale() {
    let basis = FeedbackBasis(covariance: covariance(30, seed: 7), count: 30, damping: 0.01)
    var fit = grid(basis, rows: 3, seed: 8)
    fit.roundToNearest()
    fit.rescale(basis)
    for n in 0..<3 {
      let least = cost(fit, basis, n)
      for factor: Float in [0.98, 1.02] {
        var other = fit
        other.scales[n] *= factor
        #expect(cost(other, basis, n) > least)
      }
    }
  }

  @Test func refitTables_anyCodes_noEntryCanImprove() {
    let basis = FeedbackBasis(covariance: covariance(40, seed: 9), count: 40, damping: 0.01)
    var fit = grid(basis, rows: 8, seed: 10)
    fit.feedBack(basis)
    let start = fit.costs(basis).reduce(0, +)
    fit.refitTables(basis, pinsZero: false)
    let least = fit.costs(basis).reduce(0, +)
    #expect(least < start)
    #expect(fit.tables[0] == fit.tables[0].sorted())
    for entry in 0..<16 {
      for step: Float in [-0.2, 0.2] {
        var other = fit
        other.tables[0][entry] += step
        #expect(other.costs(basis).reduce(0, +) > least * 0.9999)
      }
    }
  }

  @Test func feedbackBasis_singularCovariance_stillFactors() {
    let basis = FeedbackBasis(
      covariance: [Float](repeating: 0, count: 16), count: 4, damping: 0)
    #expect(basis.factor.allSatisfy { $0.isFinite })
    let rank1 = FeedbackBasis(
      covariance: [Float](repeating: 1, count: 64), count: 8, damping: 0.01)
    #expect(rank1.factor.allSatisfy { $0.isFinite })
    #expect(rank1.unsorted(rank1.sorted((0..<16).map { Float($0) })) == (0..<16).map { Float($0) })
  }
}
