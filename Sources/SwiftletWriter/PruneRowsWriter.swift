import SwiftletCore

extension ModelWriter {
  /// The bytes of `contents` with these rows of the pruning dial in place of those it had; all
  /// other sections stay as they are.
  public static func file(
    _ contents: ModelContents, pruneRows rows: [PruneRow]
  ) throws(SwiftletError) -> [UInt8] {
    var sections: [(kind: SectionKind, bytes: [UInt8])] = []
    for section in contents.sections where section.kind != .runTimeTables {
      sections.append((section.kind, Array(contents.section(section.kind))))
    }
    if !rows.isEmpty {
      let sorted = rows.sorted {
        ($0.way.rawValue, $0.partner, $0.dial) < ($1.way.rawValue, $1.partner, $1.dial)
      }
      let place = sections.firstIndex { $0.kind.rawValue > SectionKind.runTimeTables.rawValue }
      sections.insert(
        (.runTimeTables, PruneRowsEncoding.bytes(sorted)), at: place ?? sections.count)
    }
    let bytes = FileAssembler.file(sections)
    let copy = AlignedBytes(bytes)
    _ = try ModelVerifier.verifyAll(bytes: copy.bytes, name: contents.fileName)
    return bytes
  }
}

/// The section runTimeTables.
enum PruneRowsEncoding {
  static func bytes(_ rows: [PruneRow]) -> [UInt8] {
    var table = ByteBuffer()
    for row in rows {
      table.append(row.way.rawValue)
      table.append(UInt8(clamping: row.bits))
      table.append(UInt16(clamping: row.dial))
      table.append(UInt16(clamping: row.resolution))
      table.zeros(2)
      table.append(row.partner)
      table.append(row.margin)
      table.append(row.shift)
      table.append(row.agreement)
      table.append(row.cost)
      table.append(row.firstCost)
      table.append(row.escalated)
      table.append(UInt32(clamping: row.photos))
      table.zeros(8)
    }
    return table.bytes
  }
}
