/// A function of one element, alone or fused into the node that makes its argument.
public enum Activation: Sendable, Equatable {
  case none
  /// max(x, 0)
  case relu
  /// min(max(x, minimum), maximum); a missing bound is infinite.
  case clip(minimum: Float, maximum: Float)
  /// x * min(max(x / 6 + 0.5, 0), 1)
  case hardSwish
  /// min(max(alpha * x + beta, 0), 1)
  case hardSigmoid(alpha: Float, beta: Float)
  /// 1 / (1 + exp(-x))
  case sigmoid
  /// x * sigmoid(x)
  case silu
  /// x for x >= 0, else alpha * x
  case leakyRelu(alpha: Float)
  case tanh
  /// x * (1 + erf(x / sqrt 2)) / 2, or its tanh approximation.
  case gelu(approximate: Bool)
}
