import CImages
import CShims
import SwiftletCore

/// A picture in memory that is used again for the next one: grows as needed, never shrinks.
///
/// RGB888, or the samples of a camera as they came, which become colours only when the picture is
/// fitted into a network's input.
public struct Image: ~Copyable {
  /// Longest side of a picture that is accepted.
  public static var maxSide: Int { images_max_side }
  /// Most pixels of a picture that is accepted.
  public static var maxPixels: Int { images_max_pixels }

  var buffer = images_buffer()
  /// Layout of a camera's samples; nil for RGB888.
  public private(set) var format: YUVFormat?
  private var matrix = ColorMatrix()
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

  /// A picture of a camera's `samples`, `format.bytes(width:height:)` of them. Throws IMG003,
  /// IMG005, or IMG009 for another number.
  public init(
    samples: UnsafeRawBufferPointer, format: YUVFormat, width: Int, height: Int,
    matrix: ColorMatrix
  ) throws(SwiftletError) {
    let place = "samples"
    try reserve(format, matrix, width: width, height: height, place: place)
    let count = format.bytes(width: width, height: height)
    guard samples.count == count else {
      throw SwiftletError(
        .frameSize, place: place, expected: "\(count) bytes", found: "\(samples.count)")
    }
    if let base = samples.baseAddress { memcpy(memory, base, count) }
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
  /// Valid until the picture changes its size or ends; not to be used when it is 0 x 0 or holds a
  /// camera's samples (see `rgb`).
  public var pixels: UnsafeMutablePointer<UInt8> {
    precondition(format == nil, "samples are no RGB888")
    return memory
  }

  /// Pixels or samples; 64 bytes behind them may be read and written.
  var memory: UnsafeMutablePointer<UInt8> {
    // SAFETY: pixels is nil only before the first reserve, when there is nothing to read.
    buffer.pixels ?? UnsafeMutablePointer(bitPattern: 1).unsafelyUnwrapped
  }

  /// The camera's samples, row by row as colours; nil for RGB888.
  var rows: YUVRows? {
    guard let format else { return nil }
    return YUVRows(base: memory, width: width, height: height, format: format, matrix: matrix)
  }

  /// This picture as RGB888 in `image`. Throws IMG005.
  public borrowing func rgb(into image: inout Image) throws(SwiftletError) {
    try image.reserve(width: width, height: height, place: "image")
    if width == 0 || height == 0 { return }
    guard let rows else {
      memcpy(image.memory, memory, width * height * 3)
      return
    }
    let line = UnsafeMutableRawPointer.allocate(
      byteCount: (width + YUVRows.slack) * 4, alignment: 16)
    defer { line.deallocate() }
    // Each store writes one byte too many, which the next one corrects; the last one falls into
    // the picture's slack.
    var out = UnsafeMutableRawPointer(image.memory)
    for y in 0..<height {
      rows.convert(y, 0, width, line)
      for x in 0..<width {
        out.storeBytes(of: line.load(fromByteOffset: 4 * x, as: UInt32.self), as: UInt32.self)
        out += 3
      }
    }
  }

  /// Makes this a picture of `width` x `height` samples of a camera, undefined as yet.
  mutating func reserve(
    _ format: YUVFormat, _ matrix: ColorMatrix, width: Int, height: Int, place: String
  ) throws(SwiftletError) {
    self.matrix = matrix
    if format == self.format && width == self.width && height == self.height { return }
    self.format = format
    let isInRange = width > 0 && height > 0 && width <= Self.maxSide && height <= Self.maxSide
    let status = images_reserve_bytes(
      &buffer, Int32(clamping: width), Int32(clamping: height),
      isInRange ? format.bytes(width: width, height: height) : 0)
    if Int(status) != images_done {
      throw Self.error(status, place, width, height, "")
    }
  }

  /// Makes this a picture of `width` x `height` with undefined pixels.
  mutating func reserve(width: Int, height: Int, place: String) throws(SwiftletError) {
    if format == nil && width == self.width && height == self.height { return }
    format = nil
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
  ///
  /// A JPEG may come out at 1/2, 1/4 or 1/8 of its size as long as both sides are at least
  /// `minimumWidth` and `minimumHeight`: far less work.
  public mutating func decode(
    _ bytes: UnsafeRawBufferPointer, place: String, minimumWidth: Int = Int.max,
    minimumHeight: Int = Int.max
  ) throws(SwiftletError) {
    format = nil
    let start = bytes.bindMemory(to: UInt8.self)
    var fault = images_fault()
    let status: Int32
    switch ImageFormat(bytes) {
    case .jpeg:
      status = images_decode_jpeg_scaled(
        start.baseAddress, start.count, Int32(clamping: minimumWidth),
        Int32(clamping: minimumHeight), &buffer, &fault)
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
