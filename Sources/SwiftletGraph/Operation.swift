/// Height and width, for kernels, strides and dilations.
public struct Extent: Sendable, Equatable, Hashable {
  public var height: Int
  public var width: Int

  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }
}

/// Pixels added on each side of an image.
public struct Padding: Sendable, Equatable, Hashable {
  public var top: Int
  public var left: Int
  public var bottom: Int
  public var right: Int

  public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }
}

/// ONNX `auto_pad`. Rewriting leaves only `explicit`.
public enum AutomaticPadding: Sendable, Equatable {
  /// `padding` counts.
  case explicit
  /// Output = ceil(input / stride); an odd pixel goes to the bottom and right.
  case sameUpper
  /// The same; an odd pixel goes to the top and left.
  case sameLower
  /// No padding.
  case valid
}

/// Inputs: x [N, C, H, W], weights [M, C / group, kh, kw], optional bias [M], and the fused
/// residual [N, M, OH, OW] last if the node says `addsResidual`. A tensor without the H axis is
/// taken as H = 1.
public struct ConvolutionAttributes: Sendable, Equatable {
  public var group = 1
  /// Nil until rewriting: the weights tell.
  public var kernel: Extent?
  public var stride = Extent(1, 1)
  public var dilation = Extent(1, 1)
  public var padding = Padding()
  public var automaticPadding = AutomaticPadding.explicit

  public init() {}
}

/// Inputs: x [N, C, H, W], weights [C, M / group, kh, kw], optional bias [M].
/// Output height = stride * (H - 1) + outputPadding + (kh - 1) * dilation + 1 - top - bottom.
public struct TransposedConvolutionAttributes: Sendable, Equatable {
  public var group = 1
  /// Nil until rewriting: the weights tell.
  public var kernel: Extent?
  public var stride = Extent(1, 1)
  public var dilation = Extent(1, 1)
  public var padding = Padding()
  public var automaticPadding = AutomaticPadding.explicit
  public var outputPadding = Extent(0, 0)
  /// If present, padding follows from it. Nil after rewriting.
  public var outputSize: Extent?

  public init() {}
}

/// Y = alpha * A' * B' + beta * C, where a prime is an optional transposition. After rewriting
/// with constant B: alpha = beta = 1, B is [N, K] (`transposesB`), C is [N] or absent.
public struct GemmAttributes: Sendable, Equatable {
  public var alpha: Float = 1
  public var beta: Float = 1
  public var transposesA = false
  public var transposesB = false

  public init() {}
}

/// Windows of a pool over [N, C, H, W].
public struct PoolAttributes: Sendable, Equatable {
  public var kernel: Extent
  public var stride = Extent(1, 1)
  public var dilation = Extent(1, 1)
  public var padding = Padding()
  public var automaticPadding = AutomaticPadding.explicit
  /// The last window may hang over the edge.
  public var roundsUp = false
  /// Average only: padding counts as zeros.
  public var countsPadding = false

  public init(kernel: Extent) { self.kernel = kernel }
}

public enum BinaryFunction: String, Sendable, Equatable, CaseIterable {
  case add, subtract, multiply, divide, power, minimum, maximum, modulo
  case equal, less, lessOrEqual, greater, greaterOrEqual, and, or, xor
}

public enum UnaryFunction: String, Sendable, Equatable, CaseIterable {
  case negate, absolute, squareRoot, exponential, logarithm, reciprocal, floor, ceil, round, sign
  case erf, not
}

public enum Reduction: String, Sendable, Equatable, CaseIterable {
  case mean, sum, product, minimum, maximum
}

/// Axes may be negative and come from the second input if nil; none at all means every axis.
public struct ReduceAttributes: Sendable, Equatable {
  public var function: Reduction
  public var axes: [Int]?
  public var keepsAxes = true
  /// With no axes given: leave the tensor as it is instead of reducing every axis.
  public var isIdentityWithoutAxes = false

  public init(function: Reduction) { self.function = function }
}

/// Parameters that are nil come from inputs 1... (starts, ends, axes, steps).
public struct SliceAttributes: Sendable, Equatable {
  public var starts: [Int]?
  public var ends: [Int]?
  public var axes: [Int]?
  public var steps: [Int]?

  public init() {}
}

/// Zero or constant border. `before` and `after` have an entry for each axis; nil: input 1 holds
/// them (and input 2 the value, input 3 the axes). Negative amounts crop.
public struct PadAttributes: Sendable, Equatable {
  public var before: [Int]?
  public var after: [Int]?
  public var value: Float = 0

  public init() {}
}

public enum CoordinateMode: String, Sendable, Equatable, CaseIterable {
  case halfPixel = "half_pixel"
  case halfPixelSymmetric = "half_pixel_symmetric"
  case pytorchHalfPixel = "pytorch_half_pixel"
  case alignCorners = "align_corners"
  case asymmetric
}

public enum NearestMode: String, Sendable, Equatable, CaseIterable {
  case roundPreferFloor = "round_prefer_floor"
  case roundPreferCeil = "round_prefer_ceil"
  case floor
  case ceil
}

public enum KeepAspectRatio: String, Sendable, Equatable, CaseIterable {
  case stretch
  case notLarger = "not_larger"
  case notSmaller = "not_smaller"
}

/// Inputs: x, (roi), scales, sizes; the last two are nil here until they are known.
public struct ResizeAttributes: Sendable, Equatable {
  /// False: nearest neighbour.
  public var isLinear = false
  public var coordinates = CoordinateMode.halfPixel
  public var nearest = NearestMode.roundPreferFloor
  public var keepAspectRatio = KeepAspectRatio.stretch
  public var axes: [Int]?
  /// One for each of `axes` (each axis of x if nil).
  public var scales: [Float]?
  /// One for each of `axes` (each axis of x if nil).
  public var sizes: [Int]?

  public init() {}
}

public enum ElementType: Sendable, Equatable {
  case float
  /// Values beyond this width wrap around; those of 4 bits saturate.
  case integer(bits: Int, signed: Bool)
  case bool
}

/// What a node computes. Shapes and formulas are those of the ONNX operator of the same name,
/// which docs/onnx.md lists.
public enum Operation: Sendable, Equatable {
  case convolution(ConvolutionAttributes)
  case transposedConvolution(TransposedConvolutionAttributes)
  case gemm(GemmAttributes)
  case matMul
  /// Inputs: x, scale [C], bias [C], mean [C], variance [C].
  case batchNormalization(epsilon: Float)
  /// `none` is the identity.
  case activation(Activation)
  /// Inputs: x, optional minimum, optional maximum. Becomes `activation(.clip)`.
  case clip
  /// Inputs: x, slope (broadcast).
  case prelu
  case binary(BinaryFunction)
  case unary(UnaryFunction)
  case globalAveragePool
  case globalMaxPool
  case averagePool(PoolAttributes)
  case maxPool(PoolAttributes)
  case reduce(ReduceAttributes)
  case concat(axis: Int)
  /// Equal parts if `sizes` is nil and there is no second input.
  case split(axis: Int, sizes: [Int]?)
  case slice(SliceAttributes)
  case pad(PadAttributes)
  case resize(ResizeAttributes)
  case softmax(axis: Int)
  /// Softmax over all axes from `axis` on (before opset 13).
  case softmaxFlattened(axis: Int)
  case flatten(axis: Int)
  /// `shape` is nil if input 1 holds it; 0 copies an axis unless `allowsZero`, -1 is computed.
  /// After rewriting every reshape, flatten, squeeze and unsqueeze is this, fully known.
  case reshape(shape: [Int]?, allowsZero: Bool)
  /// Axes reversed if nil.
  case transpose(permutation: [Int]?)
  case squeeze(axes: [Int]?)
  case unsqueeze(axes: [Int]?)
  /// Inference: a copy, and a mask of true values if there is a second output.
  case dropout
  /// Inputs: x, scale, optional zero point; output is an integer in `range`.
  case quantizeLinear(axis: Int, blockSize: Int, minimum: Int64, maximum: Int64)
  case dequantizeLinear(axis: Int, blockSize: Int)
  /// Inputs: x [N, C, H, W], scores [N, C / 16 rounded up, 1, 1]. x where the score of the
  /// channel's group of 16 is above the threshold, 0 elsewhere. Found by rewriting.
  case gate(threshold: Float)

  // Shape arithmetic: folded away by rewriting where shapes are known.
  case shape(start: Int, end: Int?)
  case size
  case gather(axis: Int)
  case range
  case cast(ElementType)
  case constantOfShape(Tensor)
  case expand
  case tile
  case `where`
}
