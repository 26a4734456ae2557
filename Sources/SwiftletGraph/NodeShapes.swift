extension Node {
  /// Shapes of the outputs; nil where they depend on values that are not known yet.
  ///
  /// Throws where inputs contradict each other or the operation.
  func outputShapes(_ inputs: NodeInputs) throws(Fault) -> [[Int]]? {
    guard let first = try firstShape(inputs) else { return nil }
    switch operation {
    case .split(let axis, let sizes):
      let parameter = try inputs.parameter(sizes, 1)
      guard !parameter.isUnknown else { return nil }
      let front = try Shape.axis(axis, rank: first.count)
      let parts = try Slicing.parts(first[front], sizes: parameter.list, outputs: outputs.count)
      return parts.map { part in
        var shape = first
        shape[front] = part
        return shape
      }
    case .dropout: return outputs.map { _ in first }
    default:
      guard let shape = try outputShape(first, inputs) else { return nil }
      if addsResidual, let residual = try inputs.shape(inputs.count - 1), residual != shape {
        throw Fault(expected: "a residual of shape \(shape)", found: "\(residual)")
      }
      return [shape]
    }
  }

  /// The shape of input 0; empty for operations without inputs.
  private func firstShape(_ inputs: NodeInputs) throws(Fault) -> [Int]? {
    guard let shape = try inputs.shape(0) else { return nil }
    try Shape.count(shape)
    return shape
  }

  private func outputShape(_ x: [Int], _ inputs: NodeInputs) throws(Fault) -> [Int]? {
    switch operation {
    case .convolution(let attributes):
      guard let weights = try inputs.shape(1) else { return nil }
      return try Convolution.plan(x, weights, bias: biasShape(inputs), attributes).shape
    case .transposedConvolution(let attributes):
      guard let weights = try inputs.shape(1) else { return nil }
      return try TransposedConvolution.plan(x, weights, bias: biasShape(inputs), attributes).shape
    case .gemm(let attributes):
      guard let b = try inputs.shape(1) else { return nil }
      let (m, n, _) = try Product.gemmShape(x, b, attributes)
      return [m, n]
    case .matMul:
      guard let b = try inputs.shape(1) else { return nil }
      return try Product.matMulShape(x, b).result
    case .batchNormalization, .activation, .clip, .unary, .softmax, .softmaxFlattened, .cast,
      .quantizeLinear, .dequantizeLinear, .dropout:
      return x
    case .prelu:
      guard let slope = try inputs.shape(1) else { return nil }
      let shape = try Shape.broadcast(x, slope)
      guard shape == x else { throw Fault(expected: "slopes within \(x)", found: "\(slope)") }
      return shape
    case .binary:
      guard let other = try inputs.shape(1) else { return nil }
      return try Shape.broadcast(x, other)
    case .gate:
      guard let scores = try inputs.shape(1) else { return nil }
      return try Gating.shape(x, scores)
    case .globalAveragePool, .globalMaxPool: return try Pooling.globalShape(x)
    case .averagePool(let attributes), .maxPool(let attributes):
      return try Pooling.window(x, attributes).shape
    case .reduce(let attributes):
      let axes = try inputs.parameter(attributes.axes, 1)
      guard !axes.isUnknown else { return nil }
      return Reducing.shape(
        x, try Reducing.axes(axes.list, rank: x.count, attributes), keepsAxes: attributes.keepsAxes)
    case .concat(let axis):
      var shapes: [[Int]] = []
      for index in 0..<inputs.count {
        guard let shape = try inputs.shape(index) else { return nil }
        shapes.append(shape)
      }
      return try Concatenation.shape(shapes, axis: axis)
    case .split: return nil
    case .slice(let attributes): return try attributes.indices(inputs)?.map(\.count)
    case .pad(let attributes):
      guard let (before, after) = try attributes.amounts(inputs) else { return nil }
      return try Slicing.padShape(x, before: before, after: after)
    case .resize(let attributes): return try attributes.plan(inputs)?.map(\.extent)
    default: return try layoutShape(x, inputs)
    }
  }

  private func layoutShape(_ x: [Int], _ inputs: NodeInputs) throws(Fault) -> [Int]? {
    switch operation {
    case .flatten(let axis): return try ShapeArithmetic.flatten(x, axis: axis)
    case .reshape(let shape, let allowsZero):
      guard let wanted = try inputs.required(shape, 1) else { return nil }
      return try ShapeArithmetic.reshape(x, to: wanted, allowsZero: allowsZero)
    case .transpose(let permutation):
      return try ShapeArithmetic.permutation(permutation, rank: x.count).map { x[$0] }
    case .squeeze(let axes):
      let parameter = try inputs.parameter(axes, 1)
      return parameter.isUnknown ? nil : try ShapeArithmetic.squeeze(x, axes: parameter.list)
    case .unsqueeze(let axes):
      guard let axes = try inputs.required(axes, 1) else { return nil }
      return try ShapeArithmetic.unsqueeze(x, axes: axes)
    case .shape(let start, let end):
      return [ShapeArithmetic.axes(x.count, start: start, end: end).count]
    case .size: return []
    case .gather(let axis):
      guard let indices = try inputs.shape(1) else { return nil }
      return try Slicing.gatherShape(x, indices, axis: axis)
    case .range: return nil
    case .constantOfShape:
      guard let shape = try inputs.required(nil, 0) else { return nil }
      try Shape.count(shape)
      return shape
    case .expand:
      guard let shape = try inputs.required(nil, 1) else { return nil }
      return try Shape.broadcast(x, shape)
    case .tile:
      guard let repeats = try inputs.required(nil, 1) else { return nil }
      return try ShapeArithmetic.tile(x, repeats)
    case .where:
      guard let a = try inputs.shape(1), let b = try inputs.shape(2) else { return nil }
      return try Shape.broadcast(try Shape.broadcast(x, a), b)
    default: return nil
    }
  }

  private func biasShape(_ inputs: NodeInputs) throws(Fault) -> [Int]? {
    let isBias = inputs.has(2) && !(addsResidual && inputs.count == 3)
    return isBias ? inputs.shapes[2] : nil
  }
}
