/// QuantizeLinear and DequantizeLinear with the exact integers of ONNX.
enum Quantizing {
  /// `scale` (or zero point) as one value for each element of `shape`: a scalar, a value per
  /// index of `axis`, or a value per block of `blockSize` along `axis`.
  private static func spread(_ values: Tensor, over shape: [Int], axis: Int, blockSize: Int)
    throws(Fault) -> Tensor
  {
    if values.count == 1 { return values.reshaped(to: []).expanded(to: shape) }
    let axis = try Shape.axis(axis, rank: shape.count)
    if values.rank == 1, blockSize == 0 {
      guard values.count == shape[axis] else {
        throw Fault(
          expected: "a scale, or one for each of \(shape[axis]) channels",
          found: "\(values.count)")
      }
      var aligned = [Int](repeating: 1, count: shape.count)
      aligned[axis] = shape[axis]
      return values.reshaped(to: aligned).expanded(to: shape)
    }
    guard values.rank == shape.count, blockSize > 0,
      shape.indices.allSatisfy({
        values.shape[$0]
          == ($0 == axis ? (shape[axis] + blockSize - 1) / blockSize : shape[$0])
      })
    else {
      throw Fault(
        expected: "scales for blocks of \(blockSize) along axis \(axis) of \(shape)",
        found: "shape \(values.shape)")
    }
    return values.selecting((0..<shape[axis]).map { $0 / blockSize }, axis: axis)
  }

  static func quantize(
    _ x: Tensor, _ scale: Tensor, _ zeroPoint: Tensor?, axis: Int, blockSize: Int,
    range: ClosedRange<Int64>
  ) throws(Fault) -> Tensor {
    let values = try x.requireFloats("input")
    let scales = try spread(scale, over: x.shape, axis: axis, blockSize: blockSize).asFloats
    var zeros: [Int64]?
    if let zeroPoint {
      zeros = try spread(zeroPoint, over: x.shape, axis: axis, blockSize: blockSize).integers
    }
    var result = [Int64](repeating: 0, count: values.count)
    for index in values.indices {
      let step = Int64(clamping: (values[index] / scales[index]).rounded(.toNearestOrEven))
      let shifted = step.addingReportingOverflow(zeros?[index] ?? 0)
      let value = shifted.overflow ? step : shifted.partialValue
      result[index] = min(max(value, range.lowerBound), range.upperBound)
    }
    return Tensor(shape: x.shape, integers: result)
  }

  static func dequantize(
    _ x: Tensor, _ scale: Tensor, _ zeroPoint: Tensor?, axis: Int, blockSize: Int
  ) throws(Fault) -> Tensor {
    guard let values = x.integers else {
      throw Fault(expected: "integers", found: "floats")
    }
    let scales = try spread(scale, over: x.shape, axis: axis, blockSize: blockSize).asFloats
    var zeros: [Int64]?
    if let zeroPoint {
      zeros = try spread(zeroPoint, over: x.shape, axis: axis, blockSize: blockSize).integers
    }
    var result = [Float](repeating: 0, count: values.count)
    for index in values.indices {
      result[index] = Float(values[index] &- (zeros?[index] ?? 0)) * scales[index]
    }
    return Tensor(shape: x.shape, floats: result)
  }
}
