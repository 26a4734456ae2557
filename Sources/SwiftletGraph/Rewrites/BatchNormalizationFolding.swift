import SwiftletCore

/// Folds a factor and an offset per channel into the convolution, transposed convolution or Gemm
/// before them: batch normalisation, Mul and Add of constants.
enum BatchNormalizationFolding: RewritePass {
  static let name = "batch normalisation"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    try graph.repeatedly { graph, links in
      for index in graph.nodes.indices {
        guard let reader = links.soleReader(of: graph.nodes[index].outputs[0]),
          let channels = outputChannels(graph.nodes[index], graph),
          let affine = Affine(graph.nodes[reader], channels: channels, graph),
          graph.nodes[reader].inputs[0] == graph.nodes[index].outputs[0],
          fold(affine, into: index, channels: channels, &graph)
        else { continue }
        graph.nodes[index].outputs = graph.nodes[reader].outputs
        graph.nodes.remove(at: reader)
        return true
      }
      return false
    }
  }

  /// Output channels of a node with constant weights and nothing fused.
  private static func outputChannels(_ node: Node, _ graph: Graph) -> Int? {
    guard node.activation == .none, !node.addsResidual, node.inputs.count >= 2,
      let weights = graph.constants[node.inputs[1]], weights.floats != nil,
      node.inputs.count < 3 || node.inputs[2].isEmpty || graph.constantFloats(node.inputs[2]) != nil
    else { return nil }
    switch node.operation {
    case .convolution: return weights.shape[0]
    case .transposedConvolution(let attributes): return weights.shape[1] * attributes.group
    case .gemm(let attributes) where attributes.transposesB && attributes.alpha == 1:
      guard node.inputs.count < 3 || graph.shapes[node.inputs[2]] == [weights.shape[0]] else {
        return nil
      }
      return weights.shape[0]
    default: return nil
    }
  }

  private static func fold(_ affine: Affine, into index: Int, channels: Int, _ graph: inout Graph)
    -> Bool
  {
    let node = graph.nodes[index]
    guard var weights = graph.constantFloats(node.inputs[1]),
      let shape = graph.shapes[node.inputs[1]]
    else { return false }
    var bias = [Float](repeating: 0, count: channels)
    if node.inputs.count > 2, let own = graph.constantFloats(node.inputs[2]) { bias = own }
    guard bias.count == channels else { return false }
    let area = shape.dropFirst(2).reduce(1, *)
    for position in weights.indices {
      let channel: Int
      if case .transposedConvolution(let attributes) = node.operation {
        // [C, M / group, kh, kw]: the group follows from the input channel.
        let input = position / (area * shape[1])
        let group = input / (shape[0] / attributes.group)
        channel = group * shape[1] + position / area % shape[1]
      } else {
        channel = position / max(weights.count / channels, 1)
      }
      weights[position] *= affine.factor[channel]
    }
    for channel in 0..<channels {
      bias[channel] = bias[channel] * affine.factor[channel] + affine.offset[channel]
    }
    let weightsName = graph.addConstant(
      Tensor(shape: shape, floats: weights), like: "\(node.inputs[1]).folded")
    let biasName = graph.addConstant(
      Tensor(shape: [channels], floats: bias), like: "\(node.outputs[0]).bias")
    graph.nodes[index].inputs = [node.inputs[0], weightsName, biasName]
    return true
  }
}

/// What is not behind a convolution becomes one: a 1 x 1 depthwise convolution.
enum AffineToConvolution: RewritePass {
  static let name = "factors and offsets as convolution"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    var changes = 0
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      guard let first = node.inputs.first, let shape = graph.shapes[first], shape.count == 4,
        shape == graph.shapes[node.outputs[0]], !node.addsResidual,
        let affine = Affine(node, channels: shape[1], graph)
      else { continue }
      var attributes = ConvolutionAttributes()
      attributes.group = shape[1]
      attributes.kernel = Extent(1, 1)
      graph.nodes[index].operation = .convolution(attributes)
      graph.nodes[index].inputs = [
        first,
        graph.addConstant(
          Tensor(shape: [shape[1], 1, 1, 1], floats: affine.factor),
          like: "\(node.outputs[0]).factor"),
        graph.addConstant(
          Tensor(shape: [shape[1]], floats: affine.offset), like: "\(node.outputs[0]).offset"),
      ]
      changes += 1
    }
    return changes
  }
}

/// y = factor[c] * x + offset[c]
struct Affine {
  var factor: [Float]
  var offset: [Float]

  /// Reads a node that is one, on its first input.
  init?(_ node: Node, channels: Int, _ graph: Graph) {
    guard let rank = graph.shapes[node.outputs[0]]?.count,
      graph.shapes[node.outputs[0]] == graph.shapes[node.inputs[0]]
    else { return nil }
    switch node.operation {
    case .batchNormalization(let epsilon):
      let values = node.inputs.dropFirst().compactMap { graph.constantFloats($0) }
      guard values.count == 4, values.allSatisfy({ $0.count == channels }) else { return nil }
      factor = (0..<channels).map { values[0][$0] / (values[3][$0] + epsilon).squareRoot() }
      let factor = factor
      offset = (0..<channels).map { values[1][$0] - values[2][$0] * factor[$0] }
    case .binary(let function) where function == .add || function == .multiply:
      guard let tensor = graph.constants[node.inputs[1]], let values = tensor.floats,
        let row = Self.perChannel(tensor.shape, values, channels: channels, rank: rank)
      else { return nil }
      factor = function == .multiply ? row : [Float](repeating: 1, count: channels)
      offset = function == .add ? row : [Float](repeating: 0, count: channels)
    default: return nil
    }
  }

  /// One value for each channel (axis 1 of `rank` axes) of a constant that broadcasts so.
  private static func perChannel(_ shape: [Int], _ values: [Float], channels: Int, rank: Int)
    -> [Float]?
  {
    if values.count == 1 { return [Float](repeating: values[0], count: channels) }
    let axis = shape.count - (rank - 1)
    guard values.count == channels, axis >= 0, shape[axis] == channels else { return nil }
    return values
  }
}
