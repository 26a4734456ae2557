import SwiftletCore

/// Flatten (or a reshape, with a transposition before) and Gemm become a convolution whose kernel
/// is the whole image, so that no layout changes: [N, C, H, W] -> [N, M, 1, 1]. The reshape moves
/// behind it, and further behind activations and softmax.
enum DenseToConvolution: RewritePass {
  static let name = "dense layers as convolutions"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    try graph.repeatedly { graph, links in
      for index in graph.nodes.indices {
        if convert(index, &graph, links) || sink(index, &graph, links)
          || skip(index, &graph, links)
        {
          return true
        }
      }
      return false
    }
  }

  private static func convert(_ index: Int, _ graph: inout Graph, _ links: Links) -> Bool {
    let node = graph.nodes[index]
    guard case .gemm(let attributes) = node.operation, attributes.transposesB,
      !attributes.transposesA, attributes.alpha == 1, attributes.beta == 1,
      let weights = graph.constants[node.inputs[1]], weights.rank == 2,
      node.inputs.count < 3 || graph.constants[node.inputs[2]]?.shape == [weights.shape[0]],
      let reshape = links.producer[node.inputs[0]],
      case .reshape = graph.nodes[reshape].operation
    else { return false }
    var source = graph.nodes[reshape].inputs[0]
    var isTransposed = false
    if let origin = links.producer[source],
      case .transpose(let permutation) = graph.nodes[origin].operation, permutation == [0, 2, 3, 1]
    {
      source = graph.nodes[origin].inputs[0]
      isTransposed = true
    }
    guard let x = graph.shapes[source], x.count == 4,
      graph.shapes[node.inputs[0]] == [x[0], x[1] * x[2] * x[3]]
    else { return false }
    let outputs = weights.shape[0]
    let kernel =
      isTransposed
      ? weights.reshaped(to: [outputs, x[2], x[3], x[1]]).transposed([0, 3, 1, 2])
      : weights.reshaped(to: [outputs, x[1], x[2], x[3]])
    var convolution = ConvolutionAttributes()
    convolution.kernel = Extent(x[2], x[3])
    var fused = Node(
      name: node.name, operation: .convolution(convolution),
      inputs: [source, graph.addConstant(kernel, like: "\(node.inputs[1]).kernel")]
        + node.inputs.dropFirst(2),
      outputs: ["\(node.outputs[0]).image"])
    fused.activation = node.activation
    graph.shapes[fused.outputs[0]] = [x[0], outputs, 1, 1]
    graph.nodes[index] = fused
    graph.nodes.insert(
      Node(
        name: "\(node.name).reshape",
        operation: .reshape(shape: [x[0], outputs], allowsZero: true), inputs: fused.outputs,
        outputs: node.outputs), at: index + 1)
    return true
  }

  /// A reshape from an image moves behind the activation or softmax that reads it.
  private static func sink(_ index: Int, _ graph: inout Graph, _ links: Links) -> Bool {
    let node = graph.nodes[index]
    guard case .reshape = node.operation, let x = graph.shapes[node.inputs[0]], x.count == 4,
      let shape = graph.shapes[node.outputs[0]], shape.count != 4,
      let reader = links.soleReader(of: node.outputs[0])
    else { return false }
    let next = graph.nodes[reader]
    let operation: Operation
    switch next.operation {
    case .activation: operation = next.operation
    case .softmax(let axis) where axis == 1 && shape == [x[0], x[1]]: operation = .softmax(axis: 1)
    default: return false
    }
    let image = "\(next.outputs[0]).image"
    guard graph.shapes[image] == nil else { return false }
    graph.shapes[image] = x
    graph.nodes[reader].operation = operation
    graph.nodes[reader].inputs = node.inputs
    graph.nodes[reader].outputs = [image]
    graph.nodes.insert(
      Node(name: node.name, operation: node.operation, inputs: [image], outputs: next.outputs),
      at: reader + 1)
    graph.nodes.remove(at: index)
    return true
  }

  /// A reshape of a reshape reads past it; one that restores the shape vanishes.
  private static func skip(_ index: Int, _ graph: inout Graph, _ links: Links) -> Bool {
    let node = graph.nodes[index]
    guard case .reshape = node.operation, let origin = links.producer[node.inputs[0]],
      case .reshape = graph.nodes[origin].operation
    else { return false }
    let source = graph.nodes[origin].inputs[0]
    if graph.shapes[source] == graph.shapes[node.outputs[0]], graph.shapes[source] != nil,
      graph.bypass(index, with: source, links)
    {
      return true
    }
    graph.nodes[index].inputs[0] = source
    return true
  }
}
