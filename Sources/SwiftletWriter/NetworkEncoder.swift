import SwiftletCore

/// One run of the writer: collects strings, arrays and planes while it goes over the network.
struct NetworkEncoder {
  let network: QuantizedNetwork
  var strings = StringTable()
  var arrays = ArrayTable()
  var weights = ByteBuffer()
  var refinement = ByteBuffer()

  init(_ network: QuantizedNetwork) { self.network = network }

  mutating func encode() throws(SwiftletError) -> [UInt8] {
    guard ([network.input] + network.outputs).allSatisfy(network.tensors.indices.contains) else {
      throw invalid(
        "input and outputs", "numbers of \(network.tensors.count) tensors",
        "\(network.input) and \(network.outputs)")
    }
    var head = ByteBuffer()
    head.append(offset: try strings.add(network.name))
    head.append(offset: network.input)
    head.append(UInt32(network.outputs.count))
    head.zeros(4)
    for output in network.outputs { head.append(offset: output) }

    var tensors = ByteBuffer()
    for tensor in network.tensors {
      tensors.append(try record(tensor))
    }
    var operators = ByteBuffer()
    for (number, op) in network.operators.enumerated() {
      operators.append(try record(op, number: number))
    }
    var labels = ByteBuffer()
    for label in network.labels { labels.append(offset: try strings.add(label)) }

    var sections: [(kind: SectionKind, bytes: [UInt8])] = [
      (.network, head.bytes), (.strings, strings.bytes), (.tensors, tensors.bytes),
      (.operators, operators.bytes), (.parameters, arrays.bytes),
      (.preprocessing, try preprocessing()), (.labels, labels.bytes),
      (.record, Array(network.record.utf8)),
    ]
    if !network.agreements.isEmpty { sections.append((.calibration, agreements())) }
    if !network.pruneRows.isEmpty {
      sections.append((.runTimeTables, PruneRowsEncoding.bytes(network.pruneRows)))
    }
    sections.append((.weights, weights.bytes))
    if !refinement.bytes.isEmpty { sections.append((.refinement, refinement.bytes)) }
    return FileAssembler.file(sections)
  }

  private func agreements() -> [UInt8] {
    var rows = ByteBuffer()
    for row in network.agreements {
      rows.append(UInt16(clamping: row.bits))
      rows.append(UInt16(clamping: row.resolution))
      rows.append(UInt32(clamping: row.photos))
      rows.append(row.share)
      rows.zeros(4)
    }
    return rows.bytes
  }

  func invalid(_ place: String, _ expected: String, _ found: String) -> SwiftletError {
    SwiftletError(
      .networkInvalid, place: "\(network.name): \(place)", expected: expected, found: found)
  }

  // MARK: tensors

  private mutating func record(_ tensor: QuantizedTensor) throws(SwiftletError) -> TensorRecord {
    let place = "tensor \"\(tensor.name)\""
    var record = TensorRecord()
    record.name = try strings.add(tensor.name)
    record.kind = tensor.kind
    guard (1...ModelFormat.maxChannels).contains(tensor.channels),
      (1...ModelFormat.maxSide).contains(tensor.height),
      (1...ModelFormat.maxSide).contains(tensor.width)
    else {
      throw invalid(
        place, "1 to \(ModelFormat.maxChannels) channels, sides 1 to \(ModelFormat.maxSide)",
        "\(tensor.channels) x \(tensor.height) x \(tensor.width)")
    }
    record.channels = tensor.channels
    record.height = tensor.height
    record.width = tensor.width
    for zero in tensor.zeroPoints where !(0...255).contains(zero) {
      throw invalid(place, "zero points 0 to 255", "\(zero)")
    }
    let count = tensor.kind == .uint8PerChannel ? tensor.channels : 1
    let zeros =
      tensor.kind == .uint8PerChannel || tensor.kind == .pixels ? tensor.channels : 1
    if tensor.kind == .uint8 || tensor.kind == .uint8PerChannel {
      guard tensor.scales.count == count else {
        throw invalid(place, "\(count) scales", "\(tensor.scales.count)")
      }
    }
    guard tensor.kind == .float32 || tensor.zeroPoints.count == zeros else {
      throw invalid(place, "\(zeros) zero points", "\(tensor.zeroPoints.count)")
    }
    switch tensor.kind {
    case .uint8:
      record.scale = tensor.scales[0]
      record.zeroPoint = tensor.zeroPoints[0]
    case .uint8PerChannel:
      record.scale = 0
      record.scales = arrays.add(
        padded(tensor.scales, to: record.paddedChannels, with: ModelFormat.paddingScale))
      record.zeroPoints = zeroPoints(tensor, record)
    case .float32: record.scale = 0
    case .pixels: record.zeroPoints = zeroPoints(tensor, record)
    }
    return record
  }

  private mutating func zeroPoints(_ tensor: QuantizedTensor, _ record: TensorRecord) -> Int {
    arrays.add(padded(tensor.zeroPoints.map { UInt8($0) }, to: record.paddedChannels, with: 0))
  }

  // MARK: operators

  private mutating func record(
    _ op: QuantizedOperator, number: Int
  ) throws(SwiftletError) -> OperatorRecord {
    let place = "operator \(number) \"\(op.name)\""
    guard op.inputs.count <= 4,
      (op.inputs + [op.output]).allSatisfy(network.tensors.indices.contains),
      op.code.inputCounts.contains(op.inputs.count)
    else {
      throw invalid(
        place, "\(op.code.inputCounts) inputs and an output of \(network.tensors.count) tensors",
        "\(op.inputs) to \(op.output)")
    }
    var record = usedFields(of: op)
    record.name = try strings.add(op.name)
    let output = network.tensors[op.output]
    if op.code.fields.contains(.weights) {
      try addWeights(op, &record, place: place)
    }
    if op.code == .lookup {
      guard op.lookupTable.count == 256 else {
        throw invalid(place, "a table of 256", "\(op.lookupTable.count)")
      }
      record.table = arrays.add(op.lookupTable)
    }
    if op.code == .prelu {
      guard op.slopes.count == output.channels else {
        throw invalid(place, "\(output.channels) slopes", "\(op.slopes.count)")
      }
      record.table = arrays.add(padded(op.slopes, to: (output.channels + 15) & ~15, with: 0))
    }
    if op.code.takesGates { try addGates(op, &record, place: place) }
    try checkRanges(record, place: place)
    return record
  }

  /// The fields that the operator uses; all others stay at their defaults, whatever is in `op`.
  private func usedFields(of op: QuantizedOperator) -> OperatorRecord {
    let fields = op.code.fields
    let given = op.record
    var record = OperatorRecord()
    record.code = op.code
    let inputs = op.inputs + [Int](repeating: -1, count: 4 - op.inputs.count)
    record.inputs = (inputs[0], inputs[1], inputs[2], inputs[3])
    record.output = op.output
    if fields.contains(.kernel) {
      (record.kernelHeight, record.kernelWidth) = (given.kernelHeight, given.kernelWidth)
    }
    if fields.contains(.stride) {
      (record.strideY, record.strideX) = (given.strideY, given.strideX)
    }
    if fields.contains(.dilation) {
      (record.dilationY, record.dilationX) = (given.dilationY, given.dilationX)
    }
    if fields.contains(.padBefore) {
      (record.padTop, record.padLeft) = (given.padTop, given.padLeft)
    }
    if fields.contains(.padAfter) {
      (record.padBottom, record.padRight) = (given.padBottom, given.padRight)
    }
    if fields.contains(.start) {
      record.startChannel = given.startChannel
      (record.startY, record.startX) = (given.startY, given.startX)
    }
    if fields.contains(.option) { record.option = given.option }
    if fields.contains(.weights) {
      record.epilogue = given.epilogue
      if given.epilogue == .residual { record.a = given.a }
    } else if fields.contains(.a) {
      record.a = given.a
    }
    if fields.contains(.bc) { (record.b, record.c) = (given.b, given.c) }
    return record
  }

  private mutating func addGates(
    _ op: QuantizedOperator, _ record: inout OperatorRecord, place: String
  ) throws(SwiftletError) {
    guard
      [op.inputGate, op.outputGate].allSatisfy({ $0.map(network.tensors.indices.contains) ?? true })
    else { throw invalid(place, "gates among \(network.tensors.count) tensors", "others") }
    record.inputGate = op.inputGate ?? -1
    record.outputGate = op.outputGate ?? -1
    if op.gateMeans.isEmpty { return }
    let channels = network.tensors[op.inputs[0]].channels
    guard op.gateMeans.count == channels else {
      throw invalid(place, "\(channels) means of channels", "\(op.gateMeans.count)")
    }
    record.table = arrays.add(padded(op.gateMeans, to: (channels + 15) & ~15, with: 0))
  }

  private mutating func addWeights(
    _ op: QuantizedOperator, _ record: inout OperatorRecord, place: String
  ) throws(SwiftletError) {
    let input = network.tensors[op.inputs[0]]
    let output = network.tensors[op.output]
    // Before anything is allocated for them.
    guard (1...ModelFormat.maxKernel).contains(record.kernelHeight),
      (1...ModelFormat.maxKernel).contains(record.kernelWidth)
    else {
      throw invalid(
        place, "kernel sides 1 to 255", "\(record.kernelHeight) x \(record.kernelWidth)")
    }
    guard let given = op.weights, let constants = op.constants else {
      throw invalid(place, "weights and constants", "none")
    }
    let packer = WeightPacker(
      record: record, place: "\(network.name): \(place)", inputChannels: input.channels,
      outputChannels: output.channels)
    let packed = try packer.pack(given)
    record.weightFormat = packed.format
    record.groups = packed.groups
    record.sharesTables = packed.sharesTables
    weights.align(to: ModelFormat.alignment)
    record.weights = weights.bytes.count
    weights.bytes.append(contentsOf: packed.plane)
    if packed.format != .int8 { record.tables = arrays.add(packed.tables) }
    record.constants = try add(
      constants, packed.sums, channels: output.channels,
      isDepthwise: record.code == .depthwiseConvolution, place: place)
    if packed.format == .nested8 {
      refinement.align(to: ModelFormat.alignment)
      record.refinement = refinement.bytes.count
      refinement.bytes.append(contentsOf: packed.finePlane)
      record.fineTables = arrays.add(packed.fineTables)
      guard let coarse = op.coarseConstants else {
        throw invalid(place, "constants for the first plane alone", "none")
      }
      record.coarseConstants = try add(
        coarse, packed.coarseSums, channels: output.channels, place: place)
    }
    guard record.epilogue == .hardSwish else { return }
    let channels = output.channels
    guard op.outScale.count == channels, op.outZero.count == channels else {
      throw invalid(
        place, "\(channels) output scales and zero points",
        "\(op.outScale.count) and \(op.outZero.count)")
    }
    let all = (channels + 15) & ~15
    record.outScale = arrays.add(padded(op.outScale, to: all, with: ModelFormat.paddingScale))
    record.outZero = arrays.add(padded(op.outZero, to: all, with: 0))
  }

  private mutating func add(
    _ constants: QuantizedConstants, _ sums: [Int], channels: Int, isDepthwise: Bool = false,
    place: String
  ) throws(SwiftletError) -> ChannelConstants {
    guard constants.scale.count == channels, constants.biasU8.count == channels else {
      throw invalid(
        place, "\(channels) scales and biases",
        "\(constants.scale.count) and \(constants.biasU8.count)")
    }
    var signed: [Int32] = []
    signed.reserveCapacity(channels)
    for n in 0..<channels {
      guard let bias = Int32(exactly: Int(constants.biasU8[n]) + 128 * sums[n]) else {
        throw invalid(place, "a bias within Int32", "\(constants.biasU8[n]) for channel \(n)")
      }
      signed.append(bias)
    }
    // Padding: bias 0 over u8; the same integer over s8.
    for n in channels..<max(channels, sums.count) {
      signed.append(Int32(truncatingIfNeeded: 128 * sums[n]))
    }
    let all = (channels + 15) & ~15
    var result = ChannelConstants()
    result.scale = arrays.add(padded(constants.scale, to: all, with: ModelFormat.paddingScale))
    result.biasU8 = arrays.add(padded(constants.biasU8, to: all, with: 0))
    // Depthwise kernels are a few weights a channel: the plan sums them itself.
    if !isDepthwise { result.biasS8 = arrays.add(padded(signed, to: all, with: 0)) }
    return result
  }

  private func padded<T>(_ values: [T], to count: Int, with value: T) -> [T] {
    values + repeatElement(value, count: count - values.count)
  }

  private func preprocessing() throws(SwiftletError) -> [UInt8] {
    let rule = network.preprocessing
    guard rule.mean.count == rule.std.count, rule.mean.count <= 4,
      (0...ModelFormat.maxSide).contains(rule.shortSide)
    else {
      throw invalid(
        "preprocessing", "as many means as deviations, at most 4, and a short side within limits",
        "\(rule.mean.count), \(rule.std.count) and \(rule.shortSide)")
    }
    var buffer = ByteBuffer()
    buffer.append(rule.resize.rawValue)
    buffer.append(UInt8(rule.isBGR ? 1 : 0))
    buffer.append(UInt8(rule.mean.count))
    buffer.zeros(1)
    buffer.append(UInt32(rule.shortSide))
    for value in padded(rule.mean, to: 4, with: 0) { buffer.append(value) }
    for value in padded(rule.std, to: 4, with: 1) { buffer.append(value) }
    buffer.zeros(24)
    return buffer.bytes
  }
}
