/// Maximum and mean over windows and over whole images.
enum Pooling {
  static func window(_ x: [Int], _ attributes: PoolAttributes) throws(Fault)
    -> (window: Window, shape: [Int])
  {
    let image = try ImageShape(x)
    let window = try Window(
      input: image.extent, kernel: attributes.kernel, stride: attributes.stride,
      dilation: attributes.dilation, padding: attributes.padding,
      automatic: attributes.automaticPadding, roundsUp: attributes.roundsUp)
    return (window, try image.shape(channels: image.channels, window.output))
  }

  static func maximum(_ x: Tensor, _ attributes: PoolAttributes) throws(Fault) -> Tensor {
    if case .int64(let values) = x.data {
      // Integers of a quantised network fit a float.
      let result = try maximum(
        Tensor(shape: x.shape, floats: values.map { Float($0) }), attributes)
      return Tensor(
        shape: result.shape, integers: (result.floats ?? []).map { Int64(clamping: $0) })
    }
    let (window, shape) = try window(x.shape, attributes)
    let source = try x.requireFloats("input")
    let result = forEachWindow(source, window, planes: try Shape.count(shape) / window.area) {
      plane, rows, columns, _ in
      var best = -Float.infinity
      for y in rows {
        for x in columns {
          let value = plane[y * window.input.width + x]
          if value > best || value.isNaN { best = value }
        }
      }
      return best
    }
    return Tensor(shape: shape, floats: result)
  }

  static func average(_ x: Tensor, _ attributes: PoolAttributes) throws(Fault) -> Tensor {
    let (window, shape) = try window(x.shape, attributes)
    let source = try x.requireFloats("input")
    let countsPadding = attributes.countsPadding
    let result = forEachWindow(source, window, planes: try Shape.count(shape) / window.area) {
      plane, rows, columns, full in
      var sum: Float = 0
      var count = 0
      for y in rows {
        for x in columns {
          sum += plane[y * window.input.width + x]
          count += 1
        }
      }
      return sum / Float(max(countsPadding ? full : count, 1))
    }
    return Tensor(shape: shape, floats: result)
  }

  /// Calls the body with the input rows and columns inside each window, and with the number of
  /// positions inside the image and its padding.
  private static func forEachWindow(
    _ source: [Float], _ window: Window, planes: Int,
    _ body: (UnsafePointer<Float>, StrideTo<Int>, StrideTo<Int>, Int) -> Float
  ) -> [Float] {
    func inside(
      _ index: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ before: Int, _ after: Int,
      _ extent: Int
    ) -> (StrideTo<Int>, Int) {
      let first = index * stride - before
      let reach = first + (kernel - 1) * dilation + 1
      let low = first >= 0 ? first : first + (-first + dilation - 1) / dilation * dilation
      let padded = min(reach, extent + after)
      let full = padded <= first ? 0 : (padded - first + dilation - 1) / dilation
      return (Swift.stride(from: low, to: min(reach, extent), by: dilation), full)
    }
    let rows = (0..<window.output.height).map {
      inside(
        $0, window.kernel.height, window.stride.height, window.dilation.height,
        window.padding.top, window.padding.bottom, window.input.height)
    }
    let columns = (0..<window.output.width).map {
      inside(
        $0, window.kernel.width, window.stride.width, window.dilation.width,
        window.padding.left, window.padding.right, window.input.width)
    }
    var result: [Float] = []
    result.reserveCapacity(planes * window.area)
    source.withUnsafeBufferPointer { source in
      for index in 0..<planes {
        // SAFETY: there are as many input planes as output planes.
        let plane = source.baseAddress! + index * window.input.height * window.input.width
        for (vertical, tall) in rows {
          for (horizontal, wide) in columns {
            result.append(body(plane, vertical, horizontal, tall * wide))
          }
        }
      }
    }
    return result
  }

  static func globalShape(_ x: [Int]) throws(Fault) -> [Int] {
    guard x.count >= 3 else { throw Fault(expected: "[N, C, ...]", found: "shape \(x)") }
    return x.prefix(2) + [Int](repeating: 1, count: x.count - 2)
  }

  static func global(_ x: Tensor, isMean: Bool) throws(Fault) -> Tensor {
    let shape = try globalShape(x.shape)
    let values = try x.requireFloats("input")
    let area = x.shape.dropFirst(2).reduce(1, *)
    guard area > 0 else { throw Fault(expected: "an image", found: "shape \(x.shape)") }
    let planes = x.shape[0] * x.shape[1]
    let result = (0..<planes).map { plane -> Float in
      let part = values[plane * area..<(plane + 1) * area]
      if !isMean { return part.max() ?? 0 }
      return Float(part.reduce(0.0) { $0 + Double($1) } / Double(area))
    }
    return Tensor(shape: shape, floats: result)
  }
}

extension Window {
  var area: Int { output.height * output.width }
}
