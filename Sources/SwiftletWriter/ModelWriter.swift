import SwiftletCore

/// A quantised network to the bytes of a model file (docs/format.md). The same network gives the
/// same bytes, and only bytes that `ModelVerifier.verifyAll` accepts are given.
public enum ModelWriter {
  /// The file's bytes; an error names what in the network is not consistent.
  public static func write(_ network: QuantizedNetwork) throws(SwiftletError) -> [UInt8] {
    var encoder = NetworkEncoder(network)
    let bytes = try encoder.encode()
    let copy = AlignedBytes(bytes)
    _ = try ModelVerifier.verifyAll(bytes: copy.bytes, name: network.name)
    return bytes
  }

  /// Writes the file at once or not at all; replaces one of that name.
  public static func writeFile(
    _ network: QuantizedNetwork, to path: String
  ) throws(SwiftletError) {
    let copy = AlignedBytes(try write(network))
    try AtomicFile.write(copy.bytes, to: path)
  }
}

/// Puts sections together: canonical order, zeros between, checksums.
package enum FileAssembler {
  /// `sections` in rising order of kind.
  package static func file(_ sections: [(kind: SectionKind, bytes: [UInt8])]) -> [UInt8] {
    var file = ByteBuffer()
    let tableBytes = sections.count * ModelFormat.sectionEntryBytes
    file.zeros(ModelFormat.headerBytes + tableBytes)
    var table = ByteBuffer()
    for (kind, bytes) in sections {
      file.align(to: kind.isPlane ? ModelFormat.planeAlignment : ModelFormat.alignment)
      table.append(kind.rawValue)
      table.append(bytes.withUnsafeBytes { Checksum.crc32c($0) })
      table.append(UInt64(file.bytes.count))
      table.append(UInt64(bytes.count))
      file.bytes.append(contentsOf: bytes)
    }
    var head = ByteBuffer()
    head.append(ModelFormat.magic)
    head.append(ModelFormat.version)
    head.append(UInt16(ModelFormat.headerBytes))
    head.append(UInt32(sections.count))
    head.append(UInt32(0))
    head.append(UInt64(file.bytes.count))
    head.align(to: ModelFormat.headerBytes)
    head.bytes.append(contentsOf: table.bytes)
    let checksum = head.bytes.withUnsafeBytes {
      Checksum.header($0, sections: sections.count)
    }
    withUnsafeBytes(of: checksum.littleEndian) {
      let at = ModelFormat.headerChecksumOffset
      head.bytes.replaceSubrange(at..<(at + 4), with: $0)
    }
    file.bytes.replaceSubrange(0..<head.bytes.count, with: head.bytes)
    return file.bytes
  }
}
