import SwiftletQuantize
import Testing

@Suite struct RangeTests {
  @Test func encoding_ranges_holdZeroAndEnds() {
    for (low, high) in [(-1, 3), (0, 6), (0.5, 2), (-3, -1), (-0.375, 9)] as [(Float, Float)] {
      let encoding = Encoding(low: low, high: high)
      let (scale, zero) = (encoding.scale(0), encoding.zero(0))
      #expect((0...255).contains(zero))
      #expect(scale * Float(255 - zero) >= max(high, 0) - 0.51 * scale)
      #expect(scale * Float(-zero) <= min(low, 0) + 0.51 * scale)
      if low >= 0 { #expect(zero == 0) }
    }
  }

  @Test func encoding_degenerateRanges_haveAStep() {
    for (low, high) in [
      (0, 0), (.nan, .nan), (-.infinity, .infinity), (.infinity, -.infinity), (1e-30, 1e-30),
    ] as [(Float, Float)] {
      let encoding = Encoding(low: low, high: high)
      #expect(encoding.scale(0) > 0 && encoding.scale(0).isFinite)
      #expect((0...255).contains(encoding.zero(0)))
    }
  }

  @Test func encoding_roundAndDecode_agree() {
    let encoding = Encoding(ranges: [(-1, 1), (0, 4)])
    var values: [Float] = [-2, -0.3, 0, 0.7, -1, 0.01, 3.9, 9]
    encoding.round(&values, area: 4)
    #expect(values[2] == 0 && values[4] == 0)
    #expect(abs(values[1] + 0.3) <= encoding.scale(0) * 0.51)
    #expect(values[7] == 4)
    let bytes = (0..<8).map { i in
      UInt8(values[i] / encoding.scale(i / 4) + Float(encoding.zero(i / 4)) + 0.5)
    }
    for (a, b) in zip(encoding.decode(bytes, area: 4), values) { #expect(abs(a - b) < 1e-6) }
  }

  @Test func histogram_outlier_isCutByPercentileAndLeastSquares() {
    var random = SplitMix(seed: 1)
    var values = (0..<100_000).map { _ in random.unit() * 2 - 1 }
    values[17] = 40
    var histogram = RangeHistogram(low: -1, high: 40, count: 8192)
    values.withUnsafeBufferPointer { histogram.add($0) }
    #expect(histogram.bins.reduce(0, +) == 100_000)
    let cut = histogram.percentiles(tail: 1e-4)
    #expect(cut.high < 1.02 && cut.low <= -0.99)
    #expect(histogram.leastSquares().high < 40)
  }

  @Test func histogram_noSpread_isHarmless() {
    var histogram = RangeHistogram(low: 0, high: 0, count: 16)
    [Float](repeating: 0, count: 5).withUnsafeBufferPointer { histogram.add($0) }
    #expect(histogram.percentiles(tail: 1e-4) == (0, 0))
    #expect(histogram.leastSquares() == (0, 0))
  }
}
