/// Channels that live or die by a score for each group of 16 neighbours.
package enum Gating {
  /// Channels that one score switches: the kernels' block.
  package static let group = 16

  /// Scores of an image with `channels` channels; the last group may be smaller.
  package static func groups(_ channels: Int) -> Int { (channels + group - 1) / group }

  /// The shape of the result: x's own.
  static func shape(_ x: [Int], _ scores: [Int]) throws(Fault) -> [Int] {
    guard x.count == 4, scores == [x[0], groups(x[1]), 1, 1] else {
      throw Fault(
        expected: "an image [N, C, H, W] and a score for each \(group) channels",
        found: "\(x) and \(scores)")
    }
    return x
  }

  /// x where its group's score is above the threshold, 0 elsewhere.
  static func run(_ x: Tensor, _ scores: Tensor, threshold: Float) throws(Fault) -> Tensor {
    let shape = try shape(x.shape, scores.shape)
    var values = try x.requireFloats("input")
    let score = try scores.requireFloats("scores")
    let (channels, area) = (shape[1], shape[2] * shape[3])
    for row in 0..<shape[0] * channels {
      let (image, channel) = row.quotientAndRemainder(dividingBy: channels)
      // Multiplied, not replaced: the mask is a factor, so NaN and infinity keep their meaning.
      let factor: Float = score[image * groups(channels) + channel / group] > threshold ? 1 : 0
      for i in row * area..<(row + 1) * area { values[i] *= factor }
    }
    return Tensor(shape: shape, floats: values)
  }
}

extension Graph {
  /// The graph with every gate open: what a quantised file computes unless it is told to skip.
  public func openingGates() -> Graph {
    var open = self
    for index in open.nodes.indices {
      guard case .gate = open.nodes[index].operation else { continue }
      open.nodes[index].operation = .activation(.none)
      open.nodes[index].inputs.removeLast()
    }
    return open
  }
}
