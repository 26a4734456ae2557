/// Second half of the verification: what the decoded records say. One file each for tensors,
/// shapes (`ModelCheck+Operators`), gates (`ModelCheck+Gates`) and numbers
/// (`ModelCheck+Constants`).
struct ModelCheck {
  let contents: ModelContents
  /// For each tensor: bit 0 written, bit 1 read, bit 2 made by a gate.
  var state: [UInt8]
  /// For each tensor the gate under which it was written; -1 for none.
  var gates: [Int]
  /// Bytes of activations so far, halos included.
  var activationBytes = 0
  /// Bytes of arrays so far, counted at each use: bounds the time of a verification.
  var arrayBytes = 0
  /// Bytes of codebooks that will be repeated.
  var tableBytes = 0

  init(_ contents: ModelContents) {
    self.contents = contents
    state = [UInt8](repeating: 0, count: contents.tensors.count)
    gates = [Int](repeating: -1, count: contents.tensors.count)
  }

  static let written: UInt8 = 1
  static let read: UInt8 = 2
  static let gate: UInt8 = 4

  func refuse(
    _ code: ErrorCode, tensor index: Int, expected: String, found: String = ""
  ) -> SwiftletError {
    SwiftletError(code, place: contents.place(tensor: index), expected: expected, found: found)
  }

  func refuse(
    _ code: ErrorCode, operator index: Int, expected: String, found: String = ""
  ) -> SwiftletError {
    SwiftletError(code, place: contents.place(operator: index), expected: expected, found: found)
  }

  // MARK: arrays

  /// Whether `size` bytes at `offset` lie inside section `kind`, at a multiple of 64; counts them.
  mutating func holds(_ kind: SectionKind, _ offset: Int, _ size: Int) -> Bool {
    let total = contents.section(kind).count
    guard offset >= 0, offset % ModelFormat.alignment == 0, size <= total, offset <= total - size
    else { return false }
    arrayBytes += size
    return arrayBytes <= ModelFormat.maxArrayBytes
  }

  /// The array at `offset`, or an error that names it.
  mutating func extent(
    _ kind: SectionKind, _ offset: Int, _ size: Int, _ what: StaticString, operator index: Int
  ) throws(SwiftletError) {
    guard holds(kind, offset, size) else {
      throw refuse(
        .modelExtent, operator: index,
        expected: "\(what): \(size) bytes at a multiple of 64 inside section \(kind.name)",
        found: "offset \(offset), section of \(contents.section(kind).count) bytes")
    }
  }

  // MARK: tensors

  mutating func tensors() throws(SwiftletError) {
    let count = contents.tensors.count
    for i in 0..<count { try tensor(i) }
    guard contents.input >= 0, contents.input < count,
      contents.tensors[contents.input].kind == .pixels
    else {
      throw refuse(
        .modelKind, tensor: contents.input, expected: "the input to be a tensor of pixels")
    }
    state[contents.input] = Self.written
    for (number, output) in contents.outputs.enumerated() {
      guard output >= 0, output < count, contents.tensors[output].kind == .float32 else {
        throw refuse(
          .modelKind, tensor: output, expected: "output \(number) to be a float32 tensor")
      }
      for other in contents.outputs[..<number] where other == output {
        throw refuse(.modelOrder, tensor: output, expected: "each output once")
      }
    }
    let rule = contents.preprocessing
    let input = contents.tensors[contents.input]
    let side = max(input.height, input.width)
    guard
      rule.resize == .crop
        ? rule.shortSide >= side && rule.shortSide <= ModelFormat.maxSide : rule.shortSide == 0
    else {
      throw SwiftletError(
        .modelPreprocessing, place: "\(contents.fileName): section preprocessing",
        expected: "a short side of \(side) to \(ModelFormat.maxSide) for crop, 0 for squash",
        found: "\(rule.shortSide)")
    }
  }

  private mutating func tensor(_ i: Int) throws(SwiftletError) {
    let t = contents.tensors[i]
    guard (1...ModelFormat.maxChannels).contains(t.channels),
      (1...ModelFormat.maxSide).contains(t.height), (1...ModelFormat.maxSide).contains(t.width),
      t.paddedChannels * t.height * t.width <= ModelFormat.maxElements
    else {
      throw refuse(
        .modelLimit, tensor: i,
        expected: "1 to \(ModelFormat.maxChannels) channels, sides 1 to \(ModelFormat.maxSide),"
          + " at most \(ModelFormat.maxElements) padded elements",
        found: "\(t.channels) x \(t.height) x \(t.width)")
    }
    let positions = t.height * t.width
    switch t.kind {
    case .uint8:
      guard Self.isScale(t.scale), t.zeroPoints == -1, t.scales == -1 else {
        throw refuse(
          .modelTensor, tensor: i, expected: "a positive normal scale and no arrays")
      }
      activationBytes += positions * t.paddedChannels
    case .uint8PerChannel:
      guard t.scale == 0, t.zeroPoint == 0,
        holds(.parameters, t.zeroPoints, t.paddedChannels),
        holds(.parameters, t.scales, 4 * t.paddedChannels)
      else {
        throw refuse(
          .modelTensor, tensor: i,
          expected: "scales and zero points inside section parameters, scale and zero point 0",
          found: "scales at \(t.scales), zero points at \(t.zeroPoints)")
      }
      for c in 0..<t.paddedChannels where !Self.isScale(contents.float(t.scales + 4 * c)) {
        throw refuse(
          .modelConstant, tensor: i, expected: "positive normal scales",
          found: "another number for channel \(c)")
      }
      activationBytes += positions * t.paddedChannels
    case .float32:
      guard t.scale == 0, t.zeroPoint == 0, t.zeroPoints == -1, t.scales == -1 else {
        throw refuse(
          .modelTensor, tensor: i, expected: "no scale and zero point for floats")
      }
      activationBytes += positions * t.paddedChannels * 4
    case .pixels:
      guard t.channels <= 4, t.scale == 1, t.zeroPoint == 0, t.scales == -1,
        i == contents.input, holds(.parameters, t.zeroPoints, t.paddedChannels)
      else {
        throw refuse(
          .modelTensor, tensor: i,
          expected: "pixels only as the input, at most 4 channels, scale 1, zero points"
            + " inside section parameters",
          found: "\(t.channels) channels, zero points at \(t.zeroPoints)")
      }
      activationBytes += positions * 4
    }
    try checkActivations { () in contents.place(tensor: i) }
  }

  func checkActivations(_ place: () -> String) throws(SwiftletError) {
    guard activationBytes <= ModelFormat.maxActivationBytes else {
      throw SwiftletError(
        .modelLimit, place: place(),
        expected: "at most \(ModelFormat.maxActivationBytes) bytes of activations",
        found: "\(activationBytes)")
    }
  }

  /// Finite, positive and not denormal.
  static func isScale(_ value: Float) -> Bool { value.isNormal && value > 0 }

  // MARK: order

  /// After the operators: every tensor is written, and every one is read or an output.
  func ends() throws(SwiftletError) {
    for output in contents.outputs where state[output] & Self.written == 0 {
      throw refuse(.modelOrder, tensor: output, expected: "an operator that writes the output")
    }
    for i in 0..<state.count {
      var use = state[i] & ~Self.gate
      if contents.outputs.contains(i) { use |= Self.read }
      guard use == Self.written | Self.read else {
        throw refuse(
          .modelOrder, tensor: i, expected: "a tensor that is written and read",
          found: use & Self.written == 0 ? "never written" : "never read")
      }
    }
  }
}

extension ModelContents {
  /// Numbers of the parameter section at verified offsets.
  func float(_ offset: Int) -> Float { parameters.load(fromByteOffset: offset, as: Float.self) }
  func int32(_ offset: Int) -> Int { Int(parameters.load(fromByteOffset: offset, as: Int32.self)) }
  func int8(_ offset: Int) -> Int { Int(parameters.load(fromByteOffset: offset, as: Int8.self)) }
}
