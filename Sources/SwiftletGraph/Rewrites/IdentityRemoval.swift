import SwiftletCore

/// Removes nodes that change nothing, joins reshapes and slices that follow each other.
enum IdentityRemoval: RewritePass {
  static let name = "identities"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    var stuck: Set<String> = []
    return try graph.repeatedly { graph, links in
      for index in graph.nodes.indices {
        let node = graph.nodes[index]
        if join(node, index, &graph, links) { return true }
        guard isIdentity(node, graph, links), !stuck.contains(node.outputs[0]) else { continue }
        if graph.bypass(index, with: node.inputs[0], links) { return true }
        stuck.insert(node.outputs[0])
      }
      return false
    }
  }

  private static func isIdentity(_ node: Node, _ graph: Graph, _ links: Links) -> Bool {
    guard let x = node.inputs.first, let shape = graph.shapes[x] else { return false }
    let keepsShape = graph.shapes[node.outputs[0]] == shape
    switch node.operation {
    case .activation(.none): return true
    case .dropout:
      return node.outputs.dropFirst().allSatisfy { links.readers[$0] == nil }
        && !node.outputs.dropFirst().contains { links.outputs.contains($0) }
    case .reshape, .expand: return keepsShape
    case .transpose(let permutation): return permutation == Array(shape.indices)
    case .slice(let attributes): return attributes.axes == [] && attributes.starts == []
    case .pad(let attributes):
      return keepsShape && attributes.before?.allSatisfy { $0 == 0 } == true
    case .concat: return node.inputs.count == 1
    case .split: return node.outputs.count == 1
    case .cast(.float):
      guard let origin = links.producer[x] else { return graph.constants[x] == nil }
      switch graph.nodes[origin].operation {
      case .cast, .quantizeLinear, .shape, .size, .range, .gather, .where, .constantOfShape:
        return false
      case .binary(let function): return !Elementwise.isComparison(function)
      default: return true
      }
    default: return false
    }
  }

  /// A reshape behind a reshape, or a slice behind a slice of other axes, reads past it.
  private static func join(_ node: Node, _ index: Int, _ graph: inout Graph, _ links: Links) -> Bool
  {
    guard let x = node.inputs.first, let origin = links.producer[x] else { return false }
    let first = graph.nodes[origin]
    switch (first.operation, node.operation) {
    case (.reshape, .reshape(.some, _)):
      graph.nodes[index].inputs[0] = first.inputs[0]
      return true
    case (.slice(let inner), .slice(let outer)):
      guard let innerAxes = inner.axes, let outerAxes = outer.axes, first.inputs.count == 1,
        !innerAxes.contains(where: { outerAxes.contains($0) }),
        let innerStarts = inner.starts, let outerStarts = outer.starts,
        let innerEnds = inner.ends, let outerEnds = outer.ends,
        let innerSteps = inner.steps, let outerSteps = outer.steps
      else { return false }
      var both = SliceAttributes()
      both.axes = innerAxes + outerAxes
      both.starts = innerStarts + outerStarts
      both.ends = innerEnds + outerEnds
      both.steps = innerSteps + outerSteps
      graph.nodes[index].operation = .slice(both)
      graph.nodes[index].inputs[0] = first.inputs[0]
      return true
    default: return false
    }
  }
}

/// Takes quantised activations as float: QuantizeLinear and DequantizeLinear vanish. Those around
/// weights were folded before.
enum QuantizationRemoval: RewritePass {
  static let name = "quantise and dequantise"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    let links = Links(graph)
    var changes = 0
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      switch node.operation {
      case .quantizeLinear(_, _, let minimum, _):
        // A zero point at the lowest integer cuts off what is negative: an unwritten ReLU.
        let zero = node.inputs.count > 2 ? graph.constants[node.inputs[2]]?.integers : [0]
        let cutsOff = zero?.allSatisfy { $0 == minimum } == true
        graph.nodes[index].operation = .activation(cutsOff ? .relu : .none)
      case .dequantizeLinear:
        guard comesFromQuantize(node.inputs[0], graph, links) else { continue }
        graph.nodes[index].operation = .activation(.none)
      default: continue
      }
      graph.nodes[index].inputs = [node.inputs[0]]
      changes += 1
    }
    return changes
  }

  /// Whether the integers come from a QuantizeLinear (rewritten or not), at most moved on the way.
  private static func comesFromQuantize(_ value: String, _ graph: Graph, _ links: Links) -> Bool {
    var value = value
    while let origin = links.producer[value] {
      let node = graph.nodes[origin]
      switch node.operation {
      case .quantizeLinear, .activation: return true
      case .maxPool, .reshape, .transpose, .slice, .concat, .split, .pad, .resize:
        value = node.inputs[0]
      default: return false
      }
    }
    return false
  }
}
