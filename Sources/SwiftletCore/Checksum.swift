import CShims

/// CRC-32C, by CPU instruction where there is one.
public enum Checksum {
  /// The checksum of `bytes`, continued from `start`.
  public static func crc32c(_ bytes: UnsafeRawBufferPointer, from start: UInt32 = 0) -> UInt32 {
    guard let base = bytes.baseAddress else { return start }
    return shim_crc32c(start, base, bytes.count)
  }

  /// The same by table: for tests, and what CPUs without the instruction use.
  public static func crc32cByTable(
    _ bytes: UnsafeRawBufferPointer, from start: UInt32 = 0
  ) -> UInt32 {
    guard let base = bytes.baseAddress else { return start }
    return shim_crc32c_portable(start, base, bytes.count)
  }

  /// The checksum of a model file's header and section table. `bytes` are at least these.
  package static func header(_ bytes: UnsafeRawBufferPointer, sections: Int) -> UInt32 {
    let at = ModelFormat.headerChecksumOffset
    let end = ModelFormat.headerBytes + sections * ModelFormat.sectionEntryBytes
    var crc = crc32c(UnsafeRawBufferPointer(rebasing: bytes[0..<at]))
    let zero: UInt32 = 0
    crc = withUnsafeBytes(of: zero) { crc32c($0, from: crc) }
    return crc32c(UnsafeRawBufferPointer(rebasing: bytes[(at + 4)..<end]), from: crc)
  }
}
