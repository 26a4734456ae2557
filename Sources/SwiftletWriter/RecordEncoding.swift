import SwiftletCore

// Records to bytes; the order is the layout (docs/format.md).

extension ByteBuffer {
  mutating func append(_ record: TensorRecord) {
    append(offset: record.name)
    append(record.kind.rawValue)
    append(UInt8(record.zeroPoint))
    zeros(2)
    append(UInt32(record.channels))
    append(UInt16(record.height))
    append(UInt16(record.width))
    append(record.scale)
    append(offset: record.zeroPoints)
    append(offset: record.scales)
    zeros(4)
  }

  /// Fields have to fit their bytes: `NetworkEncoder.checkRanges`.
  mutating func append(_ record: OperatorRecord) {
    append(record.code.rawValue)
    append(record.weightFormat.rawValue)
    append(record.epilogue.rawValue)
    append(offset: record.name)
    for slot in 0..<4 { append(offset: record.input(slot)) }
    append(offset: record.output)
    append(UInt8(record.kernelHeight))
    append(UInt8(record.kernelWidth))
    append(UInt8(record.strideY))
    append(UInt8(record.strideX))
    append(UInt8(record.dilationY))
    append(UInt8(record.dilationX))
    append(UInt8(record.option))
    append(UInt8(record.sharesTables ? 1 : 0))
    append(UInt16(record.padTop))
    append(UInt16(record.padLeft))
    append(UInt16(record.padBottom))
    append(UInt16(record.padRight))
    append(UInt32(record.startChannel))
    append(UInt16(record.startY))
    append(UInt16(record.startX))
    append(UInt32(record.groups))
    append(offset: record.weights)
    append(offset: record.refinement)
    append(offset: record.tables)
    append(offset: record.fineTables)
    append(record.constants)
    append(record.coarseConstants)
    append(offset: record.outScale)
    append(offset: record.outZero)
    append(offset: record.table)
    append(record.a)
    append(record.b)
    append(record.c)
    append(UInt32(record.inputGate + 1))
    append(UInt32(record.outputGate + 1))
  }

  private mutating func append(_ constants: ChannelConstants) {
    append(offset: constants.scale)
    append(offset: constants.biasU8)
    append(offset: constants.biasS8)
  }
}

extension NetworkEncoder {
  /// That each number fits the bytes that the record has for it; the verifier checks the rest.
  func checkRanges(_ record: OperatorRecord, place: String) throws(SwiftletError) {
    let bytes = [
      record.kernelHeight, record.kernelWidth, record.strideY, record.strideX, record.dilationY,
      record.dilationX, record.option,
    ]
    let words = [
      record.padTop, record.padLeft, record.padBottom, record.padRight, record.startY,
      record.startX,
    ]
    guard bytes.allSatisfy({ (0...255).contains($0) }),
      words.allSatisfy({ (0...65535).contains($0) }),
      (0...ModelFormat.maxChannels).contains(record.startChannel),
      weights.bytes.count < ModelFormat.maxFileBytes
    else {
      throw invalid(
        place, "kernel, stride, dilation and option 0 to 255, padding and start 0 to 65535",
        "\(bytes), \(words), \(record.startChannel)")
    }
  }
}
