import SwiftletCore
import SwiftletWriter
import TestSupport
import Testing

/// What the verifier accepts and what it refuses.
@Suite struct ModelVerifierTests {
  private func code(_ bytes: UnsafeRawBufferPointer, all: Bool = false) -> ErrorCode? {
    do throws(SwiftletError) {
      let model =
        all
        ? try ModelVerifier.verifyAll(bytes: bytes, name: "t.swlt")
        : try ModelVerifier.verify(bytes: bytes, name: "t.swlt")
      #expect(ModelReach.sum(model) > 0)
      return nil
    } catch {
      #expect(error.place.hasPrefix("t.swlt") && !error.expected.isEmpty)
      return error.code
    }
  }

  @Test func everyTinyNetwork_isAccepted_andGivesBackItsRecords() throws {
    for network in TinyNetworks.all {
      let file = AlignedBytes(try ModelWriter.write(network))
      #expect(code(file.bytes, all: true) == nil)
      try withModel(network) { model in
        #expect(model.name == network.name)
        #expect(model.record == network.record)
        #expect(model.input == network.input)
        #expect(model.outputs == network.outputs)
        #expect(model.operators.map(\.code) == network.operators.map(\.code))
        #expect((0..<model.labelCount).map { model.label($0) } == network.labels)
        #expect(model.label(-1) == "" && model.label(network.labels.count) == "")
        #expect(model.multiplications > 0)
      }
    }
  }

  @Test func everyTruncation_isRefused() throws {
    let bytes = try ModelWriter.write(TinyNetworks.everything())
    for count in 0..<bytes.count {
      let file = AlignedBytes(Array(bytes[..<count]))
      #expect(code(file.bytes) == .modelCutShort)
    }
  }

  @Test func addedBytes_areRefused() throws {
    let bytes = try ModelWriter.write(TinyNetworks.everything())
    let file = AlignedBytes(bytes + [0])
    #expect(code(file.bytes) == .modelCutShort)
  }

  @Test func everyChangedByte_isRefused_atOpenOrWithItsPlane() throws {
    let file = AlignedBytes(try ModelWriter.write(TinyNetworks.everything()))
    let model = try ModelVerifier.verify(bytes: file.bytes, name: "t.swlt")
    let planes = try #require(model.sections.first { $0.kind == .weights }).offset
    for i in 0..<file.bytes.count {
      let old = file.bytes[i]
      for flip: UInt8 in [1, 0x80, 0xFF] {
        file.mutableBytes[i] = old ^ flip
        // Zeros between the planes count as damage of the table's promise, too.
        if code(file.bytes, all: i >= planes) == nil { Issue.record("byte \(i) of \(planes)") }
      }
      file.mutableBytes[i] = old
    }
  }

  @Test func planes_areNotReadAtOpen_butCheckedAlone() throws {
    let file = AlignedBytes(try ModelWriter.write(TinyNetworks.everything()))
    for kind in [SectionKind.weights, .refinement] {
      let model = try ModelVerifier.verify(bytes: file.bytes, name: "t.swlt")
      let section = try #require(model.sections.first { $0.kind == kind })
      #expect(section.offset % 4096 == 0)
      file.mutableBytes[section.offset + 3] ^= 4
      #expect(code(file.bytes) == nil)
      #expect(code(file.bytes, all: true) == .modelDamaged)
      let isFirst = kind == .weights
      #expect(throws: SwiftletError.self) {
        try ModelVerifier.verifyPlane(isFirst ? .weights : .refinement, of: model)
      }
      try ModelVerifier.verifyPlane(isFirst ? .refinement : .weights, of: model)
      file.mutableBytes[section.offset + 3] ^= 4
    }
    #expect(
      try ModelVerifier.verify(bytes: file.bytes, name: "").sections.last?.kind == .refinement)
  }

  @Test func misalignedBytes_areRefused() throws {
    let bytes = try ModelWriter.write(TinyNetworks.single(.add))
    let file = AlignedBytes([0, 0, 0, 0] + bytes)
    #expect(code(UnsafeRawBufferPointer(rebasing: file.bytes[4...])) == .modelMisaligned)
  }

  @Test func int8WeightOfMinus128_isRefusedWithItsPlane() throws {
    var network = TinyNetworks.single(.depthwiseConvolution)
    guard case .int8(var values) = network.operators[1].weights else { throw Failure() }
    values[7] = -128
    network.operators[1].weights = .int8(values)
    #expect(writeCode(network) == .modelWeight)
  }

  // MARK: one wrong thing at a time, through the writer

  private struct Failure: Error {}

  private func writeCode(_ network: QuantizedNetwork) -> ErrorCode? {
    do throws(SwiftletError) {
      _ = try ModelWriter.write(network)
      return nil
    } catch { return error.code }
  }

  /// `change` made to `everything`, and what refuses it.
  private func refusal(_ change: (inout QuantizedNetwork) -> Void) -> ErrorCode? {
    var network = TinyNetworks.everything()
    change(&network)
    return writeCode(network)
  }

  private func index(_ code: OperatorCode) -> Int {
    TinyNetworks.everything().operators.firstIndex { $0.code == code } ?? 0
  }

  @Test func oneWrongThing_isRefusedByName() {
    let residual = TinyNetworks.everything().operators.firstIndex { $0.inputs.count == 2 } ?? 0
    let nested = 3
    #expect(refusal { _ in } == nil)
    #expect(refusal { $0.operators.swapAt(1, 2) } == .modelOrder)
    #expect(refusal { $0.operators[2].output = 1 } == .modelOrder)
    #expect(refusal { $0.outputs = [1] } == .modelKind)
    #expect(refusal { $0.outputs.append($0.outputs[0]) } == .modelOrder)
    #expect(refusal { $0.outputs.removeLast() } == .modelOrder)
    #expect(refusal { $0.tensors[2].height += 1 } == .modelShape)
    #expect(refusal { $0.tensors[2].kind = .float32 } == .modelKind)
    #expect(refusal { $0.tensors[2].scales = [0] } == .modelTensor)
    #expect(refusal { $0.tensors[2].scales = [.nan] } == .modelTensor)
    #expect(refusal { $0.tensors[1].scales[3] = .infinity } == .modelConstant)
    #expect(refusal { $0.tensors[2].zeroPoints = [256] } == .networkInvalid)
    #expect(refusal { $0.tensors[0].channels = 5 } == .networkInvalid)
    #expect(refusal { $0.operators[2].constants!.scale[3] = .nan } == .modelConstant)
    #expect(refusal { $0.operators[2].constants!.scale[3] = -1 } == .modelConstant)
    #expect(refusal { $0.operators[2].constants!.scale[3] = 1e-40 } == .modelConstant)
    #expect(refusal { $0.operators[2].constants!.scale[3] = 1e6 } == .modelRange)
    #expect(refusal { $0.operators[2].constants!.biasU8[3] = .max } == .modelRange)
    #expect(refusal { $0.operators[nested].coarseConstants!.scale[3] = 1e6 } == .modelRange)
    #expect(refusal { $0.operators[nested].coarseConstants = nil } == .networkInvalid)
    #expect(refusal { $0.operators[nested].outScale[0] = 1e9 } == .modelRange)
    #expect(refusal { $0.operators[nested].outZero[0] = 256 } == .modelConstant)
    #expect(refusal { $0.operators[residual].record.a = .infinity } == .modelConstant)
    #expect(refusal { $0.operators[residual].record.a = 1e8 } == .modelRange)
    #expect(refusal { $0.operators[4].record.a = .nan } == .modelRange)
    #expect(refusal { $0.operators[4].record.c = 2e9 } == .modelRange)
    let slice = index(.slice)
    #expect(refusal { $0.operators[slice].record.startChannel = 23 } == .modelShape)
    #expect(refusal { $0.operators[slice].record.strideY = 3 } == .modelShape)
    #expect(refusal { $0.operators[slice].record.strideY = 0 } == .modelLimit)
    #expect(refusal { $0.operators[index(.pad)].record.padTop = 3 } == .modelShape)
    #expect(refusal { $0.operators[index(.resizeNearest)].record.option = 3 } == .modelShape)
    #expect(refusal { $0.operators[index(.resizeLinear)].record.option = 16 } == .modelShape)
    #expect(refusal { $0.operators[index(.maxPool)].record.padLeft = 3 } == .modelShape)
    #expect(refusal { $0.operators[index(.prelu)].slopes[0] = .nan } == .modelConstant)
    #expect(refusal { $0.operators[index(.lookup)].lookupTable = [] } == .networkInvalid)
    #expect(refusal { $0.tensors[13].scales = [0.5] } == .modelKind)
    #expect(refusal { $0.preprocessing.shortSide = 10 } == .modelPreprocessing)
    #expect(refusal { $0.preprocessing.std[1] = 0 } == .modelPreprocessing)
    for bad: (inout QuantizedNetwork) -> Void in [
      { $0.agreements[0].bits = 5 }, { $0.agreements[0].photos = 0 },
      { $0.agreements[1].share = 1.01 }, { $0.agreements[1].share = .nan },
      { $0.agreements.swapAt(0, 1) }, { $0.agreements[1] = $0.agreements[0] },
    ] {
      #expect(refusal(bad) == .modelRange)
    }
    #expect(
      refusal { $0.agreements = [AgreementRecord](repeating: $0.agreements[0], count: 65) }
        == .modelLimit)
    for bad: (inout QuantizedNetwork) -> Void in [
      { $0.pruneRows[0].dial = 0 }, { $0.pruneRows[0].dial = 1001 }, { $0.pruneRows[0].bits = 5 },
      { $0.pruneRows[3].bits = 4 }, { $0.pruneRows[0].partner = 1 },
      { $0.pruneRows[0].margin = -1 }, { $0.pruneRows[0].margin = .infinity },
      { $0.pruneRows[3].shift = .nan }, { $0.pruneRows[0].agreement = 1.1 },
      { $0.pruneRows[1].cost = 0 }, { $0.pruneRows[1].cost = 0.9 },
      { $0.pruneRows[0].firstCost = -0.1 }, { $0.pruneRows[0].escalated = 2 },
      { $0.pruneRows[0].photos = 0 }, { $0.pruneRows.swapAt(0, 1) },
      { $0.pruneRows.swapAt(2, 3) }, { $0.pruneRows[1].resolution = 16 },
    ] {
      #expect(refusal(bad) == .modelRange)
    }
    #expect(refusal { $0.pruneRows[0].resolution = 16385 } == .modelRange)
    #expect(
      refusal { $0.pruneRows = [PruneRow](repeating: $0.pruneRows[0], count: 257) } == .modelLimit)
    #expect(refusal { $0.labels = ["a\0b"] } == .networkInvalid)
    #expect(refusal { $0.labels = [String](repeating: "x", count: 65537) } == .modelLimit)
  }

  @Test func codebooks_beyondTheirBounds_areRefused() {
    #expect(
      refusal {
        guard case .code4(let codes, var tables, let each) = $0.operators[2].weights else { return }
        tables[0][15] = 64
        $0.operators[2].weights = .code4(codes: codes, tables: tables, channelsPerTable: each)
      } == .modelCodebook)
    #expect(
      refusal {
        guard
          case .nested8(let coarse, var tables, let fine, let fineTables, let each) =
            $0.operators[3].weights
        else { return }
        tables[1][15] = 63
        $0.operators[3].weights = .nested8(
          coarse: coarse, tables: tables, fine: fine, fineTables: fineTables,
          channelsPerTable: each)
      } == .modelCodebook)
  }
}
