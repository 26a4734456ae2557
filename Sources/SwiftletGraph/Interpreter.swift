import SwiftletCore

/// Runs a graph in float: slow, plain, and the measure for everything else.
public enum Interpreter {
  /// Runs every node and returns the graph's outputs by name.
  ///
  /// `observe` sees each value that a node makes, in order, before it is freed. A value is freed
  /// behind its last reader. Throws for inputs that are absent, of another shape, or that a node
  /// cannot use.
  public static func run(
    _ graph: Graph, inputs: [String: Tensor], observe: (String, Tensor) -> Void = { _, _ in }
  ) throws(SwiftletError) -> [String: Tensor] {
    var values: [String: Tensor] = [:]
    for input in graph.inputs {
      guard let tensor = inputs[input.name] else {
        throw SwiftletError(
          .badGraphInput, place: input.name, expected: "a tensor of shape \(input.shape)",
          found: "none")
      }
      guard tensor.shape == input.shape else {
        throw SwiftletError(
          .badGraphInput, place: input.name, expected: "shape \(input.shape)",
          found: "\(tensor.shape)")
      }
      values[input.name] = tensor
    }
    var lastReader: [String: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for name in node.inputs { lastReader[name] = index }
    }
    for name in graph.outputs { lastReader[name] = graph.nodes.count }
    for (index, node) in graph.nodes.enumerated() {
      let outputs = try evaluate(node, constants: graph.constants, values: values)
      for (name, tensor) in zip(node.outputs, outputs) where !name.isEmpty {
        observe(name, tensor)
        if lastReader[name] != nil { values[name] = tensor }
      }
      for name in node.inputs where lastReader[name] == index { values[name] = nil }
    }
    var results: [String: Tensor] = [:]
    for name in graph.outputs {
      guard let tensor = values[name] ?? graph.constants[name] else {
        throw SwiftletError(
          .badNode, place: "output \"\(name)\"", expected: "a node that makes it", found: "none")
      }
      results[name] = tensor
    }
    return results
  }

  /// One node, its inputs taken from `values`, then from `constants`.
  static func evaluate(_ node: Node, constants: [String: Tensor], values: [String: Tensor])
    throws(SwiftletError) -> [Tensor]
  {
    let tensors = node.inputs.map { values[$0] ?? constants[$0] }
    for (name, tensor) in zip(node.inputs, tensors) where !name.isEmpty && tensor == nil {
      throw Fault(expected: "a value \"\(name)\"", found: "none").error(at: node)
    }
    do {
      return try node.evaluate(
        NodeInputs(
          shapes: tensors.map { $0?.shape }, values: tensors, isPresent: tensors.map { $0 != nil }))
    } catch {
      throw error.error(at: node)
    }
  }
}
