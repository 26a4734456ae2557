import SwiftletCore
import SwiftletWriter

/// Builds quantised networks with random weights, operator by operator; sizes follow from the
/// operators' rules. Methods take tensor numbers and give the number of the new tensor.
public struct NetworkBuilder {
  public var network: QuantizedNetwork
  var random: SplitMix64

  /// Starts with an input image of `channels` (1...4).
  public init(_ name: String, channels: Int = 3, height: Int, width: Int, seed: UInt64 = 1) {
    network = QuantizedNetwork(name: name)
    random = SplitMix64(seed: seed)
    network.input = add(
      QuantizedTensor(
        name: "image", kind: .pixels, channels: channels, height: height, width: width,
        zeroPoints: (0..<channels).map { 116 + 4 * $0 }))
    network.record = "random weights, seed \(seed)"
  }

  mutating func add(_ tensor: QuantizedTensor) -> Int {
    network.tensors.append(tensor)
    return network.tensors.count - 1
  }

  public func tensor(_ number: Int) -> QuantizedTensor { network.tensors[number] }

  /// A new tensor for an operator's result; a scale of `nil` takes over that of `like`.
  mutating func result(
    _ channels: Int, _ height: Int, _ width: Int, kind: ElementKind = .uint8,
    like: Int? = nil
  ) -> Int {
    let number = network.tensors.count
    var made = QuantizedTensor(
      name: "t\(number)", kind: kind, channels: channels, height: height, width: width)
    switch kind {
    case .uint8:
      made.scales = like.map { tensor($0).scales } ?? [0.02 + 0.03 * random.unit()]
      made.zeroPoints = like.map { tensor($0).zeroPoints } ?? [random.below(200)]
    case .uint8PerChannel:
      made.scales = (0..<channels).map { _ in 0.01 + 0.05 * random.unit() }
      made.zeroPoints = (0..<channels).map { _ in random.below(256) }
    case .float32, .pixels: break
    }
    return add(made)
  }

  /// Appends an operator that writes `output`.
  @discardableResult
  mutating func append(
    _ code: OperatorCode, _ inputs: [Int], _ output: Int,
    _ change: (inout QuantizedOperator) -> Void = { _ in }
  ) -> Int {
    var op = QuantizedOperator(
      code: code, name: "\(code.name).\(network.operators.count)", inputs: inputs, output: output)
    change(&op)
    network.operators.append(op)
    return output
  }

  // MARK: windows

  /// Kernel, stride, dilation and padding, equal in both directions unless changed.
  public struct Window {
    public var record = OperatorRecord()

    public init(
      _ kernel: Int, stride: Int = 1, dilation: Int = 1, pad: Int = 0
    ) {
      (record.kernelHeight, record.kernelWidth) = (kernel, kernel)
      (record.strideY, record.strideX) = (stride, stride)
      (record.dilationY, record.dilationX) = (dilation, dilation)
      (record.padTop, record.padLeft) = (pad, pad)
      (record.padBottom, record.padRight) = (pad, pad)
    }
  }

  func size(_ x: Int, _ window: Window) -> (Int, Int) {
    (
      window.record.rows(height: tensor(x).height).output,
      window.record.columns(width: tensor(x).width).output
    )
  }

  /// A convolution; `pixelConvolution` if it reads the image. A residual makes its epilogue that.
  public mutating func convolution(
    _ x: Int, channels: Int, _ window: Window = Window(1), format: WeightFormat = .int8,
    epilogue: EpilogueKind = .linear, residual: Int? = nil, perChannel: Bool = false,
    channelsPerTable: Int? = nil
  ) -> Int {
    let (height, width) = size(x, window)
    let kind: ElementKind =
      epilogue == .float ? .float32 : perChannel ? .uint8PerChannel : .uint8
    let output = result(channels, height, width, kind: kind)
    let isImage = tensor(x).kind == .pixels
    return layer(
      isImage ? .pixelConvolution : .convolution, x, output, window, format: format,
      epilogue: epilogue, residual: residual,
      channelsPerTable: channelsPerTable ?? channels)
  }

  public mutating func depthwise(
    _ x: Int, _ window: Window, epilogue: EpilogueKind = .linear, residual: Int? = nil,
    perChannel: Bool = false
  ) -> Int {
    let (height, width) = size(x, window)
    let output = result(
      tensor(x).channels, height, width, kind: perChannel ? .uint8PerChannel : .uint8)
    return layer(
      .depthwiseConvolution, x, output, window, format: .int8, epilogue: epilogue,
      residual: residual, channelsPerTable: 0)
  }

  public mutating func pool(
    _ code: OperatorCode, _ x: Int, _ window: Window, countsPadding: Bool = false
  ) -> Int {
    let (height, width) = size(x, window)
    let isMean = code == .averagePool
    let output = result(
      tensor(x).channels, height, width, like: isMean ? nil : x)
    let a = ratio(x, output)
    return append(code, [x], output) {
      $0.record = window.record
      $0.record.option = isMean && countsPadding ? 1 : 0
      if isMean { $0.record.a = a }
    }
  }

  // MARK: others

  func ratio(_ x: Int, _ output: Int) -> Float {
    (tensor(x).scales.first ?? 1) / (tensor(output).scales.first ?? 1)
  }

  /// A result of the shape of `x`.
  private mutating func same(_ x: Int, kind: ElementKind = .uint8) -> Int {
    result(tensor(x).channels, tensor(x).height, tensor(x).width, kind: kind)
  }

  public mutating func sum(_ x: Int, _ y: Int) -> Int {
    let output = same(x)
    let (a, b) = (ratio(x, output), ratio(y, output))
    let c = zero(output) - a * zero(x) - b * zero(y)
    return append(.add, [x, y], output) { ($0.record.a, $0.record.b, $0.record.c) = (a, b, c) }
  }

  private func zero(_ x: Int) -> Float { Float(tensor(x).zeroPoints[0]) }

  /// multiply, or scaleChannels if `y` is C x 1 x 1 and `x` is not.
  public mutating func product(_ x: Int, _ y: Int) -> Int {
    let output = same(x)
    let isScale = tensor(y).height * tensor(y).width == 1 && tensor(x).height * tensor(x).width > 1
    let a = ratio(x, output) * tensor(y).scales[0]
    return append(isScale ? .scaleChannels : .multiply, [x, y], output) { $0.record.a = a }
  }

  public mutating func globalAverage(_ x: Int) -> Int {
    let output = result(tensor(x).channels, 1, 1)
    let a = ratio(x, output)
    return append(.globalAveragePool, [x], output) { $0.record.a = a }
  }

  public mutating func lookup(_ x: Int) -> Int {
    let output = same(x)
    let table = (0..<256).map { _ in UInt8(random.below(256)) }
    return append(.lookup, [x], output) { $0.lookupTable = table }
  }

  /// All parts need one scale and zero point.
  public mutating func concat(_ parts: [Int]) -> Int {
    let channels = parts.map { tensor($0).channels }.reduce(0, +)
    let output = result(
      channels, tensor(parts[0]).height, tensor(parts[0]).width, like: parts[0])
    return append(.concat, parts, output)
  }

  public mutating func slice(
    _ x: Int, start: (Int, Int, Int), size: (Int, Int, Int), steps: (Int, Int) = (1, 1)
  ) -> Int {
    let output = result(size.0, size.1, size.2, like: x)
    return append(.slice, [x], output) {
      ($0.record.startChannel, $0.record.startY, $0.record.startX) = start
      ($0.record.strideY, $0.record.strideX) = steps
    }
  }

  public mutating func pad(
    _ x: Int, top: Int, left: Int, height: Int, width: Int, steps: (Int, Int) = (1, 1)
  ) -> Int {
    let output = result(tensor(x).channels, height, width, like: x)
    return append(.pad, [x], output) {
      ($0.record.padTop, $0.record.padLeft) = (top, left)
      ($0.record.strideY, $0.record.strideX) = steps
    }
  }

  public mutating func resize(
    _ x: Int, height: Int, width: Int, rule: ResizeRule, nearest: NearestRounding? = nil
  ) -> Int {
    let output = result(
      tensor(x).channels, height, width, like: nearest == nil ? nil : x)
    return append(nearest == nil ? .resizeLinear : .resizeNearest, [x], output) {
      $0.record.option = rule.rawValue | (nearest?.rawValue ?? 0) << 4
    }
  }

  public mutating func prelu(_ x: Int) -> Int {
    let output = same(x)
    let slopes = (0..<tensor(x).channels).map { _ in random.unit() - 0.25 }
    return append(.prelu, [x], output) { $0.slopes = slopes }
  }

  public mutating func softmax(_ x: Int) -> Int {
    append(.softmax, [x], same(x, kind: .float32))
  }

  public mutating func dequantize(_ x: Int) -> Int {
    append(.dequantize, [x], same(x, kind: .float32))
  }
}
