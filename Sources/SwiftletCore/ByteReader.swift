/// Reads little-endian values one after another from bytes that nobody vouches for: each read
/// stays inside or throws.
package struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  /// What is read, for messages.
  private let place: String
  /// Bytes read so far.
  package private(set) var position = 0

  package init(_ bytes: UnsafeRawBufferPointer, place: String) {
    self.bytes = bytes
    self.place = place
  }

  package var remaining: Int { bytes.count - position }

  package mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type = T.self
  ) throws(SwiftletError) -> T {
    guard remaining >= MemoryLayout<T>.size else {
      throw SwiftletError(
        .modelCutShort, place: place, expected: "\(MemoryLayout<T>.size) bytes at byte \(position)",
        found: "\(remaining)")
    }
    let value = bytes.loadUnaligned(fromByteOffset: position, as: T.self)
    position += MemoryLayout<T>.size
    return T(littleEndian: value)
  }

  package mutating func float() throws(SwiftletError) -> Float {
    Float(bitPattern: try read(UInt32.self))
  }

  /// A 32-bit number of a tensor or byte; all ones mean absent and become -1.
  package mutating func offset() throws(SwiftletError) -> Int {
    let value = try read(UInt32.self)
    return value == .max ? -1 : Int(value)
  }

  /// Bytes that have to be zero.
  package mutating func zeros(_ count: Int) throws(SwiftletError) {
    for _ in 0..<count {
      let value = try read(UInt8.self)
      guard value == 0 else {
        throw SwiftletError(
          .modelReserved, place: place, expected: "0 at byte \(position - 1)", found: "\(value)")
      }
    }
  }
}
