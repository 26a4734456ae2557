import SwiftletCore

/// Moves parameters that are constant inputs into the operation, resolves automatic padding, and
/// writes every flatten, squeeze and unsqueeze as a reshape.
enum ParameterFolding: RewritePass {
  static let name = "parameters"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    var changes = 0
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      let inputs = NodeInputs(
        shapes: node.inputs.map { graph.shapes[$0] },
        values: node.inputs.map { graph.constants[$0] },
        isPresent: node.inputs.map { !$0.isEmpty })
      do {
        guard
          let operation = try resolved(node, inputs, output: graph.shapes[node.outputs[0]]),
          operation.value != node.operation || operation.inputs < node.inputs.count
        else { continue }
        graph.nodes[index].operation = operation.value
        graph.nodes[index].inputs = Array(node.inputs.prefix(operation.inputs))
        changes += 1
      } catch {
        throw error.error(at: node)
      }
    }
    return changes
  }

  /// The operation with its parameters, and how many inputs are left; nil: leave it.
  private static func resolved(_ node: Node, _ inputs: NodeInputs, output: [Int]?)
    throws(Fault) -> (value: Operation, inputs: Int)?
  {
    guard let x = try inputs.shape(0) else { return nil }
    switch node.operation {
    case .convolution(var attributes):
      guard let weights = try inputs.shape(1) else { return nil }
      let window = try Convolution.plan(x, weights, bias: nil, attributes).window
      attributes.kernel = window.kernel
      attributes.padding = window.padding
      attributes.automaticPadding = .explicit
      return (.convolution(attributes), node.inputs.count)
    case .transposedConvolution(var attributes):
      guard let weights = try inputs.shape(1) else { return nil }
      let plan = try TransposedConvolution.plan(x, weights, bias: nil, attributes)
      attributes.kernel = plan.kernel
      attributes.padding = plan.padding
      attributes.automaticPadding = .explicit
      attributes.outputSize = nil
      let plain = try TransposedConvolution.plan(x, weights, bias: nil, attributes).output
      attributes.outputPadding.height += plan.output.height - plain.height
      attributes.outputPadding.width += plan.output.width - plain.width
      return (.transposedConvolution(attributes), node.inputs.count)
    case .averagePool(let attributes):
      return (.averagePool(try resolved(attributes, x)), 1)
    case .maxPool(let attributes): return (.maxPool(try resolved(attributes, x)), 1)
    case .clip:
      guard !inputs.has(1) || inputs.value(1)?.count == 1,
        !inputs.has(2) || inputs.value(2)?.count == 1
      else { return nil }
      let low = inputs.value(1)?.asFloats[0] ?? -.infinity
      let high = inputs.value(2)?.asFloats[0] ?? .infinity
      return (.activation(Activation.clip(minimum: low, maximum: high).simplified), 1)
    case .activation(let activation): return (.activation(activation.simplified), 1)
    case .flatten, .reshape, .squeeze, .unsqueeze:
      return output.map { (.reshape(shape: $0, allowsZero: true), 1) }
    case .transpose(let permutation):
      return (
        .transpose(permutation: try ShapeArithmetic.permutation(permutation, rank: x.count)), 1
      )
    default: return try resolvedMovement(node, inputs, x)
    }
  }

  private static func resolvedMovement(_ node: Node, _ inputs: NodeInputs, _ x: [Int])
    throws(Fault) -> (value: Operation, inputs: Int)?
  {
    switch node.operation {
    case .slice(var attributes):
      guard let indices = try attributes.indices(inputs), !indices.contains([]) else { return nil }
      let axes = x.indices.filter { indices[$0] != Array(0..<x[$0]) }
      attributes.axes = axes
      attributes.starts = axes.map { indices[$0][0] }
      attributes.steps = axes.map { indices[$0].count > 1 ? indices[$0][1] - indices[$0][0] : 1 }
      attributes.ends = axes.map { axis in
        let last = indices[axis][indices[axis].count - 1]
        let isBackward = indices[axis].count > 1 && indices[axis][1] < indices[axis][0]
        return !isBackward ? last + 1 : last == 0 ? -x[axis] - 1 : last - 1
      }
      return (.slice(attributes), 1)
    case .pad(var attributes):
      guard let amounts = try attributes.amounts(inputs) else { return nil }
      if attributes.before == nil, inputs.has(2) {
        guard let value = inputs.value(2)?.asFloats.first else { return nil }
        attributes.value = value
      }
      attributes.before = amounts.before
      attributes.after = amounts.after
      return (.pad(attributes), 1)
    case .resize(var attributes):
      if inputs.has(3) {
        guard let sizes = try inputs.parameter(attributes.sizes, 3).list else { return nil }
        attributes.sizes = sizes
      } else if inputs.has(2) {
        guard let scales = inputs.value(2)?.floats else { return nil }
        attributes.scales = scales
      }
      return (.resize(attributes), 1)
    case .split(let axis, let sizes):
      let parameter = try inputs.parameter(sizes, 1)
      guard !parameter.isUnknown else { return nil }
      let front = try Shape.axis(axis, rank: x.count)
      let parts = try Slicing.parts(
        x[front], sizes: parameter.list, outputs: node.outputs.count)
      return (.split(axis: front, sizes: parts), 1)
    case .reduce(var attributes):
      let axes = try inputs.parameter(attributes.axes, 1)
      guard !axes.isUnknown else { return nil }
      guard let reduced = try Reducing.axes(axes.list, rank: x.count, attributes) else {
        return (.activation(.none), 1)
      }
      attributes.axes = reduced.sorted()
      return (.reduce(attributes), 1)
    case .concat(let axis):
      return (.concat(axis: try Shape.axis(axis, rank: x.count)), node.inputs.count)
    case .softmax(let axis): return (.softmax(axis: try Shape.axis(axis, rank: x.count)), 1)
    case .softmaxFlattened(let axis):
      let axis = try Shape.axis(axis, rank: max(x.count, 1))
      // One axis left: the two forms agree.
      return x.dropFirst(axis + 1).allSatisfy({ $0 == 1 }) && axis < x.count
        ? (.softmax(axis: axis), 1) : nil
    default: return nil
    }
  }

  private static func resolved(_ attributes: PoolAttributes, _ x: [Int]) throws(Fault)
    -> PoolAttributes
  {
    var result = attributes
    result.padding = try Pooling.window(x, attributes).window.padding
    if attributes.automaticPadding != .explicit { result.roundsUp = false }
    result.automaticPadding = .explicit
    return result
  }
}

extension Activation {
  /// Clip with bounds of ReLU or without bounds, by its simpler name.
  var simplified: Activation {
    guard case .clip(let minimum, let maximum) = self else { return self }
    let isOpenBelow = minimum <= -.greatestFiniteMagnitude
    let isOpenAbove = maximum >= .greatestFiniteMagnitude
    if isOpenBelow, isOpenAbove { return .none }
    if minimum == 0, isOpenAbove { return .relu }
    return self
  }
}
