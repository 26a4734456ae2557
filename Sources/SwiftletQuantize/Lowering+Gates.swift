import SwiftletGraph

extension Gating {
  /// The runtime's rule: scores above the threshold, the first of the greatest if none is.
  static func live(_ scores: [Float], threshold: Float) -> [Bool] {
    var live = scores.map { $0 > threshold }
    if !live.contains(true), let best = scores.max(), let first = scores.firstIndex(of: best) {
      live[first] = true
    }
    return live
  }
}

extension Lowering {
  /// A gate leaves no operation on the value behind: the layer that makes the value computes the
  /// live groups only, and the layers that read it skip the others, which count as exactly 0.
  mutating func lowerGate(_ node: Node, threshold: Float) {
    guard let hidden = tensor(node.inputs[0]), let score = tensor(node.inputs[1]),
      let maker = plan.steps.lastIndex(where: { $0.output == hidden }),
      case .layer(let layer) = plan.steps[maker].kind, !layer.isDepthwise,
      plan.steps[maker].inputs.count == 1, plan.steps[maker].inputs[0] != plan.image,
      plan.steps[maker].outputGate == nil, uses[node.inputs[0]] == 1
    else {
      return refuse(node, "the gated value must come from a convolution that nothing else reads")
    }
    guard !graph.outputs.contains(node.outputs[0]), areReadersLayers(of: node.outputs[0]) else {
      return refuse(node, "a gated value can be read by dense convolutions only")
    }
    let scores = floatVersion(of: score)
    let gate = makeTensor(
      node.outputs[0] + ".gate", Gating.groups(plan.tensors[hidden].channels), 1, 1)
    plan.tensors[gate].isGate = true
    append(node.name, .gate(threshold: threshold), [scores], gate)
    // The gate has to be known before the layer runs; nothing between them reads the layer.
    var step = plan.steps.remove(at: maker)
    step.outputGate = gate
    plan.steps.append(step)
    values[node.outputs[0]] = hidden
    gates[hidden] = gate
  }

  /// Whether only dense convolutions read a value.
  private func areReadersLayers(of value: String) -> Bool {
    let readers = graph.nodes.filter { $0.inputs.contains(value) }
    return !readers.isEmpty
      && readers.allSatisfy { reader in
        guard case .convolution(let attributes) = reader.operation else { return false }
        return attributes.group == 1 && reader.inputs[0] == value
          && !reader.inputs.dropFirst().contains(value)
      }
  }
}
