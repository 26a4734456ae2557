import CShims

/// Text under construction, as UTF-8 bytes.
///
/// Reused buffers allocate nothing once they have grown; numbers are written digit by digit, so
/// that both Swift modes print the same bytes.
public struct TextBuffer {
  /// The text so far.
  public private(set) var bytes: [UInt8] = []

  /// An empty text with room for `capacity` bytes.
  public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  /// The text as a string.
  public var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Empties the text and keeps its memory.
  public mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  /// Adds one byte.
  @inline(never)
  public mutating func append(byte: UInt8) { bytes.append(byte) }

  /// Adds a text of the program. A literal costs a call little where a String would cost it much.
  @inline(never)
  public mutating func append(_ text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Adds a text that is made at run time.
  @inline(never) @_disfavoredOverload
  public mutating func append(_ text: String) {
    for byte in text.utf8 { bytes.append(byte) }
  }

  /// Adds a whole number in decimal.
  @inline(never)
  public mutating func append(_ number: Int) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    append(digits: UInt64(number.magnitude), atLeast: 1)
  }

  /// Adds a number with exactly `decimals` digits after the point, rounded half away from zero;
  /// "-" for what is no finite number below 10^15.
  @inline(never)
  public mutating func append(_ number: Double, decimals: Int) {
    guard number.isFinite, number.magnitude < 1e15 else {
      bytes.append(UInt8(ascii: "-"))
      return
    }
    var factor: UInt64 = 1
    for _ in 0..<min(max(decimals, 0), 9) { factor *= 10 }
    // The whole part first: the product of both would not fit.
    var whole = UInt64(number.magnitude)
    var part = UInt64(
      ((number.magnitude - Double(whole)) * Double(factor)).rounded(.toNearestOrAwayFromZero))
    if part >= factor {
      part -= factor
      whole += 1
    }
    if number < 0 && (whole > 0 || part > 0) { bytes.append(UInt8(ascii: "-")) }
    append(digits: whole, atLeast: 1)
    if decimals > 0 {
      bytes.append(UInt8(ascii: "."))
      append(digits: part, atLeast: min(decimals, 9))
    }
  }

  /// Adds a count with a thin mark at each thousand: 1 234 567.
  @inline(never)
  public mutating func append(grouped number: Int) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    let rest = number.magnitude
    guard rest >= 1000 else { return append(digits: UInt64(rest), atLeast: 1) }
    append(grouped: Int(rest / 1000))
    bytes.append(UInt8(ascii: " "))
    append(digits: UInt64(rest % 1000), atLeast: 3)
  }

  /// Adds `text`, cut or filled with blanks to `width` characters, at its left or right end.
  @inline(never)
  public mutating func append(column text: String, _ width: Int, right: Bool = false) {
    var count = 0
    for byte in text.utf8 where byte & 0xC0 != 0x80 { count += 1 }
    if right { append(blanks: width - count) }
    var taken = 0
    for byte in text.utf8 {
      if byte & 0xC0 != 0x80 { taken += 1 }
      if taken > width { break }
      bytes.append(byte)
    }
    if !right { append(blanks: width - count) }
  }

  /// Adds `count` blanks, none if it is negative.
  @inline(never)
  public mutating func append(blanks count: Int) {
    for _ in 0..<max(0, count) { bytes.append(UInt8(ascii: " ")) }
  }

  private mutating func append(digits number: UInt64, atLeast count: Int) {
    var power: UInt64 = 1
    var length = 1
    while number / power >= 10 || length < count {
      power *= 10
      length += 1
    }
    while power > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(number / power % 10))
      power /= 10
    }
  }

  /// Writes all bytes to a descriptor; false if it cannot take them (a closed pipe, a full disk).
  @discardableResult
  public func write(to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { all in
      var done = 0
      while done < all.count {
        let wrote = CShims.write(descriptor, all.baseAddress! + done, all.count - done)
        if wrote < 0 && shim_errno() == EINTR { continue }
        if wrote <= 0 { return false }
        done += wrote
      }
      return true
    }
  }
}

/// A number as text with exactly `decimals` digits after the point.
public func fixed(_ number: Double, _ decimals: Int) -> String {
  var text = TextBuffer(capacity: 24)
  text.append(number, decimals: decimals)
  return text.string
}

/// A count as text with its thousands apart.
public func grouped(_ number: Int) -> String {
  var text = TextBuffer(capacity: 24)
  text.append(grouped: number)
  return text.string
}

/// Compares bytes: string equality would link Unicode tables for nothing.
public func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

/// Whether `text` begins with `start`, byte for byte.
public func hasPrefix(_ text: String, _ start: String) -> Bool {
  text.utf8.starts(with: start.utf8)
}
