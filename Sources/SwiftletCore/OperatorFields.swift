/// Which fields of `OperatorRecord` an operator uses; the others hold their defaults in a file.
/// docs/format.md has the same as a table.
public struct OperatorFields: OptionSet, Sendable {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let kernel = OperatorFields(rawValue: 1)
  public static let stride = OperatorFields(rawValue: 2)
  public static let dilation = OperatorFields(rawValue: 4)
  /// padTop, padLeft.
  public static let padBefore = OperatorFields(rawValue: 8)
  /// padBottom, padRight.
  public static let padAfter = OperatorFields(rawValue: 16)
  /// startChannel, startY, startX.
  public static let start = OperatorFields(rawValue: 32)
  public static let option = OperatorFields(rawValue: 64)
  /// Weight format, epilogue, groups, planes, tables, constants.
  public static let weights = OperatorFields(rawValue: 128)
  public static let table = OperatorFields(rawValue: 256)
  public static let a = OperatorFields(rawValue: 512)
  /// b and c.
  public static let bc = OperatorFields(rawValue: 1024)

  static let window: OperatorFields = [.kernel, .stride, .dilation, .padBefore, .padAfter]
}

extension OperatorCode {
  /// Which fields the operator uses.
  public var fields: OperatorFields {
    switch self {
    case .convolution, .depthwiseConvolution: [.window, .weights, .a]
    case .pixelConvolution: [.kernel, .stride, .padBefore, .padAfter, .weights]
    case .add: [.a, .bc]
    case .multiply, .scaleChannels, .globalAveragePool, .gate: .a
    case .maxPool: .window
    case .averagePool: [.window, .option, .a]
    case .lookup, .prelu: .table
    case .slice: [.start, .stride]
    case .pad: [.stride, .padBefore]
    case .resizeNearest, .resizeLinear: .option
    case .concat, .softmax, .dequantize: []
    }
  }

  /// Whether it can leave out blocks of channels that a gate found not worth computing.
  public var takesGates: Bool { self == .convolution || self == .depthwiseConvolution }

  /// How many inputs it takes.
  public var inputCounts: ClosedRange<Int> {
    switch self {
    case .convolution, .depthwiseConvolution: 1...2
    case .add, .multiply, .scaleChannels: 2...2
    case .concat: 2...4
    default: 1...1
    }
  }

  /// Whether it only moves bytes: input and output then have one scale and zero point.
  public var movesBytes: Bool {
    switch self {
    case .maxPool, .concat, .slice, .pad, .resizeNearest: true
    default: false
    }
  }

  /// The name of the operator in messages and listings.
  public var name: String {
    switch self {
    case .convolution: "convolution"
    case .pixelConvolution: "pixelConvolution"
    case .depthwiseConvolution: "depthwiseConvolution"
    case .add: "add"
    case .multiply: "multiply"
    case .scaleChannels: "scaleChannels"
    case .maxPool: "maxPool"
    case .averagePool: "averagePool"
    case .globalAveragePool: "globalAveragePool"
    case .lookup: "lookup"
    case .concat: "concat"
    case .slice: "slice"
    case .pad: "pad"
    case .resizeNearest: "resizeNearest"
    case .resizeLinear: "resizeLinear"
    case .prelu: "prelu"
    case .softmax: "softmax"
    case .dequantize: "dequantize"
    case .gate: "gate"
    }
  }
}

extension OperatorRecord {
  /// Input number `index` (0...3); -1 where absent.
  public func input(_ index: Int) -> Int {
    switch index {
    case 0: inputs.0
    case 1: inputs.1
    case 2: inputs.2
    case 3: inputs.3
    default: -1
    }
  }

  /// How many inputs there are, counted up to the first absent one.
  public var inputCount: Int {
    var count = 0
    while input(count) >= 0 { count += 1 }
    return count
  }

  /// Groups of 8 k of a dense convolution over `channels` input channels; 0 for other operators.
  public func expectedGroups(channels: Int) -> Int {
    switch code {
    case .convolution: kernelHeight * kernelWidth * ((channels + 7) / 8)
    case .pixelConvolution: kernelHeight * ((kernelWidth + 1) / 2)
    default: 0
    }
  }
}
