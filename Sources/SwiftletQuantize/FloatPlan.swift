import SwiftletGraph

// The network between graph and integers: the runtime's operators with float weights. Lowering
// makes it, calibration runs it in float, and each step becomes one quantised operator.

/// A sliding window over an image.
package struct Window: Sendable, Equatable {
  package var kernelHeight = 1
  package var kernelWidth = 1
  package var strideY = 1
  package var strideX = 1
  package var dilationY = 1
  package var dilationX = 1
  package var padTop = 0
  package var padLeft = 0
  package var padBottom = 0
  package var padRight = 0

  package init() {}

  package init(
    kernel: Extent, stride: Extent = Extent(1, 1), dilation: Extent = Extent(1, 1),
    padding: Padding = Padding()
  ) {
    (kernelHeight, kernelWidth) = (kernel.height, kernel.width)
    (strideY, strideX) = (stride.height, stride.width)
    (dilationY, dilationX) = (dilation.height, dilation.width)
    (padTop, padLeft, padBottom, padRight) =
      (padding.top, padding.left, padding.bottom, padding.right)
  }

  package var taps: Int { kernelHeight * kernelWidth }

  /// The size of the output; 0 if the window does not fit.
  package func outputSize(_ height: Int, _ width: Int) -> (height: Int, width: Int) {
    let h = height + padTop + padBottom - dilationY * (kernelHeight - 1) - 1
    let w = width + padLeft + padRight - dilationX * (kernelWidth - 1) - 1
    return (h < 0 ? 0 : h / strideY + 1, w < 0 ? 0 : w / strideX + 1)
  }
  /// One pixel, one step, no border.
  package var isPoint: Bool { self == Window() }
}

/// What happens to a layer's sum before it is stored.
package enum LayerActivation: Sendable, Equatable {
  /// min(max(x, low), high), low <= 0 <= high; the range of the stored byte does it.
  case clamp(low: Float, high: Float)
  /// min(max(alpha * x + beta, 0), 1)
  case hardSigmoid(alpha: Float, beta: Float)
  /// x * min(max(x + 3, 0), 6) / 6
  case hardSwish

  package static let none = LayerActivation.clamp(low: -.infinity, high: .infinity)
}

/// A convolution, dense (weights [N][C][kh][kw]) or depthwise ([C][1][kh][kw]).
package struct Layer: Sendable {
  package var outputs: Int
  /// Input channels; 1 for depthwise.
  package var inputs: Int
  package var weights: [Float]
  package var bias: [Float]
  package var window: Window
  package var isDepthwise = false
  package var activation = LayerActivation.none
  /// Blocks of a grouped convolution; weights between blocks are zero and stay zero.
  package var blocks = 1

  package init(outputs: Int, inputs: Int, weights: [Float], bias: [Float], window: Window) {
    self.outputs = outputs
    self.inputs = inputs
    self.weights = weights
    self.bias = bias
    self.window = window
  }

  /// Weights of one output channel.
  package var depth: Int { inputs * window.taps }
}

/// What a step computes from its inputs.
package enum StepKind: Sendable {
  /// A second input is added before the activation.
  case layer(Layer)
  /// x * a + y * b, clamped.
  case add(a: Float, b: Float, low: Float, high: Float)
  case multiply
  case scaleChannels
  case maxPool(Window)
  case averagePool(Window, countsPadding: Bool)
  case globalAveragePool
  /// 1 where the score is above the threshold, else 0; the greatest score if none is.
  case gate(threshold: Float)
  case lookup(ElementFunction)
  case concat
  /// Sizes are those of the output.
  case slice(channel: Int, y: Int, x: Int, stepY: Int, stepX: Int)
  /// `insert` 2 puts one row (column) of zeros between two.
  case pad(top: Int, left: Int, insertY: Int, insertX: Int)
  case resize(ResizeAttributes)
  case prelu([Float])
  case softmax
  /// A copy; 8 bits to float in the quantised network.
  case dequantize
}

/// An image of one value of the network.
package struct PlanTensor: Sendable {
  package var name: String
  package var channels: Int
  package var height: Int
  package var width: Int
  /// Values never leave these bounds.
  package var low: Float = -.infinity
  package var high: Float = .infinity
  /// Stays float: logits and what follows them.
  package var isFloat = false
  /// Holds 1 for live groups of channels, 0 for others.
  package var isGate = false

  package var count: Int { channels * height * width }
}

package struct PlanStep: Sendable {
  package var name: String
  package var kind: StepKind
  package var inputs: [Int]
  package var output: Int
  /// Tensors that tell the live groups of the first input and of the output.
  package var inputGate: Int?
  package var outputGate: Int?

  package init(name: String, kind: StepKind, inputs: [Int], output: Int) {
    self.name = name
    self.kind = kind
    self.inputs = inputs
    self.output = output
  }

  /// Every tensor that the step reads.
  package var reads: [Int] { inputs + [inputGate, outputGate].compactMap { $0 } }
}

/// The lowered float network. Tensor `image` holds pixels less `zero` of their channel.
package struct FloatPlan: Sendable {
  package var name: String
  package var tensors: [PlanTensor] = []
  package var steps: [PlanStep] = []
  package var image = 0
  package var outputs: [Int] = []
  /// The rounded mean of each channel: what a pixel of padding holds.
  package var pixelZeros: [Int] = []
}

/// A function of one element that becomes a table of 256 values.
package enum ElementFunction: Sendable, Equatable {
  case activation(Activation)
  case unary(UnaryFunction)
  /// The same values under another scale.
  case identity

  package func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .identity: x
    case .activation(let activation): Self.apply(activation, Double(x))
    case .unary(let function): Self.apply(function, x)
    }
  }

  private static func apply(_ activation: Activation, _ x: Double) -> Float {
    let sigmoid = 1 / (1 + _exp(-x))
    switch activation {
    case .none: return Float(x)
    case .relu: return Float(max(x, 0))
    case .clip(let low, let high): return min(max(Float(x), low), high)
    case .hardSwish: return Float(x * min(max(x / 6 + 0.5, 0), 1))
    case .hardSigmoid(let alpha, let beta):
      return Float(min(max(Double(alpha) * x + Double(beta), 0), 1))
    case .sigmoid: return Float(sigmoid)
    case .silu: return Float(x * sigmoid)
    case .leakyRelu(let alpha): return Float(x >= 0 ? x : x * Double(alpha))
    case .tanh: return Float(_tanh(x))
    case .gelu(let approximate):
      return approximate
        ? Float(0.5 * x * (1 + _tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))))
        : Float(0.5 * x * (1 + _erf(x * 0.7071067811865476)))
    }
  }

  private static func apply(_ function: UnaryFunction, _ x: Float) -> Float {
    switch function {
    case .negate: -x
    case .absolute: abs(x)
    case .squareRoot: max(x, 0).squareRoot()
    case .exponential: Float(_exp(Double(x)))
    case .logarithm: Float(_log(Double(max(x, 1e-30))))
    case .reciprocal: x == 0 ? 0 : 1 / x
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : 0
    case .erf: Float(_erf(Double(x)))
    case .not: x == 0 ? 1 : 0
    }
  }
}
