import Foundation

/// Resize: each axis by itself, nearest neighbour or linear.
enum Resizing {
  /// For each axis the new extent and the factor of the coordinate formulas.
  struct Axis {
    var extent: Int
    var scale: Double
  }

  static func plan(
    _ shape: [Int], _ attributes: ResizeAttributes, scales: [Float]?, sizes: [Int]?
  ) throws(Fault) -> [Axis] {
    let axes = try Shape.axes(attributes.axes ?? Array(shape.indices), rank: shape.count)
    var result = shape.map { Axis(extent: $0, scale: 1) }
    guard shape.allSatisfy({ $0 > 0 }) else {
      throw Fault(expected: "an input that is not empty", found: "shape \(shape)")
    }
    if let sizes, !sizes.isEmpty {
      guard sizes.count == axes.count, sizes.allSatisfy({ $0 > 0 && $0 <= Shape.maximumCount })
      else {
        throw Fault(expected: "a positive size for each axis", found: "sizes \(sizes)")
      }
      var factors = zip(axes, sizes).map { Double($1) / Double(shape[$0]) }
      if attributes.keepAspectRatio != .stretch {
        let common =
          attributes.keepAspectRatio == .notLarger ? factors.min() ?? 1 : factors.max() ?? 1
        factors = factors.map { _ in common }
      }
      for (index, axis) in axes.enumerated() {
        let extent =
          attributes.keepAspectRatio == .stretch
          ? sizes[index] : Int((factors[index] * Double(shape[axis])).rounded())
        result[axis] = Axis(extent: max(extent, 1), scale: factors[index])
      }
    } else if let scales, !scales.isEmpty {
      guard scales.count == axes.count, scales.allSatisfy({ $0 > 0 && $0 < 0x1p20 }) else {
        throw Fault(expected: "a positive scale for each axis", found: "scales \(scales)")
      }
      for (axis, scale) in zip(axes, scales) {
        let extent = Double(shape[axis]) * Double(scale)
        guard extent >= 1, extent <= Double(Shape.maximumCount) else {
          throw Fault(expected: "an output that is not empty", found: "scales \(scales)")
        }
        result[axis] = Axis(extent: Int(extent), scale: Double(scale))
      }
    } else {
      throw Fault(expected: "scales or sizes", found: "neither")
    }
    try Shape.count(result.map(\.extent))
    return result
  }

  /// Where an output position lies on the input's axis.
  private static func coordinate(_ position: Int, _ axis: Axis, input: Int, _ mode: CoordinateMode)
    -> Double
  {
    let x = Double(position)
    switch mode {
    case .halfPixel: return (x + 0.5) / axis.scale - 0.5
    case .halfPixelSymmetric:
      let adjustment = Double(axis.extent) / (axis.scale * Double(input))
      return Double(input) / 2 * (1 - adjustment) + (x + 0.5) / axis.scale - 0.5
    case .pytorchHalfPixel: return axis.extent > 1 ? (x + 0.5) / axis.scale - 0.5 : 0
    case .alignCorners:
      return axis.extent > 1 ? x * Double(input - 1) / Double(axis.extent - 1) : 0
    case .asymmetric: return x / axis.scale
    }
  }

  static func run(_ tensor: Tensor, _ attributes: ResizeAttributes, axes: [Axis])
    throws(Fault) -> Tensor
  {
    guard attributes.isLinear else { return nearest(tensor, attributes, axes: axes) }
    var result = tensor
    for (index, axis) in axes.enumerated()
    where axis.extent != tensor.shape[index] || axis.scale != 1 {
      result = try linear(result, attributes, along: index, axis)
    }
    return result
  }

  private static func nearest(_ tensor: Tensor, _ attributes: ResizeAttributes, axes: [Axis])
    -> Tensor
  {
    let strides = Shape.strides(tensor.shape)
    return tensor.gathering(
      axes.indices.map { index in
        let extent = tensor.shape[index]
        return (0..<axes[index].extent).map { position in
          if axes[index].extent == extent, axes[index].scale == 1 {
            return position * strides[index]
          }
          let x = coordinate(position, axes[index], input: extent, attributes.coordinates)
          let rounded =
            switch attributes.nearest {
            case .roundPreferFloor: (x - 0.5).rounded(.up)
            case .roundPreferCeil: (x + 0.5).rounded(.down)
            case .floor: x.rounded(.down)
            case .ceil: x.rounded(.up)
            }
          return Int(min(max(rounded, 0), Double(extent - 1))) * strides[index]
        }
      })
  }

  private static func linear(
    _ tensor: Tensor, _ attributes: ResizeAttributes, along index: Int, _ axis: Axis
  ) throws(Fault) -> Tensor {
    let values = try tensor.requireFloats("input")
    let extent = tensor.shape[index]
    let inner = tensor.shape[(index + 1)...].reduce(1, *)
    let outer = tensor.shape[..<index].reduce(1, *)
    var shape = tensor.shape
    shape[index] = axis.extent
    try Shape.count(shape)
    var result = [Float](repeating: 0, count: outer * axis.extent * inner)
    for position in 0..<axis.extent {
      let x = min(
        max(coordinate(position, axis, input: extent, attributes.coordinates), 0),
        Double(extent - 1))
      let low = Int(x)
      let high = min(low + 1, extent - 1)
      let weight = Float(x - Double(low))
      for block in 0..<outer {
        let source = block * extent * inner
        let target = (block * axis.extent + position) * inner
        for offset in 0..<inner {
          result[target + offset] =
            values[source + low * inner + offset] * (1 - weight)
            + values[source + high * inner + offset] * weight
        }
      }
    }
    return Tensor(shape: shape, floats: result)
  }
}
