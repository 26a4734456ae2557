import SwiftletCore
import SwiftletWriter
import TestSupport
import Testing

/// Weights to kernel order and back.
@Suite struct PackingTests {
  /// A network of one dense layer over `channels` channels, behind a first layer.
  private func dense(
    channels: Int, outputs: Int, kernel: Int, format: WeightFormat, each: Int? = nil,
    seed: UInt64 = 1
  ) -> QuantizedNetwork {
    var b = NetworkBuilder("dense", height: 4, width: 4, seed: seed)
    let x = b.convolution(b.network.input, channels: channels, .init(3, pad: 1))
    let y = b.convolution(
      x, channels: outputs, .init(kernel, pad: kernel / 2), format: format,
      channelsPerTable: each)
    b.network.outputs = [b.dequantize(y)]
    return b.network
  }

  private func plain(_ network: QuantizedNetwork, _ index: Int) throws -> (
    full: [Int], coarse: [Int]
  ) {
    let op = network.operators[index]
    let outputs = network.tensors[op.output].channels
    let depth = op.code == .depthwiseConvolution ? 1 : network.tensors[op.inputs[0]].channels
    return NetworkBuilder.plain(
      try #require(op.weights), channels: outputs,
      terms: depth * op.record.kernelHeight * op.record.kernelWidth)
  }

  @Test func packedWeights_unpacked_areTheSame() throws {
    var networks = TinyNetworks.all
    for channels in [1, 7, 8, 9, 16, 17, 24, 25, 40] {
      for (kernel, format) in [(1, WeightFormat.int8), (3, .code4), (2, .nested8), (1, .code4)] {
        networks.append(
          dense(channels: channels, outputs: 3 + channels, kernel: kernel, format: format))
      }
    }
    networks.append(dense(channels: 12, outputs: 37, kernel: 1, format: .nested8, each: 8))
    networks.append(dense(channels: 12, outputs: 37, kernel: 1, format: .code4, each: 4))
    for network in networks {
      try withModel(network) { contents in
        for (i, op) in network.operators.enumerated() where op.weights != nil {
          let (full, coarse) = try plain(network, i)
          #expect(ModelUnpacker.weights(of: contents, operator: i).map(Int.init) == full)
          if !coarse.isEmpty {
            #expect(
              ModelUnpacker.weights(of: contents, operator: i, coarse: true).map(Int.init)
                == coarse)
          }
        }
      }
    }
  }

  /// The layout written out by hand: [N/16][groups][2][16][4], blocks, then taps, then halves.
  @Test func int8Weights_lieWhereTheFormatSays() throws {
    var network = dense(channels: 20, outputs: 18, kernel: 3, format: .int8)
    // 18 x 20 x 3 x 3; one weight set at a time.
    let cases: [(n: Int, c: Int, y: Int, x: Int, at: Int)] = [
      (0, 0, 0, 0, 0),
      (1, 3, 0, 0, 7),
      (0, 4, 0, 0, 64),
      (0, 8, 0, 0, 128),  // second half of the first block: the next group
      (0, 0, 0, 1, 256),  // next tap: two groups on
      (2, 15, 2, 2, 128 * 17 + 64 + 8 + 3),
      (0, 16, 0, 0, 128 * 18),  // last block has 4 real channels: one group a tap
      (0, 16, 0, 1, 128 * 19),
      (17, 19, 2, 2, 128 * 27 + 128 * 26 + 4 + 3),
    ]
    for (n, c, y, x, at) in cases {
      var values = [Int8](repeating: 0, count: 18 * 20 * 9)
      values[((n * 20 + c) * 3 + y) * 3 + x] = 77
      network.operators[1].weights = .int8(values)
      try withModel(network) { contents in
        let op = contents.operators[1]
        #expect(op.groups == 27)
        let plane = UnsafeRawBufferPointer(
          start: contents.weights + op.weights, count: 2 * 27 * 128)
        #expect(plane.firstIndex(of: 77) == at, "n \(n) c \(c) y \(y) x \(x)")
        #expect(plane.reduce(0) { $0 + ($1 == 0 ? 0 : 1) } == 1)
      }
    }
  }

  /// [N/16][groups][16][4] bytes, low nibble k 0-3, high nibble k 4-7.
  @Test func codes_lieWhereTheFormatSays() throws {
    var network = dense(channels: 16, outputs: 16, kernel: 1, format: .code4)
    let table = (0..<16).map { Int8($0) }
    for (n, c, at, byte) in [
      (0, 0, 0, UInt8(0x0B)), (0, 4, 0, 0xB0), (3, 2, 14, 0x0B), (3, 7, 15, 0xB0),
      (15, 15, 127, 0xB0), (0, 8, 64, 0x0B),
    ] {
      var codes = [UInt8](repeating: 0, count: 256)
      codes[n * 16 + c] = 11
      network.operators[1].weights = .code4(codes: codes, tables: [table], channelsPerTable: 16)
      try withModel(network) { contents in
        let plane = UnsafeRawBufferPointer(
          start: contents.weights + contents.operators[1].weights, count: 128)
        #expect(plane[at] == byte)
        #expect(plane.reduce(0) { $0 + ($1 == 0 ? 0 : 1) } == 1)
      }
    }
  }

  /// Rows, then pairs of pixels, then 2 x 4 bytes.
  @Test func pixelWeights_lieWhereTheFormatSays() throws {
    var network = TinyNetworks.single(.add)  // 3 channels, 9 outputs, 3 x 3
    for (n, c, y, x, at) in [
      (0, 0, 0, 0, 0), (0, 2, 0, 0, 2), (0, 0, 0, 1, 64), (0, 1, 0, 2, 129),
      (8, 2, 2, 2, 5 * 128 + 32 + 2),
    ] {
      var values = [Int8](repeating: 0, count: 9 * 27)
      values[((n * 3 + c) * 3 + y) * 3 + x] = -77
      network.operators[0].weights = .int8(values)
      try withModel(network) { contents in
        let op = contents.operators[0]
        #expect(op.groups == 6)
        let plane = UnsafeRawBufferPointer(
          start: contents.weights + op.weights, count: 6 * 128)
        #expect(plane.firstIndex(of: UInt8(bitPattern: -77)) == at)
      }
    }
  }

  @Test func constants_arePaddedAndSignedOnesHoldTheSums() throws {
    let network = dense(channels: 12, outputs: 18, kernel: 1, format: .nested8)
    guard case .nested8(_, let tables, _, let fineTables, _) = network.operators[1].weights else {
      Issue.record("no nested layer")
      return
    }
    try withModel(network) { contents in
      let op = contents.operators[1]
      let (full, coarse) = try plain(network, 1)
      let given = try #require(network.operators[1].constants)
      for n in 0..<32 {
        let scale = contents.parameters.load(
          fromByteOffset: op.constants.scale + 4 * n, as: Float.self)
        func int(_ offset: Int) -> Int32 {
          contents.parameters.load(fromByteOffset: offset + 4 * n, as: Int32.self)
        }
        let unsigned = int(op.constants.biasU8)
        let signed = int(op.constants.biasS8)
        guard n < 18 else {
          // Code 0 of the shared tables in all 16 k (12, padded).
          let sum = 16 * (2 * Int(tables[0][0]) + Int(fineTables[0][0]))
          #expect(scale == ModelFormat.paddingScale && unsigned == 0 && Int(signed) == 128 * sum)
          continue
        }
        #expect(scale == given.scale[n] && unsigned == given.biasU8[n])
        #expect(Int(signed - unsigned) == 128 * full[(n * 12)..<(n * 12 + 12)].reduce(0, +))
        #expect(
          Int(int(op.coarseConstants.biasS8) - int(op.coarseConstants.biasU8))
            == 128 * coarse[(n * 12)..<(n * 12 + 12)].reduce(0, +))
      }
    }
  }

  @Test func sharedTable_isRepeatedForEachFourChannels() throws {
    let network = dense(channels: 8, outputs: 20, kernel: 1, format: .nested8)
    guard case .nested8(_, let tables, _, let fineTables, _) = network.operators[1].weights else {
      Issue.record("no nested layer")
      return
    }
    try withModel(network) { contents in
      let op = contents.operators[1]
      #expect(op.sharesTables && op.tables % 64 == 0 && op.fineTables % 64 == 0)
      for (offset, table) in [(op.tables, tables[0]), (op.fineTables, fineTables[0])] {
        for i in 0..<128 {
          let value = contents.parameters.load(fromByteOffset: offset + i, as: Int8.self)
          #expect(value == table[i % 16])
        }
      }
    }
  }

  @Test func codebookWithoutZero_isRefusedOnlyWherePaddingNeedsIt() throws {
    for (channels, expected) in [(16, ErrorCode?.none), (24, nil), (12, .networkInvalid)] {
      var network = dense(channels: channels, outputs: 4, kernel: 1, format: .code4)
      guard case .code4(let codes, _, _) = network.operators[1].weights else { continue }
      network.operators[1].weights = .code4(
        codes: codes, tables: [(1...16).map { Int8($0) }], channelsPerTable: 4)
      var found: ErrorCode?
      do throws(SwiftletError) { _ = try ModelWriter.write(network) } catch { found = error.code }
      #expect(found == expected)
    }
  }
}
