/// Convolution: each image's windows as columns of a matrix (im2col), times the weights; direct
/// loops where each output channel reads one input channel.
enum Convolution {
  struct Plan {
    var image: ImageShape
    var window: Window
    var outputs: Int
    var group: Int
    var shape: [Int]
  }

  static func plan(_ x: [Int], _ weights: [Int], bias: [Int]?, _ attributes: ConvolutionAttributes)
    throws(Fault) -> Plan
  {
    let image = try ImageShape(x)
    let filter = try ImageShape(weights)
    let group = attributes.group
    guard image.isLine == filter.isLine, filter.batch > 0, filter.channels > 0, group > 0,
      image.channels % group == 0, image.channels / group == filter.channels,
      filter.batch % group == 0
    else {
      throw Fault(
        expected: "weights [M, C / \(group), kh, kw] for input \(x)", found: "\(weights)")
    }
    if let kernel = attributes.kernel, kernel != filter.extent {
      throw Fault(
        expected: "weights for a kernel of \(kernel.height)x\(kernel.width)", found: "\(weights)")
    }
    if let bias, bias != [filter.batch] {
      throw Fault(expected: "a bias of shape [\(filter.batch)]", found: "\(bias)")
    }
    let window = try Window(
      input: image.extent, kernel: filter.extent, stride: attributes.stride,
      dilation: attributes.dilation, padding: attributes.padding,
      automatic: attributes.automaticPadding)
    let shape = try image.shape(channels: filter.batch, window.output)
    // The columns of one group must be a tensor, too.
    try Shape.count([
      filter.channels, filter.extent.height, filter.extent.width, window.output.height,
      window.output.width,
    ])
    return Plan(image: image, window: window, outputs: filter.batch, group: group, shape: shape)
  }

  static func run(
    _ x: Tensor, _ weights: Tensor, bias: Tensor?, _ attributes: ConvolutionAttributes
  ) throws(Fault) -> Tensor {
    let plan = try plan(x.shape, weights.shape, bias: bias?.shape, attributes)
    let source = try x.requireFloats("input")
    let filter = try weights.requireFloats("weights")
    let offsets = try bias?.requireFloats("bias")
    let window = plan.window
    let pixels = window.input.height * window.input.width
    let area = window.output.height * window.output.width
    let taps = window.kernel.height * window.kernel.width
    let inputs = plan.image.channels
    let depth = inputs / plan.group * taps
    let outputs = plan.outputs / plan.group
    let isDepthwise = inputs == plan.group
    let isPointwise =
      taps == 1 && window.stride == Extent(1, 1) && window.padding == Padding()
    var columns = [Float](
      repeating: 0, count: isDepthwise || isPointwise ? 0 : depth * area)
    let count = plan.image.batch * plan.outputs * area
    let result = [Float](unsafeUninitializedCapacity: count) { result, initialized in
      // SAFETY: every image starts from its bias (or zero) over all outputs and pixels; `plan`
      // proved that the operands hold the elements that are read.
      source.withUnsafeBufferPointer { source in
        filter.withUnsafeBufferPointer { filter in
          columns.withUnsafeMutableBufferPointer { columns in
            for image in 0..<plan.image.batch {
              let input = source.baseAddress! + image * inputs * pixels
              let output = result.baseAddress! + image * plan.outputs * area
              for channel in 0..<plan.outputs {
                (output + channel * area).initialize(
                  repeating: offsets?[channel] ?? 0, count: area)
              }
              for group in 0..<plan.group {
                let part = input + group * (inputs / plan.group) * pixels
                let weights = filter.baseAddress! + group * outputs * depth
                let target = output + group * outputs * area
                if isDepthwise {
                  for channel in 0..<outputs {
                    depthwise(part, weights + channel * taps, window, target + channel * area)
                  }
                } else {
                  if !isPointwise {
                    fill(columns.baseAddress!, part, channels: inputs / plan.group, window)
                  }
                  Product.multiply(
                    m: outputs, n: area, k: depth, weights,
                    isPointwise ? part : UnsafePointer(columns.baseAddress!), beta: 1,
                    into: target)
                }
              }
            }
          }
        }
      }
      initialized = count
    }
    return Tensor(shape: plan.shape, floats: result)
  }

  /// columns [C * kh * kw, OH * OW] from one image [C, H, W].
  private static func fill(
    _ columns: UnsafeMutablePointer<Float>, _ image: UnsafePointer<Float>, channels: Int,
    _ window: Window
  ) {
    let (height, width) = (window.output.height, window.output.width)
    var row = columns
    for channel in 0..<channels {
      let plane = image + channel * window.input.height * window.input.width
      for tapY in 0..<window.kernel.height {
        let rows = Window.valid(
          tap: tapY, dilation: window.dilation.height, stride: window.stride.height,
          before: window.padding.top, input: window.input.height, output: height)
        for tapX in 0..<window.kernel.width {
          let valid = Window.valid(
            tap: tapX, dilation: window.dilation.width, stride: window.stride.width,
            before: window.padding.left, input: window.input.width, output: width)
          let shift = tapX * window.dilation.width - window.padding.left
          for y in 0..<height {
            guard rows.contains(y), !valid.isEmpty else {
              row.update(repeating: 0, count: width)
              row += width
              continue
            }
            let line =
              plane
              + (y * window.stride.height + tapY * window.dilation.height - window.padding.top)
              * window.input.width
            if valid.lowerBound > 0 { row.update(repeating: 0, count: valid.lowerBound) }
            if window.stride.width == 1 {
              (row + valid.lowerBound).update(
                from: line + (valid.lowerBound + shift), count: valid.count)
            } else {
              for x in valid { row[x] = line[x * window.stride.width + shift] }
            }
            if valid.upperBound < width {
              (row + valid.upperBound).update(repeating: 0, count: width - valid.upperBound)
            }
            row += width
          }
        }
      }
    }
  }

  /// output [OH, OW] += one input channel [H, W] * one kernel.
  private static func depthwise(
    _ plane: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>, _ window: Window,
    _ output: UnsafeMutablePointer<Float>
  ) {
    let step = window.stride.width
    for tapY in 0..<window.kernel.height {
      let rows = Window.valid(
        tap: tapY, dilation: window.dilation.height, stride: window.stride.height,
        before: window.padding.top, input: window.input.height, output: window.output.height)
      for tapX in 0..<window.kernel.width {
        let columns = Window.valid(
          tap: tapX, dilation: window.dilation.width, stride: step, before: window.padding.left,
          input: window.input.width, output: window.output.width)
        guard !columns.isEmpty else { continue }
        let weight = kernel[tapY * window.kernel.width + tapX]
        let shift =
          columns.lowerBound * step + tapX * window.dilation.width - window.padding.left
        for y in rows {
          let source =
            plane
            + (y * window.stride.height + tapY * window.dilation.height - window.padding.top)
            * window.input.width + shift
          let target = output + y * window.output.width + columns.lowerBound
          if step == 1 {
            for x in 0..<columns.count { target[x] += weight * source[x] }
          } else {
            for x in 0..<columns.count { target[x] += weight * source[x * step] }
          }
        }
      }
    }
  }
}
