import SwiftletCore
import SwiftletWriter

// Float steps and encodings to operators of the file: records and constants.

/// What a layer's epilogue is told, before its weights are known.
package struct EpilogueTarget: Sendable {
  package let kind: EpilogueKind
  /// What one unit of the layer's real sum becomes in output steps, for each channel (hard-swish
  /// and float: 1, the sum stays real).
  package let gain: [Float]
  /// Added in the same unit.
  package let shift: [Float]
  /// Residual: real value of a step over the output's.
  package let residualScale: Float
  package let outScale: [Float]
  package let outZero: [Int32]

  package init(_ layer: Layer, output: Encoding, isFloat: Bool, residual: Encoding?) {
    let channels = 0..<layer.outputs
    var residualScale: Float = 0
    if let residual { residualScale = residual.scale(0) / output.scale(0) }
    self.residualScale = residualScale
    let back = residual.map { Float($0.zero(0)) * residualScale } ?? 0
    switch layer.activation {
    case _ where isFloat:
      kind = .float
      gain = channels.map { _ in 1 }
      shift = channels.map { _ in 0 }
      (outScale, outZero) = ([], [])
    case .clamp:
      kind = residual == nil ? .linear : .residual
      gain = channels.map { 1 / output.scale($0) }
      shift = channels.map { Float(output.zero($0)) - back }
      (outScale, outZero) = ([], [])
    case .hardSigmoid(let alpha, let beta):
      kind = .linear
      gain = channels.map { alpha / output.scale($0) }
      shift = channels.map { Float(output.zero($0)) + beta / output.scale($0) }
      (outScale, outZero) = ([], [])
    case .hardSwish:
      kind = .hardSwish
      gain = channels.map { _ in 1 }
      shift = channels.map { _ in 0 }
      outScale = channels.map { 1 / (6 * output.scale($0)) }
      outZero = channels.map { Int32(output.zero($0)) }
    }
  }

  /// Rows whose weights cannot be told from zero beside their bias: an accumulator in steps of
  /// them could not hold it.
  package func silentRows(_ layer: Layer, input: Encoding) -> [Bool] {
    let depth = layer.depth
    return (0..<layer.outputs).map { n in
      let row = layer.weights[n * depth..<(n + 1) * depth]
      let top = row.reduce(Float(0)) { max($0, abs($1)) }
      let step = top / 127 * input.scale(layer.isDepthwise ? n : 0) * gain[n]
      if !(step > 0) || !step.isFinite { return true }
      if kind == .linear || kind == .residual { return step < 1e-6 }
      return abs(layer.bias[n] * gain[n] + shift[n]) / step > 0x1p28
    }
  }

  /// Constants for weights in whole steps, [rows, depth].
  ///
  /// - Parameter bias: the real bias of each channel, corrections included.
  package func constants(
    _ layer: Layer, steps: [Float], scales: [Float], silent: [Bool], bias: [Double],
    input: Encoding
  ) -> QuantizedConstants {
    let depth = layer.depth
    let taps = layer.window.taps
    var out = QuantizedConstants(scale: [], biasU8: [])
    for n in 0..<layer.outputs {
      let wanted = bias[n] * Double(gain[n]) + Double(shift[n])
      var scale = input.scale(layer.isDepthwise ? n : 0) * scales[n] * gain[n]
      if silent[n] || !(scale > 0) || !scale.isFinite {
        scale = Float(max(abs(wanted), 1e-3)) * 0x1p-20
      }
      var zeros = 0.0
      for k in 0..<depth {
        let channel = layer.isDepthwise ? n : k / taps
        zeros += Double(steps[n * depth + k]) * Double(input.zero(channel))
      }
      // Beyond these bounds every output is saturated anyway.
      let limit = Double(0x1p29)
      let start = min(max((wanted / Double(scale)).rounded(.toNearestOrEven), -limit), limit)
      out.scale.append(scale)
      out.biasU8.append(Int32(min(max(start - zeros, -limit * 1.5), limit * 1.5)))
    }
    return out
  }
}

extension FloatPlan {
  /// Tensors of the file.
  func quantizedTensors(_ encodings: [Encoding]) -> [QuantizedTensor] {
    tensors.indices.map { i in
      let t = tensors[i]
      let e = encodings[i]
      let kind: ElementKind =
        i == image ? .pixels : t.isFloat ? .float32 : e.isPerChannel ? .uint8PerChannel : .uint8
      return QuantizedTensor(
        name: t.name, kind: kind, channels: t.channels, height: t.height, width: t.width,
        scales: kind == .float32 ? [0] : kind == .pixels ? [1] : e.scales,
        zeroPoints: kind == .float32 ? [0] : e.zeros)
    }
  }

  /// The operator of a step, without weights and constants.
  func quantizedOperator(_ step: PlanStep, _ encodings: [Encoding]) -> QuantizedOperator {
    var op = QuantizedOperator(
      code: .lookup, name: step.name, inputs: step.inputs, output: step.output)
    (op.inputGate, op.outputGate) = (step.inputGate, step.outputGate)
    let x = encodings[step.inputs[0]]
    let y = encodings[step.inputs.count > 1 ? step.inputs[1] : step.inputs[0]]
    let z = encodings[step.output]
    let (sx, sy, sz) = (x.scale(0), y.scale(0), z.scale(0))
    switch step.kind {
    case .layer(let layer):
      op.code =
        layer.isDepthwise
        ? .depthwiseConvolution : step.inputs[0] == image ? .pixelConvolution : .convolution
      op.record.setWindow(layer.window)
    case .add(let a, let b, _, _):
      op.code = .add
      op.record.a = a * sx / sz
      op.record.b = b * sy / sz
      op.record.c =
        Float(z.zero(0)) - Float(x.zero(0)) * op.record.a - Float(y.zero(0)) * op.record.b
    case .multiply, .scaleChannels:
      if case .multiply = step.kind { op.code = .multiply } else { op.code = .scaleChannels }
      op.record.a = Float(Double(sx) * Double(sy) / Double(sz))
    case .maxPool(let window):
      op.code = .maxPool
      op.record.setWindow(window)
    case .averagePool(let window, let countsPadding):
      op.code = .averagePool
      op.record.setWindow(window)
      op.record.option = countsPadding ? 1 : 0
      op.record.a = sx / sz
    case .globalAveragePool:
      op.code = .globalAveragePool
      op.record.a = sx / sz
    case .gate(let threshold):
      op.code = .gate
      op.record.a = threshold
    case .lookup(let function):
      op.lookupTable = (0..<256).map { q in
        let value = function(sx * Float(q - x.zero(0))) / sz
        let rounded = value == value ? value.rounded(.toNearestOrEven) : 0
        return UInt8(min(max(rounded + Float(z.zero(0)), 0), 255))
      }
    case .concat: op.code = .concat
    case .slice(let channel, let top, let left, let stepY, let stepX):
      op.code = .slice
      (op.record.startChannel, op.record.startY, op.record.startX) = (channel, top, left)
      (op.record.strideY, op.record.strideX) = (stepY, stepX)
    case .pad(let top, let left, let insertY, let insertX):
      op.code = .pad
      (op.record.padTop, op.record.padLeft) = (top, left)
      (op.record.strideY, op.record.strideX) = (insertY, insertX)
    case .resize(let attributes):
      op.code = attributes.isLinear ? .resizeLinear : .resizeNearest
      op.record.option = ResizeMap(attributes).option
    case .prelu(let slopes):
      op.code = .prelu
      op.slopes = slopes
    case .softmax: op.code = .softmax
    case .dequantize: op.code = .dequantize
    }
    return op
  }
}

extension OperatorRecord {
  mutating func setWindow(_ window: Window) {
    (kernelHeight, kernelWidth) = (window.kernelHeight, window.kernelWidth)
    (strideY, strideX) = (window.strideY, window.strideX)
    (dilationY, dilationX) = (window.dilationY, window.dilationX)
    (padTop, padLeft) = (window.padTop, window.padLeft)
    (padBottom, padRight) = (window.padBottom, window.padRight)
  }
}
