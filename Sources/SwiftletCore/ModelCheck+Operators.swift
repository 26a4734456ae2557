// Order, element kinds, unused fields and shapes of operators.

extension ModelCheck {
  mutating func operators() throws(SwiftletError) {
    for i in 0..<contents.operators.count {
      let op = contents.operators[i]
      try order(op, i)
      try unusedFields(op, i)
      try kinds(op, i)
      try shapes(op, i)
      try gates(op, i)
      if op.code.fields.contains(.weights) {
        try weights(op, i)
      } else {
        try factors(op, i)
      }
    }
  }

  /// Inputs exist and were written before; the output exists and was not.
  private mutating func order(_ op: OperatorRecord, _ i: Int) throws(SwiftletError) {
    let count = op.inputCount
    guard op.code.inputCounts.contains(count) else {
      throw refuse(
        .modelOrder, operator: i,
        expected: "\(op.code.inputCounts.lowerBound) to \(op.code.inputCounts.upperBound) inputs",
        found: "\(count)")
    }
    for slot in 0..<4 {
      let number = op.input(slot)
      guard slot < count ? number < state.count : number == -1 else {
        throw refuse(
          .modelOrder, operator: i, expected: "input \(slot) to be a tensor below \(state.count)",
          found: "\(number)")
      }
      guard slot < count else { continue }
      guard state[number] & Self.written != 0 else {
        throw refuse(
          .modelOrder, operator: i, expected: "inputs that earlier operators wrote",
          found: "tensor \(number)")
      }
      state[number] |= Self.read
    }
    guard op.output >= 0, op.output < state.count, state[op.output] & Self.written == 0 else {
      throw refuse(
        .modelOrder, operator: i, expected: "an output that nothing wrote before",
        found: "tensor \(op.output)")
    }
    state[op.output] |= Self.written
  }

  /// Fields outside the operator's set hold their defaults.
  private func unusedFields(_ op: OperatorRecord, _ i: Int) throws(SwiftletError) {
    let fields = op.code.fields
    var isDefault = true
    if !fields.contains(.kernel) { isDefault = op.kernelHeight == 1 && op.kernelWidth == 1 }
    if !fields.contains(.stride) { isDefault = isDefault && op.strideY == 1 && op.strideX == 1 }
    if !fields.contains(.dilation) {
      isDefault = isDefault && op.dilationY == 1 && op.dilationX == 1
    }
    if !fields.contains(.padBefore) { isDefault = isDefault && op.padTop == 0 && op.padLeft == 0 }
    if !fields.contains(.padAfter) {
      isDefault = isDefault && op.padBottom == 0 && op.padRight == 0
    }
    if !fields.contains(.start) {
      isDefault = isDefault && op.startChannel == 0 && op.startY == 0 && op.startX == 0
    }
    if !fields.contains(.option) { isDefault = isDefault && op.option == 0 }
    let usesTable =
      fields.contains(.table) || (op.code == .convolution && op.inputGate >= 0)
    if !usesTable { isDefault = isDefault && op.table == -1 }
    if !op.code.takesGates {
      isDefault = isDefault && op.inputGate == -1 && op.outputGate == -1
    }
    let usesA =
      fields.contains(.weights) ? op.epilogue == .residual : fields.contains(.a)
    if !usesA { isDefault = isDefault && op.a == 0 }
    if !fields.contains(.bc) { isDefault = isDefault && op.b == 0 && op.c == 0 }
    if !fields.contains(.weights) {
      isDefault =
        isDefault && op.weightFormat == .none && op.epilogue == .linear && op.groups == 0
        && op.weights == -1 && op.constants.isAbsent
    }
    if op.weightFormat == .none || op.weightFormat == .int8 {
      isDefault = isDefault && op.tables == -1 && !op.sharesTables
    }
    if op.weightFormat != .nested8 {
      isDefault =
        isDefault && op.refinement == -1 && op.fineTables == -1 && op.coarseConstants.isAbsent
    }
    if op.epilogue != .hardSwish {
      isDefault = isDefault && op.outScale == -1 && op.outZero == -1
    }
    guard isDefault else {
      throw refuse(
        .modelOperator, operator: i, expected: "defaults in the fields that it does not use")
    }
    guard (1...ModelFormat.maxKernel).contains(op.kernelHeight),
      (1...ModelFormat.maxKernel).contains(op.kernelWidth),
      (1...ModelFormat.maxStep).contains(op.strideY),
      (1...ModelFormat.maxStep).contains(op.strideX),
      (1...ModelFormat.maxStep).contains(op.dilationY),
      (1...ModelFormat.maxStep).contains(op.dilationX)
    else {
      throw refuse(
        .modelLimit, operator: i,
        expected: "kernel sides 1 to \(ModelFormat.maxKernel), steps 1 to \(ModelFormat.maxStep)",
        found:
          "kernel \(op.kernelHeight) x \(op.kernelWidth), stride \(op.strideY) x \(op.strideX),"
          + " dilation \(op.dilationY) x \(op.dilationX)")
    }
  }

  private func kinds(_ op: OperatorRecord, _ i: Int) throws(SwiftletError) {
    let output = contents.tensors[op.output]
    let first = contents.tensors[op.inputs.0].kind
    let inputFits: Bool
    var outputFits = output.kind == .uint8
    switch op.code {
    case .convolution:
      inputFits = first == .uint8
      outputFits = epilogueFits(op, output.kind)
    case .pixelConvolution:
      inputFits = first == .pixels
      outputFits =
        epilogueFits(op, output.kind) && (op.epilogue == .linear || op.epilogue == .hardSwish)
    case .depthwiseConvolution:
      inputFits = first == .uint8 || first == .uint8PerChannel
      outputFits = epilogueFits(op, output.kind) && op.epilogue != .float
    case .softmax:
      inputFits = first == .float32
      outputFits = output.kind == .float32
    case .dequantize:
      inputFits = first == .uint8
      outputFits = output.kind == .float32
    case .gate:
      inputFits = first == .float32
      outputFits = outputFits && output.scale == 1 && output.zeroPoint == 0
    default: inputFits = first == .uint8
    }
    var othersFit = true
    for slot in 1..<max(1, op.inputCount) {
      othersFit = othersFit && contents.tensors[op.input(slot)].kind == .uint8
    }
    guard inputFits, othersFit, outputFits else {
      throw refuse(
        .modelKind, operator: i,
        expected: "element kinds (and an epilogue) that the operator takes",
        found: "input kind \(first.rawValue), output kind \(output.kind.rawValue),"
          + " epilogue \(op.epilogue.rawValue)")
    }
    guard op.code.movesBytes else { return }
    for slot in 0..<op.inputCount {
      let input = contents.tensors[op.input(slot)]
      guard input.scale == output.scale, input.zeroPoint == output.zeroPoint else {
        throw refuse(
          .modelKind, operator: i, expected: "one scale and zero point in inputs and output",
          found: "others in input \(slot)")
      }
    }
  }

  /// float iff the output is float; a residual has one scale, so its output has too.
  private func epilogueFits(_ op: OperatorRecord, _ kind: ElementKind) -> Bool {
    guard (op.epilogue == .residual) == (op.inputCount == 2) else { return false }
    return switch op.epilogue {
    case .linear, .hardSwish: kind == .uint8 || kind == .uint8PerChannel
    case .residual: kind == .uint8
    case .float: kind == .float32
    }
  }

  private mutating func shapes(_ op: OperatorRecord, _ i: Int) throws(SwiftletError) {
    let x = contents.tensors[op.inputs.0]
    let z = contents.tensors[op.output]
    var fits: Bool
    switch op.code {
    case .convolution, .pixelConvolution: fits = try window(op, x, z, i)
    case .depthwiseConvolution, .maxPool, .averagePool:
      fits = try window(op, x, z, i) && x.channels == z.channels
      if op.code == .averagePool { fits = fits && op.option <= 1 }
    case .add, .multiply, .lookup, .prelu, .dequantize: fits = z.hasShape(of: x)
    case .softmax, .gate: fits = z.hasShape(of: x) && x.height == 1 && x.width == 1
    case .scaleChannels:
      let y = contents.tensors[op.inputs.1]
      fits = z.hasShape(of: x) && y.channels == x.channels && y.height == 1 && y.width == 1
    case .globalAveragePool:
      fits =
        z.channels == x.channels && z.height == 1 && z.width == 1
        && x.height * x.width <= ModelFormat.maxPositions
    case .concat:
      var channels = 0
      fits = true
      for slot in 0..<op.inputCount {
        let part = contents.tensors[op.input(slot)]
        channels += part.channels
        fits = fits && part.height == z.height && part.width == z.width
      }
      fits = fits && channels == z.channels
    case .slice:
      fits =
        op.startChannel + z.channels <= x.channels
        && op.startY + (z.height - 1) * op.strideY < x.height
        && op.startX + (z.width - 1) * op.strideX < x.width
    case .pad:
      fits =
        z.channels == x.channels && op.padTop + (x.height - 1) * op.strideY < z.height
        && op.padLeft + (x.width - 1) * op.strideX < z.width
    case .resizeNearest, .resizeLinear:
      fits =
        z.channels == x.channels && ResizeRule(rawValue: op.option & 15) != nil
        && NearestRounding(rawValue: op.option >> 4) != nil
        && (op.code == .resizeNearest || op.option < 16)
    }
    if op.code == .add || op.code == .multiply {
      fits = fits && z.hasShape(of: contents.tensors[op.inputs.1])
    }
    guard fits else { throw wrongShape(op, x, z, i) }
    if op.epilogue == .residual, !z.hasShape(of: contents.tensors[op.inputs.1]) {
      throw refuse(.modelShape, operator: i, expected: "a residual of the output's shape")
    }
  }

  private func wrongShape(
    _ op: OperatorRecord, _ x: TensorRecord, _ z: TensorRecord, _ i: Int
  ) -> SwiftletError {
    refuse(
      .modelShape, operator: i, expected: "shapes and options that obey the operator's rule",
      found: "\(x.channels) x \(x.height) x \(x.width) to \(z.channels) x \(z.height) x \(z.width),"
        + " kernel \(op.kernelHeight) x \(op.kernelWidth), stride \(op.strideY) x \(op.strideX),"
        + " padding \(op.padTop) \(op.padLeft) \(op.padBottom) \(op.padRight),"
        + " option \(op.option)")
  }

  /// The window rule in both directions; counts the halo of a dense convolution.
  private mutating func window(
    _ op: OperatorRecord, _ x: TensorRecord, _ z: TensorRecord, _ i: Int
  ) throws(SwiftletError) -> Bool {
    let rows = op.rows(height: x.height)
    let columns = op.columns(width: x.width)
    guard rows.output == z.height, columns.output == z.width, rows.everyWindowMeetsInput,
      columns.everyWindowMeetsInput
    else { return false }
    guard op.code == .convolution || op.code == .pixelConvolution else { return true }
    let pixel = op.code == .convolution ? x.paddedChannels : 4
    let padded =
      (x.height + op.padTop + op.padBottom) * (x.width + op.padLeft + op.padRight) * pixel
    guard padded <= ModelFormat.maxElements else {
      throw refuse(
        .modelLimit, operator: i, expected: "a padded input of at most \(ModelFormat.maxElements)",
        found: "\(padded) elements")
    }
    activationBytes += padded - x.height * x.width * pixel
    try checkActivations { () in contents.place(operator: i) }
    return true
  }
}

extension TensorRecord {
  func hasShape(of other: TensorRecord) -> Bool {
    channels == other.channels && height == other.height && width == other.width
  }
}

extension ChannelConstants {
  var isAbsent: Bool { scale == -1 && biasU8 == -1 && biasS8 == -1 }
}
