import Foundation

/// Reductions over axes, softmax and batch normalisation.
enum Reducing {
  /// The axes that go, counted from the front; nil if the tensor stays as it is.
  static func axes(_ axes: [Int]?, rank: Int, _ attributes: ReduceAttributes) throws(Fault)
    -> [Int]?
  {
    if let axes, !axes.isEmpty { return try Shape.axes(axes, rank: rank) }
    return attributes.isIdentityWithoutAxes ? nil : Array(0..<rank)
  }

  static func shape(_ shape: [Int], _ axes: [Int]?, keepsAxes: Bool) -> [Int] {
    guard let axes else { return shape }
    return shape.indices.compactMap { axis in
      axes.contains(axis) ? (keepsAxes ? 1 : nil) : shape[axis]
    }
  }

  static func run(_ tensor: Tensor, _ attributes: ReduceAttributes, axes given: [Int]?)
    throws(Fault) -> Tensor
  {
    guard let axes = try axes(given, rank: tensor.rank, attributes) else { return tensor }
    let result = shape(tensor.shape, axes, keepsAxes: attributes.keepsAxes)
    // Bring the reduced axes to the end: then every result is one run of elements.
    let kept = tensor.shape.indices.filter { !axes.contains($0) }
    let ordered = tensor.transposed(kept + axes)
    let length = axes.reduce(1) { $0 * tensor.shape[$1] }
    let count = result.reduce(1, *)
    switch ordered.data {
    case .float(let values):
      let reduced = (0..<count).map { index -> Float in
        let part = values[index * length..<(index + 1) * length]
        return switch attributes.function {
        case .mean: Float(part.reduce(0.0) { $0 + Double($1) } / Double(length))
        case .sum: Float(part.reduce(0.0) { $0 + Double($1) })
        case .product: part.reduce(1, *)
        case .minimum: part.min() ?? .infinity
        case .maximum: part.max() ?? -.infinity
        }
      }
      return Tensor(shape: result, floats: reduced)
    case .int64(let values):
      guard attributes.function != .mean else {
        throw Fault(expected: "floats", found: "integers")
      }
      let reduced = (0..<count).map { index -> Int64 in
        let part = values[index * length..<(index + 1) * length]
        return switch attributes.function {
        case .mean, .sum: part.reduce(0, &+)
        case .product: part.reduce(1, &*)
        case .minimum: part.min() ?? .max
        case .maximum: part.max() ?? .min
        }
      }
      return Tensor(shape: result, integers: reduced)
    case .bool(let values):
      guard attributes.function == .minimum || attributes.function == .maximum else {
        throw Fault(expected: "numbers", found: "truth values")
      }
      let reduced = (0..<count).map { index -> Bool in
        let part = values[index * length..<(index + 1) * length]
        return attributes.function == .maximum ? part.contains(true) : !part.contains(false)
      }
      return Tensor(shape: result, data: .bool(reduced))
    }
  }

  /// Softmax over one axis.
  static func softmax(_ tensor: Tensor, axis: Int) throws(Fault) -> Tensor {
    let axis = try Shape.axis(axis, rank: tensor.rank)
    let inner = tensor.shape[(axis + 1)...].reduce(1, *)
    return try softmax(tensor, outer: tensor.shape[..<axis].reduce(1, *), tensor.shape[axis], inner)
  }

  /// Softmax over all axes from `axis` on.
  static func softmaxFlattened(_ tensor: Tensor, axis: Int) throws(Fault) -> Tensor {
    let axis = try Shape.axis(axis, rank: max(tensor.rank, 1))
    return try softmax(
      tensor, outer: tensor.shape[..<min(axis, tensor.rank)].reduce(1, *),
      tensor.shape.dropFirst(axis).reduce(1, *), 1)
  }

  private static func softmax(_ tensor: Tensor, outer: Int, _ extent: Int, _ inner: Int)
    throws(Fault) -> Tensor
  {
    var values = try tensor.requireFloats("input")
    for block in 0..<outer {
      for offset in 0..<inner {
        let positions = stride(
          from: block * extent * inner + offset, to: (block + 1) * extent * inner, by: inner)
        var peak = -Float.infinity
        for position in positions { peak = max(peak, values[position]) }
        var sum: Float = 0
        for position in positions {
          values[position] = expf(values[position] - peak)
          sum += values[position]
        }
        for position in positions { values[position] /= sum }
      }
    }
    return Tensor(shape: tensor.shape, floats: values)
  }

  /// y = (x - mean) / sqrt(variance + epsilon) * scale + bias, per channel (axis 1).
  static func normalize(_ x: Tensor, _ parameters: [Tensor], epsilon: Float) throws(Fault) -> Tensor
  {
    guard x.rank >= 2, parameters.count == 4 else {
      throw Fault(expected: "[N, C, ...] and 4 parameters", found: "shape \(x.shape)")
    }
    var vectors: [[Float]] = []
    for parameter in parameters {
      guard parameter.shape == [x.shape[1]] else {
        throw Fault(expected: "parameters of shape [\(x.shape[1])]", found: "\(parameter.shape)")
      }
      vectors.append(try parameter.requireFloats("parameters"))
    }
    var values = try x.requireFloats("input")
    let area = x.shape.dropFirst(2).reduce(1, *)
    guard area > 0 else { return x }
    for plane in 0..<x.shape[0] * x.shape[1] {
      let channel = plane % x.shape[1]
      let factor = vectors[0][channel] / (vectors[3][channel] + epsilon).squareRoot()
      let offset = vectors[1][channel] - vectors[2][channel] * factor
      for index in plane * area..<(plane + 1) * area {
        values[index] = values[index] * factor + offset
      }
    }
    return Tensor(shape: x.shape, floats: values)
  }

  /// x < 0 ? slope * x : x
  static func prelu(_ x: Tensor, _ slope: Tensor) throws(Fault) -> Tensor {
    let values = try x.requireFloats("input")
    guard try Shape.broadcast(x.shape, slope.shape) == x.shape else {
      throw Fault(
        expected: "slopes that broadcast to \(x.shape)", found: "shape \(slope.shape)")
    }
    let plan = Broadcast(x.shape, x.shape, slope.shape)
    return Tensor(
      shape: x.shape,
      floats: plan.combine(values, try slope.requireFloats("slopes")) { $0 < 0 ? $0 * $1 : $0 })
  }
}
