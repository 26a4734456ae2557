import SwiftletGraph

extension Lowering {
  /// One node; on failure a complaint is added and its outputs stay unknown.
  mutating func lower(_ node: Node) {
    let dynamic = node.inputs.filter { !$0.isEmpty && graph.constants[$0] == nil }
    // An input without tensor was already complained about (or made by a node that was).
    for name in dynamic where values[name] == nil {
      if complaints.isEmpty { refuse(node, "input \(name) is unknown") }
      return
    }
    switch node.operation {
    case .convolution(let attributes): lowerConvolution(node, attributes)
    case .transposedConvolution(let attributes): lowerTransposed(node, attributes)
    case .gemm(let attributes):
      lowerGemm(
        node, transposed: attributes.transposesB, alpha: attributes.alpha, beta: attributes.beta,
        transposedA: attributes.transposesA)
    case .matMul: lowerGemm(node, transposed: false, alpha: 1, beta: 1, transposedA: false)
    case .batchNormalization(let epsilon): lowerNormalization(node, epsilon)
    case .activation(.none), .dropout: alias(node)
    case .activation(let activation): lowerLookup(node, .activation(activation))
    case .clip:
      let low = node.inputs.count > 1 ? constant(node.inputs[1])?.first : nil
      let high = node.inputs.count > 2 ? constant(node.inputs[2])?.first : nil
      lowerLookup(
        node, .activation(.clip(minimum: low ?? -.infinity, maximum: high ?? .infinity)))
    case .unary(let function): lowerLookup(node, .unary(function))
    case .prelu: lowerPRelu(node)
    case .binary(let function): lowerBinary(node, function)
    case .gate(let threshold): lowerGate(node, threshold: threshold)
    case .globalAveragePool: lowerGlobalAverage(node)
    case .reduce(let attributes): lowerReduce(node, attributes)
    case .maxPool(let attributes): lowerPool(node, attributes, isMaximum: true)
    case .averagePool(let attributes): lowerPool(node, attributes, isMaximum: false)
    case .concat(let axis): lowerConcat(node, axis)
    case .split(let axis, let sizes): lowerSplit(node, axis, sizes)
    case .slice(let attributes): lowerSlice(node, attributes)
    case .pad(let attributes): lowerPad(node, attributes)
    case .resize(let attributes): lowerResize(node, attributes)
    case .softmax(let axis), .softmaxFlattened(let axis): lowerSoftmax(node, axis)
    case .reshape, .flatten, .squeeze, .unsqueeze: lowerReshape(node)
    default: refuse(node, "the runtime has no such operator")
    }
  }

  private mutating func alias(_ node: Node) {
    values[node.outputs[0]] = values[node.inputs[0]]
  }

  // MARK: elementwise

  private mutating func lowerLookup(_ node: Node, _ function: ElementFunction) {
    guard let x = tensor(node.inputs[0]) else { return refuse(node, "input is a constant") }
    let input = readable(x)
    let output = makeTensor(node.outputs[0], like: input)
    bound(output, by: function)
    append(node.name, .lookup(function), [input], output)
    values[node.outputs[0]] = output
  }

  /// The bounds that a function never leaves.
  mutating func bound(_ tensor: Int, by function: ElementFunction) {
    guard case .activation(let activation) = function else { return }
    switch activation {
    case .relu: plan.tensors[tensor].low = 0
    case .clip(let low, let high):
      plan.tensors[tensor].low = min(low, 0)
      plan.tensors[tensor].high = max(high, 0)
    case .sigmoid, .hardSigmoid:
      plan.tensors[tensor].low = 0
      plan.tensors[tensor].high = 1
    case .tanh:
      plan.tensors[tensor].low = -1
      plan.tensors[tensor].high = 1
    case .hardSwish: plan.tensors[tensor].low = -0.375
    case .silu: plan.tensors[tensor].low = -0.2785
    case .gelu: plan.tensors[tensor].low = -0.1701
    case .none, .leakyRelu: break
    }
  }

  private mutating func lowerPRelu(_ node: Node) {
    guard let x = tensor(node.inputs[0]) else { return refuse(node, "input is a constant") }
    guard let slopes = constant(node.inputs[1]) else {
      return refuse(node, "slopes are computed, not constant")
    }
    let input = readable(x)
    let channels = plan.tensors[input].channels
    guard slopes.count == 1 || slopes.count == channels else {
      return refuse(node, "\(slopes.count) slopes for \(channels) channels")
    }
    let output = makeTensor(node.outputs[0], like: input)
    let all = slopes.count == 1 ? [Float](repeating: slopes[0], count: channels) : slopes
    append(node.name, .prelu(all), [input], output)
    values[node.outputs[0]] = output
  }

  private mutating func lowerBinary(_ node: Node, _ function: BinaryFunction) {
    if function == .greater {
      return refuse(node, "a comparison is read as a gate only, in the form of docs/onnx.md")
    }
    let isConstant = node.inputs.prefix(2).map { graph.constants[$0] != nil }
    if isConstant[0] != isConstant[1] {
      return lowerAffine(node, function, constantFirst: isConstant[0])
    }
    guard let first = tensor(node.inputs[0]), let second = tensor(node.inputs[1]) else {
      return refuse(node, "both inputs are constants")
    }
    let (x, y) = (readable(first), readable(second))
    let (tx, ty) = (plan.tensors[x], plan.tensors[y])
    let isSame = tx.channels == ty.channels && tx.height == ty.height && tx.width == ty.width
    switch function {
    case .add, .subtract:
      guard isSame else { return refuse(node, "the inputs differ in shape") }
      guard let (low, high) = clamp(node.activation) else {
        let sum = makeTensor(node.outputs[0] + ".sum", like: x)
        append(
          node.name + ".sum",
          .add(a: 1, b: function == .add ? 1 : -1, low: -.infinity, high: .infinity), [x, y], sum)
        return finish(node, lookupOn: sum)
      }
      let output = makeTensor(node.outputs[0], like: x)
      plan.tensors[output].low = low
      plan.tensors[output].high = high
      append(
        node.name, .add(a: 1, b: function == .add ? 1 : -1, low: low, high: high), [x, y], output)
      values[node.outputs[0]] = output
    case .multiply:
      let output: Int
      if isSame {
        output = makeTensor(node.outputs[0], like: x)
        append(node.name, .multiply, [x, y], output)
      } else if ty.channels == tx.channels && ty.height * ty.width == 1 {
        output = makeTensor(node.outputs[0], like: x)
        append(node.name, .scaleChannels, [x, y], output)
      } else if ty.channels == tx.channels && tx.height * tx.width == 1 {
        output = makeTensor(node.outputs[0], like: y)
        append(node.name, .scaleChannels, [y, x], output)
      } else {
        return refuse(node, "the inputs differ in more than one value for each channel")
      }
      if node.activation == .none {
        values[node.outputs[0]] = output
      } else {
        finish(node, lookupOn: output)
      }
    default: refuse(node, "the runtime computes no \(function.rawValue) of two tensors")
    }
  }

  /// The bounds of an activation that clamping expresses; nil for others.
  func clamp(_ activation: Activation) -> (Float, Float)? {
    switch activation {
    case .none: return (-.infinity, .infinity)
    case .relu: return (0, .infinity)
    case .clip(let low, let high) where low <= 0 && high >= 0 && low < high: return (low, high)
    default: return nil
    }
  }

  /// A fused activation that needs a table of its own.
  mutating func finish(_ node: Node, lookupOn tensor: Int) {
    let output = makeTensor(node.outputs[0], like: tensor)
    bound(output, by: .activation(node.activation))
    append(node.name, .lookup(.activation(node.activation)), [tensor], output)
    values[node.outputs[0]] = output
  }

  /// Arithmetic with a constant for each channel: a 1 x 1 depthwise layer.
  private mutating func lowerAffine(
    _ node: Node, _ function: BinaryFunction, constantFirst: Bool
  ) {
    let names = node.inputs
    guard let x = tensor(names[constantFirst ? 1 : 0]),
      let constant = graph.constants[names[constantFirst ? 0 : 1]]
    else { return refuse(node, "no input") }
    let input = readable(x)
    let channels = plan.tensors[input].channels
    let rank = graph.shapes[names[constantFirst ? 1 : 0]]?.count ?? 4
    // Axis of the channels, counted from the last.
    let axis = constant.shape.count - (rank - 1)
    let isPerChannel =
      constant.count == channels && (axis < 0 ? channels == 1 : constant.shape[axis] == channels)
    guard constant.count == 1 || isPerChannel else {
      return refuse(node, "the constant is not one value for each channel")
    }
    let c = (0..<channels).map { constant.asFloats[constant.count == 1 ? 0 : $0] }
    let one = [Float](repeating: 1, count: channels)
    let zero = [Float](repeating: 0, count: channels)
    switch (function, constantFirst) {
    case (.add, _): affine(node, input, one, c)
    case (.subtract, false): affine(node, input, one, c.map { -$0 })
    case (.subtract, true): affine(node, input, one.map { -$0 }, c)
    case (.multiply, _): affine(node, input, c, zero)
    case (.divide, false) where !c.contains(0): affine(node, input, c.map { 1 / $0 }, zero)
    case (.minimum, _) where constant.count == 1:
      lowerLookup(
        oneInput(node, names[constantFirst ? 1 : 0]),
        .activation(.clip(minimum: -.infinity, maximum: c[0])))
    case (.maximum, _) where constant.count == 1:
      lowerLookup(
        oneInput(node, names[constantFirst ? 1 : 0]),
        .activation(.clip(minimum: c[0], maximum: .infinity)))
    default: refuse(node, "the runtime computes no such \(function.rawValue) with a constant")
    }
  }

  private func oneInput(_ node: Node, _ name: String) -> Node {
    var node = node
    node.inputs = [name]
    return node
  }

  mutating func affine(_ node: Node, _ input: Int, _ factor: [Float], _ shift: [Float]) {
    var layer = Layer(
      outputs: factor.count, inputs: 1, weights: factor, bias: shift, window: Window())
    layer.isDepthwise = true
    emit(node, layer, input, residual: nil)
  }

  private mutating func lowerNormalization(_ node: Node, _ epsilon: Float) {
    guard let x = tensor(node.inputs[0]), node.inputs.count >= 5,
      let scale = constant(node.inputs[1]), let bias = constant(node.inputs[2]),
      let mean = constant(node.inputs[3]), let variance = constant(node.inputs[4])
    else { return refuse(node, "its parameters are computed, not constant") }
    let factor = zip(scale, variance).map { $0 / ($1 + epsilon).squareRoot() }
    let shift = (0..<factor.count).map { bias[$0] - mean[$0] * factor[$0] }
    affine(node, readable(x), factor, shift)
  }

  // MARK: shapes

  private mutating func lowerReshape(_ node: Node) {
    guard let x = tensor(node.inputs[0]) else { return refuse(node, "input is a constant") }
    let t = plan.tensors[x]
    guard let shape = imageShape(node.outputs[0]) else {
      return refuse(node, "only 1 x C, 1 x C x W and 1 x C x H x W can be stored")
    }
    let isSame = shape == (t.channels, t.height, t.width)
    let isVector = shape.1 * shape.2 == 1 && shape.0 == t.count
    guard isSame || isVector else {
      return refuse(node, "elements would change places between channels")
    }
    // A vector of an image larger than one pixel is only read by fully connected layers, which
    // become convolutions of the whole image.
    if isVector && t.height * t.width > 1 {
      let readers = graph.nodes.filter { $0.inputs.contains(node.outputs[0]) }
      for reader in readers {
        switch reader.operation {
        case .gemm, .matMul, .reshape, .flatten, .activation(.none), .dropout: continue
        default: return refuse(node, "a flattened image can only be read by a Gemm or MatMul")
        }
      }
    }
    values[node.outputs[0]] = x
  }

  private mutating func lowerSoftmax(_ node: Node, _ axis: Int) {
    guard let x = tensor(node.inputs[0]) else { return refuse(node, "input is a constant") }
    let t = plan.tensors[x]
    let rank = graph.shapes[node.inputs[0]]?.count ?? 2
    guard t.height * t.width == 1, x != plan.image, axis == 1 || axis + rank == 1 else {
      return refuse(node, "softmax runs over the channels of a C x 1 x 1 tensor only")
    }
    let input = floatVersion(
      of: x, isReadLater: uses[node.inputs[0], default: 0] > 1)
    let output = makeTensor(node.outputs[0], like: input)
    plan.tensors[output].isFloat = true
    append(node.name, .softmax, [input], output)
    values[node.outputs[0]] = output
  }
}
