import SwiftletCore

/// What is wrong with a node, before it is known which node: made deep inside an operator,
/// turned into a `SwiftletError` where the name is at hand.
package struct Fault: Error {
  package var expected: String
  package var found: String

  package init(expected: String, found: String) {
    self.expected = expected
    self.found = found
  }

  package func error(at node: Node) -> SwiftletError {
    SwiftletError(
      .badNode, place: "node \"\(node.name)\" (\(node.operation.name))", expected: expected,
      found: found)
  }
}

/// Arithmetic on shapes that come from a file: nothing here overflows or traps.
package enum Shape {
  /// No tensor of an accepted network is larger (1 GiB as Float).
  static let maximumCount = 1 << 28
  /// No tensor of an accepted network has more axes.
  static let maximumRank = 16

  /// Number of elements, at most `maximumCount`.
  @discardableResult
  package static func count(_ shape: [Int]) throws(Fault) -> Int {
    guard shape.count <= maximumRank else {
      throw Fault(expected: "at most \(maximumRank) axes", found: "\(shape.count)")
    }
    var bound = 1
    var isEmpty = false
    for extent in shape {
      guard extent >= 0, extent <= maximumCount else {
        throw Fault(expected: "extents of 0...\(maximumCount)", found: "shape \(shape)")
      }
      if extent == 0 { isEmpty = true } else { bound *= extent }
      guard bound <= maximumCount else {
        throw Fault(expected: "at most \(maximumCount) elements", found: "shape \(shape)")
      }
    }
    return isEmpty ? 0 : bound
  }

  /// `axis` counted from the front.
  static func axis(_ axis: Int, rank: Int) throws(Fault) -> Int {
    guard axis >= -rank, axis < rank else {
      throw Fault(expected: "an axis of a tensor with \(rank) axes", found: "axis \(axis)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// All of `axes` counted from the front, each once.
  static func axes(_ axes: [Int], rank: Int) throws(Fault) -> [Int] {
    var result: [Int] = []
    for axis in axes {
      let front = try Self.axis(axis, rank: rank)
      guard !result.contains(front) else {
        throw Fault(expected: "each axis once", found: "axes \(axes)")
      }
      result.append(front)
    }
    return result
  }

  /// Distance of neighbours along each axis, row-major.
  static func strides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * max(shape[axis + 1], 1)
    }
    return strides
  }

  /// The shape of an elementwise function of both.
  static func broadcast(_ a: [Int], _ b: [Int]) throws(Fault) -> [Int] {
    let rank = max(a.count, b.count)
    var result = [Int](repeating: 1, count: rank)
    for axis in 0..<rank {
      let x = axis < rank - a.count ? 1 : a[axis - (rank - a.count)]
      let y = axis < rank - b.count ? 1 : b[axis - (rank - b.count)]
      guard x == y || x == 1 || y == 1 else {
        throw Fault(expected: "shapes that broadcast", found: "\(a) and \(b)")
      }
      result[axis] = x == 1 ? y : x
    }
    try count(result)
    return result
  }

  /// Strides of `shape` inside the broadcast shape `target`: 0 where it repeats.
  static func broadcastStrides(_ shape: [Int], in target: [Int]) -> [Int] {
    let own = strides(shape)
    let lead = target.count - shape.count
    return target.indices.map { $0 < lead || shape[$0 - lead] == 1 ? 0 : own[$0 - lead] }
  }
}
