import SwiftletCore

/// Changes a model file where it hurts: fields of records to edge values, to those of another
/// record, by small steps; numbers in the parameters; rows of the section table. Checksums are
/// made right again (mostly), so that changes reach the checks behind them.
///
/// `next` gives one changed file; everything is undone at the next call. The same seed gives the
/// same files.
public final class ModelMutator {
  private let count: Int
  private let memory: AlignedBytes
  private let sections: [SectionInfo]
  private var random: SplitMix64
  private var undo: [(offset: Int, old: [UInt8])] = []
  /// What was changed, for messages.
  public private(set) var changes: [(section: SectionKind?, offset: Int, value: UInt32)] = []

  /// `file` has to be a good model file.
  public init(_ file: [UInt8], seed: UInt64) throws(SwiftletError) {
    memory = AlignedBytes(file)
    count = file.count
    sections = try ModelVerifier.verify(bytes: memory.bytes, name: "mutated").sections
    random = SplitMix64(seed: seed)
  }

  /// One to three changes, then `use` with the file's bytes (shorter ones in one of 64 cases).
  public func next(_ use: (UnsafeRawBufferPointer) -> Void) {
    changes.removeAll(keepingCapacity: true)
    for _ in 0..<(1 + random.below(4) / 2) { change() }
    if random.below(32) != 0 { seal() }
    if random.below(64) == 0 {
      // A copy, so that an address sanitizer sees the true end.
      let cut = random.below(count)
      let part = AlignedBytes(Array(memory.bytes[..<cut]))
      changes.append((nil, cut, 0))
      use(part.bytes)
    } else {
      use(memory.bytes)
    }
    while let (offset, old) = undo.popLast() {
      for (i, byte) in old.enumerated() { memory.mutableBytes[offset + i] = byte }
    }
  }

  /// "parameters+12=7f800000 ..." for messages.
  public var description: String {
    changes.map {
      "\($0.section?.name ?? "file")+\($0.offset)=" + String($0.value, radix: 16)
    }.joined(separator: " ")
  }

  // MARK: changes

  private static let edges: [UInt32] = [
    0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 63, 64, 65, 127, 128, 129, 254, 255, 256, 257,
    1023, 4095, 4096, 16383, 16384, 16385, 32767, 32768, 65535, 65536, 65537, 0xFF_FFFF,
    0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFC0, 0xFFFF_FFFE, 0xFFFF_FFFF,
  ]
  private static let floatEdges: [UInt32] = [
    0, 0x8000_0000, 1, 0x007F_FFFF, 0x0080_0000, 0x0D80_0000, 0x3F80_0000, 0xBF80_0000,
    0x4E80_0000, 0x4F00_0000, 0x5F00_0000, 0x7F7F_FFFF, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000,
    0x7F80_0001,
  ]

  private func section(_ kind: SectionKind) -> SectionInfo? {
    sections.first { $0.kind == kind }
  }

  private func change() {
    switch random.below(32) {
    case 0..<15: record(.operators, ModelFormat.operatorBytes, RecordField.operation)
    case 15..<20: record(.tensors, ModelFormat.tensorBytes, RecordField.tensor)
    case 20..<26: number(in: .parameters)
    case 26: record(.network, section(.network)?.size ?? 1, RecordField.network)
    case 27: record(.preprocessing, ModelFormat.preprocessingBytes, RecordField.preprocessing)
    case 28 where random.below(3) == 0:
      record(.calibration, AgreementRecord.bytes, RecordField.calibration)
    case 28 where random.below(2) == 0:
      record(.runTimeTables, PruneRow.bytes, RecordField.pruneRow)
    case 28: number(in: random.below(2) == 0 ? .labels : .strings)
    case 29: number(in: random.below(2) == 0 ? .weights : .refinement)
    case 30:
      let field = random.pick(RecordField.header)
      write(nil, 0, field.offset, field.size, value(at: field.offset, size: field.size))
    default:
      let row = random.below(sections.count)
      let field = random.pick(RecordField.section)
      let offset =
        ModelFormat.headerBytes + row * ModelFormat.sectionEntryBytes + field.offset
      write(nil, 0, offset, field.size, value(at: offset, size: field.size))
    }
  }

  /// One field of one record.
  private func record(_ kind: SectionKind, _ size: Int, _ fields: [RecordField]) {
    guard let section = section(kind), section.size >= size else { return }
    let count = section.size / size
    let field = random.pick(fields)
    let offset = random.below(count) * size + field.offset
    var new = value(at: section.offset + offset, size: field.size)
    if random.below(4) == 0 {
      // The same field of another record.
      new = read(section.offset + random.below(count) * size + field.offset, field.size)
    }
    write(kind, section.offset, offset, field.size, new)
  }

  /// Four bytes anywhere.
  private func number(in kind: SectionKind) {
    guard let section = section(kind), section.size >= 4 else { return }
    let offset = random.below(section.size / 4) * 4
    write(kind, section.offset, offset, 4, value(at: section.offset + offset, size: 4))
  }

  private func value(at offset: Int, size: Int) -> UInt32 {
    switch random.below(8) {
    case 0..<3: random.pick(Self.edges)
    case 3: random.pick(Self.floatEdges)
    case 4: UInt32(truncatingIfNeeded: random.next())
    case 5: read(offset, size) ^ (1 << UInt32(random.below(8 * min(size, 4))))
    default: read(offset, size) &+ UInt32(bitPattern: Int32(random.below(33) - 16))
    }
  }

  private func read(_ offset: Int, _ size: Int) -> UInt32 {
    var value: UInt32 = 0
    for i in 0..<min(size, 4) { value |= UInt32(memory.bytes[offset + i]) << UInt32(8 * i) }
    return value
  }

  private func write(
    _ kind: SectionKind?, _ base: Int, _ offset: Int, _ size: Int, _ value: UInt32
  ) {
    changes.append((kind, offset, value))
    store(base + offset, min(size, 4), value)
  }

  private func store(_ offset: Int, _ size: Int, _ value: UInt32) {
    undo.append((offset, Array(memory.bytes[offset..<(offset + size)])))
    for i in 0..<size {
      memory.mutableBytes[offset + i] = UInt8(truncatingIfNeeded: value >> UInt32(8 * i))
    }
  }

  /// Makes the checksums right again.
  private func seal() {
    for (row, section) in sections.enumerated() {
      guard changes.contains(where: { $0.section == section.kind }) else { continue }
      let part = memory.bytes[section.offset..<(section.offset + section.size)]
      store(
        ModelFormat.headerBytes + row * ModelFormat.sectionEntryBytes + 4, 4,
        Checksum.crc32c(UnsafeRawBufferPointer(rebasing: part)))
    }
    store(
      ModelFormat.headerChecksumOffset, 4,
      Checksum.header(memory.bytes, sections: sections.count))
  }
}
