extension ModelContents {
  /// The same network for a square input of `side` pixels: weights, scales and tables stay, the
  /// heights and widths of all tensors follow.
  ///
  /// The ranges of activations stay too: they hardly depend on the resolution (docs/pruning.md).
  /// Throws MDL022 if an operator is bound to the sizes in the file, or a window outgrows its
  /// input.
  public func resized(to side: Int) throws(SwiftletError) -> ModelContents {
    let image = tensors[input]
    if side == image.height && side == image.width { return self }
    guard (8...ModelFormat.maxSide).contains(side), image.height == image.width else {
      throw refusal("the input", expected: "a square input, 8 pixels or more", found: "\(side)")
    }
    var new = self
    new.tensors[input].height = side
    new.tensors[input].width = side
    for op in operators {
      let y = try new.outputSide(of: op, before: self, rows: true)
      let x = try new.outputSide(of: op, before: self, rows: false)
      new.tensors[op.output].height = y
      new.tensors[op.output].width = x
    }
    for output in outputs where new.tensors[output].height != tensors[output].height {
      throw refusal(
        string(at: tensors[output].name), expected: "an output whose size stays",
        found: "\(new.tensors[output].height) rows of \(tensors[output].height)")
    }
    if new.preprocessing.resize == .crop {
      let short = preprocessing.shortSide * side / image.height
      new.preprocessing.shortSide = min(max(short, side), ModelFormat.maxSide)
    }
    // Sizes are bounded by those of the checks that the file passed: a larger side passes them anew.
    if side > image.height { try new.checkLimits() }
    return new
  }

  private func outputSide(
    of op: OperatorRecord, before: ModelContents, rows: Bool
  ) throws(SwiftletError) -> Int {
    func side(_ t: TensorRecord) -> Int { rows ? t.height : t.width }
    let x = side(tensors[op.inputs.0])
    let oldX = side(before.tensors[op.inputs.0])
    let oldZ = side(before.tensors[op.output])
    var z = x
    switch op.code {
    case .convolution, .pixelConvolution, .depthwiseConvolution, .maxPool, .averagePool:
      let window = rows ? op.rows(height: x) : op.columns(width: x)
      guard window.output >= 1, window.everyWindowMeetsInput else {
        throw refusal(
          string(at: op.name), expected: "an input that its windows fit into", found: "\(x)")
      }
      z = window.output
    case .globalAveragePool: z = 1
    case .slice, .pad:
      // Bound to places in the picture unless it moves channels alone.
      guard oldX == oldZ else {
        throw refusal(
          string(at: op.name), expected: "no operator that depends on places in the picture",
          found: op.code.name)
      }
    case .resizeNearest, .resizeLinear:
      guard oldZ * x % oldX == 0 else {
        throw refusal(
          string(at: op.name), expected: "a whole size", found: "\(oldZ) * \(x) / \(oldX)")
      }
      z = oldZ * x / oldX
    default: break
    }
    for slot in 1..<max(1, op.inputCount) {
      let other = side(tensors[op.input(slot)])
      let isFree = op.code == .scaleChannels
      guard isFree || other == (op.code == .convolution || op.code == .depthwiseConvolution ? z : x)
      else {
        throw refusal(
          string(at: op.name), expected: "inputs of one size", found: "\(x) and \(other)")
      }
    }
    return z
  }

  private func checkLimits() throws(SwiftletError) {
    var bytes = 0
    for t in tensors {
      let elements = t.paddedChannels * t.height * t.width
      bytes += elements * (t.kind == .float32 ? 4 : 1)
      guard t.height <= ModelFormat.maxSide, t.width <= ModelFormat.maxSide,
        elements <= ModelFormat.maxElements / 4, bytes <= ModelFormat.maxActivationBytes / 4
      else {
        throw refusal(
          string(at: t.name), expected: "a smaller tensor", found: "\(elements) elements")
      }
    }
  }

  private func refusal(_ what: String, expected: String, found: String) -> SwiftletError {
    SwiftletError(
      .modelNotResizable, place: "\(fileName): \(what)", expected: expected, found: found)
  }
}
