import SwiftletCore

extension Graph {
  /// Values up to this many elements are computed while shapes are inferred: shapes themselves.
  private static let shapeArithmeticLimit = 1024

  /// Fills `shapes` and returns the values that follow from shapes alone.
  ///
  /// Throws for a node whose inputs contradict each other or its operation.
  @discardableResult
  public mutating func inferShapes() throws(SwiftletError) -> [String: Tensor] {
    var found: [String: [Int]] = constants.mapValues(\.shape)
    for input in inputs { found[input.name] = input.shape }
    var derived: [String: Tensor] = [:]
    for node in nodes {
      let values = node.inputs.map { derived[$0] ?? constants[$0] }
      let inputs = NodeInputs(
        shapes: node.inputs.map { found[$0] }, values: values,
        isPresent: node.inputs.map { !$0.isEmpty })
      do {
        let shapes = try node.outputShapes(inputs)
        for (name, shape) in zip(node.outputs, shapes ?? []) where !name.isEmpty {
          found[name] = shape
        }
        let tensors = try Self.shapeValues(node, inputs, shapes)
        for (name, tensor) in zip(node.outputs, tensors) where !name.isEmpty {
          found[name] = tensor.shape
          derived[name] = tensor
        }
      } catch {
        throw error.error(at: node)
      }
    }
    shapes = found
    return derived
  }

  private static func shapeValues(_ node: Node, _ inputs: NodeInputs, _ shapes: [[Int]]?)
    throws(Fault) -> [Tensor]
  {
    switch node.operation {
    case .shape(let start, let end):
      guard let shape = inputs.shapes[0] else { return [] }
      let axes = ShapeArithmetic.axes(shape.count, start: start, end: end)
      return [Tensor(shape: [axes.count], integers: axes.map { Int64(shape[$0]) })]
    case .size:
      guard let shape = inputs.shapes[0] else { return [] }
      return [Tensor(shape: [], integers: [Int64(try Shape.count(shape))])]
    default:
      let known = zip(inputs.isPresent, inputs.values).allSatisfy { !$0 || $1 != nil }
      let isSmall =
        inputs.values.allSatisfy { ($0?.count ?? 0) <= shapeArithmeticLimit }
        && (shapes ?? []).allSatisfy { $0.reduce(1, *) <= shapeArithmeticLimit }
      guard known, isSmall, !inputs.values.isEmpty else { return [] }
      return try node.evaluate(inputs)
    }
  }
}
