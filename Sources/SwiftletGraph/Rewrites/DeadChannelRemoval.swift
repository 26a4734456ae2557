import SwiftletCore

/// Channels that a convolution always leaves at 0 go, with the weights that would read them:
/// what tools that prune by masking leave behind. Output channels qualify if all their weights
/// are 0 and the activation makes 0 of their bias; the way to the readers may lead through pools,
/// activations and depthwise convolutions that keep the 0.
enum DeadChannelRemoval: RewritePass {
  static let name = "dead channels"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    let links = Links(graph)
    var removed = 0
    for index in graph.nodes.indices { removed += shrink(index, &graph, links) }
    return removed
  }

  /// Convolutions on the way from a value: depthwise ones keep their channels' numbers, dense
  /// ones read them.
  private struct Way {
    var depthwise: [Int] = []
    var dense: [Int] = []
    /// Channels that are 0 all along.
    var dead: [Bool]
  }

  /// Returns the number of channels removed.
  private static func shrink(_ index: Int, _ graph: inout Graph, _ links: Links) -> Int {
    let node = graph.nodes[index]
    guard case .convolution(let attributes) = node.operation, attributes.group == 1,
      !node.addsResidual, let weights = graph.constants[node.inputs[1]],
      let values = weights.floats, weights.rank == 4, weights.shape[0] > 1,
      let silent = areSilent(node, weights.shape[0], graph)
    else { return 0 }
    let depth = values.count / weights.shape[0]
    var way = Way(
      dead: silent.indices.map { row in
        silent[row] && values[row * depth..<(row + 1) * depth].allSatisfy { $0 == 0 }
      })
    guard follow(node.outputs[0], &way, graph, links) else { return 0 }
    // A convolution without any channel has no meaning.
    if !way.dead.contains(false) { way.dead[0] = false }
    guard way.dead.contains(true) else { return 0 }
    for place in [index] + way.depthwise {
      for input in 1..<min(graph.nodes[place].inputs.count, 3) {
        keep(way.dead, axis: 0, ofInput: input, at: place, &graph)
      }
      if case .convolution(var own) = graph.nodes[place].operation, own.group > 1 {
        own.group = way.dead.filter { !$0 }.count
        graph.nodes[place].operation = .convolution(own)
      }
    }
    for place in way.dense { keep(way.dead, axis: 1, ofInput: 1, at: place, &graph) }
    return way.dead.filter { $0 }.count
  }

  /// Whether each channel of a convolution is 0 where its sum is.
  private static func areSilent(_ node: Node, _ channels: Int, _ graph: Graph) -> [Bool]? {
    var values = [Float](repeating: 0, count: channels)
    if node.inputs.count > 2, !node.inputs[2].isEmpty {
      guard let bias = graph.constantFloats(node.inputs[2]), bias.count == channels else {
        return nil
      }
      values = bias
    }
    node.activation.apply(to: &values)
    return values.map { $0 == 0 }
  }

  /// Finds every reader of the channels; false if one of them needs them all.
  private static func follow(
    _ value: String, _ way: inout Way, _ graph: Graph, _ links: Links
  ) -> Bool {
    guard !links.outputs.contains(value), let readers = links.readers[value] else { return false }
    for place in readers {
      let node = graph.nodes[place]
      switch node.operation {
      case .convolution(let attributes):
        guard node.inputs[0] == value, !node.inputs.dropFirst().contains(value),
          let shape = graph.constants[node.inputs[1]]?.shape, shape.count == 4,
          graph.constants[node.inputs[1]]?.floats != nil
        else { return false }
        if attributes.group == 1, shape[1] == way.dead.count {
          way.dense.append(place)
          continue
        }
        guard attributes.group == way.dead.count, shape[0] == way.dead.count, !node.addsResidual,
          let silent = areSilent(node, shape[0], graph)
        else { return false }
        way.dead = zip(way.dead, silent).map { $0 && $1 }
        way.depthwise.append(place)
      case .maxPool, .averagePool, .globalAveragePool, .globalMaxPool:
        guard node.outputs.count == 1 else { return false }
      case .activation(let activation):
        var zero: [Float] = [0]
        activation.apply(to: &zero)
        guard zero[0] == 0 else { return false }
      default: return false
      }
      guard follow(node.outputs[0], &way, graph, links) else { return false }
    }
    return true
  }

  /// The constant behind an input without the slices along `axis` that are dead.
  private static func keep(
    _ dead: [Bool], axis: Int, ofInput input: Int, at place: Int, _ graph: inout Graph
  ) {
    let name = graph.nodes[place].inputs[input]
    guard let tensor = graph.constants[name], let values = tensor.floats else { return }
    let inner = tensor.shape[(axis + 1)...].reduce(1, *)
    var kept: [Float] = []
    for slice in 0..<values.count / inner where !dead[slice % dead.count] {
      kept += values[slice * inner..<(slice + 1) * inner]
    }
    var shape = tensor.shape
    shape[axis] = dead.filter { !$0 }.count
    graph.nodes[place].inputs[input] = graph.addConstant(
      Tensor(shape: shape, floats: kept), like: "\(name).live")
  }
}
