import Foundation
import SwiftletCore
import SwiftletOperators
import TestSupport
import Testing

/// The portable operators against loops written from docs/format.md and docs/architecture.md.
struct PortableTests {
  /// Around the blocks of 16 channels.
  static let channels = [1, 7, 15, 16, 17, 32, 33, 48]

  /// Runs on both ways to store bytes, with and without a halo, on one thread and three.
  private func check(
    _ code: OperatorCode, _ inputs: [Plain], _ wanted: Plain, parameters: [Float] = [0],
    _ change: @escaping (inout OperatorRecord) -> Void = { _ in },
    _ note: String = ""
  ) {
    for xor in [UInt8(0), 128] {
      for halo in [Halo(), Halo(top: 1, left: 2, bottom: 0, right: 1)] {
        for threads in [1, 3] {
          var bench = OperatorBench(code: code, change: change, parameters: parameters)
          (bench.xor, bench.halo, bench.threads) = (xor, halo, threads)
          let found = bench.run(inputs, into: wanted)
          #expect(found?.q == wanted.q, "\(code.name) \(note), xor \(xor), \(threads) threads")
        }
      }
    }
  }

  private func saturate(_ value: Double) -> UInt8 {
    UInt8(min(max(value.rounded(.toNearestOrEven), 0), 255))
  }

  @Test(arguments: channels)
  func slice_anyStartAndStep_takesThosePixels(_ channels: Int) {
    var random = SplitMix64(seed: UInt64(channels))
    for _ in 0..<12 {
      let x = Plain.random(channels, 2 + random.below(9), 2 + random.below(9), zero: 77, &random)
      let (stepY, stepX) = (1 + random.below(3), 1 + random.below(3))
      let start = (random.below(channels), random.below(x.height), random.below(x.width))
      var z = Plain.empty(
        1 + random.below(channels - start.0), 1 + (x.height - 1 - start.1) / stepY,
        1 + (x.width - 1 - start.2) / stepX, zero: 77)
      for c in 0..<z.channels {
        for i in 0..<z.height {
          for j in 0..<z.width {
            z[c, i, j] = x[start.0 + c, start.1 + i * stepY, start.2 + j * stepX]
          }
        }
      }
      check(
        .slice, [x], z,
        {
          ($0.startChannel, $0.startY, $0.startX) = start
          ($0.strideY, $0.strideX) = (stepY, stepX)
        }, "\(start) by \(stepY) x \(stepX)")
    }
  }

  @Test(arguments: channels)
  func pad_anyPlaceAndDistance_leavesTheZeroPointBetween(_ channels: Int) {
    var random = SplitMix64(seed: UInt64(channels))
    for zero in [0, 128, 255] {
      let x = Plain.random(channels, 1 + random.below(6), 1 + random.below(6), zero: zero, &random)
      let (stepY, stepX) = (1 + random.below(3), 1 + random.below(3))
      let (top, left) = (random.below(4), random.below(4))
      var z = Plain.empty(
        channels, top + (x.height - 1) * stepY + 1 + random.below(3),
        left + (x.width - 1) * stepX + 1 + random.below(3), zero: zero)
      z.q = z.q.map { _ in UInt8(zero) }
      for c in 0..<channels {
        for i in 0..<x.height {
          for j in 0..<x.width { z[c, top + i * stepY, left + j * stepX] = x[c, i, j] }
        }
      }
      check(
        .pad, [x], z,
        {
          ($0.padTop, $0.padLeft) = (top, left)
          ($0.strideY, $0.strideX) = (stepY, stepX)
        }, "zero \(zero)")
    }
  }

  /// Where output position `p` lies in the input, exactly.
  private func position(_ p: Int, _ rule: ResizeRule, _ input: Int, _ output: Int) -> (Int, Int) {
    // A fraction, numerator and denominator.
    switch rule {
    case .asymmetric: (p * input, output)
    case .halfPixel: ((2 * p + 1) * input - output, 2 * output)
    case .alignCorners: output == 1 ? (0, 1) : (p * (input - 1), output - 1)
    }
  }

  private func nearest(_ at: (Int, Int), _ rounding: NearestRounding, _ input: Int) -> Int {
    func floor(_ n: Int, _ d: Int) -> Int { n >= 0 ? n / d : -((-n + d - 1) / d) }
    let (n, d) = at
    let whole =
      switch rounding {
      case .floor: floor(n, d)
      case .ceiling: -floor(-n, d)
      case .halfUp: floor(2 * n + d, 2 * d)
      case .halfDown: -floor(-(2 * n - d), 2 * d)
      }
    return min(max(whole, 0), input - 1)
  }

  /// Sizes whose ratios floats hold exactly, so that a position on an edge is one in floats too.
  @Test(arguments: ResizeRule.allCases, NearestRounding.allCases)
  func resizeNearest_everyRule_takesThatPixel(_ rule: ResizeRule, _ rounding: NearestRounding) {
    var random = SplitMix64(seed: 3)
    var sizes = [(4, 8), (8, 4), (4, 4), (2, 8), (8, 2), (1, 4), (16, 4), (6, 12)]
    if rule == .alignCorners { sizes = [(5, 9), (9, 5), (3, 3), (4, 1), (1, 1), (3, 17)] }
    for (height, newHeight) in sizes {
      let (width, newWidth) = sizes[random.below(sizes.count)]
      let x = Plain.random(17, height, width, zero: 5, &random)
      var z = Plain.empty(17, newHeight, newWidth, zero: 5)
      for c in 0..<17 {
        for i in 0..<newHeight {
          for j in 0..<newWidth {
            let row = nearest(position(i, rule, height, newHeight), rounding, height)
            let column = nearest(position(j, rule, width, newWidth), rounding, width)
            z[c, i, j] = x[c, row, column]
          }
        }
      }
      check(
        .resizeNearest, [x], z, { $0.option = rule.rawValue | rounding.rawValue << 4 },
        "\(height) x \(width) to \(newHeight) x \(newWidth)")
    }
  }

  /// In double; where the value is next to a half, either neighbour is right.
  @Test(arguments: ResizeRule.allCases)
  func resizeLinear_everyRuleAndScale_isTheInterpolationRounded(_ rule: ResizeRule) {
    var random = SplitMix64(seed: 9)
    let scales: [(Float, Int, Float, Int)] = [
      (0.1, 7, 0.1, 7), (0.1, 7, 0.05, 130), (0.02, 250, 0.3, 0),
    ]
    for (sx, zx, sz, zz) in scales {
      for _ in 0..<8 {
        let x = Plain.random(
          20, 1 + random.below(7), 1 + random.below(7), scale: sx, zero: zx, &random)
        let shape = Plain.empty(
          20, 1 + random.below(13), 1 + random.below(13), scale: sz, zero: zz)
        for xor in [UInt8(0), 128] {
          var bench = OperatorBench(code: .resizeLinear, change: { $0.option = rule.rawValue })
          bench.xor = xor
          guard let found = bench.run([x], into: shape) else {
            Issue.record("bytes outside were written")
            continue
          }
          var wrong = 0
          for c in 0..<20 {
            for i in 0..<shape.height {
              for j in 0..<shape.width {
                let real = linear(x, c, i, j, rule, shape)
                let q = Double(sx) / Double(sz) * (real - Double(zx)) + Double(zz)
                if abs(Double(found[c, i, j]) - min(max(q, 0), 255)) > 0.5001 { wrong += 1 }
              }
            }
          }
          #expect(wrong == 0, "\(x.height) x \(x.width) to \(shape.height) x \(shape.width)")
        }
      }
    }
  }

  private func linear(
    _ x: Plain, _ c: Int, _ i: Int, _ j: Int, _ rule: ResizeRule, _ z: Plain
  ) -> Double {
    func split(_ p: Int, _ input: Int, _ output: Int) -> (Int, Int, Double) {
      let (n, d) = position(p, rule, input, output)
      let at = min(max(Double(n) / Double(d), 0), Double(input - 1))
      return (Int(at), min(Int(at) + 1, input - 1), at - Double(Int(at)))
    }
    let (y0, y1, fy) = split(i, x.height, z.height)
    let (x0, x1, fx) = split(j, x.width, z.width)
    let top = Double(x[c, y0, x0]) * (1 - fx) + Double(x[c, y0, x1]) * fx
    let bottom = Double(x[c, y1, x0]) * (1 - fx) + Double(x[c, y1, x1]) * fx
    return top * (1 - fy) + bottom * fy
  }

  @Test(arguments: channels)
  func prelu_everyValue_isScaledBelowZeroAlone(_ channels: Int) {
    var random = SplitMix64(seed: UInt64(channels))
    let slopes = (0..<(channels + 15) / 16 * 16).map { _ in random.unit() * 2 - 0.5 }
    for (sx, zx, sz, zz): (Float, Int, Float, Int) in [
      (0.5, 100, 0.5, 100), (0.03, 128, 0.011, 17), (0.25, 255, 0.5, 200), (1, 0, 2, 3),
    ] {
      let x = Plain.random(channels, 16, 16, scale: sx, zero: zx, &random)
      var z = Plain.empty(channels, 16, 16, scale: sz, zero: zz)
      for c in 0..<channels {
        for i in 0..<256 {
          // The formula of docs/architecture.md, each operation rounded to Float.
          let value = Float(Int(x.q[c * 256 + i]) - zx)
          let real = value * (value < 0 ? slopes[c] : 1)
          let scaled = (real * (sx / sz)).rounded(.toNearestOrEven)
          z.q[c * 256 + i] = saturate(Double(scaled) + Double(zz))
        }
      }
      check(.prelu, [x], z, parameters: slopes, { $0.table = 0 })
    }
  }

  @Test func concat_raggedParts_followEachOther() {
    var random = SplitMix64(seed: 1)
    for parts in [
      [16, 16], [20, 20], [1, 1, 1, 1], [15, 17], [16, 7, 16], [32, 5], [5, 32, 48, 1],
    ] {
      let inputs = parts.map { Plain.random($0, 3, 4, zero: 9, &random) }
      var z = Plain.empty(parts.reduce(0, +), 3, 4, zero: 9)
      z.q = inputs.flatMap(\.q)
      check(.concat, inputs, z, { _ in }, "\(parts)")
    }
  }

  @Test(arguments: channels)
  func dequantize_everyByte_isScaleTimesDistance(_ channels: Int) throws {
    var random = SplitMix64(seed: UInt64(channels))
    for (scale, zero) in [(Float(0.037), 0), (1.5, 128), (1e-5, 255)] {
      let x = Plain.random(channels, 5, 4, scale: scale, zero: zero, &random)
      for xor in [UInt8(0), 128] {
        var bench = OperatorBench(code: .dequantize)
        bench.xor = xor
        let found = try #require(bench.runFloat(x))
        #expect(found == x.q.map { scale * Float(Int($0) - zero) })
      }
    }
  }

  @Test func softmax_anyValues_isThatOfDoubleWithinAFloatStep() {
    var random = SplitMix64(seed: 6)
    for count in [1, 2, 15, 16, 17, 1000] {
      for spread: Float in [0, 1, 30, 3000, 1e30] {
        let values = (0..<count).map { _ in (random.unit() - 0.5) * spread }
        let found = OperatorBench(code: .softmax).runSoftmax(values)
        let largest = Double(values.max() ?? 0)
        let exponentials = values.map { exp(Double($0) - largest) }
        let sum = exponentials.reduce(0, +)
        for (value, wanted) in zip(found, exponentials.map { Float($0 / sum) }) {
          // Below 1e-300 both are zero as floats.
          #expect(abs(value - wanted) <= wanted.ulp, "\(count) values within \(spread)")
        }
      }
    }
  }
}
