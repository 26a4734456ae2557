extension ModelVerifier {
  /// That biasS8 = biasU8 + 128 * sum(w) for each channel of each layer, at both widths: kernels
  /// for signed activations then give the integers that kernels for unsigned ones give.
  static func checkSums(of contents: ModelContents) throws(SwiftletError) {
    for i in 0..<contents.operators.count {
      let op = contents.operators[i]
      guard op.weightFormat != .none, op.code != .depthwiseConvolution else { continue }
      // Padding channels too: even their accumulators are then the same on every instruction set.
      let channels = contents.tensors[op.output].paddedChannels
      let table = op.tables < 0 ? contents.parameters : contents.parameters + op.tables
      let fine = op.fineTables < 0 ? contents.parameters : contents.parameters + op.fineTables
      for n in 0..<channels {
        let first: Int
        var second = 0
        switch op.weightFormat {
        case .int8: first = int8Sum(contents, op, channel: n)
        default:
          first = planeSum(contents.weights + op.weights, table, op, channel: n)
          if op.weightFormat == .nested8 {
            second = planeSum(contents.refinement + op.refinement, fine, op, channel: n)
          }
        }
        let isNested = op.weightFormat == .nested8
        let sum = isNested ? 2 * first + second : first
        guard matches(op.constants, sum: sum, channel: n, contents),
          !isNested || matches(op.coarseConstants, sum: first, channel: n, contents)
        else {
          throw SwiftletError(
            .modelConstant, place: contents.place(operator: i),
            expected: "biasS8 = biasU8 + 128 * sum of weights for channel \(n)",
            found: "sum \(sum)")
        }
      }
    }
  }

  private static func matches(
    _ constants: ChannelConstants, sum: Int, channel: Int, _ contents: ModelContents
  ) -> Bool {
    let unsigned = contents.int32(constants.biasU8 + 4 * channel)
    let signed = contents.int32(constants.biasS8 + 4 * channel)
    return signed == unsigned + 128 * sum
  }

  /// Sum of the int8 weights of one output channel.
  private static func int8Sum(
    _ contents: ModelContents, _ op: OperatorRecord, channel n: Int
  ) -> Int {
    let block = n / 16
    let lane = n % 16
    var sum = 0
    let base = contents.weights + op.weights + block * op.groups * 128 + lane * 4
    for half in 0..<(op.groups * 2) {
      for k in 0..<4 { sum += Int(base.load(fromByteOffset: half * 64 + k, as: Int8.self)) }
    }
    return sum
  }

  /// Sum of the codebook values of one output channel of one plane.
  private static func planeSum(
    _ plane: UnsafeRawPointer, _ tables: UnsafeRawPointer, _ op: OperatorRecord, channel n: Int
  ) -> Int {
    let base = plane + n / 16 * op.groups * 64 + n % 16 * 4
    let table = tables + n / 4 * 16
    var sum = 0
    for group in 0..<op.groups {
      for k in 0..<4 {
        let byte = Int(base.load(fromByteOffset: group * 64 + k, as: UInt8.self))
        sum += Int(table.load(fromByteOffset: byte & 15, as: Int8.self))
        sum += Int(table.load(fromByteOffset: byte >> 4, as: Int8.self))
      }
    }
    return sum
  }
}
