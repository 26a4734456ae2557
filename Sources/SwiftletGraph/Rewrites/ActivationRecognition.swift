import SwiftletCore

/// Finds activations that are spelled out: x * sigmoid(x), hard-swish and hard-sigmoid in their
/// several forms, two clips in a row.
enum ActivationRecognition: RewritePass {
  static let name = "activations spelled out"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    try graph.repeatedly { graph, links in
      for index in graph.nodes.indices {
        if gated(index, &graph, links) || sixth(index, &graph, links)
          || joined(index, &graph, links)
        {
          return true
        }
      }
      return false
    }
  }

  private static func isNear(_ a: Float, _ b: Float) -> Bool { abs(a - b) <= 1e-4 * abs(b) }

  /// The node that makes a value read only here, with its index.
  private static func maker(_ value: String, _ graph: Graph, _ links: Links) -> (Int, Node)? {
    guard let origin = links.producer[value], links.soleReader(of: value) != nil else { return nil }
    return (origin, graph.nodes[origin])
  }

  /// x * gate(x)
  private static func gated(_ index: Int, _ graph: inout Graph, _ links: Links) -> Bool {
    let node = graph.nodes[index]
    guard case .binary(.multiply) = node.operation else { return false }
    for (x, gate) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
      guard let (origin, maker) = maker(gate, graph, links), maker.inputs == [x] else { continue }
      let activation: Activation
      switch maker.operation {
      case .activation(.sigmoid): activation = .silu
      case .activation(.hardSigmoid(let alpha, let beta)) where isNear(alpha, 1 / 6) && beta == 0.5:
        activation = .hardSwish
      default: continue
      }
      graph.nodes[index].operation = .activation(activation)
      graph.nodes[index].inputs = [x]
      graph.nodes.remove(at: origin)
      return true
    }
    return false
  }

  /// clip(x + 3, 0, 6) / 6 and x * clip(x + 3, 0, 6) / 6.
  private static func sixth(_ index: Int, _ graph: inout Graph, _ links: Links) -> Bool {
    let node = graph.nodes[index]
    guard case .binary(.multiply) = node.operation,
      let factor = graph.constantScalar(node.inputs[1]),
      isNear(factor, 1 / 6), let (inner, scaled) = maker(node.inputs[0], graph, links)
    else { return false }
    if let (add, x) = shiftedClip(inner, scaled, graph, links) {
      graph.nodes[index].operation = .activation(.hardSigmoid(alpha: 1 / 6, beta: 0.5))
      graph.nodes[index].inputs = [x]
      for gone in [add, inner].sorted(by: >) { graph.nodes.remove(at: gone) }
      return true
    }
    guard case .binary(.multiply) = scaled.operation else { return false }
    for (x, gate) in [(scaled.inputs[0], scaled.inputs[1]), (scaled.inputs[1], scaled.inputs[0])] {
      guard let (clip, clipNode) = maker(gate, graph, links),
        let (add, argument) = shiftedClip(clip, clipNode, graph, links), argument == x
      else { continue }
      graph.nodes[index].operation = .activation(.hardSwish)
      graph.nodes[index].inputs = [x]
      for gone in [add, clip, inner].sorted(by: >) { graph.nodes.remove(at: gone) }
      return true
    }
    return false
  }

  /// If the node is clip(x + 3, 0, 6): the addition's index and x.
  private static func shiftedClip(_ index: Int, _ node: Node, _ graph: Graph, _ links: Links)
    -> (Int, String)?
  {
    guard case .activation(.clip(0, 6)) = node.operation,
      let (add, addition) = maker(node.inputs[0], graph, links),
      case .binary(.add) = addition.operation, graph.constantScalar(addition.inputs[1]) == 3
    else { return nil }
    return (add, addition.inputs[0])
  }

  /// ReLU or clip behind ReLU or clip.
  private static func joined(_ index: Int, _ graph: inout Graph, _ links: Links) -> Bool {
    let node = graph.nodes[index]
    guard case .activation(let outer) = node.operation, let (low, high) = outer.bounds,
      let (origin, first) = maker(node.inputs[0], graph, links),
      case .activation(let inner) = first.operation, let (innerLow, innerHigh) = inner.bounds,
      innerLow <= innerHigh, low <= high
    else { return false }
    let both = Activation.clip(
      minimum: min(max(innerLow, low), high), maximum: max(min(innerHigh, high), low))
    graph.nodes[index].operation = .activation(both.simplified)
    graph.nodes[index].inputs = first.inputs
    graph.nodes.remove(at: origin)
    return true
  }
}

extension Activation {
  /// The range of a ReLU or clip.
  var bounds: (Float, Float)? {
    switch self {
    case .relu: (0, .infinity)
    case .clip(let minimum, let maximum): (minimum, maximum)
    default: nil
    }
  }
}
