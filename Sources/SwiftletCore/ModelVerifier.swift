/// The only gate to a model file: total (any bytes give a result or one typed error, in bounded
/// time and memory) and complete (what it accepts, kernels run without a check of their own).
/// docs/format.md, "What accepted means", lists what holds afterwards.
public enum ModelVerifier {
  /// Checks structure, tables, codebooks and constants with their checksums; not the weight
  /// planes (`verifyPlane`), so that opening touches only the first part of the file.
  ///
  /// - Parameters:
  ///   - bytes: the whole file, at a multiple of 64; has to outlive the result.
  ///   - name: the file's name, for messages.
  public static func verify(
    bytes: UnsafeRawBufferPointer, name: String
  ) throws(SwiftletError) -> ModelContents {
    let reader = try ModelReader(bytes, name: name)
    var check = ModelCheck(reader.contents)
    try check.tensors()
    try check.operators()
    try check.ends()
    var contents = reader.contents
    contents.expandTables(bytes: check.tableBytes)
    return contents
  }

  /// Checks one weight plane: its checksum, and that no int8 weight is -128. For the first use of
  /// a plane by a session; no page of another plane is touched.
  public static func verifyPlane(
    _ plane: WeightPlane, of contents: ModelContents
  ) throws(SwiftletError) {
    let kind: SectionKind = plane == .weights ? .weights : .refinement
    for section in contents.sections where section.kind == kind {
      try ModelReader.checkChecksum(contents, section)
    }
    guard plane == .weights else { return }
    for i in 0..<contents.operators.count {
      let op = contents.operators[i]
      guard op.weightFormat == .int8 else { continue }
      let size = op.int8Bytes(channels: contents.tensors[op.output].paddedChannels)
      let weights = UnsafeRawBufferPointer(start: contents.weights + op.weights, count: size)
      var lowest: Int8 = 0
      for byte in weights { lowest = min(lowest, Int8(bitPattern: byte)) }
      guard lowest > -128 else {
        throw SwiftletError(
          .modelWeight, place: contents.place(operator: i), expected: "int8 weights within 127",
          found: "-128")
      }
    }
  }

  /// Everything: `verify`, both planes, and that the constants for signed activations match the
  /// weights (biasS8 = biasU8 + 128 * sum of weights).
  public static func verifyAll(
    bytes: UnsafeRawBufferPointer, name: String
  ) throws(SwiftletError) -> ModelContents {
    let contents = try verify(bytes: bytes, name: name)
    try verifyPlane(.weights, of: contents)
    if contents.hasRefinement { try verifyPlane(.refinement, of: contents) }
    try checkSums(of: contents)
    return contents
  }
}

/// A part of the weights that is checked and paged in by itself.
public enum WeightPlane: Sendable {
  /// int8 weights and first nibble planes: all that a 4-bit run needs.
  case weights
  /// Second nibble planes.
  case refinement
}

extension OperatorRecord {
  /// Bytes of the int8 weights for `channels` padded output channels.
  func int8Bytes(channels: Int) -> Int {
    code == .depthwiseConvolution
      ? channels * kernelHeight * kernelWidth : channels * groups * 8
  }

  /// Bytes of one nibble plane.
  func planeBytes(channels: Int) -> Int { channels * groups * 4 }
}

extension ModelContents {
  /// Where an operator stands, for messages.
  public func place(operator index: Int) -> String {
    guard index >= 0, index < operators.count else { return fileName }
    let op = operators[index]
    return "\(fileName): operator \(index) \(op.code.name) \"\(string(at: op.name))\""
  }

  /// Where a tensor stands, for messages.
  public func place(tensor index: Int) -> String {
    guard index >= 0, index < tensors.count else { return "\(fileName): tensor \(index)" }
    return "\(fileName): tensor \(index) \"\(string(at: tensors[index].name))\""
  }
}
