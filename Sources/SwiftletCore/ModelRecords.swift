// The records of a model file as Swift values, decoded by ModelReader and checked by
// ModelVerifier. docs/format.md gives the bytes. All offsets were verified: see there.

/// What the elements of a tensor are.
public enum ElementKind: UInt8, Sendable {
  /// 8-bit, one scale and zero point: real = scale * (q - zeroPoint), q in 0...255.
  case uint8 = 0
  /// 8-bit, a scale and zero point per channel; read only by depthwise convolutions.
  case uint8PerChannel = 1
  /// 32-bit float.
  case float32 = 2
  /// The camera image: 8-bit pixels of four bytes (up to three colours and zero), row by row.
  case pixels = 3
}

/// A tensor of one image: channels x height x width.
public struct TensorRecord: Sendable {
  /// Offset of the name in the string section.
  public var name: Int = 0
  public var kind: ElementKind = .uint8
  public var channels: Int = 0
  public var height: Int = 0
  public var width: Int = 0
  /// Real value of one step; 1 for pixels, 0 for float.
  public var scale: Float = 1
  /// The value of q that stands for zero, 0...255; for pixels: see `zeroPoints`.
  public var zeroPoint: Int = 0
  /// Offset in the parameter section of UInt8 [paddedChannels] zero points
  /// (per-channel tensors and pixels; -1 otherwise).
  public var zeroPoints: Int = -1
  /// Offset in the parameter section of Float [paddedChannels] scales (per-channel tensors;
  /// -1 otherwise).
  public var scales: Int = -1

  public init() {}

  /// Channels rounded up to whole blocks of 16.
  public var paddedChannels: Int { (channels + 15) & ~15 }
}

/// How weights are stored.
public enum WeightFormat: UInt8, Sendable {
  case none = 0
  /// int8 per channel, |w| <= 127.
  case int8 = 1
  /// One nibble plane and 16-entry tables, |w| <= 63.
  case code4 = 2
  /// Two nibble planes: w = 2 * C1[hi] + C2[lo], |C1|, |C2| <= 63, |w| <= 127.
  case nested8 = 3
}

/// How an accumulator becomes an output value. See docs/architecture.md, "Arithmetic".
public enum EpilogueKind: UInt8, Sendable {
  /// q = saturate(round(float(acc) * scale[n])); zero point and clamps live in bias and scale.
  case linear = 0
  /// q = saturate(round(float(acc) * scale[n] + float(r) * residualScale)).
  case residual = 1
  /// x = float(acc) * scale[n]; y = x * min(max(x + 3, 0), 6);
  /// q = saturate(round(y * outScale[n]) + zero[n]).
  case hardSwish = 2
  /// y = float(acc) * scale[n], stored as float.
  case float = 3
}

/// Offsets in the parameter section of one set of per-channel constants, each [paddedN].
public struct ChannelConstants: Sendable {
  /// Float [paddedN]: what one step of the accumulator is worth.
  public var scale: Int = -1
  /// Int32 [paddedN]: start of an accumulator over u8 activations q in 0...255.
  public var biasU8: Int = -1
  /// Int32 [paddedN]: the same for s8 activations q - 128; biasS8 = biasU8 + 128 * sum(w).
  /// -1 for depthwise layers, whose plan computes it.
  public var biasS8: Int = -1

  public init() {}
}

/// One operator of the network.
public struct OperatorRecord: Sendable {
  public var code: OperatorCode = .convolution
  /// Offset of the name in the string section.
  public var name: Int = 0
  /// Tensor numbers; -1 where absent. A residual is `inputs[1]` of a convolution.
  public var inputs: (Int, Int, Int, Int) = (-1, -1, -1, -1)
  public var output: Int = 0

  // Windows: kernels of convolutions and pools; steps and sizes of slices.
  public var kernelHeight: Int = 1
  public var kernelWidth: Int = 1
  public var strideY: Int = 1
  public var strideX: Int = 1
  public var dilationY: Int = 1
  public var dilationX: Int = 1
  public var padTop: Int = 0
  public var padLeft: Int = 0
  public var padBottom: Int = 0
  public var padRight: Int = 0
  /// slice: first channel, row and column. resize: unused.
  public var startChannel: Int = 0
  public var startY: Int = 0
  public var startX: Int = 0
  /// averagePool: padding counts in the mean. resize: coordinate rule (`ResizeRule`).
  public var option: Int = 0

  public var weightFormat: WeightFormat = .none
  public var epilogue: EpilogueKind = .linear
  /// k groups of 8 (see docs/format.md, "Weight layout"); 0 for operators without weights.
  public var groups: Int = 0
  /// Offset in the weight section of the int8 weights, or of the first nibble plane.
  public var weights: Int = -1
  /// Offset in the refinement section of the second nibble plane (nested8).
  public var refinement: Int = -1
  /// Offset in the parameter section of int8 [paddedN/4][16]: the codebook of each four channels.
  public var tables: Int = -1
  /// The same for the second plane (nested8).
  public var fineTables: Int = -1
  /// The file holds one table (of each plane) for all channels; `tables` and `fineTables` point to
  /// its repetition all the same, which opening makes.
  public var sharesTables: Bool = false
  /// Constants at full precision.
  public var constants = ChannelConstants()
  /// Constants of a nested8 layer run with its first plane alone (4 bits).
  public var coarseConstants = ChannelConstants()
  /// Float [paddedN], hardSwish only.
  public var outScale: Int = -1
  /// Int32 [paddedN], hardSwish only.
  public var outZero: Int = -1
  /// lookup: UInt8 [256]. prelu: Float [paddedC] slopes. convolution with an input gate: UInt8
  /// [paddedC] of x, what q counts as in channels that are left out; -1 stands for x's zero point.
  public var table: Int = -1
  /// Factors of elementwise operators; see docs/architecture.md, "Arithmetic".
  /// residual: a = residualScale. add: q = sat(round(a*x + b*y + c)). multiply, scaleChannels:
  /// q = sat(round((x-zx)*(y-zy)*a) + z). average: q = sat(round((sum - n*zx) * (a/n)) + z).
  /// prelu, resizeLinear: from scales and zero points of the tensors. gate: z = x > a + shift.
  public var a: Float = 0
  public var b: Float = 0
  public var c: Float = 0
  /// Tensor number of the gate that tells which blocks of 16 channels of the first input are
  /// live; -1 for all. The file holds it plus one, 0 for none.
  public var inputGate: Int = -1
  /// The same for blocks of the output: others are not computed and hold anything.
  public var outputGate: Int = -1

  public init() {}
}
