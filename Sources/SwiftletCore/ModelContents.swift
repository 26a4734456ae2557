/// A verified model file: records as values, weights and tables as places in the file's bytes,
/// which have to outlive it.
///
/// Only `ModelVerifier` makes one, so having one means: every number, extent and constant in it
/// obeys docs/format.md, "What accepted means".
public struct ModelContents: @unchecked Sendable {
  /// For messages.
  public let fileName: String
  /// The whole file; its base is a multiple of 64.
  public let bytes: UnsafeRawBufferPointer
  /// In file order.
  public let sections: [SectionInfo]
  public internal(set) var tensors: [TensorRecord] = []
  /// In order of execution.
  public internal(set) var operators: [OperatorRecord] = []
  /// Number of the tensor that holds the image.
  public internal(set) var input = 0
  /// Numbers of the tensors that are the result; all float32.
  public internal(set) var outputs: [Int] = []
  public internal(set) var preprocessing = PreprocessingRecord()
  /// What calibration found; empty where it was not asked.
  public internal(set) var agreements: [AgreementRecord] = []
  /// Cheaper ways to run it; empty where calibration found none.
  public internal(set) var pruneRows: [PruneRow] = []
  /// Offset of the network's name in the string section.
  public internal(set) var nameOffset = 0

  /// What the offsets of parameters in records count from: the parameter section, or a copy of it
  /// with repeated codebooks behind (`expandTables`).
  public internal(set) var parameters: UnsafeRawPointer
  private var copy: AlignedMemory?
  /// Base of int8 weights and first planes.
  public let weights: UnsafeRawPointer
  /// Base of second planes; not to be read if no operator is nested8.
  public let refinement: UnsafeRawPointer

  let strings: UnsafeRawBufferPointer
  let labels: UnsafeRawBufferPointer

  init(fileName: String, bytes: UnsafeRawBufferPointer, sections: [SectionInfo]) {
    self.fileName = fileName
    self.bytes = bytes
    self.sections = sections
    let base = bytes.baseAddress!  // the reader refused files shorter than a header
    func find(_ kind: SectionKind) -> UnsafeRawBufferPointer {
      for section in sections where section.kind == kind {
        return UnsafeRawBufferPointer(start: base + section.offset, count: section.size)
      }
      return UnsafeRawBufferPointer(start: base, count: 0)
    }
    parameters = find(.parameters).baseAddress!
    weights = find(.weights).baseAddress!
    refinement = find(.refinement).baseAddress!
    strings = find(.strings)
    labels = find(.labels)
  }

  /// Repeats codebooks that stand in the file once for a layer for each four of its channels, as
  /// kernels read them: 4 bytes a channel that the file need not hold. The parameters (a tenth of
  /// a file) are copied for it; weights never are. `bytes` is what the repetition takes.
  mutating func expandTables(bytes: Int) {
    guard bytes > 0 else { return }
    let section = section(.parameters)
    var end = ModelFormat.aligned(section.count)
    let memory = AlignedMemory(byteCount: end + bytes)
    memory.bytes.copyMemory(from: section)
    func repeated(_ offset: Int, _ channels: Int) -> Int {
      let start = end
      let table = UnsafeRawBufferPointer(rebasing: section[offset..<(offset + 16)])
      for at in stride(from: start, to: start + 4 * channels, by: 16) {
        UnsafeMutableRawBufferPointer(rebasing: memory.bytes[at..<(at + 16)])
          .copyMemory(from: table)
      }
      end = start + 4 * channels
      return start
    }
    for i in 0..<operators.count where operators[i].sharesTables {
      let channels = tensors[operators[i].output].paddedChannels
      operators[i].tables = repeated(operators[i].tables, channels)
      if operators[i].weightFormat == .nested8 {
        operators[i].fineTables = repeated(operators[i].fineTables, channels)
      }
    }
    parameters = UnsafeRawPointer(memory.bytes.baseAddress!)
    copy = memory
  }

  /// The bytes of a section; none if the file lacks it.
  public func section(_ kind: SectionKind) -> UnsafeRawBufferPointer {
    for section in sections where section.kind == kind {
      return UnsafeRawBufferPointer(
        rebasing: bytes[section.offset..<(section.offset + section.size)])
    }
    return UnsafeRawBufferPointer(start: bytes.baseAddress, count: 0)
  }

  public var name: String { string(at: nameOffset) }

  /// The text at `offset` of the string section; empty for an offset outside.
  public func string(at offset: Int) -> String {
    guard offset >= 0, offset < strings.count else { return "" }
    var end = offset
    while end < strings.count && strings[end] != 0 { end += 1 }
    return String(decoding: strings[offset..<end], as: UTF8.self)
  }

  public var labelCount: Int { labels.count / 4 }

  /// The name of class `index`; empty if the file has none for it.
  public func label(_ index: Int) -> String {
    guard index >= 0, index < labelCount else { return "" }
    let offset = labels.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
    return string(at: Int(UInt32(littleEndian: offset)))
  }

  /// Free text about the making of the file.
  public var record: String { String(decoding: section(.record), as: UTF8.self) }

  /// Whether an operator has a second plane: the file then runs at 8 bits, or at 4 without it.
  public var hasRefinement: Bool {
    for op in operators where op.weightFormat == .nested8 { return true }
    return false
  }

  /// Multiplications of one image, without padding channels.
  public var multiplications: Int {
    var sum = 0
    for op in operators {
      let output = tensors[op.output]
      let positions = output.height * output.width * op.kernelHeight * op.kernelWidth
      let input = tensors[op.inputs.0].channels
      switch op.code {
      case .convolution, .pixelConvolution:
        // Caps bound each factor; the sum of all operators might not fit.
        let (product, over) = (positions * output.channels).multipliedReportingOverflow(by: input)
        let (next, over2) = sum.addingReportingOverflow(product)
        sum = over || over2 ? .max : next
      case .depthwiseConvolution:
        let (next, over) = sum.addingReportingOverflow(positions * output.channels)
        sum = over ? .max : next
      default: break
      }
      if sum == .max { return sum }
    }
    return sum
  }
}

/// One row of the section table.
public struct SectionInfo: Sendable {
  public var kind: SectionKind
  public var checksum: UInt32
  /// Bytes from the start of the file.
  public var offset: Int
  public var size: Int
}
