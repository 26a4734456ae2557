import SwiftletQuantize
import SwiftletWriter
import Testing

@Suite struct WeightFitTests {
  private let rows = 10
  private let count = 27

  private func problem(seed: UInt64, zeroRows: Set<Int> = []) -> ([Float], FeedbackBasis) {
    var random = SplitMix(seed: seed)
    var samples = (0..<200 * count).map { _ in random.unit() - 0.5 }
    for i in samples.indices where i % 3 == 1 { samples[i] += samples[i - 1] }
    let basis = FeedbackBasis(
      covariance: gram(samples, rows: 200, columns: count), count: count, damping: 0.01)
    let weights = (0..<rows * count).map { i in
      zeroRows.contains(i / count) ? 0 : (random.unit() - 0.5) * Float(1 + i / count)
    }
    return (weights, basis)
  }

  private func fit(
    _ threads: Int = 1, silent: Set<Int> = [], needsZero: Bool = false
  ) -> WeightFit {
    var settings = FitSettings()
    settings.threads = threads
    return WeightFit(
      rows: rows, count: count, settings: settings, silent: (0..<rows).map { silent.contains($0) },
      needsZero: needsZero)
  }

  private func expectConsistent(_ fitted: FittedWeights, limit: Float) {
    let decoded = IntegerSimulator.decode(fitted.weights, depth: count, isCoarse: false)
    #expect(decoded == fitted.steps)
    #expect(decoded.allSatisfy { abs($0) <= limit })
    #expect(fitted.scales.allSatisfy { $0 > 0 && $0.isFinite })
  }

  @Test func int8_randomLayer_isCloseAndConsistent() {
    let (weights, basis) = problem(seed: 1)
    let fed = fit().int8(weights, basis)
    expectConsistent(fed, limit: 127)
    #expect(decibels(signal: fed.signal, noise: fed.noise) > 42)
    let plain = fit().int8(weights, nil)
    expectConsistent(plain, limit: 127)
    for i in weights.indices {
      #expect(abs(plain.steps[i] * plain.scales[i / count] - weights[i]) <= plain.scales[i / count])
    }
  }

  @Test func table_randomLayer_isCloseAndConsistent() {
    let (weights, basis) = problem(seed: 2)
    let fitted = fit().table(weights, basis, limit: 63).fitted
    expectConsistent(fitted, limit: 63)
    #expect(decibels(signal: fitted.signal, noise: fitted.noise) > 22)
    guard case .code4(let codes, let tables, let perTable) = fitted.weights else {
      Issue.record("not one plane")
      return
    }
    #expect(codes.allSatisfy { $0 < 16 })
    #expect(tables.count == 3 && perTable == 4)
    #expect(tables.allSatisfy { $0.count == 16 })
  }

  @Test func nested_randomLayer_refinesItsFirstPlane() {
    let (weights, basis) = problem(seed: 3)
    let coarse = fit().table(weights, basis, limit: WeightFit.coarseLimit).fitted
    let fine = fit().nested(weights, basis, coarse: coarse)
    expectConsistent(fine, limit: 127)
    #expect(decibels(signal: fine.signal, noise: fine.noise) > 40)
    guard case .nested8(let hi, _, _, _, _) = fine.weights,
      case .code4(let codes, _, _) = coarse.weights
    else {
      Issue.record("not two planes")
      return
    }
    #expect(hi == codes)
  }

  @Test func table_needsZero_everyTableHoldsIt() {
    let (weights, basis) = problem(seed: 4)
    let coarse = fit(needsZero: true).table(weights, basis, limit: 52).fitted
    let fine = fit(needsZero: true).nested(weights, basis, coarse: coarse)
    guard case .nested8(_, let tables, _, let fineTables, _) = fine.weights else {
      Issue.record("not two planes")
      return
    }
    #expect(tables.allSatisfy { $0.contains(0) })
    #expect(fineTables.allSatisfy { $0.contains(0) })
  }

  @Test func fits_silentRows_areExactlyZero() {
    let (weights, basis) = problem(seed: 5, zeroRows: [2, 7])
    let one = fit(silent: [2, 7])
    let coarse = one.table(weights, basis, limit: 52).fitted
    for fitted in [one.int8(weights, basis), coarse, one.nested(weights, basis, coarse: coarse)] {
      for row in [2, 7] {
        #expect(fitted.steps[row * count..<(row + 1) * count].allSatisfy { $0 == 0 })
      }
      #expect(fitted.scales.allSatisfy { $0 > 0 && $0.isFinite })
    }
  }

  @Test func fits_allZeroLayer_areZero() {
    let basis = FeedbackBasis(
      covariance: [Float](repeating: 0, count: count * count), count: count, damping: 0.01)
    let zeros = [Float](repeating: 0, count: rows * count)
    let one = fit(silent: Set(0..<rows))
    let coarse = one.table(zeros, basis, limit: 52).fitted
    for fitted in [one.int8(zeros, basis), coarse, one.nested(zeros, basis, coarse: coarse)] {
      #expect(fitted.steps.allSatisfy { $0 == 0 })
      #expect(fitted.scales.allSatisfy { $0 > 0 && $0.isFinite })
    }
  }

  @Test func table_threads_changeNothing() {
    let (weights, basis) = problem(seed: 6)
    let one = fit(1).table(weights, basis, limit: 63).fitted
    let three = fit(3).table(weights, basis, limit: 63).fitted
    #expect(one.steps == three.steps)
    #expect(one.scales == three.scales)
  }
}
