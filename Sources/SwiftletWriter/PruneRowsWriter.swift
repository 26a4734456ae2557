import SwiftletCore

extension ModelWriter {
  /// The bytes of `contents` with these rows of the pruning dial in place of those it had; all
  /// other sections stay as they are. Rows are sorted as the format wants them.
  public static func file(
    _ contents: ModelContents, pruneRows rows: [PruneRow]
  ) throws(SwiftletError) -> [UInt8] {
    let sorted = rows.sorted {
      ($0.way.rawValue, $0.partner, $0.dial) < ($1.way.rawValue, $1.partner, $1.dial)
    }
    var sections: [(kind: SectionKind, bytes: [UInt8])] = []
    for section in contents.sections where section.kind != .runTimeTables {
      sections.append((section.kind, Array(contents.section(section.kind))))
    }
    if !sorted.isEmpty {
      var table = ByteBuffer()
      for row in sorted { table.append(row) }
      let place = sections.firstIndex { $0.kind.rawValue > SectionKind.runTimeTables.rawValue }
      sections.insert((.runTimeTables, table.bytes), at: place ?? sections.count)
    }
    let bytes = FileAssembler.file(sections)
    let copy = AlignedBytes(bytes)
    _ = try ModelVerifier.verifyAll(bytes: copy.bytes, name: contents.fileName)
    return bytes
  }
}

extension ByteBuffer {
  fileprivate mutating func append(_ row: PruneRow) {
    append(row.way.rawValue)
    append(UInt8(clamping: row.bits))
    append(UInt16(clamping: row.dial))
    append(UInt16(clamping: row.resolution))
    zeros(2)
    append(row.partner)
    append(row.margin)
    append(row.shift)
    append(row.agreement)
    append(row.cost)
    append(row.firstCost)
    append(row.escalated)
    append(UInt32(clamping: row.photos))
    zeros(8)
  }
}
