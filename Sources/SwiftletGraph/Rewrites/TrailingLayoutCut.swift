import SwiftletCore

/// Cuts reshapes, transpositions and joins of them that only lead to outputs: the outputs become
/// the last images before them.
enum TrailingLayoutCut: RewritePass {
  static let name = "trailing layout"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int { cut(&graph).count }

  /// Cuts and returns what was cut, in order of execution.
  static func cut(_ graph: inout Graph) -> [Node] {
    let links = Links(graph)
    var removed: Set<Int> = []
    var outputs: [String] = []
    for output in graph.outputs {
      var nodes: Set<Int> = []
      var images: [String] = []
      if trace(output, graph, links, &nodes, &images), !nodes.isEmpty {
        removed.formUnion(nodes)
        for image in images where !outputs.contains(image) { outputs.append(image) }
      } else if !outputs.contains(output) {
        outputs.append(output)
      }
    }
    // A node stays if something else reads what it makes.
    var kept: Set<Int> = []
    for (index, node) in graph.nodes.enumerated().reversed() where removed.contains(index) {
      let readers = node.outputs.flatMap { links.readers[$0] ?? [] }
      if readers.contains(where: { !removed.contains($0) || kept.contains($0) })
        || node.outputs.contains(where: { outputs.contains($0) })
      {
        kept.insert(index)
      }
    }
    let cut = removed.sorted().map { graph.nodes[$0] }
    removed.subtract(kept)
    graph.outputs = outputs
    graph.nodes = graph.nodes.indices.filter { !removed.contains($0) }.map { graph.nodes[$0] }
    return cut.isEmpty ? [] : cut
  }

  /// Follows layout operators back to images; false if something else is on the way.
  private static func trace(
    _ value: String, _ graph: Graph, _ links: Links, _ nodes: inout Set<Int>,
    _ images: inout [String]
  ) -> Bool {
    if let origin = links.producer[value] {
      let node = graph.nodes[origin]
      let follows: Bool
      switch node.operation {
      case .reshape, .transpose, .activation(.none): follows = true
      case .concat: follows = graph.shapes[value]?.count != 4
      default: follows = false
      }
      if follows {
        nodes.insert(origin)
        for input in node.inputs where !trace(input, graph, links, &nodes, &images) { return false }
        return true
      }
    }
    guard graph.shapes[value]?.count == 4, links.producer[value] != nil else { return false }
    if !images.contains(value) { images.append(value) }
    return true
  }
}
