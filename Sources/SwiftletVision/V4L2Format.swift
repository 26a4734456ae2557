import CShims

/// Kinds of frames that cameras send and this module reads, in the order of preference: colour
/// without decoding first.
public enum V4L2Format: Int, CaseIterable, Sendable {
  case yuyv, nv12, nv21, yu12, mjpg, grey

  /// The four letters of `--format` and of the driver.
  public var name: String {
    switch self {
    case .yuyv: "YUYV"
    case .nv12: "NV12"
    case .nv21: "NV21"
    case .yu12: "YU12"
    case .mjpg: "MJPG"
    case .grey: "GREY"
    }
  }

  /// The driver's number: its letters, first in the low byte.
  var fourcc: UInt32 {
    switch self {
    case .yuyv: 0x5659_5559
    case .nv12: 0x3231_564E
    case .nv21: 0x3132_564E
    case .yu12: 0x3231_5559
    case .mjpg: 0x4750_4A4D
    case .grey: 0x5945_5247
    }
  }

  /// The format of that number; some drivers call MJPG "JPEG".
  init?(fourcc: UInt32) {
    for format in Self.allCases where format.fourcc == fourcc {
      self = format
      return
    }
    if fourcc != 0x4745_504A { return nil }
    self = .mjpg
  }

  /// The format of that name, in capitals or not.
  public init?(named name: String) {
    var fourcc: UInt32 = 0
    var count = 0
    for byte in name.utf8 {
      let letter = byte >= 0x61 && byte <= 0x7A ? byte - 32 : byte
      if count < 4 { fourcc |= UInt32(letter) << UInt32(8 * count) }
      count += 1
    }
    if count != 4 { return nil }
    self.init(fourcc: fourcc)
  }

  /// The letters of any number; what is no letter becomes "?".
  static func letters(_ fourcc: UInt32) -> String {
    var text = ""
    for i in 0..<4 {
      let byte = UInt8(truncatingIfNeeded: fourcc >> UInt32(8 * i)) & 0x7F
      text.unicodeScalars.append(Unicode.Scalar(byte > 0x20 && byte < 0x7F ? byte : 0x3F))
    }
    return text
  }

  /// How the samples lie in a picture; nil if they are compressed.
  var samples: YUVFormat? {
    switch self {
    case .yuyv: .yuyv
    case .nv12: .nv12
    case .nv21: .nv21
    case .yu12: .i420
    case .mjpg: nil
    case .grey: .gray
    }
  }
}

/// Where the samples of a driver's frame lie, with gaps behind rows as the driver likes them.
struct V4L2Layout {
  /// Bytes that a whole frame has at least; 0 for a compressed one.
  let need: Int
  /// Layout of the copy; nil for a compressed frame.
  let format: YUVFormat?
  private let width: Int
  private let height: Int
  private let line: Int

  /// The layout of frames with `line` bytes from row to row (0: no gaps); nil if a row does not
  /// fit into its line or the size is odd where chroma comes in pairs.
  init?(_ format: V4L2Format, width: Int, height: Int, line: Int) {
    self.format = format.samples
    self.width = width
    self.height = height
    let perRow = format == .yuyv ? 2 * width : width
    self.line = line == 0 ? perRow : line
    guard let samples = format.samples else {
      need = 0
      return
    }
    if samples != .gray && (width | height) & 1 != 0 { return nil }
    if self.line < perRow || self.line > 1 << 20 { return nil }
    // Planes that are half as wide have lines of half the length.
    if samples == .i420 && self.line & 1 != 0 { return nil }
    let luma = self.line * (height - 1) + perRow
    need =
      switch samples {
      case .nv12, .nv21: self.line * (height + height / 2 - 1) + width
      case .i420: self.line * (height + height / 2) - self.line / 2 + width / 2
      default: luma
      }
  }

  /// Copies the frame at `from`, at least `need` bytes, to `to` without gaps.
  ///
  /// Copied instead of lent: the buffer goes back to the driver at once, so that a slow network
  /// never stops the camera, and memory of a camera, which some boards do not cache, is read
  /// once in order. 614,400 bytes in the cache cost 9 microseconds on a PC, where the fit into a
  /// network's input that reads them next takes 1,400.
  func copy(_ from: UnsafePointer<UInt8>, to: UnsafeMutablePointer<UInt8>) {
    guard let format else { return }
    switch format {
    case .nv12, .nv21:
      rows(from, line, to, width, height + height / 2)
    case .i420:
      rows(from, line, to, width, height)
      rows(from + line * height, line / 2, to + width * height, width / 2, height)
    case .yuyv: rows(from, line, to, 2 * width, height)
    default: rows(from, line, to, width, height)
    }
  }

  private func rows(
    _ from: UnsafePointer<UInt8>, _ line: Int, _ to: UnsafeMutablePointer<UInt8>, _ bytes: Int,
    _ count: Int
  ) {
    if line == bytes {
      memcpy(to, from, bytes * count)
      return
    }
    for y in 0..<count { memcpy(to + y * bytes, from + y * line, bytes) }
  }
}
