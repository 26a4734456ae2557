import SwiftletCore

/// A zero border before a convolution or average pool becomes its padding.
enum PaddingFusion: RewritePass {
  static let name = "padding"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    try graph.repeatedly { graph, links in
      for index in graph.nodes.indices {
        let node = graph.nodes[index]
        guard case .pad(let pad) = node.operation, pad.value == 0, let before = pad.before,
          let after = pad.after, before.count == 4, before[..<2].allSatisfy({ $0 == 0 }),
          after[..<2].allSatisfy({ $0 == 0 }), (before + after).allSatisfy({ $0 >= 0 }),
          let reader = links.soleReader(of: node.outputs[0]),
          graph.nodes[reader].inputs[0] == node.outputs[0],
          let operation = padded(graph.nodes[reader].operation, before, after)
        else { continue }
        graph.nodes[reader].operation = operation
        graph.nodes[reader].inputs[0] = node.inputs[0]
        graph.nodes.remove(at: index)
        return true
      }
      return false
    }
  }

  private static func padded(_ operation: Operation, _ before: [Int], _ after: [Int]) -> Operation?
  {
    func sum(_ padding: Padding) -> Padding {
      Padding(
        top: padding.top + before[2], left: padding.left + before[3],
        bottom: padding.bottom + after[2], right: padding.right + after[3])
    }
    switch operation {
    case .convolution(var attributes):
      attributes.padding = sum(attributes.padding)
      return .convolution(attributes)
    case .averagePool(var attributes):
      guard attributes.countsPadding || attributes.padding == Padding(), !attributes.roundsUp else {
        return nil
      }
      attributes.padding = sum(attributes.padding)
      attributes.countsPadding = true
      return .averagePool(attributes)
    default: return nil
    }
  }
}

/// Four slices with step 2, joined and convolved (the "focus" stem of YOLO networks), are one
/// convolution with a kernel and stride twice as large.
enum FocusFusion: RewritePass {
  static let name = "focus stem"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    try graph.repeatedly { graph, links in
      for index in graph.nodes.indices where fuse(index, &graph, links) { return true }
      return false
    }
  }

  private static func fuse(_ index: Int, _ graph: inout Graph, _ links: Links) -> Bool {
    let node = graph.nodes[index]
    guard case .convolution(var attributes) = node.operation, attributes.group == 1,
      attributes.dilation == Extent(1, 1), let kernel = attributes.kernel,
      let weights = graph.constantFloats(node.inputs[1]),
      let weightShape = graph.shapes[node.inputs[1]], weightShape.count == 4,
      let concat = links.producer[node.inputs[0]],
      case .concat(axis: 1) = graph.nodes[concat].operation,
      graph.nodes[concat].inputs.count == 4
    else { return false }
    var starts: [Extent] = []
    var source: String?
    for value in graph.nodes[concat].inputs {
      guard let origin = links.producer[value],
        case .slice(let slice) = graph.nodes[origin].operation,
        let start = corner(slice, graph.shapes[graph.nodes[origin].inputs[0]]),
        source == nil || source == graph.nodes[origin].inputs[0]
      else { return false }
      source = graph.nodes[origin].inputs[0]
      starts.append(start)
    }
    guard let source, Set(starts).count == 4, let x = graph.shapes[source],
      weightShape[1] == 4 * x[1]
    else { return false }
    let (outputs, channels) = (weightShape[0], x[1])
    let (height, width) = (kernel.height, kernel.width)
    var wide = [Float](repeating: 0, count: weights.count)
    for output in 0..<outputs {
      for (part, start) in starts.enumerated() {
        for channel in 0..<channels {
          for y in 0..<height {
            for column in 0..<width {
              let from =
                ((output * 4 * channels + part * channels + channel) * height + y) * width + column
              let row = (output * channels + channel) * 2 * height + 2 * y + start.height
              wide[row * 2 * width + 2 * column + start.width] = weights[from]
            }
          }
        }
      }
    }
    attributes.kernel = Extent(2 * height, 2 * width)
    attributes.stride = Extent(2 * attributes.stride.height, 2 * attributes.stride.width)
    let padding = attributes.padding
    attributes.padding = Padding(
      top: 2 * padding.top, left: 2 * padding.left, bottom: 2 * padding.bottom,
      right: 2 * padding.right)
    graph.nodes[index].operation = .convolution(attributes)
    graph.nodes[index].inputs[0] = source
    graph.nodes[index].inputs[1] = graph.addConstant(
      Tensor(shape: [outputs, channels, 2 * height, 2 * width], floats: wide),
      like: "\(node.inputs[1]).focus")
    return true
  }

  /// Where a slice begins that takes every second row and column of an image of even size.
  private static func corner(_ slice: SliceAttributes, _ shape: [Int]?) -> Extent? {
    guard let shape, shape.count == 4, shape[2] % 2 == 0, shape[3] % 2 == 0,
      let axes = slice.axes, axes.sorted() == [2, 3], let starts = slice.starts,
      let ends = slice.ends, slice.steps == [2, 2],
      let row = axes.firstIndex(of: 2), let column = axes.firstIndex(of: 3),
      (0...1).contains(starts[row]), (0...1).contains(starts[column]),
      ends[row] >= shape[2] - 1, ends[column] >= shape[3] - 1
    else { return nil }
    return Extent(starts[row], starts[column])
  }
}

/// An activation read by nobody else joins the node before it.
enum ActivationFusion: RewritePass {
  static let name = "activations"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    try graph.repeatedly { graph, links in
      for index in graph.nodes.indices {
        let node = graph.nodes[index]
        guard case .activation(let activation) = node.operation, activation != .none,
          let origin = links.producer[node.inputs[0]],
          links.soleReader(of: node.inputs[0]) != nil, graph.nodes[origin].activation == .none
        else { continue }
        switch graph.nodes[origin].operation {
        case .convolution, .transposedConvolution, .gemm, .binary(.add): break
        default: continue
        }
        graph.nodes[origin].activation = activation
        graph.nodes[origin].outputs = node.outputs
        graph.nodes.remove(at: index)
        return true
      }
      return false
    }
  }
}

/// The sum of a convolution that nobody else reads and a value of the same shape becomes part of
/// the convolution.
enum ResidualFusion: RewritePass {
  static let name = "residual additions"

  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int {
    try graph.repeatedly { graph, links in
      for index in graph.nodes.indices {
        let node = graph.nodes[index]
        guard case .binary(.add) = node.operation, !node.addsResidual,
          node.inputs[0] != node.inputs[1],
          graph.shapes[node.inputs[0]] == graph.shapes[node.inputs[1]],
          graph.shapes[node.inputs[0]] != nil,
          !node.inputs.contains(where: { graph.constants[$0] != nil })
        else { continue }
        // The later of two candidates: the other value then lives no longer than it must.
        let candidates = node.inputs.compactMap { candidate($0, graph, links) }
        guard let origin = candidates.max() else { continue }
        var fused = graph.nodes[origin]
        let residual = fused.outputs[0] == node.inputs[0] ? node.inputs[1] : node.inputs[0]
        if fused.inputs.count == 2 { fused.inputs.append("") }
        fused.inputs.append(residual)
        fused.addsResidual = true
        fused.activation = node.activation
        fused.outputs = node.outputs
        // At the addition's place both values are there.
        graph.nodes[index] = fused
        graph.nodes.remove(at: origin)
        return true
      }
      return false
    }
  }

  private static func candidate(_ value: String, _ graph: Graph, _ links: Links) -> Int? {
    guard let origin = links.producer[value], links.soleReader(of: value) != nil,
      case .convolution = graph.nodes[origin].operation, !graph.nodes[origin].addsResidual,
      graph.nodes[origin].activation == .none
    else { return nil }
    return origin
  }
}
