import SwiftletCore

/// Computes every node whose inputs are constants, and every value that follows from shapes.
enum ConstantFolding: RewritePass {
  static let name = "constant folding"
  /// Larger results stay nodes: a file could ask for any amount.
  static let limit = 1 << 24

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    let derived = try graph.inferShapes()
    var kept: [Node] = []
    for node in graph.nodes {
      if node.outputs.allSatisfy({ $0.isEmpty || derived[$0] != nil }) {
        for output in node.outputs where !output.isEmpty {
          graph.constants[output] = derived[output]
        }
        continue
      }
      let isKnown = node.inputs.allSatisfy { $0.isEmpty || graph.constants[$0] != nil }
      let size = node.outputs.map { graph.shapes[$0]?.reduce(1, *) ?? 0 }.max() ?? 0
      guard isKnown, size <= limit else {
        kept.append(node)
        continue
      }
      let tensors = try Interpreter.evaluate(node, constants: graph.constants, values: [:])
      for (output, tensor) in zip(node.outputs, tensors) where !output.isEmpty {
        graph.constants[output] = tensor
      }
    }
    let folded = graph.nodes.count - kept.count
    graph.nodes = kept
    return folded
  }
}

/// Removes nodes and constants that no output needs.
enum DeadCodeRemoval: RewritePass {
  static let name = "dead code"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    var needed = Set(graph.outputs)
    var kept: [Node] = []
    for node in graph.nodes.reversed() where node.outputs.contains(where: { needed.contains($0) }) {
      kept.append(node)
      needed.formUnion(node.inputs)
    }
    let removed = graph.nodes.count - kept.count
    graph.nodes = kept.reversed()
    graph.constants = graph.constants.filter { needed.contains($0.key) }
    try graph.inferShapes()
    return removed
  }
}
