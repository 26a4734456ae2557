import SwiftletCore
import SwiftletGraph
import SwiftletWriter

/// Runs a quantised network exactly as docs/architecture.md defines it, plainly and slowly: the
/// quantiser's own oracle, and its way to see what earlier layers have done.
package struct IntegerSimulator: Sendable {
  /// One tensor of one image, [C][H][W].
  package enum Value: Sendable, Equatable {
    case bytes([UInt8])
    case floats([Float])

    package var bytes: [UInt8] {
      if case .bytes(let values) = self { return values }
      return []
    }

    package var floats: [Float] {
      if case .floats(let values) = self { return values }
      return []
    }
  }

  private struct Prepared: Sendable {
    var geometry: LayerGeometry
    var weights: [Float]
    var constants: QuantizedConstants
    var border: [Float]
  }

  package let tensors: [QuantizedTensor]
  package private(set) var operators: [QuantizedOperator] = []
  private var prepared: [Prepared?] = []
  /// nested8 layers run with their first plane alone.
  package let isCoarse: Bool
  private let input: Int
  private let outputs: [Int]

  package init(_ network: QuantizedNetwork, isCoarse: Bool = false) {
    tensors = network.tensors
    input = network.input
    outputs = network.outputs
    self.isCoarse = isCoarse
    for op in network.operators { append(op) }
  }

  package mutating func append(_ op: QuantizedOperator) {
    operators.append(op)
    guard let weights = op.weights, let constants = op.constants else {
      prepared.append(nil)
      return
    }
    let x = tensors[op.inputs[0]]
    let z = tensors[op.output]
    var window = Window()
    let r = op.record
    (window.kernelHeight, window.kernelWidth) = (r.kernelHeight, r.kernelWidth)
    (window.strideY, window.strideX) = (r.strideY, r.strideX)
    (window.dilationY, window.dilationX) = (r.dilationY, r.dilationX)
    (window.padTop, window.padLeft) = (r.padTop, r.padLeft)
    (window.padBottom, window.padRight) = (r.padBottom, r.padRight)
    let isDepthwise = op.code == .depthwiseConvolution
    let geometry = LayerGeometry(
      window: window, isDepthwise: isDepthwise, channels: x.channels, height: x.height,
      width: x.width, outputs: z.channels, outputHeight: z.height, outputWidth: z.width)
    let usesCoarse = isCoarse && op.coarseConstants != nil
    prepared.append(
      Prepared(
        geometry: geometry,
        weights: Self.decode(weights, depth: geometry.depth, isCoarse: usesCoarse),
        constants: usesCoarse ? op.coarseConstants! : constants,
        border: (0..<x.channels).map { Float(x.zeroPoints[x.zeroPoints.count == 1 ? 0 : $0]) }))
  }

  /// Weights as whole numbers, in the same order. `depth`: weights of one output channel.
  package static func decode(
    _ weights: QuantizedWeights, depth: Int, isCoarse: Bool
  ) -> [Float] {
    switch weights {
    case .int8(let values): return values.map { Float($0) }
    case .code4(let codes, let tables, let perTable):
      return codes.indices.map { Float(tables[$0 / depth / perTable][Int(codes[$0])]) }
    case .nested8(let coarse, let tables, let fine, let fineTables, let perTable):
      return coarse.indices.map { i in
        let t = i / depth / perTable
        let hi = Float(tables[t][Int(coarse[i])])
        return isCoarse ? hi : 2 * hi + Float(fineTables[t][Int(fine[i])])
      }
    }
  }

  /// The float outputs for pixels [H][W][C].
  ///
  /// - Parameter shift: added to the thresholds of gates; nil opens them all.
  package func run(pixels: [UInt8], shift: Float? = nil) -> [[Float]] {
    var values = [Value?](repeating: nil, count: tensors.count)
    values[input] = image(pixels)
    for (i, op) in operators.enumerated() {
      values[op.output] = run(
        i, op.inputs.map { values[$0]! }, gate: op.outputGate.map { values[$0]!.bytes },
        shift: shift)
    }
    return outputs.map { values[$0]!.floats }
  }

  /// Pixels [H][W][C] as planes.
  package func image(_ pixels: [UInt8]) -> Value {
    let t = tensors[input]
    let area = t.height * t.width
    var out = [UInt8](repeating: 0, count: t.channels * area)
    for c in 0..<t.channels {
      for i in 0..<area { out[c * area + i] = pixels[i * t.channels + c] }
    }
    return .bytes(out)
  }

  /// One operator; groups of the output that `gate` closes hold the zero point.
  package func run(
    _ index: Int, _ inputs: [Value], gate: [UInt8]?, shift: Float? = nil
  ) -> Value {
    let op = operators[index]
    if op.code == .gate {
      let threshold = op.record.a + (shift ?? -.infinity)
      return .bytes(Gating.live(inputs[0].floats, threshold: threshold).map { $0 ? 1 : 0 })
    }
    guard let gate, gate.contains(0), case .bytes(var out) = run(index, inputs) else {
      return run(index, inputs)
    }
    let z = tensors[op.output]
    let area = z.height * z.width
    for i in out.indices where gate[i / area / Gating.group] == 0 {
      out[i] = UInt8(z.zeroPoints[z.zeroPoints.count == 1 ? 0 : i / area])
    }
    return .bytes(out)
  }

  private func run(_ index: Int, _ inputs: [Value]) -> Value {
    let op = operators[index]
    let x = inputs[0].bytes
    let tx = tensors[op.inputs[0]]
    let tz = tensors[op.output]
    let r = op.record
    let area = tx.height * tx.width
    let (zx, zz) = (Float(tx.zeroPoints[0]), Float(tz.zeroPoints[0]))
    switch op.code {
    case .convolution, .pixelConvolution, .depthwiseConvolution:
      return layer(index, x, inputs.count > 1 ? inputs[1].bytes : nil)
    case .add:
      let y = inputs[1].bytes
      return .bytes(
        x.indices.map { saturate((Float(x[$0]) * r.a + Float(y[$0]) * r.b) + r.c) })
    case .multiply:
      let y = inputs[1].bytes
      let zy = Int32(tensors[op.inputs[1]].zeroPoints[0])
      return .bytes(
        x.indices.map {
          let product = (Int32(x[$0]) - Int32(zx)) * (Int32(y[$0]) - zy)
          return saturate((Float(product) * r.a).rounded(.toNearestOrEven) + zz)
        })
    case .scaleChannels:
      let y = inputs[1].bytes
      let zy = Int32(tensors[op.inputs[1]].zeroPoints[0])
      return .bytes(
        x.indices.map {
          let product = (Int32(x[$0]) - Int32(zx)) * (Int32(y[$0 / area]) - zy)
          return saturate((Float(product) * r.a).rounded(.toNearestOrEven) + zz)
        })
    case .globalAveragePool:
      return .bytes(
        (0..<tx.channels).map { c in
          var sum: Int32 = 0
          for i in c * area..<(c + 1) * area { sum += Int32(x[i]) }
          let offset = sum - Int32(area) * Int32(zx)
          return saturate((Float(offset) * (r.a / Float(area))).rounded(.toNearestOrEven) + zz)
        })
    case .maxPool, .averagePool: return pool(op, x, tx, tz)
    case .lookup: return .bytes(x.map { op.lookupTable[Int($0)] })
    case .concat: return .bytes(inputs.flatMap { $0.bytes })
    case .slice:
      var out = [UInt8]()
      for c in 0..<tz.channels {
        for y in 0..<tz.height {
          let base =
            ((r.startChannel + c) * tx.height + r.startY + y * r.strideY) * tx.width + r.startX
          for i in 0..<tz.width { out.append(x[base + i * r.strideX]) }
        }
      }
      return .bytes(out)
    case .pad:
      var out = [UInt8](
        repeating: UInt8(tz.zeroPoints[0]), count: tz.channels * tz.height * tz.width)
      for c in 0..<tx.channels {
        for y in 0..<tx.height {
          let to = (c * tz.height + r.padTop + y * r.strideY) * tz.width + r.padLeft
          for i in 0..<tx.width {
            out[to + i * r.strideX] = x[(c * tx.height + y) * tx.width + i]
          }
        }
      }
      return .bytes(out)
    case .resizeNearest, .resizeLinear: return resize(op, x, tx, tz)
    case .prelu:
      let factor = tx.scales[0] / tz.scales[0]
      return .bytes(
        x.indices.map { i in
          let real = Float(x[i]) - zx
          let sloped = real < 0 ? real * op.slopes[i / area] : real
          return saturate((sloped * factor).rounded(.toNearestOrEven) + zz)
        })
    case .softmax:
      let values = inputs[0].floats
      let top = values.max() ?? 0
      let powers = values.map { _exp(Double($0 - top)) }
      let sum = powers.reduce(0, +)
      return .floats(powers.map { Float($0 / sum) })
    case .dequantize: return .floats(x.map { tx.scales[0] * (Float($0) - zx) })
    case .gate: return .bytes([])  // `run` above answers.
    }
  }

  @inline(__always)
  private func saturate(_ x: Float) -> UInt8 {
    UInt8(min(max(x.rounded(.toNearestOrEven), 0), 255))
  }

  private func layer(_ index: Int, _ x: [UInt8], _ residual: [UInt8]?) -> Value {
    let op = operators[index]
    let p = prepared[index]!
    let area = p.geometry.positions
    let total = p.geometry.outputs * area
    let image = x.map { Float($0) }
    let sums = UnsafeMutablePointer<Int32>.allocate(capacity: total)
    defer { sums.deallocate() }
    image.withUnsafeBufferPointer { image in
      p.weights.withUnsafeBufferPointer { weights in
        p.geometry.wholeSums(
          image.baseAddress!, border: p.border, weights: weights.baseAddress!, into: sums)
      }
    }
    if op.record.epilogue == .float {
      var out = [Float](repeating: 0, count: total)
      for n in 0..<p.geometry.outputs {
        for i in n * area..<(n + 1) * area {
          out[i] = Float(sums[i] &+ p.constants.biasU8[n]) * p.constants.scale[n]
        }
      }
      return .floats(out)
    }
    var out = [UInt8](repeating: 0, count: total)
    for n in 0..<p.geometry.outputs {
      let bias = p.constants.biasU8[n]
      let scale = p.constants.scale[n]
      switch op.record.epilogue {
      case .hardSwish:
        let (outScale, outZero) = (op.outScale[n], Float(op.outZero[n]))
        for i in n * area..<(n + 1) * area {
          let v = Float(sums[i] &+ bias) * scale
          let y = v * min(max(v + 3, 0), 6)
          out[i] = saturate((y * outScale).rounded(.toNearestOrEven) + outZero)
        }
      case .residual:
        let residual = residual!
        for i in n * area..<(n + 1) * area {
          out[i] = saturate(Float(sums[i] &+ bias) * scale + Float(residual[i]) * op.record.a)
        }
      default:
        for i in n * area..<(n + 1) * area { out[i] = saturate(Float(sums[i] &+ bias) * scale) }
      }
    }
    return .bytes(out)
  }

  private func pool(
    _ op: QuantizedOperator, _ x: [UInt8], _ tx: QuantizedTensor, _ tz: QuantizedTensor
  ) -> Value {
    let r = op.record
    let isMaximum = op.code == .maxPool
    let zero = Int32(tx.zeroPoints[0])
    var out = [UInt8](repeating: 0, count: tz.channels * tz.height * tz.width)
    for c in 0..<tz.channels {
      for oy in 0..<tz.height {
        for ox in 0..<tz.width {
          var (sum, top, count) = (Int32(0), UInt8(0), Int32(0))
          for ky in 0..<r.kernelHeight {
            let y = oy * r.strideY + ky * r.dilationY - r.padTop
            if y < 0 || y >= tx.height { continue }
            for kx in 0..<r.kernelWidth {
              let px = ox * r.strideX + kx * r.dilationX - r.padLeft
              if px < 0 || px >= tx.width { continue }
              let v = x[(c * tx.height + y) * tx.width + px]
              sum += Int32(v)
              top = max(top, v)
              count += 1
            }
          }
          let at = (c * tz.height + oy) * tz.width + ox
          if isMaximum {
            out[at] = top
          } else {
            let offset = sum - count * zero
            let n = r.option != 0 ? Float(r.kernelHeight * r.kernelWidth) : Float(count)
            out[at] = saturate(
              (Float(offset) * (r.a / n)).rounded(.toNearestOrEven) + Float(tz.zeroPoints[0]))
          }
        }
      }
    }
    return .bytes(out)
  }

  private func resize(
    _ op: QuantizedOperator, _ x: [UInt8], _ tx: QuantizedTensor, _ tz: QuantizedTensor
  ) -> Value {
    let map = ResizeMap(option: op.record.option, isLinear: op.code == .resizeLinear)
    let rows = (0..<tz.height).map { map.source($0, tx.height, tz.height) }
    let columns = (0..<tz.width).map { map.source($0, tx.width, tz.width) }
    var out = [UInt8]()
    out.reserveCapacity(tz.channels * tz.height * tz.width)
    for c in 0..<tz.channels {
      for row in rows {
        for column in columns {
          func at(_ y: Int, _ px: Int) -> Float { Float(x[(c * tx.height + y) * tx.width + px]) }
          let top = at(row.low, column.low)
          if !map.isLinear {
            out.append(UInt8(top))
            continue
          }
          let upper = top + (at(row.low, column.high) - top) * column.fraction
          let start = at(row.high, column.low)
          let lower = start + (at(row.high, column.high) - start) * column.fraction
          out.append(saturate(upper + (lower - upper) * row.fraction))
        }
      }
    }
    return .bytes(out)
  }
}
