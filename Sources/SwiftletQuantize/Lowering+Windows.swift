import SwiftletGraph

extension Lowering {
  // MARK: layers

  mutating func lowerConvolution(_ node: Node, _ attributes: ConvolutionAttributes) {
    guard let x = tensor(node.inputs[0]) else { return refuse(node, "input is a constant") }
    guard let weights = graph.constants[node.inputs[1]], (3...4).contains(weights.rank) else {
      return refuse(node, "weights are computed, not constant, or not of two dimensions")
    }
    guard attributes.automaticPadding == .explicit else {
      return refuse(node, "padding is not resolved")
    }
    var shape = weights.shape
    if weights.rank == 3 { shape.insert(1, at: 2) }
    let (outputs, perGroup) = (shape[0], shape[1])
    let window = Window(
      kernel: Extent(shape[2], shape[3]), stride: attributes.stride,
      dilation: attributes.dilation, padding: attributes.padding)
    let channels = plan.tensors[x].channels
    guard perGroup * attributes.group == channels, outputs % attributes.group == 0 else {
      return refuse(
        node, "weights for \(perGroup * attributes.group) channels, input has \(channels)")
    }
    let (bias, residual) = extras(node, outputs)
    if node.addsResidual && residual == nil { return refuse(node, "no residual") }
    guard let bias else { return refuse(node, "bias is computed, not constant") }
    var layer = Layer(
      outputs: outputs, inputs: perGroup, weights: weights.asFloats, bias: bias, window: window)
    if attributes.group == channels && outputs == channels && channels > 1 {
      layer.isDepthwise = true
    } else if attributes.group > 1 {
      layer = Self.dense(layer, groups: attributes.group)
    }
    emit(node, layer, x, residual: residual)
  }

  /// Bias (zeros if absent, nil if not constant) and the tensor of a fused residual.
  private func extras(_ node: Node, _ outputs: Int) -> (bias: [Float]?, residual: Int?) {
    var rest = Array(node.inputs.dropFirst(2))
    var residual: Int?
    if node.addsResidual, let name = rest.popLast() { residual = tensor(name) }
    guard let name = rest.first, !name.isEmpty else {
      return ([Float](repeating: 0, count: outputs), residual)
    }
    guard let bias = constant(name) else { return (nil, residual) }
    if bias.count == 1 { return ([Float](repeating: bias[0], count: outputs), residual) }
    return (bias.count == outputs ? bias : nil, residual)
  }

  /// A grouped layer as a dense one with zeros between the groups.
  static func dense(_ layer: Layer, groups: Int) -> Layer {
    let taps = layer.window.taps
    let channels = layer.inputs * groups
    var weights = [Float](repeating: 0, count: layer.outputs * channels * taps)
    let perGroup = layer.outputs / groups
    for n in 0..<layer.outputs {
      let first = n / perGroup * layer.inputs
      for c in 0..<layer.inputs {
        for t in 0..<taps {
          weights[(n * channels + first + c) * taps + t] =
            layer.weights[(n * layer.inputs + c) * taps + t]
        }
      }
    }
    var out = Layer(
      outputs: layer.outputs, inputs: channels, weights: weights, bias: layer.bias,
      window: layer.window)
    out.blocks = groups
    return out
  }

  /// Adds a layer with the node's activation, as epilogue where one exists, else as a table.
  mutating func emit(_ node: Node, _ start: Layer, _ source: Int, residual: Int?) {
    var layer = start
    var input = source
    if input == plan.image {
      if layer.isDepthwise || layer.window.dilationY != 1 || layer.window.dilationX != 1
        || residual != nil
      {
        input = readable(input)
      } else {
        layer = foldingPixels(layer)
      }
    }
    let t = plan.tensors[input]
    let size = layer.window.outputSize(t.height, t.width)
    guard size.height > 0, size.width > 0 else { return refuse(node, "the window does not fit") }
    var inputs = [input]
    if let residual {
      let r = readable(residual)
      let s = plan.tensors[r]
      guard (s.channels, s.height, s.width) == (layer.outputs, size.height, size.width) else {
        return refuse(node, "the residual has another shape than the output")
      }
      inputs.append(r)
    }
    var (low, high) = (-Float.infinity, Float.infinity)
    var table = false
    if let bounds = clamp(node.activation) {
      (low, high) = bounds
      layer.activation = .clamp(low: low, high: high)
    } else if residual == nil, case .hardSigmoid(let alpha, let beta) = node.activation,
      alpha > 0
    {
      layer.activation = .hardSigmoid(alpha: alpha, beta: beta)
      (low, high) = (0, 1)
    } else if residual == nil, node.activation == .hardSwish {
      layer.activation = .hardSwish
      low = -0.375
    } else {
      table = true
    }
    let output = makeTensor(
      node.outputs[0] + (table ? ".sum" : ""), layer.outputs, size.height, size.width)
    // Where the table is flat nothing is lost by stopping.
    if table { (low, high) = Self.steepPart(node.activation) }
    plan.tensors[output].low = low
    plan.tensors[output].high = high
    append(node.name, .layer(layer), inputs, output)
    if table { finish(node, lookupOn: output) } else { values[node.outputs[0]] = output }
  }

  /// The arguments outside of which a function is constant for 8 bits.
  static func steepPart(_ activation: Activation) -> (low: Float, high: Float) {
    switch activation {
    case .sigmoid: (-8, 8)
    case .tanh: (-4, 4)
    case .silu: (-10, .infinity)
    case .gelu: (-4, .infinity)
    case .hardSwish: (-3, .infinity)
    case .clip(let low, let high): (min(low, 0), max(high, 0))
    case .hardSigmoid(let alpha, let beta) where alpha != 0:
      (min(-beta / alpha, (1 - beta) / alpha, 0), max(-beta / alpha, (1 - beta) / alpha, 0))
    default: (-.infinity, .infinity)
    }
  }

  mutating func lowerGemm(
    _ node: Node, transposed: Bool, alpha: Float, beta: Float, transposedA: Bool
  ) {
    guard let x = tensor(node.inputs[0]), !transposedA else {
      return refuse(node, "the first matrix is constant or transposed")
    }
    guard let matrix = graph.constants[node.inputs[1]], matrix.rank == 2 else {
      return refuse(node, "the second matrix is computed, not constant")
    }
    let t = plan.tensors[readable(x)]
    let depth = matrix.shape[transposed ? 1 : 0]
    let outputs = matrix.shape[transposed ? 0 : 1]
    guard depth == t.count else {
      return refuse(node, "\(depth) weights for \(t.count) values")
    }
    let values = matrix.asFloats
    var weights = [Float](repeating: 0, count: outputs * depth)
    for n in 0..<outputs {
      for k in 0..<depth {
        weights[n * depth + k] = alpha * values[transposed ? n * depth + k : k * outputs + n]
      }
    }
    let (bias, residual) = extras(node, outputs)
    guard let bias else { return refuse(node, "bias is computed, not constant") }
    let layer = Layer(
      outputs: outputs, inputs: t.channels, weights: weights, bias: bias.map { $0 * beta },
      window: Window(kernel: Extent(t.height, t.width)))
    emit(node, layer, readable(x), residual: residual)
  }

  /// Zeros between the pixels, then a convolution with the kernel turned round.
  mutating func lowerTransposed(_ node: Node, _ attributes: TransposedConvolutionAttributes) {
    guard let start = tensor(node.inputs[0]) else { return refuse(node, "input is a constant") }
    guard let weights = graph.constants[node.inputs[1]], weights.rank == 4,
      attributes.automaticPadding == .explicit, attributes.outputSize == nil
    else { return refuse(node, "weights are not constant, or padding is not resolved") }
    let x = readable(start)
    let t = plan.tensors[x]
    let shape = weights.shape
    let (groups, perGroup) = (attributes.group, shape[1])
    let outputs = perGroup * groups
    guard shape[0] == t.channels, t.channels % groups == 0 else {
      return refuse(node, "weights for \(shape[0]) channels, input has \(t.channels)")
    }
    let (kh, kw) = (shape[2], shape[3])
    let (s, d, p) = (attributes.stride, attributes.dilation, attributes.padding)
    let top = (kh - 1) * d.height - p.top
    let left = (kw - 1) * d.width - p.left
    let bottom = (kh - 1) * d.height - p.bottom + attributes.outputPadding.height
    let right = (kw - 1) * d.width - p.right + attributes.outputPadding.width
    guard min(top, left, bottom, right) >= 0 else {
      return refuse(node, "padding is larger than the kernel")
    }
    let (bias, residual) = extras(node, outputs)
    guard let bias else { return refuse(node, "bias is computed, not constant") }
    // [C, M/g, kh, kw] -> [M, C/g, kh, kw], turned round.
    let old = weights.asFloats
    let inputs = t.channels / groups
    var turned = [Float](repeating: 0, count: outputs * inputs * kh * kw)
    for m in 0..<outputs {
      for c in 0..<inputs {
        let from = m / perGroup * inputs + c
        for y in 0..<kh {
          for z in 0..<kw {
            turned[((m * inputs + c) * kh + y) * kw + z] =
              old[((from * perGroup + m % perGroup) * kh + kh - 1 - y) * kw + kw - 1 - z]
          }
        }
      }
    }
    var layer = Layer(
      outputs: outputs, inputs: inputs, weights: turned, bias: bias,
      window: Window(kernel: Extent(kh, kw), dilation: d))
    if groups == t.channels && outputs == t.channels && groups > 1 {
      layer.isDepthwise = true
    } else if groups > 1 {
      layer = Self.dense(layer, groups: groups)
    }
    let padded = makeTensor(
      node.outputs[0] + ".spread", t.channels, (t.height - 1) * s.height + 1 + top + bottom,
      (t.width - 1) * s.width + 1 + left + right)
    append(
      node.name + ".spread",
      .pad(top: top, left: left, insertY: s.height, insertX: s.width), [x], padded)
    emit(node, layer, padded, residual: residual)
  }

  // MARK: pools

  mutating func lowerGlobalAverage(_ node: Node) {
    guard let x = tensor(node.inputs[0]) else { return refuse(node, "input is a constant") }
    let input = readable(x)
    let t = plan.tensors[input]
    if t.height * t.width == 1 { return values[node.outputs[0]] = input }
    let output = makeTensor(node.outputs[0], t.channels, 1, 1)
    (plan.tensors[output].low, plan.tensors[output].high) = (t.low, t.high)
    append(node.name, .globalAveragePool, [input], output)
    values[node.outputs[0]] = output
  }

  mutating func lowerReduce(_ node: Node, _ attributes: ReduceAttributes) {
    let rank = graph.shapes[node.inputs[0]]?.count ?? 0
    let given =
      attributes.axes
      ?? (node.inputs.count > 1 ? graph.constants[node.inputs[1]]?.integers?.map { Int($0) } : nil)
    let axes = Set((given ?? []).map { $0 < 0 ? $0 + rank : $0 })
    guard attributes.function == .mean, rank == 4, axes == [2, 3] else {
      return refuse(node, "only the mean over height and width can be computed")
    }
    lowerGlobalAverage(node)
  }

  mutating func lowerPool(_ node: Node, _ attributes: PoolAttributes, isMaximum: Bool) {
    guard let x = tensor(node.inputs[0]) else { return refuse(node, "input is a constant") }
    guard node.outputs.count < 2 || node.outputs[1].isEmpty else {
      return refuse(node, "the places of maxima are not computed")
    }
    guard attributes.automaticPadding == .explicit else {
      return refuse(node, "padding is not resolved")
    }
    let input = readable(x)
    let t = plan.tensors[input]
    var window = Window(
      kernel: attributes.kernel, stride: attributes.stride, dilation: attributes.dilation,
      padding: attributes.padding)
    var size = window.outputSize(t.height, t.width)
    if attributes.roundsUp, let (_, height, width) = imageShape(node.outputs[0]) {
      // The overhang becomes padding.
      let reachY = (window.kernelHeight - 1) * window.dilationY + 1
      let reachX = (window.kernelWidth - 1) * window.dilationX + 1
      let extraY = (height - 1) * window.strideY + reachY - t.height - window.padTop
      let extraX = (width - 1) * window.strideX + reachX - t.width - window.padLeft
      if !isMaximum && attributes.countsPadding
        && (extraY > window.padBottom || extraX > window.padRight)
      {
        return refuse(node, "windows hang over the edge and padding counts")
      }
      window.padBottom = max(window.padBottom, extraY)
      window.padRight = max(window.padRight, extraX)
      size = window.outputSize(t.height, t.width)
    }
    guard size.height > 0, size.width > 0 else { return refuse(node, "the window does not fit") }
    let isWhole =
      window.kernelHeight == t.height && window.kernelWidth == t.width && size.height == 1
      && size.width == 1 && window.padTop + window.padLeft + window.padBottom + window.padRight == 0
    if !isMaximum && isWhole { return lowerGlobalAverage(node) }
    let output = makeTensor(node.outputs[0], t.channels, size.height, size.width)
    (plan.tensors[output].low, plan.tensors[output].high) = (t.low, t.high)
    append(
      node.name,
      isMaximum
        ? .maxPool(window) : .averagePool(window, countsPadding: attributes.countsPadding),
      [input], output)
    values[node.outputs[0]] = output
  }

  // MARK: arranging

  mutating func lowerConcat(_ node: Node, _ axis: Int) {
    let rank = graph.shapes[node.outputs[0]]?.count ?? 4
    guard axis == 1 || axis + rank == 1, rank == 2 || rank == 4 else {
      return refuse(node, "only channels can be joined")
    }
    var parts: [Int] = []
    for name in node.inputs {
      guard let part = tensor(name) else { return refuse(node, "an input is a constant") }
      parts.append(readable(part))
    }
    let first = plan.tensors[parts[0]]
    guard
      parts.allSatisfy({
        plan.tensors[$0].height == first.height && plan.tensors[$0].width == first.width
      })
    else { return refuse(node, "the inputs differ in height or width") }
    var number = 0
    while parts.count > 1 {
      let now = Array(parts.prefix(4))
      let isLast = parts.count <= 4
      let channels = now.reduce(0) { $0 + plan.tensors[$1].channels }
      let output = makeTensor(
        node.outputs[0] + (isLast ? "" : ".\(number)"), channels, first.height, first.width)
      plan.tensors[output].low = now.map { plan.tensors[$0].low }.min()!
      plan.tensors[output].high = now.map { plan.tensors[$0].high }.max()!
      append(node.name + (isLast ? "" : ".\(number)"), .concat, now, output)
      parts.replaceSubrange(0..<now.count, with: [output])
      number += 1
    }
    values[node.outputs[0]] = parts[0]
  }

  mutating func lowerSplit(_ node: Node, _ axis: Int, _ sizes: [Int]?) {
    guard let x = tensor(node.inputs[0]) else { return refuse(node, "input is a constant") }
    let rank = graph.shapes[node.inputs[0]]?.count ?? 4
    let axis = axis < 0 ? axis + rank : axis
    guard (1...3).contains(axis), axis < rank, rank == 4 || rank == 2 else {
      return refuse(node, "only channels, rows and columns can be split")
    }
    var start = 0
    for name in node.outputs {
      guard let (c, h, w) = imageShape(name) else { return refuse(node, "a size is unknown") }
      if !name.isEmpty {
        emitSlice(
          node.name, name, x, channel: axis == 1 ? start : 0, y: axis == 2 ? start : 0,
          x: axis == 3 ? start : 0, size: (c, h, w))
      }
      start += [0, c, h, w][axis]
    }
  }

  mutating func lowerSlice(_ node: Node, _ attributes: SliceAttributes) {
    guard let x = tensor(node.inputs[0]), let size = imageShape(node.outputs[0]),
      let shape = graph.shapes[node.inputs[0]]
    else { return refuse(node, "input is a constant, or a size is unknown") }
    func list(_ given: [Int]?, _ place: Int) -> [Int]? {
      given
        ?? (node.inputs.count > place
          ? graph.constants[node.inputs[place]]?.integers?.map { Int($0) } : nil)
    }
    guard let starts = list(attributes.starts, 1) else {
      return refuse(node, "starts are computed")
    }
    let axes = list(attributes.axes, 3) ?? Array(0..<starts.count)
    let steps = list(attributes.steps, 4) ?? axes.map { _ in 1 }
    var begin = [0, 0, 0, 0]
    var step = [1, 1, 1, 1]
    for (i, axis) in axes.enumerated() where i < starts.count && i < steps.count {
      let axis = axis < 0 ? axis + shape.count : axis
      guard (0..<min(4, shape.count)).contains(axis), steps[i] > 0 else {
        return refuse(node, "steps must go forward")
      }
      let from = starts[i] < 0 ? starts[i] + shape[axis] : starts[i]
      begin[axis] = min(max(from, 0), max(shape[axis] - 1, 0))
      step[axis] = steps[i]
    }
    guard step[1] == 1, begin[0] == 0 else { return refuse(node, "channels must be neighbours") }
    emitSlice(
      node.name, node.outputs[0], x, channel: begin[1], y: begin[2], x: begin[3], stepY: step[2],
      stepX: step[3], size: size)
  }

  private mutating func emitSlice(
    _ name: String, _ value: String, _ input: Int, channel: Int, y: Int, x: Int, stepY: Int = 1,
    stepX: Int = 1, size: (Int, Int, Int)
  ) {
    let source = readable(input)
    let t = plan.tensors[source]
    if size == (t.channels, t.height, t.width) { return values[value] = source }
    let output = makeTensor(value, size.0, size.1, size.2)
    (plan.tensors[output].low, plan.tensors[output].high) = (t.low, t.high)
    append(
      name, .slice(channel: channel, y: y, x: x, stepY: stepY, stepX: stepX), [source], output)
    values[value] = output
  }

  mutating func lowerPad(_ node: Node, _ attributes: PadAttributes) {
    guard let x = tensor(node.inputs[0]) else { return refuse(node, "input is a constant") }
    guard let before = attributes.before, let after = attributes.after, before.count == 4,
      after.count == 4, attributes.value == 0
    else { return refuse(node, "only a border of zeros of known size can be made") }
    guard before[0] == 0, after[0] == 0, before[1] == 0, after[1] == 0,
      (before + after).allSatisfy({ $0 >= 0 })
    else { return refuse(node, "only rows and columns can be padded") }
    let input = readable(x)
    let t = plan.tensors[input]
    let output = makeTensor(
      node.outputs[0], t.channels, t.height + before[2] + after[2], t.width + before[3] + after[3])
    (plan.tensors[output].low, plan.tensors[output].high) = (t.low, t.high)
    append(
      node.name, .pad(top: before[2], left: before[3], insertY: 1, insertX: 1), [input], output)
    values[node.outputs[0]] = output
  }

  mutating func lowerResize(_ node: Node, _ attributes: ResizeAttributes) {
    guard let x = tensor(node.inputs[0]), let size = imageShape(node.outputs[0]) else {
      return refuse(node, "input is a constant, or a size is unknown")
    }
    let input = readable(x)
    let t = plan.tensors[input]
    guard size.0 == t.channels else { return refuse(node, "channels cannot be resized") }
    guard attributes.coordinates != .halfPixelSymmetric,
      !(attributes.coordinates == .pytorchHalfPixel && (size.1 == 1 || size.2 == 1))
    else { return refuse(node, "no such rule of coordinates") }
    if let scales = attributes.scales, attributes.sizes == nil {
      // The runtime's rule is the ratio of the sizes.
      let pairs = zip(scales.suffix(2), [(t.height, size.1), (t.width, size.2)])
      for (scale, (from, to)) in pairs where abs(scale * Float(from) - Float(to)) > 1e-3 {
        return refuse(node, "scale \(scale) does not give whole sizes")
      }
    }
    if size == (t.channels, t.height, t.width) { return values[node.outputs[0]] = input }
    let output = makeTensor(node.outputs[0], size.0, size.1, size.2)
    (plan.tensors[output].low, plan.tensors[output].high) = (t.low, t.high)
    append(node.name, .resize(attributes), [input], output)
    values[node.outputs[0]] = output
  }
}
