import SwiftletCore

/// Little-endian bytes that grow.
struct ByteBuffer {
  var bytes: [UInt8] = []

  mutating func append<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ value: Float) { append(value.bitPattern) }

  /// A 32-bit number; -1 (absent) becomes all ones.
  mutating func append(offset: Int) { append(offset < 0 ? UInt32.max : UInt32(offset)) }

  mutating func zeros(_ count: Int) {
    bytes.append(contentsOf: repeatElement(0, count: count))
  }

  mutating func align(to alignment: Int) {
    zeros(ModelFormat.aligned(bytes.count, to: alignment) - bytes.count)
  }
}

/// Zero-terminated strings, each once.
struct StringTable {
  private(set) var bytes: [UInt8] = []
  private var offsets: [String: Int] = [:]

  /// The offset of `text`. A zero byte inside it would end it early and is refused.
  mutating func add(_ text: String) throws(SwiftletError) -> Int {
    if let known = offsets[text] { return known }
    let utf8 = Array(text.utf8)
    guard !utf8.contains(0) else {
      throw SwiftletError(.networkInvalid, place: text, expected: "text without zero characters")
    }
    let offset = bytes.count
    bytes.append(contentsOf: utf8)
    bytes.append(0)
    // String equality is canonical equivalence: differently composed texts would be joined, which
    // changes bytes but nothing that is read as text.
    offsets[text] = offset
    return offset
  }
}

/// Arrays at multiples of 64, equal ones once.
struct ArrayTable {
  private(set) var bytes: [UInt8] = []
  private var offsets: [[UInt8]: Int] = [:]

  mutating func add(_ array: [UInt8]) -> Int {
    if let known = offsets[array] { return known }
    let offset = ModelFormat.aligned(bytes.count)
    bytes.append(contentsOf: repeatElement(0, count: offset - bytes.count))
    bytes.append(contentsOf: array)
    offsets[array] = offset
    return offset
  }

  mutating func add(_ values: [Float]) -> Int {
    var buffer = ByteBuffer()
    for value in values { buffer.append(value) }
    return add(buffer.bytes)
  }

  mutating func add(_ values: [Int32]) -> Int {
    var buffer = ByteBuffer()
    for value in values { buffer.append(value) }
    return add(buffer.bytes)
  }
}
