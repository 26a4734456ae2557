import SwiftletCore

/// Different spellings of one thing become one: means over the image, division and subtraction of
/// constants, constants on the left, matrix products with constant weights.
enum Canonicalization: RewritePass {
  static let name = "canonical forms"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    var changes = 0
    for index in graph.nodes.indices where rewriteOne(index, &graph) { changes += 1 }
    changes += try graph.repeatedly { (graph, links) throws(SwiftletError) in
      for index in graph.nodes.indices {
        if try splitMean(index, &graph) || addBias(index, &graph, links) { return true }
      }
      return false
    }
    for index in graph.nodes.indices where normalizeGemm(index, &graph) { changes += 1 }
    return changes
  }

  private static func rewriteOne(_ index: Int, _ graph: inout Graph) -> Bool {
    let node = graph.nodes[index]
    switch node.operation {
    case .averagePool(let attributes):
      guard let x = graph.shapes[node.inputs[0]], x.count == 4,
        attributes.kernel == Extent(x[2], x[3]), attributes.padding == Padding(),
        attributes.dilation == Extent(1, 1),
        graph.shapes[node.outputs[0]] == [x[0], x[1], 1, 1]
      else { return false }
      graph.nodes[index].operation = .globalAveragePool
      return true
    case .binary(let function):
      return rewriteBinary(function, index, &graph)
    case .matMul:
      guard graph.shapes[node.inputs[0]]?.count == 2, graph.constants[node.inputs[0]] == nil,
        graph.constants[node.inputs[1]]?.rank == 2
      else { return false }
      graph.nodes[index].operation = .gemm(GemmAttributes())
      return true
    case .prelu:
      guard let slope = graph.constantScalar(node.inputs[1]) else { return false }
      graph.nodes[index].operation = .activation(.leakyRelu(alpha: slope))
      graph.nodes[index].inputs.removeLast()
      return true
    default: return false
    }
  }

  private static func rewriteBinary(
    _ function: BinaryFunction, _ index: Int, _ graph: inout Graph
  ) -> Bool {
    let node = graph.nodes[index]
    switch function {
    case .add, .multiply, .minimum, .maximum:
      if graph.constants[node.inputs[0]] != nil, graph.constants[node.inputs[1]] == nil {
        graph.nodes[index].inputs.swapAt(0, 1)
        _ = rewriteBinary(function, index, &graph)
        return true
      }
      guard function == .minimum || function == .maximum,
        let bound = graph.constantScalar(node.inputs[1]),
        graph.shapes[node.inputs[0]] == graph.shapes[node.outputs[0]]
      else { return false }
      let clip = Activation.clip(
        minimum: function == .maximum ? bound : -.infinity,
        maximum: function == .minimum ? bound : .infinity)
      graph.nodes[index].operation = .activation(clip.simplified)
      graph.nodes[index].inputs.removeLast()
      return true
    case .divide, .subtract:
      guard let values = graph.constantFloats(node.inputs[1]),
        let shape = graph.constants[node.inputs[1]]?.shape
      else { return false }
      let inverse = Tensor(
        shape: shape, floats: values.map { function == .divide ? 1 / $0 : -$0 })
      guard inverse.asFloats.allSatisfy(\.isFinite) else { return false }
      graph.nodes[index].inputs[1] = graph.addConstant(inverse, like: "\(node.inputs[1]).inverse")
      graph.nodes[index].operation = .binary(function == .divide ? .multiply : .add)
      return true
    default: return false
    }
  }

  /// A mean over height and width is a global average pool, reshaped if it drops the axes.
  private static func splitMean(_ index: Int, _ graph: inout Graph) throws(SwiftletError) -> Bool {
    let node = graph.nodes[index]
    guard case .reduce(let attributes) = node.operation, attributes.function == .mean,
      let x = graph.shapes[node.inputs[0]], x.count == 4, attributes.axes == [2, 3]
    else { return false }
    graph.nodes[index].operation = .globalAveragePool
    guard !attributes.keepsAxes else { return true }
    let image = "\(node.outputs[0]).image"
    graph.nodes[index].outputs = [image]
    graph.shapes[image] = [x[0], x[1], 1, 1]
    graph.nodes.insert(
      Node(
        name: "\(node.name).reshape",
        operation: .reshape(shape: [x[0], x[1]], allowsZero: true), inputs: [image],
        outputs: node.outputs), at: index + 1)
    return true
  }

  /// Gemm without C, then Add of a constant row.
  private static func addBias(_ index: Int, _ graph: inout Graph, _ links: Links) -> Bool {
    let node = graph.nodes[index]
    guard case .gemm = node.operation, node.inputs.count == 2,
      let shape = graph.shapes[node.outputs[0]],
      let reader = links.soleReader(of: node.outputs[0]),
      case .binary(.add) = graph.nodes[reader].operation,
      graph.nodes[reader].inputs[0] == node.outputs[0],
      let bias = graph.constants[graph.nodes[reader].inputs[1]], bias.count == shape[1],
      bias.shape.last == shape[1], graph.shapes[graph.nodes[reader].outputs[0]] == shape
    else { return false }
    graph.nodes[index].inputs.append(graph.nodes[reader].inputs[1])
    graph.nodes[index].outputs = graph.nodes[reader].outputs
    graph.nodes.remove(at: reader)
    return true
  }

  /// alpha = beta = 1, B as [N, K], C as [N].
  private static func normalizeGemm(_ index: Int, _ graph: inout Graph) -> Bool {
    let node = graph.nodes[index]
    guard case .gemm(let attributes) = node.operation, !attributes.transposesA,
      let b = graph.constants[node.inputs[1]], b.rank == 2
    else { return false }
    let rows = attributes.transposesB ? b : b.transposed([1, 0])
    guard let weights = rows.floats else { return false }
    var bias: Tensor?
    if node.inputs.count > 2 {
      guard let c = graph.constants[node.inputs[2]], let values = c.floats,
        c.count == 1 || c.count == rows.shape[0] && c.shape.last == rows.shape[0]
      else { return false }
      let row = c.count == 1 ? [Float](repeating: values[0], count: rows.shape[0]) : values
      bias = Tensor(shape: [rows.shape[0]], floats: row.map { $0 * attributes.beta })
    }
    var plain = GemmAttributes()
    plain.transposesB = true
    let scaled = Tensor(
      shape: rows.shape,
      floats: attributes.alpha == 1 ? weights : weights.map { $0 * attributes.alpha })
    guard
      plain != attributes
        || bias
          != node.inputs.dropFirst(2).first.flatMap({
            graph.constants[$0]
          })
    else { return false }
    graph.nodes[index].operation = .gemm(plain)
    graph.nodes[index].inputs = [
      node.inputs[0], graph.addConstant(scaled, like: "\(node.inputs[1]).rows"),
    ]
    if let bias {
      graph.nodes[index].inputs.append(
        graph.addConstant(bias, like: "\(node.inputs[2]).row"))
    }
    return true
  }
}
