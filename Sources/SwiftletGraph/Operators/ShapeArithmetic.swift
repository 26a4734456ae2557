/// Operators that networks use to compute shapes.
enum ShapeArithmetic {
  /// The result of Reshape.
  static func reshape(_ shape: [Int], to wanted: [Int], allowsZero: Bool) throws(Fault) -> [Int] {
    let count = try Shape.count(shape)
    var result = wanted
    var open: Int?
    for (axis, extent) in wanted.enumerated() {
      if extent == -1, open == nil {
        open = axis
        result[axis] = 1
      } else if extent == 0, !allowsZero {
        guard axis < shape.count else {
          throw Fault(expected: "an axis \(axis) to copy", found: "shape \(shape)")
        }
        result[axis] = shape[axis]
      }
    }
    let known = try Shape.count(result)
    if let open {
      guard known > 0, count % known == 0 else {
        throw Fault(expected: "a shape for \(count) elements", found: "\(wanted)")
      }
      result[open] = count / known
    }
    guard try Shape.count(result) == count else {
      throw Fault(expected: "a shape for \(count) elements", found: "\(wanted)")
    }
    return result
  }

  static func flatten(_ shape: [Int], axis: Int) throws(Fault) -> [Int] {
    guard axis >= -shape.count, axis <= shape.count else {
      throw Fault(expected: "an axis of shape \(shape)", found: "\(axis)")
    }
    try Shape.count(shape)
    let axis = axis < 0 ? axis + shape.count : axis
    return [shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)]
  }

  static func squeeze(_ shape: [Int], axes: [Int]?) throws(Fault) -> [Int] {
    guard let axes else { return shape.filter { $0 != 1 } }
    let gone = try Shape.axes(axes, rank: shape.count)
    for axis in gone where shape[axis] != 1 {
      throw Fault(expected: "an extent of 1 at axis \(axis)", found: "shape \(shape)")
    }
    return shape.indices.filter { !gone.contains($0) }.map { shape[$0] }
  }

  static func unsqueeze(_ shape: [Int], axes: [Int]) throws(Fault) -> [Int] {
    let rank = shape.count + axes.count
    guard rank <= Shape.maximumRank else {
      throw Fault(expected: "at most \(Shape.maximumRank) axes", found: "\(rank)")
    }
    let new = try Shape.axes(axes, rank: rank)
    var rest = shape.makeIterator()
    return (0..<rank).map { new.contains($0) ? 1 : rest.next() ?? 1 }
  }

  static func permutation(_ permutation: [Int]?, rank: Int) throws(Fault) -> [Int] {
    guard let permutation else { return Array((0..<rank).reversed()) }
    guard permutation.sorted() == Array(0..<rank) else {
      throw Fault(expected: "a permutation of \(rank) axes", found: "\(permutation)")
    }
    return permutation
  }

  /// Bounds of Shape: the axes start..<end.
  static func axes(_ rank: Int, start: Int, end: Int?) -> Range<Int> {
    func clamped(_ axis: Int) -> Int {
      let bounded = min(max(axis, -rank), rank)
      return bounded < 0 ? bounded + rank : bounded
    }
    let low = clamped(start)
    return low..<max(low, clamped(end ?? rank))
  }

  static func range(_ start: Tensor, _ limit: Tensor, _ delta: Tensor) throws(Fault) -> Tensor {
    guard start.count == 1, limit.count == 1, delta.count == 1 else {
      throw Fault(expected: "three scalars", found: "other shapes")
    }
    let first = Double(start.asFloats[0])
    let step = Double(delta.asFloats[0])
    let steps = ((Double(limit.asFloats[0]) - first) / step).rounded(.up)
    guard step != 0, steps.isFinite, steps <= Double(Shape.maximumCount) else {
      throw Fault(expected: "a finite range", found: "\(first), step \(step)")
    }
    let count = max(Int(steps), 0)
    if let integers = start.integers, let stride = delta.integers {
      return Tensor(
        shape: [count], integers: (0..<count).map { integers[0] &+ Int64($0) &* stride[0] })
    }
    return Tensor(
      shape: [count], floats: (0..<count).map { start.asFloats[0] + Float($0) * Float(step) })
  }

  static func cast(_ tensor: Tensor, to type: ElementType) -> Tensor {
    switch type {
    case .float: return Tensor(shape: tensor.shape, floats: tensor.asFloats)
    case .bool:
      return Tensor(shape: tensor.shape, data: .bool(tensor.asFloats.map { $0 != 0 }))
    case .integer(let bits, let isSigned):
      var whole =
        tensor.integers ?? tensor.asFloats.map { Int64(clamping: $0.rounded(.towardZero)) }
      if bits == 4 {
        // The 4-bit types saturate, unlike the others.
        whole = whole.map { min(max($0, isSigned ? -8 : 0), isSigned ? 7 : 15) }
      }
      let spare = 64 - min(max(bits, 1), 64)
      return Tensor(
        shape: tensor.shape,
        integers: whole.map {
          isSigned
            ? ($0 << spare) >> spare : Int64(bitPattern: (UInt64(bitPattern: $0) << spare) >> spare)
        })
    }
  }

  static func tile(_ shape: [Int], _ repeats: [Int]) throws(Fault) -> [Int] {
    guard repeats.count == shape.count else {
      throw Fault(expected: "\(shape.count) repeats", found: "\(repeats.count)")
    }
    var result: [Int] = []
    for (extent, times) in zip(shape, repeats) {
      guard times >= 0, times <= Shape.maximumCount, extent <= Shape.maximumCount else {
        throw Fault(expected: "repeats that fit a tensor", found: "\(repeats)")
      }
      result.append(extent * times)
    }
    try Shape.count(result)
    return result
  }

  static func tile(_ tensor: Tensor, to shape: [Int]) -> Tensor {
    let strides = Shape.strides(tensor.shape)
    return tensor.gathering(
      shape.indices.map { axis in
        (0..<shape[axis]).map { $0 % max(tensor.shape[axis], 1) * strides[axis] }
      })
  }

  static func choose(_ condition: Tensor, _ x: Tensor, _ y: Tensor) throws(Fault) -> Tensor {
    let shape = try Shape.broadcast(try Shape.broadcast(condition.shape, x.shape), y.shape)
    guard case .bool(let truths) = condition.expanded(to: shape).data else {
      throw Fault(expected: "a condition of truth values", found: "numbers")
    }
    func chosen<T>(_ a: [T], _ b: [T]) -> [T] { truths.indices.map { truths[$0] ? a[$0] : b[$0] } }
    switch (x.expanded(to: shape).data, y.expanded(to: shape).data) {
    case (.float(let a), .float(let b)):
      return Tensor(shape: shape, data: .float(chosen(a, b)))
    case (.int64(let a), .int64(let b)):
      return Tensor(shape: shape, data: .int64(chosen(a, b)))
    case (.bool(let a), .bool(let b)):
      return Tensor(shape: shape, data: .bool(chosen(a, b)))
    default: throw Fault(expected: "inputs of one element type", found: "two")
    }
  }
}
