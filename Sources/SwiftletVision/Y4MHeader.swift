import SwiftletCore

/// The first line of a YUV4MPEG2 ("Y4M") file: size, frame rate, kind of samples.
///
/// Format: man page yuv4mpeg(5) of mjpegtools. Interlacing and pixel aspect are passed over.
struct Y4MHeader {
  /// Longest header or frame line that is accepted.
  static var maxLine: Int { 1024 }

  var width = 0
  var height = 0
  /// Frames a second; 0 if unknown.
  var rate = 0.0
  var format = YUVFormat.i420
  var isFullRange = false

  /// Takes the first line of `stream`; throws IMG006 or IMG007.
  init(_ stream: inout ByteStream) throws(SwiftletError) {
    guard try stream.starts(with: "YUV4MPEG2 ") else {
      throw SwiftletError(
        .videoHeader, place: stream.place, expected: "YUV4MPEG2 and a space", found: "other bytes")
    }
    // Split as bytes: characters would need tables of Unicode on the device.
    let words = try Self.line(&stream).utf8.split(separator: UInt8(ascii: " "))
    for word in words.dropFirst() {
      let value = Substring(word.dropFirst())
      switch word.first {
      case UInt8(ascii: "W"): width = try Self.number(value, stream.place, "a width after W")
      case UInt8(ascii: "H"): height = try Self.number(value, stream.place, "a height after H")
      case UInt8(ascii: "F"): rate = try Self.rate(value, stream.place)
      case UInt8(ascii: "C"): format = try Self.format(value, stream.place)
      case UInt8(ascii: "X"): if Self.equal(value, "COLORRANGE=FULL") { isFullRange = true }
      default: break
      }
    }
    guard width > 0, height > 0 else {
      throw SwiftletError(
        .videoHeader, place: stream.place, expected: "width W and height H", found: "one is absent")
    }
    guard width <= Image.maxSide, height <= Image.maxSide, width * height <= Image.maxPixels else {
      throw SwiftletError(
        .imageTooLarge, place: stream.place,
        expected: "1 to \(Image.maxSide) pixels a side, at most \(Image.maxPixels) in all",
        found: "\(width) x \(height)")
    }
  }

  /// Takes a line up to its end mark; throws IMG006 if it is too long or cut short.
  static func line(_ stream: inout ByteStream) throws(SwiftletError) -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while try stream.take(1, &byte) == 1 {
      if byte == 10 { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
      if bytes.count > maxLine { break }
    }
    throw SwiftletError(
      .videoHeader, place: stream.place,
      expected: "a line of at most \(maxLine) bytes", found: "no line end")
  }

  /// Passes over a line; false if it is too long or cut short. Allocates nothing.
  static func passLine(_ stream: inout ByteStream) throws(SwiftletError) -> Bool {
    var byte: UInt8 = 0
    var length = 0
    while length <= maxLine, try stream.take(1, &byte) == 1 {
      if byte == 10 { return true }
      length += 1
    }
    return false
  }

  private static func number(_ text: Substring, _ place: String, _ expected: String)
    throws(SwiftletError) -> Int
  {
    var value = 0
    for digit in text.utf8 {
      guard digit >= 48, digit <= 57, value <= 1_000_000 else {
        throw SwiftletError(.videoHeader, place: place, expected: expected, found: "\(text)")
      }
      value = value * 10 + Int(digit - 48)
    }
    if text.utf8.isEmpty || value == 0 {
      throw SwiftletError(.videoHeader, place: place, expected: expected, found: "\"\(text)\"")
    }
    return value
  }

  private static func rate(_ text: Substring, _ place: String) throws(SwiftletError) -> Double {
    let parts = text.utf8.split(separator: UInt8(ascii: ":")).map { Substring($0) }
    if parts.count == 2, equal(text, "0:0") { return 0 }
    guard parts.count == 2 else {
      throw SwiftletError(
        .videoHeader, place: place, expected: "a rate such as F30:1", found: "F\(text)")
    }
    return Double(try number(parts[0], place, "a rate such as F30:1"))
      / Double(try number(parts[1], place, "a rate such as F30:1"))
  }

  private static func format(_ text: Substring, _ place: String) throws(SwiftletError) -> YUVFormat
  {
    if equal(text, "420") || equal(text, "420jpeg") || equal(text, "420mpeg2")
      || equal(text, "420paldv")
    {
      return .i420
    }
    if equal(text, "422") { return .i422 }
    if equal(text, "444") { return .i444 }
    if equal(text, "mono") { return .gray }
    throw SwiftletError(
      .videoFormat, place: place,
      expected: "C420, C420jpeg, C420mpeg2, C420paldv, C422, C444 or Cmono",
      found: "C\(text)")
  }

  /// Byte for byte: the comparison of texts would need tables of Unicode on the device.
  private static func equal(_ text: Substring, _ word: StaticString) -> Bool {
    guard text.utf8.count == word.utf8CodeUnitCount else { return false }
    var at = word.utf8Start
    for byte in text.utf8 {
      if byte != at.pointee { return false }
      at += 1
    }
    return true
  }
}
