/// Windows that slide over an image: the geometry of convolutions and pools.
struct Window {
  var input: Extent
  var kernel: Extent
  var stride: Extent
  var dilation: Extent
  /// Resolved: automatic padding is already in here.
  var padding: Padding
  var output: Extent

  /// Resolves automatic padding and finds the output's size. Numbers come from a file: sizes that
  /// are not positive, or too large, are refused.
  init(
    input: Extent, kernel: Extent, stride: Extent, dilation: Extent, padding: Padding,
    automatic: AutomaticPadding, roundsUp: Bool = false
  ) throws(Fault) {
    let rows = try Self.axis(
      input.height, kernel.height, stride.height, dilation.height, padding.top, padding.bottom,
      automatic, roundsUp)
    let columns = try Self.axis(
      input.width, kernel.width, stride.width, dilation.width, padding.left, padding.right,
      automatic, roundsUp)
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = Padding(
      top: rows.before, left: columns.before, bottom: rows.after, right: columns.after)
    output = Extent(rows.output, columns.output)
  }

  private static func axis(
    _ input: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ before: Int, _ after: Int,
    _ automatic: AutomaticPadding, _ roundsUp: Bool
  ) throws(Fault) -> (before: Int, after: Int, output: Int) {
    let limit = 1 << 20
    guard input > 0, kernel > 0, stride > 0, dilation > 0, before >= 0, after >= 0,
      max(input, kernel, stride, dilation, before, after) <= limit
    else {
      throw Fault(
        expected: "input, kernel, stride, dilation in 1...\(limit), pads in 0...\(limit)",
        found: "\(input), \(kernel), \(stride), \(dilation), \(before), \(after)")
    }
    let reach = (kernel - 1) * dilation + 1
    var before = before
    var after = after
    var output: Int
    switch automatic {
    case .sameUpper, .sameLower:
      output = (input + stride - 1) / stride
      let total = max((output - 1) * stride + reach - input, 0)
      before = automatic == .sameUpper ? total / 2 : total - total / 2
      after = total - before
    case .valid, .explicit:
      if automatic == .valid { (before, after) = (0, 0) }
      let room = input + before + after - reach
      guard room >= 0 else {
        throw Fault(
          expected: "a window of at most \(input + before + after) pixels", found: "\(reach)")
      }
      output = (roundsUp && automatic == .explicit ? room + stride - 1 : room) / stride + 1
      // A window that would start in the trailing padding does not count.
      if roundsUp, (output - 1) * stride >= input + before { output -= 1 }
    }
    return (before, after, output)
  }

  /// Output positions whose input, at kernel position `tap`, lies inside the image.
  static func valid(
    tap: Int, dilation: Int, stride: Int, before: Int, input: Int, output: Int
  ) -> Range<Int> {
    let shift = tap * dilation - before
    let low = shift >= 0 ? 0 : (-shift + stride - 1) / stride
    let room = input - 1 - shift
    let high = room < 0 ? 0 : min(output, room / stride + 1)
    return low < high ? low..<high : 0..<0
  }
}

/// Shape of images as N, C and an extent; three axes are taken as height 1.
struct ImageShape {
  var batch: Int
  var channels: Int
  var extent: Extent
  var isLine: Bool

  init(_ shape: [Int]) throws(Fault) {
    guard shape.count == 3 || shape.count == 4 else {
      throw Fault(expected: "[N, C, H, W] or [N, C, W]", found: "shape \(shape)")
    }
    batch = shape[0]
    channels = shape[1]
    isLine = shape.count == 3
    extent = isLine ? Extent(1, shape[2]) : Extent(shape[2], shape[3])
  }

  func shape(channels: Int, _ extent: Extent) throws(Fault) -> [Int] {
    // Pads or strides of two axes on a line of one would make it an image.
    guard !isLine || extent.height == 1 else {
      throw Fault(
        expected: "kernel, strides, pads of one axis", found: "an output \(extent.height) high")
    }
    let result =
      isLine ? [batch, channels, extent.width] : [batch, channels, extent.height, extent.width]
    try Shape.count(result)
    return result
  }
}

extension Tensor {
  /// The elements, which must be floats.
  func requireFloats(_ what: String) throws(Fault) -> [Float] {
    guard let floats else { throw Fault(expected: "\(what) of floats", found: "integers") }
    return floats
  }
}
