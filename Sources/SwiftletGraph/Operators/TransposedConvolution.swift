/// Transposed convolution: the weights' transpose times each image gives columns, which are added
/// where a convolution would have read them.
enum TransposedConvolution {
  struct Plan {
    var image: ImageShape
    /// The forward view: a window over this operator's output, one position per input pixel.
    var padding: Padding
    var kernel: Extent
    var output: Extent
    var outputs: Int
    var shape: [Int]
  }

  static func plan(
    _ x: [Int], _ weights: [Int], bias: [Int]?, _ attributes: TransposedConvolutionAttributes
  ) throws(Fault) -> Plan {
    let image = try ImageShape(x)
    let filter = try ImageShape(weights)
    let group = attributes.group
    guard image.isLine == filter.isLine, group > 0, filter.channels > 0, filter.batch > 0,
      filter.batch == image.channels, image.channels % group == 0
    else {
      throw Fault(
        expected: "weights [C, M / \(group), kh, kw] for input \(x)", found: "\(weights)")
    }
    if let kernel = attributes.kernel, kernel != filter.extent {
      throw Fault(
        expected: "weights for a kernel of \(kernel.height)x\(kernel.width)", found: "\(weights)")
    }
    try Shape.count([filter.channels, group])
    let outputs = filter.channels * group
    if let bias, bias != [outputs] {
      throw Fault(expected: "a bias of shape [\(outputs)]", found: "\(bias)")
    }
    let rows = try axis(
      image.extent.height, filter.extent.height, attributes.stride.height,
      attributes.dilation.height, attributes.padding.top, attributes.padding.bottom,
      attributes.outputPadding.height, attributes.outputSize?.height, attributes.automaticPadding)
    let columns = try axis(
      image.extent.width, filter.extent.width, attributes.stride.width,
      attributes.dilation.width, attributes.padding.left, attributes.padding.right,
      attributes.outputPadding.width, attributes.outputSize?.width, attributes.automaticPadding)
    let output = Extent(rows.output, columns.output)
    let shape = try image.shape(channels: outputs, output)
    try Shape.count([
      filter.channels, filter.extent.height, filter.extent.width, image.extent.height,
      image.extent.width,
    ])
    return Plan(
      image: image,
      padding: Padding(
        top: rows.before, left: columns.before, bottom: rows.after, right: columns.after),
      kernel: filter.extent, output: output, outputs: outputs, shape: shape)
  }

  private static func axis(
    _ input: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ before: Int, _ after: Int,
    _ extra: Int, _ size: Int?, _ automatic: AutomaticPadding
  ) throws(Fault) -> (before: Int, after: Int, output: Int) {
    let limit = 1 << 20
    guard input > 0, kernel > 0, stride > 0, dilation > 0, before >= 0, after >= 0, extra >= 0,
      size ?? 1 > 0,
      max(input, kernel, stride, dilation) <= limit, max(before, after, extra, size ?? 1) <= limit
    else {
      throw Fault(
        expected: "input, kernel, stride, dilation in 1...\(limit), pads in 0...\(limit)",
        found: "\(input), \(kernel), \(stride), \(dilation), \(before), \(after), \(extra)")
    }
    let full = stride * (input - 1) + extra + (kernel - 1) * dilation + 1
    let wanted: Int
    switch (size, automatic) {
    case (let size?, _): wanted = size
    case (nil, .sameUpper), (nil, .sameLower): wanted = input * stride
    case (nil, .valid): return (0, 0, full)
    case (nil, .explicit):
      guard full > before + after else {
        throw Fault(expected: "pads below \(full)", found: "\(before) and \(after)")
      }
      return (before, after, full - before - after)
    }
    let total = max(full - wanted, 0)
    let first = automatic == .sameUpper ? total / 2 : total - total / 2
    return (first, total - first, wanted)
  }

  static func run(
    _ x: Tensor, _ weights: Tensor, bias: Tensor?, _ attributes: TransposedConvolutionAttributes
  ) throws(Fault) -> Tensor {
    let plan = try plan(x.shape, weights.shape, bias: bias?.shape, attributes)
    let source = try x.requireFloats("input")
    let filter = try weights.requireFloats("weights")
    let offsets = try bias?.requireFloats("bias")
    let group = attributes.group
    let input = plan.image.extent
    let pixels = input.height * input.width
    let area = plan.output.height * plan.output.width
    let taps = plan.kernel.height * plan.kernel.width
    let inputs = plan.image.channels / group
    let outputs = plan.outputs / group
    let rowCount = outputs * taps
    var result = [Float](repeating: 0, count: plan.image.batch * plan.outputs * area)
    if let offsets, area > 0 {
      for index in result.indices { result[index] = offsets[index / area % plan.outputs] }
    }
    var columns = [Float](repeating: 0, count: rowCount * pixels)
    // SAFETY: `plan` proved the operands' sizes; `valid` keeps every position inside the output.
    columns.withUnsafeMutableBufferPointer { columns in
      result.withUnsafeMutableBufferPointer { result in
        source.withUnsafeBufferPointer { source in
          filter.withUnsafeBufferPointer { filter in
            for part in 0..<plan.image.batch * group {
              let image = source.baseAddress! + part * inputs * pixels
              let kernel = filter.baseAddress! + part % group * inputs * rowCount
              Product.multiply(
                m: rowCount, n: pixels, k: inputs, kernel, transposesA: true, image,
                into: columns.baseAddress!)
              let target = result.baseAddress! + part * outputs * area
              for row in 0..<rowCount {
                add(
                  UnsafePointer(columns.baseAddress! + row * pixels), tap: row % taps, plan,
                  attributes, to: target + row / taps * area)
              }
            }
          }
        }
      }
    }
    return Tensor(shape: plan.shape, floats: result)
  }

  private static func add(
    _ column: UnsafePointer<Float>, tap: Int, _ plan: Plan,
    _ attributes: TransposedConvolutionAttributes, to plane: UnsafeMutablePointer<Float>
  ) {
    let tapY = tap / plan.kernel.width
    let tapX = tap % plan.kernel.width
    let input = plan.image.extent
    let rows = Window.valid(
      tap: tapY, dilation: attributes.dilation.height, stride: attributes.stride.height,
      before: plan.padding.top, input: plan.output.height, output: input.height)
    let columns = Window.valid(
      tap: tapX, dilation: attributes.dilation.width, stride: attributes.stride.width,
      before: plan.padding.left, input: plan.output.width, output: input.width)
    for y in rows {
      let line =
        (y * attributes.stride.height + tapY * attributes.dilation.height - plan.padding.top)
        * plan.output.width
      for x in columns {
        let position =
          x * attributes.stride.width + tapX * attributes.dilation.width - plan.padding.left
        plane[line + position] += column[y * input.width + x]
      }
    }
  }
}
