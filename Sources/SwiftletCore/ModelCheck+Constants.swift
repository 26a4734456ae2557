// Extents of weights and constants, and the proof that no accumulator leaves Int32 and no float
// that becomes an integer reaches 2^30.

extension ModelCheck {
  /// Operators with weights.
  mutating func weights(_ op: OperatorRecord, _ i: Int) throws(SwiftletError) {
    let channels = contents.tensors[op.output].paddedChannels
    let groups = op.expectedGroups(channels: contents.tensors[op.inputs.0].channels)
    guard op.groups == groups, groups <= ModelFormat.maxGroups else {
      throw refuse(
        .modelOperator, operator: i,
        expected: "\(groups) groups, at most \(ModelFormat.maxGroups)", found: "\(op.groups)")
    }
    let isDepthwise = op.code == .depthwiseConvolution
    guard op.weightFormat != .none, !isDepthwise || op.weightFormat == .int8 else {
      throw refuse(
        .modelOperator, operator: i, expected: isDepthwise ? "int8 weights" : "a weight format",
        found: "format \(op.weightFormat.rawValue)")
    }
    let size =
      op.weightFormat == .int8
      ? op.int8Bytes(channels: channels) : op.planeBytes(channels: channels)
    try extent(.weights, op.weights, size, "weights", operator: i)
    if op.weightFormat != .int8 {
      try codebook(op, op.tables, channels: channels, operator: i)
    }
    if op.weightFormat == .nested8 {
      try extent(.refinement, op.refinement, size, "second plane", operator: i)
      try codebook(op, op.fineTables, channels: channels, operator: i)
    }
    if op.epilogue == .hardSwish {
      try extent(.parameters, op.outScale, 4 * channels, "outScale", operator: i)
      try extent(.parameters, op.outZero, 4 * channels, "outZero", operator: i)
    }
    if op.epilogue == .residual, !op.a.isFinite {
      throw refuse(.modelConstant, operator: i, expected: "a finite residual scale")
    }
    if op.table >= 0 {
      let size = contents.tensors[op.inputs.0].paddedChannels
      try extent(.parameters, op.table, size, "means of channels", operator: i)
    }
    let terms = isDepthwise ? op.kernelHeight * op.kernelWidth : 8 * groups
    try constants(op.constants, op, i, terms: terms, channels: channels, isCoarse: false)
    if op.weightFormat == .nested8 {
      try constants(op.coarseConstants, op, i, terms: terms, channels: channels, isCoarse: true)
    }
  }

  /// Tables of a plane: all values within 63.
  private mutating func codebook(
    _ op: OperatorRecord, _ offset: Int, channels: Int, operator i: Int
  ) throws(SwiftletError) {
    let size = op.sharesTables ? 16 : 4 * channels
    try extent(.parameters, offset, size, "codebooks", operator: i)
    if op.sharesTables { tableBytes += 4 * channels }
    guard tableBytes <= ModelFormat.maxTableBytes else {
      throw refuse(
        .modelLimit, operator: i,
        expected: "at most \(ModelFormat.maxTableBytes) bytes of repeated codebooks",
        found: "\(tableBytes)")
    }
    let bytes = UnsafeRawBufferPointer(start: contents.parameters + offset, count: size)
    var lowest: Int8 = 0
    var highest: Int8 = 0
    for byte in bytes {
      let value = Int8(bitPattern: byte)
      lowest = min(lowest, value)
      highest = max(highest, value)
    }
    guard lowest >= -63, highest <= 63 else {
      throw refuse(
        .modelCodebook, operator: i, expected: "codebook values within 63",
        found: "\(lowest) to \(highest)")
    }
  }

  /// Largest |value| of the table at `offset`.
  private func largest(_ offset: Int) -> Int {
    let table = contents.parameters + offset
    var result: UInt8 = 0
    for k in 0..<16 {
      result = max(result, table.load(fromByteOffset: k, as: Int8.self).magnitude)
    }
    return Int(result)
  }

  private mutating func constants(
    _ set: ChannelConstants, _ op: OperatorRecord, _ i: Int, terms: Int, channels: Int,
    isCoarse: Bool
  ) throws(SwiftletError) {
    try extent(.parameters, set.scale, 4 * channels, "scale", operator: i)
    try extent(.parameters, set.biasU8, 4 * channels, "biasU8", operator: i)
    let isDepthwise = op.code == .depthwiseConvolution
    if !isDepthwise {
      try extent(.parameters, set.biasS8, 4 * channels, "biasS8", operator: i)
    } else if set.biasS8 != -1 {
      throw refuse(
        .modelOperator, operator: i, expected: "no biasS8: a depthwise layer's is computed",
        found: "offset \(set.biasS8)")
    }
    let residual = op.epilogue == .residual ? 255 * Double(op.a.magnitude) : 0
    var weight = 127
    for n in 0..<channels {
      if op.weightFormat != .int8 && (op.sharesTables ? n == 0 : n % 4 == 0) {
        weight = largest(op.tables + n / 4 * 16)
        if op.weightFormat == .nested8 && !isCoarse {
          weight = 2 * weight + largest(op.fineTables + n / 4 * 16)
          guard weight <= 127 else {
            throw refuse(
              .modelCodebook, operator: i,
              expected: "2 * first + second codebook within 127",
              found: "\(weight) for channels from \(n)")
          }
        }
      }
      let unsigned = contents.int32(set.biasU8 + 4 * n).magnitude + UInt(255 * terms * weight)
      let start =
        isDepthwise
        ? contents.int32(set.biasU8 + 4 * n).magnitude + UInt(128 * terms * weight)
        : contents.int32(set.biasS8 + 4 * n).magnitude
      let signed = start + UInt(128 * terms * weight)
      let reach = max(unsigned, signed)
      let scale = contents.float(set.scale + 4 * n)
      guard Self.isScale(scale) else {
        throw refuse(
          .modelConstant, operator: i, expected: "a positive normal scale",
          found: "another number for channel \(n)")
      }
      guard reach <= UInt(Int32.max) else {
        throw refuse(
          .modelRange, operator: i, expected: "accumulators within Int32",
          found: "up to \(reach) for channel \(n)")
      }
      var value = Double(reach) * Double(scale) + residual
      if op.epilogue == .hardSwish {
        let outScale = contents.float(op.outScale + 4 * n)
        guard Self.isScale(outScale), (0...255).contains(contents.int32(op.outZero + 4 * n)) else {
          throw refuse(
            .modelConstant, operator: i,
            expected: "a positive normal output scale, an output zero point 0 to 255",
            found: "another number for channel \(n)")
        }
        // y = x * 0...6 becomes a float before outScale makes it small again.
        value = max(value, max(6 * value, 6 * value * Double(outScale)))
      }
      guard value < ModelFormat.maxMagnitude else {
        throw refuse(
          .modelRange, operator: i, expected: "results below 2^30 before rounding",
          found: "more for channel \(n)")
      }
    }
  }

  /// Operators without weights: tables and factors.
  mutating func factors(_ op: OperatorRecord, _ i: Int) throws(SwiftletError) {
    let x = contents.tensors[op.inputs.0]
    let z = contents.tensors[op.output]
    // NaN fails every comparison below.
    var value = 0.0
    switch op.code {
    case .add:
      value = 255 * (Double(op.a.magnitude) + Double(op.b.magnitude)) + Double(op.c.magnitude)
    case .multiply, .scaleChannels: value = 255 * 255 * Double(op.a.magnitude)
    case .gate:
      guard op.a.isFinite else {
        throw refuse(.modelConstant, operator: i, expected: "a finite threshold")
      }
    case .averagePool, .globalAveragePool: value = 255 * Double(op.a.magnitude)
    case .resizeLinear: value = 255 * (Double(x.scale) / Double(z.scale))
    case .lookup: try extent(.parameters, op.table, 256, "table", operator: i)
    case .prelu:
      try extent(.parameters, op.table, 4 * x.paddedChannels, "slopes", operator: i)
      value = 1
      for n in 0..<x.paddedChannels {
        let slope = contents.float(op.table + 4 * n)
        guard slope.isFinite else {
          throw refuse(
            .modelConstant, operator: i, expected: "finite slopes",
            found: "another number for channel \(n)")
        }
        value = max(value, Double(slope.magnitude))
      }
      value *= 255 * (Double(x.scale) / Double(z.scale))
      // The product is formed as x * slope too, before the output's scale.
      value = max(value, 255 * Double(x.scale))
    default: break
    }
    guard value < ModelFormat.maxMagnitude else {
      throw refuse(
        .modelRange, operator: i, expected: "finite factors and results below 2^30",
        found: "larger ones")
    }
  }
}
