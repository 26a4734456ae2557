import CImages
import CShims
import SwiftletCore

/// An RGB888 picture in memory that is used again for the next one: grows as needed, never
/// shrinks.
public struct Image: ~Copyable {
  /// Longest side of a picture that is accepted.
  public static var maxSide: Int { images_max_side }
  /// Most pixels of a picture that is accepted.
  public static var maxPixels: Int { images_max_pixels }

  var buffer = images_buffer()
  /// When the frame was taken, nanoseconds of the monotonic clock; 0 for a photo.
  public var time: Int64 = 0
  /// Number of the frame since its source was opened, from 0.
  public var sequence = 0

  /// An empty picture, 0 x 0.
  public init() {}

  /// A black picture of `width` x `height`; throws IMG003 beyond the limits, IMG005 without
  /// memory.
  public init(width: Int, height: Int) throws(SwiftletError) {
    try reserve(width: width, height: height, place: "image")
    memset(pixels, 0, width * height * 3)
  }

  /// The photo in the file at `path`, JPEG or PNG; throws SYS or IMG.
  public init(path: String) throws(SwiftletError) {
    var file = FileBytes()
    try file.read(path)
    try decode(UnsafeRawBufferPointer(start: file.base, count: file.count), place: path)
  }

  deinit {
    var last = buffer
    images_release(&last)
  }

  /// Pixels in a row.
  public var width: Int { Int(buffer.width) }
  /// Rows.
  public var height: Int { Int(buffer.height) }
  /// [height][width][3] bytes, red first; followed by 64 bytes that may be read and written.
  /// Valid until the picture changes its size or ends; not to be used when it is 0 x 0.
  public var pixels: UnsafeMutablePointer<UInt8> {
    // SAFETY: pixels is nil only before the first reserve, when there is nothing to read.
    buffer.pixels ?? UnsafeMutablePointer(bitPattern: 1).unsafelyUnwrapped
  }

  /// Makes this a picture of `width` x `height` with undefined pixels.
  mutating func reserve(width: Int, height: Int, place: String) throws(SwiftletError) {
    if width == self.width && height == self.height { return }
    let status = images_reserve(
      &buffer, Int32(clamping: width), Int32(clamping: height))
    if Int(status) != images_done {
      throw Self.error(status, place, width, height, "")
    }
  }

  /// Decodes JPEG or PNG `bytes`, told apart by their first bytes; `place` is named in errors.
  ///
  /// JPEG: grey, CMYK, progressive; turned as EXIF says. PNG: alpha is ignored, not blended;
  /// 16-bit values keep their high byte. Pixels are the same on every CPU. On error (IMG) the
  /// picture is empty.
  public mutating func decode(_ bytes: UnsafeRawBufferPointer, place: String)
    throws(SwiftletError)
  {
    let start = bytes.bindMemory(to: UInt8.self)
    var fault = images_fault()
    let status: Int32
    switch ImageFormat(bytes) {
    case .jpeg: status = images_decode_jpeg(start.baseAddress, start.count, &buffer, &fault)
    case .png: status = images_decode_png(start.baseAddress, start.count, &buffer, &fault)
    case nil:
      buffer.width = 0
      buffer.height = 0
      throw SwiftletError(
        .notAnImage, place: place, expected: "the first bytes of a JPEG or PNG file",
        found: ImageFormat.describe(bytes))
    }
    if Int(status) == images_done { return }
    let text = withUnsafeBytes(of: &fault.text) { raw in
      String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
    buffer.width = 0
    buffer.height = 0
    throw Self.error(status, place, Int(fault.width), Int(fault.height), text)
  }

  private static func error(
    _ status: Int32, _ place: String, _ width: Int, _ height: Int, _ text: String
  ) -> SwiftletError {
    let size = "\(width) x \(height)"
    switch Int(status) {
    case images_too_large:
      return SwiftletError(
        .imageTooLarge, place: place,
        expected: "1 to \(maxSide) pixels a side, at most \(maxPixels) in all", found: size)
    case images_unsupported:
      return SwiftletError(
        .imageUnsupported, place: place, expected: "8 bits, grey, RGB, YCbCr or CMYK",
        found: text)
    case images_memory:
      return SwiftletError(
        .imageMemory, place: place, expected: "memory for \(size) pixels", found: "none")
    default:
      return SwiftletError(
        .imageDamaged, place: place, expected: "a whole, undamaged image", found: text)
    }
  }
}

/// Kinds of photo files, told apart by their first bytes.
enum ImageFormat {
  case jpeg, png

  init?(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count >= 3, bytes[0] == 0xFF, bytes[1] == 0xD8, bytes[2] == 0xFF {
      self = .jpeg
    } else if bytes.count >= 8, bytes[0] == 0x89, bytes[1] == 0x50, bytes[2] == 0x4E,
      bytes[3] == 0x47, bytes[4] == 0x0D, bytes[5] == 0x0A, bytes[6] == 0x1A, bytes[7] == 0x0A
    {
      self = .png
    } else {
      return nil
    }
  }

  /// The first bytes, for a message.
  static func describe(_ bytes: UnsafeRawBufferPointer) -> String {
    if bytes.count == 0 { return "an empty file" }
    var text = ""
    for byte in bytes.prefix(8) {
      text += (byte < 16 ? " 0" : " ") + String(byte, radix: 16)
    }
    return "bytes\(text)"
  }
}
