// Slice, split, gather, pad: which elements of each axis take part.

enum Slicing {
  /// For each axis the indices that remain.
  static func indices(
    _ shape: [Int], starts: [Int], ends: [Int], axes: [Int]?, steps: [Int]?
  ) throws(Fault) -> [[Int]] {
    let axes = try Shape.axes(axes ?? Array(starts.indices), rank: shape.count)
    let steps = steps ?? [Int](repeating: 1, count: starts.count)
    guard starts.count == ends.count, starts.count == axes.count, starts.count == steps.count else {
      throw Fault(
        expected: "as many starts as ends, axes and steps",
        found: "\(starts.count), \(ends.count), \(axes.count), \(steps.count)")
    }
    var result = shape.map { Array(0..<$0) }
    for (index, axis) in axes.enumerated() {
      let extent = shape[axis]
      let step = max(min(steps[index], 1 << 30), -(1 << 30))
      guard step != 0 else { throw Fault(expected: "a step other than 0", found: "0") }
      let low = step > 0 ? 0 : -1
      let high = step > 0 ? extent : extent - 1
      func clamped(_ value: Int) -> Int {
        let front = value < 0 ? value.addingReportingOverflow(extent).partialValue : value
        return min(max(front, low), high)
      }
      result[axis] = Array(
        stride(from: clamped(starts[index]), to: clamped(ends[index]), by: step))
    }
    return result
  }

  static func run(_ tensor: Tensor, indices: [[Int]]) -> Tensor {
    let strides = Shape.strides(tensor.shape)
    return tensor.gathering(
      indices.indices.map { axis in indices[axis].map { $0 * strides[axis] } })
  }

  /// Sizes of the parts of a split.
  static func parts(_ extent: Int, sizes: [Int]?, outputs: Int) throws(Fault) -> [Int] {
    guard outputs > 0 else { throw Fault(expected: "an output", found: "none") }
    guard let sizes else {
      let part = (extent + outputs - 1) / outputs
      var parts = [Int](repeating: part, count: outputs)
      parts[outputs - 1] = extent - part * (outputs - 1)
      guard parts[outputs - 1] >= 0 else {
        throw Fault(expected: "\(outputs) parts", found: "an extent of \(extent)")
      }
      return parts
    }
    var sum = 0
    for size in sizes {
      guard size >= 0, size <= extent else {
        throw Fault(expected: "parts of 0...\(extent)", found: "\(sizes)")
      }
      sum += size
    }
    guard sum == extent, sizes.count == outputs else {
      throw Fault(
        expected: "\(outputs) parts that sum to \(extent)", found: "\(sizes)")
    }
    return sizes
  }

  static func split(_ tensor: Tensor, axis: Int, parts: [Int]) -> [Tensor] {
    var start = 0
    var result: [Tensor] = []
    for part in parts {
      result.append(tensor.selecting(Array(start..<start + part), axis: axis))
      start += part
    }
    return result
  }

  static func gatherShape(_ shape: [Int], _ indices: [Int], axis: Int) throws(Fault) -> [Int] {
    let axis = try Shape.axis(axis, rank: shape.count)
    let result = Array(shape[..<axis]) + indices + Array(shape[(axis + 1)...])
    try Shape.count(result)
    return result
  }

  static func gather(_ tensor: Tensor, _ indices: Tensor, axis: Int) throws(Fault) -> Tensor {
    let shape = try gatherShape(tensor.shape, indices.shape, axis: axis)
    let axis = try Shape.axis(axis, rank: tensor.rank)
    guard let integers = indices.integers else {
      throw Fault(expected: "integer indices", found: "floats")
    }
    var list: [Int] = []
    for index in integers {
      list.append(try Shape.axis(Int(index), rank: tensor.shape[axis]))
    }
    return tensor.selecting(list, axis: axis).reshaped(to: shape)
  }

  static func padShape(_ shape: [Int], before: [Int], after: [Int]) throws(Fault) -> [Int] {
    guard before.count == shape.count, after.count == shape.count else {
      throw Fault(
        expected: "pads for \(shape.count) axes", found: "\(before.count) and \(after.count)")
    }
    var result: [Int] = []
    for axis in shape.indices {
      guard abs(before[axis].clampedToExtent) <= Shape.maximumCount,
        before[axis] == before[axis].clampedToExtent, after[axis] == after[axis].clampedToExtent
      else {
        throw Fault(expected: "pads that fit a tensor", found: "\(before) and \(after)")
      }
      result.append(shape[axis] + before[axis] + after[axis])
    }
    try Shape.count(result)
    return result
  }

  static func pad(_ tensor: Tensor, before: [Int], after: [Int], value: Float)
    throws(Fault) -> Tensor
  {
    let shape = try padShape(tensor.shape, before: before, after: after)
    let strides = Shape.strides(tensor.shape)
    return tensor.gathering(
      shape.indices.map { axis in
        (0..<shape[axis]).map { position in
          let source = position - before[axis]
          return source >= 0 && source < tensor.shape[axis] ? source * strides[axis] : -1
        }
      }, fill: value)
  }
}

extension Int {
  /// The nearest of -2^28...2^28.
  var clampedToExtent: Int { Swift.min(Swift.max(self, -Shape.maximumCount), Shape.maximumCount) }
}
