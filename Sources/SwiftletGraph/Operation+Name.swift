extension Operation {
  /// The ONNX name, for messages and tables.
  public var name: String {
    switch self {
    case .convolution: "Conv"
    case .transposedConvolution: "ConvTranspose"
    case .gemm: "Gemm"
    case .matMul: "MatMul"
    case .batchNormalization: "BatchNormalization"
    case .activation(let activation): activation.name
    case .clip: "Clip"
    case .prelu: "PRelu"
    case .binary(let function): function.name
    case .unary(let function): function.name
    case .globalAveragePool: "GlobalAveragePool"
    case .globalMaxPool: "GlobalMaxPool"
    case .averagePool: "AveragePool"
    case .maxPool: "MaxPool"
    case .reduce(let attributes): attributes.function.name
    case .concat: "Concat"
    case .split: "Split"
    case .slice: "Slice"
    case .pad: "Pad"
    case .resize: "Resize"
    case .softmax, .softmaxFlattened: "Softmax"
    case .flatten: "Flatten"
    case .reshape: "Reshape"
    case .transpose: "Transpose"
    case .squeeze: "Squeeze"
    case .unsqueeze: "Unsqueeze"
    case .dropout: "Dropout"
    case .quantizeLinear: "QuantizeLinear"
    case .dequantizeLinear: "DequantizeLinear"
    case .gate: "Gate"
    case .shape: "Shape"
    case .size: "Size"
    case .gather: "Gather"
    case .range: "Range"
    case .cast: "Cast"
    case .constantOfShape: "ConstantOfShape"
    case .expand: "Expand"
    case .tile: "Tile"
    case .where: "Where"
    }
  }
}

extension Activation {
  /// The ONNX name; SiLU has none.
  public var name: String {
    switch self {
    case .none: "Identity"
    case .relu: "Relu"
    case .clip: "Clip"
    case .hardSwish: "HardSwish"
    case .hardSigmoid: "HardSigmoid"
    case .sigmoid: "Sigmoid"
    case .silu: "SiLU"
    case .leakyRelu: "LeakyRelu"
    case .tanh: "Tanh"
    case .gelu: "Gelu"
    }
  }
}

extension BinaryFunction {
  /// The ONNX name.
  public var name: String {
    switch self {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mul"
    case .divide: "Div"
    case .power: "Pow"
    case .minimum: "Min"
    case .maximum: "Max"
    case .modulo: "Mod"
    case .equal: "Equal"
    case .less: "Less"
    case .lessOrEqual: "LessOrEqual"
    case .greater: "Greater"
    case .greaterOrEqual: "GreaterOrEqual"
    case .and: "And"
    case .or: "Or"
    case .xor: "Xor"
    }
  }
}

extension UnaryFunction {
  /// The ONNX name.
  public var name: String {
    switch self {
    case .negate: "Neg"
    case .absolute: "Abs"
    case .squareRoot: "Sqrt"
    case .exponential: "Exp"
    case .logarithm: "Log"
    case .reciprocal: "Reciprocal"
    case .floor: "Floor"
    case .ceil: "Ceil"
    case .round: "Round"
    case .sign: "Sign"
    case .erf: "Erf"
    case .not: "Not"
    }
  }
}

extension Reduction {
  /// The ONNX name.
  public var name: String {
    switch self {
    case .mean: "ReduceMean"
    case .sum: "ReduceSum"
    case .product: "ReduceProd"
    case .minimum: "ReduceMin"
    case .maximum: "ReduceMax"
    }
  }
}
