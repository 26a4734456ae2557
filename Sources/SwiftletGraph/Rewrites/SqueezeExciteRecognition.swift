import SwiftletCore

/// Notes where a value is multiplied with a gate made from its own mean by two 1 x 1 convolutions.
/// Changes no node.
enum SqueezeExciteRecognition: RewritePass {
  static let name = "squeeze and excite"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    let links = Links(graph)
    graph.squeezeExcites = []
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      guard case .binary(.multiply) = node.operation else { continue }
      for (x, gate) in [(0, 1), (1, 0)] {
        let (input, scale) = (node.inputs[x], node.inputs[gate])
        guard let shape = graph.shapes[input], shape.count == 4,
          graph.shapes[scale] == [shape[0], shape[1], 1, 1],
          let expand = pointwise(scale, graph, links), isGate(expand.activation),
          let reduce = pointwise(expand.inputs[0], graph, links),
          let pool = links.producer[reduce.inputs[0]],
          graph.nodes[pool].operation == .globalAveragePool,
          graph.nodes[pool].inputs == [input]
        else { continue }
        // The gated value first: one order for those who read the graph.
        graph.nodes[index].inputs = [input, scale]
        graph.squeezeExcites.append(
          SqueezeExcite(
            input: input, pool: graph.nodes[pool].outputs[0], reduce: reduce.outputs[0],
            expand: expand.outputs[0], scale: node.outputs[0]))
        break
      }
    }
    return graph.squeezeExcites.count
  }

  private static func isGate(_ activation: Activation) -> Bool {
    switch activation {
    case .hardSigmoid, .sigmoid, .clip: true
    default: false
    }
  }

  private static func pointwise(_ value: String, _ graph: Graph, _ links: Links) -> Node? {
    guard let origin = links.producer[value],
      case .convolution(let attributes) = graph.nodes[origin].operation,
      attributes.kernel == Extent(1, 1), attributes.group == 1, !graph.nodes[origin].addsResidual
    else { return nil }
    return graph.nodes[origin]
  }
}
