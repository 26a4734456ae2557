import SwiftletCore
import SwiftletWriter
import TestSupport

/// The operators of `TinyNetworks.gated` as plain loops over whole tensors in [C][H][W], written
/// from docs/format.md and docs/architecture.md. What is left out of a tensor is nil, so that
/// reading it would stop the test.
struct GateOracle {
  /// What each gate said, 1 or 0 for each block.
  private(set) var gates: [[Int]] = []
  /// Multiply-adds done, as a share of all.
  private(set) var liveShare = 0.0

  private let network: QuantizedNetwork
  private let isCoarse: Bool
  private var bytes: [[Int?]]
  private var floats: [[Float]]

  init(_ network: QuantizedNetwork, seed: UInt64, isCoarse: Bool, shift: Float) {
    self.network = network
    self.isCoarse = isCoarse
    bytes = network.tensors.map { _ in [] }
    floats = network.tensors.map { _ in [] }
    bytes[network.input] = Self.image(network.tensors[network.input], seed: seed)
    var (all, done) = (0.0, 0.0)
    for op in network.operators {
      switch op.code {
      case .gate: gate(op, shift)
      case .globalAveragePool: average(op)
      case .dequantize:
        let t = network.tensors[op.inputs[0]]
        floats[op.output] = bytes[op.inputs[0]].map {
          t.scales[0] * Float($0! - t.zeroPoints[0])
        }
      default:
        let (macs, live) = layer(op)
        all += macs
        done += live
      }
    }
    liveShare = done / all
  }

  /// Bits of output `i`.
  func output(_ i: Int) -> [UInt32] { floats[network.outputs[i]].map(\.bitPattern) }

  /// The pixels of `SessionTests.fill`.
  private static func image(_ t: QuantizedTensor, seed: UInt64) -> [Int?] {
    var random = SplitMix64(seed: seed)
    var out = [Int?](repeating: 0, count: 3 * t.height * t.width)
    for y in 0..<t.height {
      for x in 0..<t.width {
        for c in 0..<3 {
          out[(c * t.height + y) * t.width + x] = Int(UInt8(truncatingIfNeeded: random.next()))
        }
      }
    }
    return out
  }

  private mutating func gate(_ op: QuantizedOperator, _ shift: Float) {
    let scores = floats[op.inputs[0]]
    let threshold = op.record.a + shift
    var live = scores.map { $0 > threshold ? 1 : 0 }
    if !live.contains(1) { live[scores.firstIndex(of: scores.max()!)!] = 1 }
    bytes[op.output] = live.map { $0 }
    gates.append(live)
  }

  private func isLive(_ gate: Int?, _ channel: Int) -> Bool {
    gate.map { bytes[$0][channel / 16] == 1 } ?? true
  }

  private mutating func average(_ op: QuantizedOperator) {
    let (x, z) = (network.tensors[op.inputs[0]], network.tensors[op.output])
    let area = x.height * x.width
    bytes[op.output] = (0..<x.channels).map { c in
      var sum = 0
      for p in 0..<area { sum += bytes[op.inputs[0]][c * area + p]! }
      let mean = Float(sum - area * x.zeroPoints[0]) * (op.record.a / Float(area))
      return Self.saturated(Int(mean.rounded(.toNearestOrEven)) + z.zeroPoints[0])
    }
  }

  private static func saturated(_ q: Int) -> Int { min(max(q, 0), 255) }

  /// Any layer with weights; gives its multiply-adds and those that were done.
  private mutating func layer(_ op: QuantizedOperator) -> (Double, Double) {
    let (x, z) = (network.tensors[op.inputs[0]], network.tensors[op.output])
    let r = op.record
    let isDepthwise = op.code == .depthwiseConvolution
    let depth = isDepthwise ? 1 : x.channels
    let taps = r.kernelHeight * r.kernelWidth
    let both = NetworkBuilder.plain(op.weights!, channels: z.channels, terms: depth * taps)
    let coarse = isCoarse && !both.coarse.isEmpty
    let weights = coarse ? both.coarse : both.full
    let constants = coarse ? op.coarseConstants! : op.constants!
    let area = z.height * z.width
    var out = [Int?](repeating: nil, count: z.channels * area)
    var real = [Float](repeating: 0, count: z.channels * area)
    var terms = 0
    for n in 0..<z.channels where isLive(op.outputGate, n) {
      for y in 0..<z.height {
        for column in 0..<z.width {
          var acc = Int(constants.biasU8[n])
          for d in 0..<depth {
            let c = isDepthwise ? n : d
            let isIn = isLive(op.inputGate, c)
            if isIn { terms += taps }
            for ky in 0..<r.kernelHeight {
              for kx in 0..<r.kernelWidth {
                let row = y * r.strideY + ky * r.dilationY - r.padTop
                let across = column * r.strideX + kx * r.dilationX - r.padLeft
                let zero = x.zeroPoints.count == 1 ? x.zeroPoints[0] : x.zeroPoints[c]
                var q = zero
                if !isIn {
                  q = op.gateMeans.isEmpty ? zero : Int(op.gateMeans[c])
                } else if row >= 0 && row < x.height && across >= 0 && across < x.width {
                  q = bytes[op.inputs[0]][(c * x.height + row) * x.width + across]!
                }
                acc += q * weights[(n * depth + d) * taps + ky * r.kernelWidth + kx]
              }
            }
          }
          let at = n * area + y * z.width + column
          let value = Float(acc) * constants.scale[n]
          switch r.epilogue {
          case .linear: out[at] = Self.saturated(Int(value.rounded(.toNearestOrEven)))
          case .residual:
            let sum = value + Float(bytes[op.inputs[1]][at]!) * r.a
            out[at] = Self.saturated(Int(sum.rounded(.toNearestOrEven)))
          case .hardSwish:
            let bent = value * min(max(value + 3, 0), 6)
            let q = Int((bent * op.outScale[n]).rounded(.toNearestOrEven)) + Int(op.outZero[n])
            out[at] = Self.saturated(q)
          case .float: real[at] = value
          }
        }
      }
    }
    bytes[op.output] = out
    floats[op.output] = real
    return (Double(z.channels * area * depth * taps), Double(terms))
  }
}
