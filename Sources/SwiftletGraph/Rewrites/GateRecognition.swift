import SwiftletCore

/// Mul(x, Cast(Greater(scores, threshold))), where the scores are a 1 x 1 convolution of a global
/// average pool with equal rows for each 16 channels, becomes one gate with one score a group.
/// Only so can the kernels skip blocks of channels; any other mask stays as it is.
enum GateRecognition: RewritePass {
  static let name = "gates"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    try graph.repeatedly { graph, links in
      for index in graph.nodes.indices where recognise(index, &graph, links) { return true }
      return false
    }
  }

  private static func recognise(_ index: Int, _ graph: inout Graph, _ links: Links) -> Bool {
    let node = graph.nodes[index]
    guard case .binary(.multiply) = node.operation, node.activation == .none else { return false }
    for (x, mask) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
      guard let shape = graph.shapes[x], shape.count == 4, shape[0] == 1,
        graph.shapes[mask] == [1, shape[1], 1, 1],
        let cast = maker(mask, graph, links), graph.nodes[cast].operation == .cast(.float),
        let greater = maker(graph.nodes[cast].inputs[0], graph, links),
        case .binary(.greater) = graph.nodes[greater].operation,
        let threshold = graph.constantScalar(graph.nodes[greater].inputs[1]), threshold.isFinite,
        let score = maker(graph.nodes[greater].inputs[0], graph, links),
        let slim = slimmed(graph.nodes[score], shape[1], &graph, links)
      else { continue }
      graph.nodes[score] = slim
      graph.shapes[slim.outputs[0]] = [1, Gating.groups(shape[1]), 1, 1]
      graph.nodes[index].operation = .gate(threshold: threshold)
      graph.nodes[index].inputs = [x, slim.outputs[0]]
      for gone in [cast, greater].sorted(by: >) { graph.nodes.remove(at: gone) }
      return true
    }
    return false
  }

  /// The node that makes a value which is read once.
  private static func maker(_ value: String, _ graph: Graph, _ links: Links) -> Int? {
    links.soleReader(of: value) == nil ? nil : links.producer[value]
  }

  /// The convolution with every 16th row, if it is one of means and the rows between are equal.
  private static func slimmed(
    _ node: Node, _ channels: Int, _ graph: inout Graph, _ links: Links
  ) -> Node? {
    guard case .convolution(let attributes) = node.operation, attributes.group == 1,
      attributes.kernel == Extent(1, 1), attributes.padding == Padding(),
      node.activation == .none, !node.addsResidual,
      let pool = links.producer[node.inputs[0]],
      graph.nodes[pool].operation == .globalAveragePool,
      let weights = graph.constants[node.inputs[1]], weights.shape.first == channels,
      let rows = everyGroup(weights)
    else { return nil }
    var slim = node
    slim.inputs[1] = graph.addConstant(rows, like: "\(node.inputs[1]).groups")
    if node.inputs.count > 2, !node.inputs[2].isEmpty {
      guard let bias = graph.constants[node.inputs[2]], let values = everyGroup(bias) else {
        return nil
      }
      slim.inputs[2] = graph.addConstant(values, like: "\(node.inputs[2]).groups")
    }
    slim.outputs = ["\(node.outputs[0]).groups"]
    guard graph.shapes[slim.outputs[0]] == nil else { return nil }
    return slim
  }

  /// Every 16th row of the first axis, if the others are copies of it.
  private static func everyGroup(_ tensor: Tensor) -> Tensor? {
    guard let values = tensor.floats, let rows = tensor.shape.first, rows > 0 else { return nil }
    let width = values.count / rows
    var kept: [Float] = []
    for row in 0..<rows {
      let own = values[row * width..<(row + 1) * width]
      let first = row - row % Gating.group
      if row == first {
        kept += own
      } else if !own.elementsEqual(values[first * width..<(first + 1) * width]) {
        return nil
      }
    }
    return Tensor(shape: [Gating.groups(rows)] + tensor.shape.dropFirst(), floats: kept)
  }
}
