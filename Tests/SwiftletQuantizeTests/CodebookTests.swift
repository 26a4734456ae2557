import SwiftletQuantize
import Testing

@Suite struct CodebookTests {
  /// The least cost over every way to cut sorted values into runs.
  private func leastCost(_ values: [Double], _ clusters: Int) -> Double {
    func cost(_ run: ArraySlice<Double>) -> Double {
      let mean = run.reduce(0, +) / Double(run.count)
      return run.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    func best(_ from: Int, _ left: Int) -> Double {
      if left == 1 { return cost(values[from...]) }
      var least = Double.infinity
      for end in from + 1..<max(values.count - left + 2, from + 1) {
        least = min(least, cost(values[from..<end]) + best(end, left - 1))
      }
      return least
    }
    return best(0, clusters)
  }

  @Test(arguments: 1...20) func optimalCodebook_smallSets_matchesEveryPartition(seed: Int) {
    var random = SplitMix(seed: UInt64(seed))
    let values = (0..<9).map { _ in random.unit() * 2 - 1 }.sorted()
    var histogram = WeightedHistogram(reach: 1, bins: 1 << 16)
    for value in values { histogram.add(value, weight: 1) }
    let book = optimalCodebook(histogram, count: 4)
    let cost = values.reduce(0.0) { sum, value in
      sum + book.map { Double(($0 - value) * ($0 - value)) }.min()!
    }
    #expect(abs(cost - leastCost(values.map { Double($0) }, 4)) < 1e-6)
    #expect(book == book.sorted())
  }

  @Test func optimalCodebook_weights_pullEntries() {
    var histogram = WeightedHistogram(reach: 1, bins: 1024)
    histogram.add(-0.5, weight: 3)
    histogram.add(0.5, weight: 1)
    #expect(abs(optimalCodebook(histogram, count: 1)[0] + 0.25) < 1e-6)
  }

  @Test func optimalCodebook_pinnedZero_isExact() {
    var random = SplitMix(seed: 4)
    var histogram = WeightedHistogram(reach: 1, bins: 2048)
    for _ in 0..<4000 { histogram.add(random.unit() * 0.5 + 0.4, weight: 1) }
    let book = optimalCodebook(histogram, pinsZero: true)
    #expect(book.count == 16)
    #expect(book.contains(0))
  }

  @Test func optimalCodebook_degenerate_holdsWhatThereIs() {
    let empty = optimalCodebook(WeightedHistogram(reach: 1, bins: 8))
    #expect(empty == [Float](repeating: 0, count: 16))
    var one = WeightedHistogram(reach: 1, bins: 64)
    one.add(0.25, weight: 2)
    #expect(optimalCodebook(one).allSatisfy { abs($0 - 0.25) < 1e-6 })
    #expect(optimalCodebook(one, pinsZero: true).contains(0))
  }

  @Test func wholeNumbers_anyValues_stayWithinLimit() {
    var random = SplitMix(seed: 5)
    for limit in [23, 52, 63] {
      let values = (0..<16).map { _ in random.unit() * 2 - 1 }.sorted()
      let whole = wholeNumbers(values, usage: [Float](repeating: 1, count: 16), limit: limit)
      #expect(whole.entries.allSatisfy { abs(Int($0)) <= limit })
      for (value, entry) in zip(values, whole.entries) {
        #expect(abs(Float(entry) / whole.stepsPerUnit - value) <= 0.51 / whole.stepsPerUnit)
      }
    }
    let zero = wholeNumbers([Float](repeating: 0, count: 16), usage: [], limit: 63)
    #expect(zero.entries == [Int8](repeating: 0, count: 16) && zero.stepsPerUnit == 1)
  }
}
