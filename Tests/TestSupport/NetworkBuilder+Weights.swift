import SwiftletCore
import SwiftletWriter

extension NetworkBuilder {
  /// Appends a layer with random weights and constants that put its results about mid-range.
  mutating func layer(
    _ code: OperatorCode, _ x: Int, _ output: Int, _ window: Window, format: WeightFormat,
    epilogue: EpilogueKind, residual: Int?, channelsPerTable: Int
  ) -> Int {
    let input = tensor(x)
    let target = tensor(output)
    let count = target.channels
    let depth = code == .depthwiseConvolution ? 1 : input.channels
    let taps = window.record.kernelHeight * window.record.kernelWidth
    let weights = randomWeights(
      format, channels: count, terms: depth * taps, channelsPerTable: channelsPerTable)
    let plain = Self.plain(weights, channels: count, terms: depth * taps)
    let kind: EpilogueKind = residual == nil ? epilogue : .residual
    var op = QuantizedOperator(
      code: code, name: "\(code.name).\(network.operators.count)",
      inputs: [x] + (residual.map { [$0] } ?? []), output: output)
    op.record = window.record
    op.record.epilogue = kind
    op.record.a = residual.map { ratio($0, output) } ?? 0
    op.weights = weights
    op.constants = constants(plain.full, input, target, kind, depth: depth, taps: taps)
    if format == .nested8 {
      op.coarseConstants = constants(
        plain.coarse, input, target, kind, depth: depth, taps: taps, factor: 2)
    }
    if kind == .hardSwish {
      op.outScale = (0..<count).map { 1 / (6 * Self.value(target.scales, $0)) }
      op.outZero = (0..<count).map { Int32(Self.value(target.zeroPoints, $0)) }
    }
    network.operators.append(op)
    return output
  }

  private static func value<T>(_ values: [T], _ index: Int) -> T {
    values.count == 1 ? values[0] : values[index]
  }

  /// Integer weights of both planes, and of the first alone, [N][terms].
  public static func plain(
    _ weights: QuantizedWeights, channels: Int, terms: Int
  ) -> (full: [Int], coarse: [Int]) {
    func look(_ codes: [UInt8], _ tables: [[Int8]], _ each: Int) -> [Int] {
      codes.indices.map { Int(tables[$0 / terms / each][Int(codes[$0])]) }
    }
    switch weights {
    case .int8(let values): return (values.map(Int.init), [])
    case .code4(let codes, let tables, let each):
      return (look(codes, tables, each), [])
    case .nested8(let coarse, let tables, let fine, let fineTables, let each):
      let first = look(coarse, tables, each)
      let second = look(fine, fineTables, each)
      return (first.indices.map { 2 * first[$0] + second[$0] }, first)
    }
  }

  private mutating func randomWeights(
    _ format: WeightFormat, channels: Int, terms: Int, channelsPerTable each: Int
  ) -> QuantizedWeights {
    let count = channels * terms
    func codes(_ random: inout SplitMix64) -> [UInt8] {
      var result = [UInt8](repeating: 0, count: count)
      var bits: UInt64 = 0
      for i in 0..<count {
        if i % 16 == 0 { bits = random.next() }
        result[i] = UInt8(bits & 15)
        bits >>= 4
      }
      return result
    }
    /// Sorted values within `limit`, one of them zero.
    func tables(_ random: inout SplitMix64, limit: Int) -> [[Int8]] {
      (0..<((channels + each - 1) / each)).map { _ in
        let values = (0..<15).map { _ in random.below(2 * limit + 1) - limit }
        return (values + [0]).sorted().map { Int8($0) }
      }
    }
    switch format {
    case .none, .int8:
      var values = [Int8](repeating: 0, count: count)
      for i in 0..<count { values[i] = Int8(random.below(255) - 127) }
      return .int8(values)
    case .code4:
      return .code4(
        codes: codes(&random), tables: tables(&random, limit: 63), channelsPerTable: each)
    case .nested8:
      return .nested8(
        coarse: codes(&random), tables: tables(&random, limit: 52), fine: codes(&random),
        fineTables: tables(&random, limit: 23), channelsPerTable: each)
    }
  }

  /// Scales that spread results over 0...255, biases that correct for zero points.
  private mutating func constants(
    _ weights: [Int], _ input: QuantizedTensor, _ target: QuantizedTensor,
    _ kind: EpilogueKind, depth: Int, taps: Int, factor: Float = 1
  ) -> QuantizedConstants {
    let terms = depth * taps
    var scale: [Float] = []
    var bias: [Int32] = []
    for n in 0..<target.channels {
      // The standard deviation of the sum is about 60 * 60 * sqrt(terms); make it 40 steps.
      let step = factor * (0.5 + random.unit()) / (90 * Float(terms).squareRoot())
      let real: Float = kind == .hardSwish || kind == .float ? 0.04 : 1
      scale.append(step * real)
      var sum = 0
      for t in 0..<terms {
        // A depthwise layer has one input channel per output channel.
        let channel = depth == 1 && input.zeroPoints.count > 1 ? n : t / taps
        let zero =
          input.zeroPoints.count == 1
          ? input.zeroPoints[0] : input.zeroPoints[min(channel, input.zeroPoints.count - 1)]
        sum -= zero * weights[n * terms + t]
      }
      let offset = kind == .linear ? Float(Self.value(target.zeroPoints, n)) : 0
      bias.append(Int32(sum) + Int32((offset / step).rounded()) + Int32(random.below(2000) - 1000))
    }
    return QuantizedConstants(scale: scale, biasU8: bias)
  }
}
