import SwiftletGraph

/// Runs a `FloatPlan` in float, one image at a time. Images are [C][H][W].
package struct FloatExecutor: Sendable {
  package let plan: FloatPlan
  /// Number of the last step that reads a tensor; Int.max for outputs.
  private let lastUse: [Int]

  package init(_ plan: FloatPlan) {
    self.plan = plan
    var last = [Int](repeating: -1, count: plan.tensors.count)
    for (i, step) in plan.steps.enumerated() {
      for input in step.reads { last[input] = i }
    }
    for output in plan.outputs { last[output] = .max }
    lastUse = last
  }

  /// Pixels [H][W][C] as the plan's image: [C][H][W], less the zero of their channel.
  package func image(_ pixels: [UInt8]) -> [Float] {
    let t = plan.tensors[plan.image]
    let area = t.height * t.width
    var out = [Float](repeating: 0, count: t.count)
    for c in 0..<t.channels {
      let zero = Float(plan.pixelZeros[c])
      for i in 0..<area { out[c * area + i] = Float(pixels[i * t.channels + c]) - zero }
    }
    return out
  }

  /// The outputs for one image. `observe` sees each tensor as it is made and may change it.
  ///
  /// - Parameter isOpen: every gate is.
  package func run(
    _ image: [Float], isOpen: Bool = false, observe: (Int, inout [Float]) -> Void = { _, _ in }
  ) -> [[Float]] {
    var values = [[Float]?](repeating: nil, count: plan.tensors.count)
    var first = image
    observe(plan.image, &first)
    values[plan.image] = first
    for (i, step) in plan.steps.enumerated() {
      var result = run(
        step, step.inputs.map { values[$0]! }, gate: step.outputGate.map { values[$0]! },
        isOpen: isOpen)
      observe(step.output, &result)
      values[step.output] = result
      for input in step.reads where lastUse[input] == i { values[input] = nil }
    }
    return plan.outputs.map { values[$0]! }
  }

  /// One step; groups of the output that `gate` closes are 0.
  package func run(
    _ step: PlanStep, _ inputs: [[Float]], gate: [Float]?, isOpen: Bool
  ) -> [Float] {
    if isOpen, case .gate = step.kind { return inputs[0].map { _ in 1 } }
    var out = run(step, inputs)
    guard let gate, !isOpen else { return out }
    let area = plan.tensors[step.output].height * plan.tensors[step.output].width
    for i in out.indices where gate[i / area / Gating.group] == 0 { out[i] = 0 }
    return out
  }

  private func run(_ step: PlanStep, _ inputs: [[Float]]) -> [Float] {
    let x = inputs[0]
    let tx = plan.tensors[step.inputs[0]]
    let tz = plan.tensors[step.output]
    switch step.kind {
    case .layer(let layer): return run(layer, x, inputs.count > 1 ? inputs[1] : nil, tx, tz)
    case .add(let a, let b, let low, let high):
      let y = inputs[1]
      return x.indices.map { min(max(x[$0] * a + y[$0] * b, low), high) }
    case .multiply:
      let y = inputs[1]
      return x.indices.map { x[$0] * y[$0] }
    case .scaleChannels:
      let area = tx.height * tx.width
      var out = x
      for c in 0..<tx.channels {
        let factor = inputs[1][c]
        for i in c * area..<(c + 1) * area { out[i] *= factor }
      }
      return out
    case .maxPool(let window): return pool(x, tx, tz, window, isMaximum: true, countsPadding: false)
    case .averagePool(let window, let countsPadding):
      return pool(x, tx, tz, window, isMaximum: false, countsPadding: countsPadding)
    case .globalAveragePool:
      let area = tx.height * tx.width
      return (0..<tx.channels).map { c in
        var sum = 0.0
        for i in c * area..<(c + 1) * area { sum += Double(x[i]) }
        return Float(sum / Double(area))
      }
    case .gate(let threshold):
      return Gating.live(x, threshold: threshold).map { $0 ? 1 : 0 }
    case .lookup(let function): return x.map { function($0) }
    case .concat: return Array(inputs.joined())
    case .slice(let channel, let y, let column, let stepY, let stepX):
      var out = [Float]()
      out.reserveCapacity(tz.count)
      for c in 0..<tz.channels {
        for row in 0..<tz.height {
          let base = ((channel + c) * tx.height + y + row * stepY) * tx.width + column
          for i in 0..<tz.width { out.append(x[base + i * stepX]) }
        }
      }
      return out
    case .pad(let top, let left, let insertY, let insertX):
      var out = [Float](repeating: 0, count: tz.count)
      for c in 0..<tx.channels {
        for y in 0..<tx.height {
          let to = (c * tz.height + top + y * insertY) * tz.width + left
          for i in 0..<tx.width { out[to + i * insertX] = x[(c * tx.height + y) * tx.width + i] }
        }
      }
      return out
    case .resize(let attributes): return resize(x, tx, tz, ResizeMap(attributes))
    case .prelu(let slopes):
      let area = tx.height * tx.width
      return x.indices.map { x[$0] < 0 ? x[$0] * slopes[$0 / area] : x[$0] }
    case .softmax:
      let top = x.max() ?? 0
      let powers = x.map { _exp(Double($0 - top)) }
      let sum = powers.reduce(0, +)
      return powers.map { Float($0 / sum) }
    case .dequantize: return x
    }
  }

  private func run(
    _ layer: Layer, _ x: [Float], _ residual: [Float]?, _ tx: PlanTensor, _ tz: PlanTensor
  ) -> [Float] {
    let geometry = LayerGeometry(layer, tx, tz)
    var out = [Float](repeating: 0, count: tz.count)
    let border = [Float](repeating: 0, count: tx.channels)
    let area = geometry.positions
    out.withUnsafeMutableBufferPointer { out in
      x.withUnsafeBufferPointer { x in
        layer.weights.withUnsafeBufferPointer { w in
          geometry.sums(
            x.baseAddress!, border: border, weights: w.baseAddress!, into: out.baseAddress!)
        }
      }
      for n in 0..<layer.outputs {
        let b = layer.bias[n]
        for i in n * area..<(n + 1) * area { out[i] += b }
      }
      if let residual {
        for i in 0..<out.count { out[i] += residual[i] }
      }
      switch layer.activation {
      case .clamp(let low, let high):
        if low > -.infinity || high < .infinity {
          for i in 0..<out.count { out[i] = min(max(out[i], low), high) }
        }
      case .hardSigmoid(let alpha, let beta):
        for i in 0..<out.count { out[i] = min(max(alpha * out[i] + beta, 0), 1) }
      case .hardSwish:
        for i in 0..<out.count { out[i] = out[i] * min(max(out[i] + 3, 0), 6) / 6 }
      }
    }
    return out
  }

  private func pool(
    _ x: [Float], _ tx: PlanTensor, _ tz: PlanTensor, _ w: Window, isMaximum: Bool,
    countsPadding: Bool
  ) -> [Float] {
    var out = [Float](repeating: 0, count: tz.count)
    for c in 0..<tz.channels {
      for oy in 0..<tz.height {
        for ox in 0..<tz.width {
          var (sum, top, count) = (Float(0), -Float.infinity, 0)
          for ky in 0..<w.kernelHeight {
            let y = oy * w.strideY + ky * w.dilationY - w.padTop
            if y < 0 || y >= tx.height { continue }
            for kx in 0..<w.kernelWidth {
              let px = ox * w.strideX + kx * w.dilationX - w.padLeft
              if px < 0 || px >= tx.width { continue }
              let v = x[(c * tx.height + y) * tx.width + px]
              sum += v
              top = max(top, v)
              count += 1
            }
          }
          let n = countsPadding ? w.taps : count
          out[(c * tz.height + oy) * tz.width + ox] =
            isMaximum ? (count > 0 ? top : 0) : n > 0 ? sum / Float(n) : 0
        }
      }
    }
    return out
  }

  private func resize(
    _ x: [Float], _ tx: PlanTensor, _ tz: PlanTensor, _ map: ResizeMap
  ) -> [Float] {
    var out = [Float]()
    out.reserveCapacity(tz.count)
    let rows = (0..<tz.height).map { map.source($0, tx.height, tz.height) }
    let columns = (0..<tz.width).map { map.source($0, tx.width, tz.width) }
    for c in 0..<tz.channels {
      for row in rows {
        for column in columns {
          func at(_ y: Int, _ px: Int) -> Float { x[(c * tx.height + y) * tx.width + px] }
          let top = at(row.low, column.low)
          if !map.isLinear {
            out.append(top)
            continue
          }
          let upper = top + (at(row.low, column.high) - top) * column.fraction
          let start = at(row.high, column.low)
          let lower = start + (at(row.high, column.high) - start) * column.fraction
          out.append(upper + (lower - upper) * row.fraction)
        }
      }
    }
    return out
  }
}

/// Which input an output of a resize reads along one axis.
package struct ResizeMap: Sendable {
  package let isLinear: Bool
  /// 0 asymmetric, 1 half-pixel, 2 aligned corners, as in the model file.
  package let rule: Int
  /// 0 floor, 1 halves down, 2 halves up, 3 ceiling, as in the model file.
  package let rounding: Int

  package init(_ attributes: ResizeAttributes) {
    isLinear = attributes.isLinear
    rule =
      switch attributes.coordinates {
      case .asymmetric: 0
      case .alignCorners: 2
      default: 1
      }
    rounding =
      switch attributes.nearest {
      case .floor: 0
      case .roundPreferFloor: 1
      case .roundPreferCeil: 2
      case .ceil: 3
      }
  }

  package init(option: Int, isLinear: Bool) {
    self.isLinear = isLinear
    rule = option & 15
    rounding = option >> 4
  }

  /// The record's `option`.
  package var option: Int { rule | (isLinear ? 0 : rounding << 4) }

  package func source(_ i: Int, _ from: Int, _ to: Int) -> (low: Int, high: Int, fraction: Float) {
    let ratio = Float(from) / Float(to)
    let at: Float =
      switch rule {
      case 1: (Float(i) + 0.5) * ratio - 0.5
      case 2: to == 1 ? 0 : Float(i) * (Float(from - 1) / Float(to - 1))
      default: Float(i) * ratio
      }
    if isLinear {
      let inside = min(max(at, 0), Float(from - 1))
      let low = Int(inside)
      return (low, min(low + 1, from - 1), inside - Float(low))
    }
    let whole: Float =
      switch rounding {
      case 1: (at - 0.5).rounded(.up)
      case 2: (at + 0.5).rounded(.down)
      case 3: at.rounded(.up)
      default: at.rounded(.down)
      }
    let index = min(max(Int(whole), 0), from - 1)
    return (index, index, 0)
  }
}
