import SwiftletGraph

// Operators that compute: convolutions, products, activations, arithmetic, pools.

extension SupportedOperators {
  static let convolutions: [ImportedOperator] = [
    ImportedOperator("Conv", inputs: 2...3, limits: "1 or 2 axes; groups, dilation, auto_pad") {
      reader throws(Unsupported) in
      var attributes = ConvolutionAttributes()
      attributes.group = try reader.int("group", 1)
      attributes.kernel = try reader.extent("kernel_shape")
      attributes.stride = try reader.extent("strides") ?? Extent(1, 1)
      attributes.dilation = try reader.extent("dilations") ?? Extent(1, 1)
      attributes.padding = try reader.padding()
      attributes.automaticPadding = try reader.automaticPadding()
      return .convolution(attributes)
    },
    ImportedOperator(
      "ConvTranspose", inputs: 2...3,
      limits: "1 or 2 axes; groups, dilation, auto_pad, output_padding, output_shape"
    ) { reader throws(Unsupported) in
      var attributes = TransposedConvolutionAttributes()
      attributes.group = try reader.int("group", 1)
      attributes.kernel = try reader.extent("kernel_shape")
      attributes.stride = try reader.extent("strides") ?? Extent(1, 1)
      attributes.dilation = try reader.extent("dilations") ?? Extent(1, 1)
      attributes.padding = try reader.padding()
      attributes.automaticPadding = try reader.automaticPadding()
      attributes.outputPadding = try reader.extent("output_padding") ?? Extent(0, 0)
      attributes.outputSize = try reader.extent("output_shape")
      return .transposedConvolution(attributes)
    },
    ImportedOperator(
      "BatchNormalization", inputs: 5...5, outputs: 1...5, limits: "inference"
    ) { reader throws(Unsupported) in
      reader.ignore("momentum")
      guard try !reader.flag("training_mode"), try reader.flag("spatial", true) else {
        throw Unsupported("training_mode and spatial=0 are not read; export for inference")
      }
      for output in 1..<5 where reader.hasOutput(output) {
        throw Unsupported("it has the outputs of training; export for inference")
      }
      return .batchNormalization(epsilon: try reader.float("epsilon", 1e-5))
    },
  ]

  static let products: [ImportedOperator] = [
    ImportedOperator("Gemm", inputs: 2...3) { reader throws(Unsupported) in
      var attributes = GemmAttributes()
      attributes.alpha = try reader.float("alpha", 1)
      attributes.beta = try reader.float("beta", 1)
      attributes.transposesA = try reader.flag("transA")
      attributes.transposesB = try reader.flag("transB")
      return .gemm(attributes)
    },
    ImportedOperator("MatMul", inputs: 2...2) { _ throws(Unsupported) in .matMul },
  ]

  static let activations: [ImportedOperator] = [
    activation("Relu") { _ throws(Unsupported) in .relu },
    activation("Sigmoid") { _ throws(Unsupported) in .sigmoid },
    activation("Tanh") { _ throws(Unsupported) in .tanh },
    activation("HardSwish") { _ throws(Unsupported) in .hardSwish },
    activation("HardSigmoid") { reader throws(Unsupported) in
      .hardSigmoid(alpha: try reader.float("alpha", 0.2), beta: try reader.float("beta", 0.5))
    },
    activation("LeakyRelu") { reader throws(Unsupported) in
      .leakyRelu(alpha: try reader.float("alpha", 0.01))
    },
    activation("Gelu") { reader throws(Unsupported) in
      let mode = try reader.string("approximate", "none")
      guard mode == "none" || mode == "tanh" else {
        throw Unsupported("approximate \"\(mode)\" is not known")
      }
      return .gelu(approximate: mode == "tanh")
    },
    activation("Identity") { _ throws(Unsupported) in .none },
    ImportedOperator("Clip", inputs: 1...3) { reader throws(Unsupported) in
      guard reader.opset < 11 else { return .clip }
      return .activation(
        .clip(
          minimum: try reader.float("min", -.greatestFiniteMagnitude),
          maximum: try reader.float("max", .greatestFiniteMagnitude)))
    },
    ImportedOperator("PRelu", inputs: 2...2) { _ throws(Unsupported) in .prelu },
    ImportedOperator("Softmax", inputs: 1...1) { reader throws(Unsupported) in
      reader.opset < 13
        ? .softmaxFlattened(axis: try reader.int("axis", 1))
        : .softmax(axis: try reader.int("axis", -1))
    },
    ImportedOperator(
      "Dropout", inputs: 1...3, outputs: 1...2, limits: "inference"
    ) { reader throws(Unsupported) in
      reader.ignore("ratio", "seed", "is_test")
      if reader.hasInput(2) {
        guard let mode = reader.constant(2), mode.asFloats.allSatisfy({ $0 == 0 }) else {
          throw Unsupported("training_mode is not known to be false; export for inference")
        }
      }
      return .dropout
    },
  ]

  private static func activation(
    _ name: String, _ make: @escaping @Sendable (inout NodeReader) throws(Unsupported) -> Activation
  ) -> ImportedOperator {
    ImportedOperator(name, inputs: 1...1) { reader throws(Unsupported) in
      .activation(try make(&reader))
    }
  }

  static let arithmetic: [ImportedOperator] =
    [
      binary("Add", .add), binary("Sub", .subtract), binary("Mul", .multiply),
      binary("Div", .divide), binary("Pow", .power), binary("Equal", .equal),
      binary("Less", .less), binary("LessOrEqual", .lessOrEqual), binary("Greater", .greater),
      binary("GreaterOrEqual", .greaterOrEqual), binary("And", .and), binary("Or", .or),
      binary("Xor", .xor),
      ImportedOperator("Mod", inputs: 2...2, limits: "fmod=0") { reader throws(Unsupported) in
        guard try !reader.flag("fmod") else { throw Unsupported("fmod=1 is not read") }
        return .binary(.modulo)
      },
      variadic("Min", .minimum), variadic("Max", .maximum), variadic("Sum", .add),
    ]
    + UnaryFunction.allCases.map { function in
      ImportedOperator(function.name, inputs: 1...1) { _ throws(Unsupported) in .unary(function) }
    }

  private static func binary(_ name: String, _ function: BinaryFunction) -> ImportedOperator {
    ImportedOperator(name, inputs: 2...2) { _ throws(Unsupported) in .binary(function) }
  }

  private static func variadic(_ name: String, _ function: BinaryFunction) -> ImportedOperator {
    ImportedOperator(general: name, inputs: 1...1024) { _ throws(TranslationError) in
      .chain(function)
    }
  }

  static let pools: [ImportedOperator] =
    [
      ImportedOperator("GlobalAveragePool", inputs: 1...1) { _ throws(Unsupported) in
        .globalAveragePool
      },
      ImportedOperator("GlobalMaxPool", inputs: 1...1) { _ throws(Unsupported) in .globalMaxPool },
      ImportedOperator(
        "AveragePool", inputs: 1...1,
        limits: "1 or 2 axes; dilations, ceil_mode, count_include_pad, auto_pad"
      ) { reader throws(Unsupported) in
        var attributes = try pool(&reader)
        attributes.countsPadding = try reader.flag("count_include_pad")
        return .averagePool(attributes)
      },
      ImportedOperator(
        "MaxPool", inputs: 1...1, outputs: 1...2,
        limits: "1 or 2 axes; dilations, ceil_mode, auto_pad; no Indices output"
      ) { reader throws(Unsupported) in
        reader.ignore("storage_order")
        guard !reader.hasOutput(1) else { throw Unsupported("its Indices output is used") }
        return .maxPool(try pool(&reader))
      },
    ] + Reduction.allCases.map { reduction($0) }

  private static func pool(_ reader: inout NodeReader) throws(Unsupported) -> PoolAttributes {
    guard let kernel = try reader.extent("kernel_shape") else {
      throw Unsupported("kernel_shape is missing")
    }
    var attributes = PoolAttributes(kernel: kernel)
    attributes.stride = try reader.extent("strides") ?? Extent(1, 1)
    attributes.dilation = try reader.extent("dilations") ?? Extent(1, 1)
    attributes.padding = try reader.padding()
    attributes.automaticPadding = try reader.automaticPadding()
    attributes.roundsUp = try reader.flag("ceil_mode")
    return attributes
  }

  private static func reduction(_ function: Reduction) -> ImportedOperator {
    ImportedOperator(function.name, inputs: 1...2, limits: "axes as attribute or input") {
      reader throws(Unsupported) in
      var attributes = ReduceAttributes(function: function)
      attributes.axes = try reader.ints("axes")
      attributes.keepsAxes = try reader.flag("keepdims", true)
      attributes.isIdentityWithoutAxes = try reader.flag("noop_with_empty_axes")
      return .reduce(attributes)
    }
  }
}
