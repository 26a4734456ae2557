import SwiftletCore

/// Weights of one operator in the kernels' order, with their sums.
struct PackedWeights {
  var format = WeightFormat.none
  var groups = 0
  /// int8 weights or the first nibble plane.
  var plane: [UInt8] = []
  var finePlane: [UInt8] = []
  /// int8 [paddedN/4][16], or [16] if all channels share one.
  var sharesTables = false
  var tables: [UInt8] = []
  var fineTables: [UInt8] = []
  /// Sum of the weights of each output channel, [N] or with padding: both planes, and the first
  /// alone.
  var sums: [Int] = []
  var coarseSums: [Int] = []
}

/// Packs the weights of one operator; N output channels, C input channels.
struct WeightPacker {
  let record: OperatorRecord
  /// For messages.
  let place: String
  let inputChannels: Int
  let outputChannels: Int

  private var paddedChannels: Int { (outputChannels + 15) & ~15 }

  func pack(_ weights: QuantizedWeights) throws(SwiftletError) -> PackedWeights {
    var packed = PackedWeights()
    if record.code == .depthwiseConvolution {
      guard case .int8(let values) = weights else {
        throw invalid("int8 weights of a depthwise convolution", "codes")
      }
      try packDepthwise(values, &packed)
      return packed
    }
    let order = KernelOrder(record, inputChannels: inputChannels)
    packed.groups = order.groups
    switch weights {
    case .int8(let values):
      packed.format = .int8
      try packInt8(values, order, &packed)
    case .code4(let codes, let tables, let channelsPerTable):
      packed.format = .code4
      let book = try Codebook(self, tables: tables, channelsPerTable: channelsPerTable)
      packed.tables = book.bytes
      packed.sharesTables = tables.count == 1
      (packed.plane, packed.sums) = try packCodes(codes, book, order)
    case .nested8(let coarse, let tables, let fine, let fineTables, let channelsPerTable):
      packed.format = .nested8
      let book = try Codebook(self, tables: tables, channelsPerTable: channelsPerTable)
      let fineBook = try Codebook(self, tables: fineTables, channelsPerTable: channelsPerTable)
      packed.tables = book.bytes
      packed.fineTables = fineBook.bytes
      packed.sharesTables = tables.count == 1
      (packed.plane, packed.coarseSums) = try packCodes(coarse, book, order)
      let fineSums: [Int]
      (packed.finePlane, fineSums) = try packCodes(fine, fineBook, order)
      packed.sums = zip(packed.coarseSums, fineSums).map { 2 * $0 + $1 }
    }
    return packed
  }

  fileprivate func invalid(_ expected: String, _ found: String) -> SwiftletError {
    SwiftletError(.networkInvalid, place: place, expected: expected, found: found)
  }

  private func check(_ count: Int, terms: Int) throws(SwiftletError) {
    guard count == outputChannels * terms else {
      throw invalid("\(outputChannels * terms) weights", "\(count)")
    }
  }

  /// [C/16][taps][16]
  private func packDepthwise(
    _ values: [Int8], _ packed: inout PackedWeights
  ) throws(SwiftletError) {
    let taps = record.kernelHeight * record.kernelWidth
    try check(values.count, terms: taps)
    packed.format = .int8
    packed.plane = [UInt8](repeating: 0, count: paddedChannels * taps)
    packed.sums = [Int](repeating: 0, count: outputChannels)
    for c in 0..<outputChannels {
      for tap in 0..<taps {
        let w = values[c * taps + tap]
        packed.plane[(c / 16 * taps + tap) * 16 + c % 16] = UInt8(bitPattern: w)
        packed.sums[c] += Int(w)
      }
    }
  }

  /// [N/16][groups][2][16][4]
  private func packInt8(
    _ values: [Int8], _ order: KernelOrder, _ packed: inout PackedWeights
  ) throws(SwiftletError) {
    let terms = inputChannels * record.kernelHeight * record.kernelWidth
    try check(values.count, terms: terms)
    packed.plane = [UInt8](repeating: 0, count: paddedChannels * order.groups * 8)
    packed.sums = [Int](repeating: 0, count: outputChannels)
    for n in 0..<outputChannels {
      let block = n / 16 * order.groups * 128 + n % 16 * 4
      for (k, position) in order.positions.enumerated() where position >= 0 {
        let w = values[n * terms + Int(position)]
        packed.plane[block + k / 4 * 64 + k % 4] = UInt8(bitPattern: w)
        packed.sums[n] += Int(w)
      }
    }
  }

  /// [N/16][groups][16][4], low nibble k 0-3, high nibble k 4-7; and the sums of the values.
  private func packCodes(
    _ codes: [UInt8], _ book: Codebook, _ order: KernelOrder
  ) throws(SwiftletError) -> ([UInt8], [Int]) {
    let terms = inputChannels * record.kernelHeight * record.kernelWidth
    try check(codes.count, terms: terms)
    var plane = [UInt8](repeating: 0, count: paddedChannels * order.groups * 4)
    var sums = [Int](repeating: 0, count: paddedChannels)
    // Channels of padding hold code 0 of the layer's one table, or of the table that they share
    // with the last real channel up to the next multiple of 4; further ones have tables of zeros.
    let end = book.isShared ? paddedChannels : (outputChannels + 3) & ~3
    for n in outputChannels..<end {
      sums[n] = order.groups * 8 * Int(book.table(of: outputChannels - 1)[0])
    }
    for n in 0..<outputChannels {
      let block = n / 16 * order.groups * 64 + n % 16 * 4
      let table = book.table(of: n)
      var zeroCode: UInt8 = 0
      if order.hasPadding {
        guard let index = table.firstIndex(of: 0) else {
          throw invalid("a 0 in every codebook of a layer with padded inputs", "none for \(n)")
        }
        zeroCode = UInt8(index)
      }
      for (k, position) in order.positions.enumerated() {
        let code = position < 0 ? zeroCode : codes[n * terms + Int(position)]
        guard code < 16 else { throw invalid("codes 0 to 15", "\(code)") }
        plane[block + k / 8 * 64 + k % 4] |= k % 8 < 4 ? code : code << 4
        sums[n] += Int(table[Int(code)])
      }
    }
    return (plane, sums)
  }
}

/// The tables of one plane, one for each `channelsPerTable` channels.
private struct Codebook {
  let tables: [[Int8]]
  let channelsPerTable: Int
  /// int8 [paddedN/4][16], channels of padding alone having zeros; or the one table of all.
  var bytes: [UInt8] = []

  init(
    _ packer: WeightPacker, tables: [[Int8]], channelsPerTable: Int
  ) throws(SwiftletError) {
    let channels = packer.outputChannels
    guard channelsPerTable == channels || (channelsPerTable > 0 && channelsPerTable % 4 == 0),
      tables.count == (channels + channelsPerTable - 1) / channelsPerTable
    else {
      throw packer.invalid(
        "one table for all or for each multiple of 4 of \(channels) channels",
        "\(tables.count) tables for \(channelsPerTable) channels each")
    }
    for table in tables where table.count != 16 {
      throw packer.invalid("tables of 16 values", "\(table.count)")
    }
    self.tables = tables
    self.channelsPerTable = channelsPerTable
    if isShared {
      bytes = tables[0].map { UInt8(bitPattern: $0) }
      return
    }
    for four in stride(from: 0, to: (channels + 15) & ~15, by: 4) {
      let values = four < channels ? table(of: four) : [Int8](repeating: 0, count: 16)
      bytes.append(contentsOf: values.map { UInt8(bitPattern: $0) })
    }
  }

  /// One table for all channels, padding included.
  var isShared: Bool { tables.count == 1 }

  func table(of channel: Int) -> [Int8] { tables[channel / channelsPerTable] }
}
