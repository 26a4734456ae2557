// Operators that only move elements. All of them are one gather: for each axis of the result a
// list of offsets into the source; the element at (i, j, ...) comes from the sum of the offsets.

extension Tensor {
  /// The gather; a negative offset gives `fill`. An element's offsets sum to a valid index.
  func gathering(_ offsets: [[Int]], fill: Float = 0) -> Tensor {
    let shape = offsets.map(\.count)
    return switch data {
    case .float(let values):
      Tensor(shape: shape, data: .float(gathered(values, offsets, fill: fill)))
    case .int64(let values):
      Tensor(
        shape: shape, data: .int64(gathered(values, offsets, fill: Int64(clamping: fill))))
    case .bool(let values):
      Tensor(shape: shape, data: .bool(gathered(values, offsets, fill: fill != 0)))
    }
  }

  /// For each axis all its offsets: the gather that changes nothing, a start for others.
  var allOffsets: [[Int]] {
    let strides = Shape.strides(shape)
    return shape.indices.map { axis in (0..<shape[axis]).map { $0 * strides[axis] } }
  }

  func transposed(_ permutation: [Int]) -> Tensor {
    let offsets = allOffsets
    return gathering(permutation.map { offsets[$0] })
  }

  /// Broadcast to `target`, which `Shape.broadcast` gave.
  func expanded(to target: [Int]) -> Tensor {
    let strides = Shape.broadcastStrides(shape, in: target)
    return gathering(target.indices.map { axis in (0..<target[axis]).map { $0 * strides[axis] } })
  }

  /// Elements `indices` along one axis, which lie in range.
  func selecting(_ indices: [Int], axis: Int) -> Tensor {
    var offsets = allOffsets
    let stride = Shape.strides(shape)[axis]
    offsets[axis] = indices.map { $0 * stride }
    return gathering(offsets)
  }
}

extension Int64 {
  /// Nearest representable; 0 for what is not a number.
  init(clamping value: Float) {
    if value.isNaN {
      self = 0
    } else if value >= 0x1p63 {
      self = .max
    } else if value <= -0x1p63 {
      self = .min
    } else {
      self = Int64(value)
    }
  }
}

private func gathered<T>(_ source: [T], _ offsets: [[Int]], fill: T) -> [T] {
  let count = offsets.reduce(1) { $0 * $1.count }
  guard count > 0 else { return [] }
  guard let last = offsets.last else { return source }
  return source.withUnsafeBufferPointer { source in
    Array(unsafeUninitializedCapacity: count) { result, initialized in
      var position = 0
      // SAFETY: the loops below write each of `count` positions once, in order.
      func walk(_ axis: Int, _ base: Int) {
        if axis == offsets.count - 1 {
          for offset in last {
            let isFill = base < 0 || offset < 0
            (result.baseAddress! + position).initialize(to: isFill ? fill : source[base + offset])
            position += 1
          }
        } else {
          for offset in offsets[axis] {
            walk(axis + 1, base < 0 || offset < 0 ? -1 : base + offset)
          }
        }
      }
      walk(0, 0)
      initialized = count
    }
  }
}

enum Concatenation {
  static func shape(_ shapes: [[Int]], axis: Int) throws(Fault) -> [Int] {
    guard let first = shapes.first else { throw Fault(expected: "an input", found: "none") }
    let axis = try Shape.axis(axis, rank: first.count)
    var result = first
    for shape in shapes.dropFirst() {
      guard shape.count == first.count,
        first.indices.allSatisfy({ $0 == axis || first[$0] == shape[$0] })
      else {
        throw Fault(expected: "shapes equal but for axis \(axis)", found: "\(first) and \(shape)")
      }
      result[axis] += shape[axis]
    }
    try Shape.count(result)
    return result
  }

  static func run(_ tensors: [Tensor], axis: Int) throws(Fault) -> Tensor {
    let result = try shape(tensors.map(\.shape), axis: axis)
    let axis = try Shape.axis(axis, rank: result.count)
    let outer = result[..<axis].reduce(1, *)
    let blocks = tensors.map { outer == 0 ? 0 : $0.count / outer }
    func joined<T>(_ parts: [[T]]) -> [T] {
      var values: [T] = []
      values.reserveCapacity(parts.reduce(0) { $0 + $1.count })
      for index in 0..<outer {
        for (part, block) in zip(parts, blocks) {
          values.append(contentsOf: part[index * block..<(index + 1) * block])
        }
      }
      return values
    }
    let integers = tensors.compactMap { tensor -> [Int64]? in
      if case .int64(let values) = tensor.data { values } else { nil }
    }
    if integers.count == tensors.count {
      return Tensor(shape: result, data: .int64(joined(integers)))
    }
    let floats = tensors.compactMap(\.floats)
    if floats.count == tensors.count { return Tensor(shape: result, data: .float(joined(floats))) }
    let truths = tensors.compactMap { tensor -> [Bool]? in
      if case .bool(let values) = tensor.data { values } else { nil }
    }
    guard truths.count == tensors.count else {
      throw Fault(expected: "inputs of one element type", found: "several")
    }
    return Tensor(shape: result, data: .bool(joined(truths)))
  }
}
