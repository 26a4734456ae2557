/// The inner loop that a layer runs in: layers of one class take time in proportion to counts.
public enum KernelClass: UInt8, CaseIterable, Sendable {
  // Matrix products over adjacent pixels, by format of the weights.
  case matrixInt8, matrixCode4, matrixNested8
  // Convolutions that gather pixels by offsets.
  case windowInt8, windowCode4, windowNested8
  // First layers over an image of 4-byte pixels.
  case pixelsInt8, pixelsCode4, pixelsNested8
  // One output pixel: fully connected layers.
  case vectorInt8, vectorCode4, vectorNested8
  // Depthwise: side of the kernel, stride.
  case depthwise3, depthwise3By2, depthwise5, depthwise5By2, depthwiseOther
  case add, multiply, scaleChannels, lookup
  case maxPool, averagePool, globalAverage
  /// Plain Swift: copies of whole vectors (concat, slice, pad, nearest resize).
  case copy
  /// Plain Swift with arithmetic on each value (linear resize, prelu, softmax, dequantize).
  case portable

  /// The name, for tables and tools/rates.
  public var word: StaticString {
    switch self {
    case .matrixInt8: "matrixInt8"
    case .matrixCode4: "matrixCode4"
    case .matrixNested8: "matrixNested8"
    case .windowInt8: "windowInt8"
    case .windowCode4: "windowCode4"
    case .windowNested8: "windowNested8"
    case .pixelsInt8: "pixelsInt8"
    case .pixelsCode4: "pixelsCode4"
    case .pixelsNested8: "pixelsNested8"
    case .vectorInt8: "vectorInt8"
    case .vectorCode4: "vectorCode4"
    case .vectorNested8: "vectorNested8"
    case .depthwise3: "depthwise3"
    case .depthwise3By2: "depthwise3By2"
    case .depthwise5: "depthwise5"
    case .depthwise5By2: "depthwise5By2"
    case .depthwiseOther: "depthwiseOther"
    case .add: "add"
    case .multiply: "multiply"
    case .scaleChannels: "scaleChannels"
    case .lookup: "lookup"
    case .maxPool: "maxPool"
    case .averagePool: "averagePool"
    case .globalAverage: "globalAverage"
    case .copy: "copy"
    case .portable: "portable"
    }
  }
}

/// How accumulators become outputs.
public enum EpilogueClass: UInt8, CaseIterable, Sendable {
  case linear, residual, hardSwish, float

  /// The name, for tables and tools/rates.
  public var word: StaticString {
    switch self {
    case .linear: "linear"
    case .residual: "residual"
    case .hardSwish: "hardSwish"
    case .float: "float"
    }
  }
}

/// What one layer has to do: plain counts from the plan.
public struct LayerWork: Sendable {
  public var kernel = KernelClass.copy
  public var epilogue = EpilogueClass.linear
  /// What the inner loop counts: multiply-adds with padded channels; window elements of a pool
  /// (values, padded); 0 where vectors say all.
  public var units = 0
  /// Output vectors of 16 values.
  public var vectors = 0
  /// Multiply-adds of the network, unpadded.
  public var macs = 0
  /// Codes decoded before the inner loop, one for each weight; 0 if there are none.
  public var decoded = 0
  /// Bytes of weights at the bits in use.
  public var weightBytes = 0
  /// Bytes of activations read and written.
  public var activationBytes = 0
  /// Parts that 1, 2, ... 8 threads share; more threads count as 8.
  public var parts = InlineArray<8, UInt8>(repeating: 1)

  public init() {}
}
