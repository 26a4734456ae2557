extension Node {
  /// The outputs of this node for known inputs.
  ///
  /// Throws where inputs contradict each other or the operation.
  func evaluate(_ inputs: NodeInputs) throws(Fault) -> [Tensor] {
    let x = try inputs.require(0)
    try Shape.count(x.shape)
    switch operation {
    case .split(let axis, let sizes):
      let front = try Shape.axis(axis, rank: x.rank)
      let parts = try Slicing.parts(
        x.shape[front], sizes: try inputs.parameter(sizes, 1).list, outputs: outputs.count)
      return Slicing.split(x, axis: front, parts: parts)
    case .dropout:
      guard outputs.count > 1 else { return [x] }
      let mask = [Bool](repeating: true, count: x.count)
      return [x, Tensor(shape: x.shape, data: .bool(mask))]
    default:
      var result = try evaluateOne(x, inputs)
      if addsResidual {
        let residual = try inputs.require(inputs.count - 1)
        guard residual.shape == result.shape else {
          throw Fault(
            expected: "a residual of shape \(result.shape)", found: "\(residual.shape)")
        }
        result = try Elementwise.run(.add, result, residual)
      }
      if activation != .none { result = try activated(result, activation) }
      return [result]
    }
  }

  private func activated(_ tensor: Tensor, _ activation: Activation) throws(Fault) -> Tensor {
    if activation == .none { return tensor }
    if case .int64(let values) = tensor.data, case .clip(let minimum, let maximum) = activation {
      let (low, high) = (Int64(clamping: minimum), Int64(clamping: maximum))
      return Tensor(shape: tensor.shape, integers: values.map { min(max($0, low), high) })
    }
    if case .int64(let values) = tensor.data, activation == .relu {
      return Tensor(shape: tensor.shape, integers: values.map { max($0, 0) })
    }
    var values = try tensor.requireFloats("input")
    activation.apply(to: &values)
    return Tensor(shape: tensor.shape, floats: values)
  }

  private func evaluateOne(_ x: Tensor, _ inputs: NodeInputs) throws(Fault) -> Tensor {
    let bias = inputs.has(2) && !(addsResidual && inputs.count == 3) ? inputs.value(2) : nil
    switch operation {
    case .convolution(let attributes):
      return try Convolution.run(x, try inputs.require(1), bias: bias, attributes)
    case .transposedConvolution(let attributes):
      return try TransposedConvolution.run(x, try inputs.require(1), bias: bias, attributes)
    case .gemm(let attributes): return try Product.gemm(x, try inputs.require(1), bias, attributes)
    case .matMul: return try Product.matMul(x, try inputs.require(1))
    case .batchNormalization(let epsilon):
      var parameters: [Tensor] = []
      for index in 1...4 { parameters.append(try inputs.require(index)) }
      return try Reducing.normalize(x, parameters, epsilon: epsilon)
    case .activation(let function): return try activated(x, function)
    case .clip:
      let low = inputs.value(1)?.asFloats.first ?? -.infinity
      let high = inputs.value(2)?.asFloats.first ?? .infinity
      return try activated(x, .clip(minimum: low, maximum: high))
    case .prelu: return try Reducing.prelu(x, try inputs.require(1))
    case .binary(let function): return try Elementwise.run(function, x, try inputs.require(1))
    case .unary(let function): return try Elementwise.run(function, x)
    case .gate(let threshold):
      return try Gating.run(x, try inputs.require(1), threshold: threshold)
    case .globalAveragePool: return try Pooling.global(x, isMean: true)
    case .globalMaxPool: return try Pooling.global(x, isMean: false)
    case .averagePool(let attributes): return try Pooling.average(x, attributes)
    case .maxPool(let attributes): return try Pooling.maximum(x, attributes)
    case .reduce(let attributes):
      return try Reducing.run(x, attributes, axes: try inputs.parameter(attributes.axes, 1).list)
    case .softmax(let axis): return try Reducing.softmax(x, axis: axis)
    case .softmaxFlattened(let axis): return try Reducing.softmaxFlattened(x, axis: axis)
    case .quantizeLinear(let axis, let blockSize, let minimum, let maximum):
      return try Quantizing.quantize(
        x, try inputs.require(1), inputs.value(2), axis: axis, blockSize: blockSize,
        range: minimum...max(minimum, maximum))
    case .dequantizeLinear(let axis, let blockSize):
      return try Quantizing.dequantize(
        x, try inputs.require(1), inputs.value(2), axis: axis, blockSize: blockSize)
    default: return try moved(x, inputs)
    }
  }

  private func moved(_ x: Tensor, _ inputs: NodeInputs) throws(Fault) -> Tensor {
    switch operation {
    case .concat(let axis):
      var tensors: [Tensor] = []
      for index in 0..<inputs.count { tensors.append(try inputs.require(index)) }
      return try Concatenation.run(tensors, axis: axis)
    case .slice(let attributes):
      return Slicing.run(x, indices: try known(attributes.indices(inputs)))
    case .pad(let attributes):
      let (before, after) = try known(attributes.amounts(inputs))
      let value = attributes.before == nil ? inputs.value(2)?.asFloats.first : nil
      return try Slicing.pad(x, before: before, after: after, value: value ?? attributes.value)
    case .resize(let attributes):
      return try Resizing.run(x, attributes, axes: try known(attributes.plan(inputs)))
    case .transpose(let permutation):
      return x.transposed(try ShapeArithmetic.permutation(permutation, rank: x.rank))
    case .gather(let axis): return try Slicing.gather(x, try inputs.require(1), axis: axis)
    case .shape(let start, let end):
      let axes = ShapeArithmetic.axes(x.rank, start: start, end: end)
      return Tensor(shape: [axes.count], integers: axes.map { Int64(x.shape[$0]) })
    case .size: return Tensor(shape: [], integers: [Int64(x.count)])
    case .range:
      return try ShapeArithmetic.range(x, try inputs.require(1), try inputs.require(2))
    case .cast(let type): return ShapeArithmetic.cast(x, to: type)
    case .constantOfShape(let value):
      return value.reshaped(to: []).expanded(to: try known(outputShapes(inputs))[0])
    case .expand: return x.expanded(to: try known(outputShapes(inputs))[0])
    case .tile: return ShapeArithmetic.tile(x, to: try known(outputShapes(inputs))[0])
    case .where: return try ShapeArithmetic.choose(x, try inputs.require(1), try inputs.require(2))
    default:
      // Flatten, reshape, squeeze, unsqueeze: the elements stay where they are.
      return x.reshaped(to: try known(outputShapes(inputs))[0])
    }
  }

  private func known<T>(_ value: T?) throws(Fault) -> T {
    guard let value else { throw Fault(expected: "parameters", found: "none") }
    return value
  }
}
