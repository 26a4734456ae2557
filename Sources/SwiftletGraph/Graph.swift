/// One step of a graph.
public struct Node: Sendable, Equatable {
  public var name: String
  public var operation: Operation
  /// Names of values; "" is an absent optional input.
  public var inputs: [String]
  /// Names of values; "" is an unwanted optional output.
  public var outputs: [String]
  /// Fused by rewriting into convolution, transposedConvolution, gemm and binary(.add): applied
  /// to the result last.
  public var activation = Activation.none
  /// Fused by rewriting: the last input, of the output's shape, is added before the activation.
  public var addsResidual = false

  public init(name: String, operation: Operation, inputs: [String], outputs: [String]) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// A value that the caller supplies.
public struct GraphInput: Sendable, Equatable {
  public var name: String
  public var shape: [Int]

  public init(name: String, shape: [Int]) {
    self.name = name
    self.shape = shape
  }
}

/// output = input * gate(expand(reduce(mean(input)))), found by rewriting. The members stay
/// ordinary nodes; these are the values that they make.
public struct SqueezeExcite: Sendable, Equatable {
  /// The value that is gated, [N, C, H, W].
  public var input: String
  /// globalAveragePool.
  public var pool: String
  /// 1 x 1 convolution C -> C', activation fused.
  public var reduce: String
  /// 1 x 1 convolution C' -> C, gate fused (hardSigmoid, sigmoid or clip).
  public var expand: String
  /// binary(.multiply) of [N, C, H, W] and [N, C, 1, 1].
  public var scale: String
}

/// A float network: values by name, nodes in order of execution.
public struct Graph: Sendable, Equatable {
  public var name: String
  public var inputs: [GraphInput] = []
  public var outputs: [String] = []
  /// Each node stands behind the nodes that make its inputs.
  public var nodes: [Node] = []
  public var constants: [String: Tensor] = [:]
  /// Shape of each value, as far as inference knows it; includes inputs and constants.
  public var shapes: [String: [Int]] = [:]
  public var squeezeExcites: [SqueezeExcite] = []

  public init(name: String) { self.name = name }
}
