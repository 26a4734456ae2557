import CShims
import SwiftletCore

/// Frames of a Y4M file or of standard input (Y4M or raw samples).
public final class VideoSource {
  public let width: Int
  public let height: Int
  private var stream: ByteStream
  private let format: YUVFormat
  private let matrix: ColorMatrix
  private let frameBytes: Int
  private let isRaw: Bool
  private let loops: Bool
  private var pacer: Pacer
  private var sequence = 0
  private var framesSinceStart = 0

  /// Opens a stream of frames. Throws SYS, IMG006 or IMG007 for a bad header, and CAM002 if raw
  /// samples come without a size.
  init(_ opened: consuming ByteStream, isFile: Bool, _ options: SourceOptions)
    throws(SwiftletError)
  {
    var stream = opened
    var rate = options.framerate ?? 0
    let size: (width: Int, height: Int)
    let format: YUVFormat
    var isFullRange = options.isFullRange
    let isRaw: Bool
    if try stream.starts(with: "YUV4MPEG2 ") {
      let header = try Y4MHeader(&stream)
      size = (header.width, header.height)
      format = header.format
      isFullRange = isFullRange || header.isFullRange
      // A pipe has its own pace; a file plays as it was recorded.
      if isFile && options.framerate == nil { rate = header.rate }
      isRaw = false
    } else {
      size = (options.width, options.height)
      format = options.format
      isRaw = true
      guard size.width > 0, size.height > 0 else {
        throw SwiftletError(
          .sourceSize, place: stream.place,
          expected: "Y4M (first bytes YUV4MPEG2), or --width and --height for raw samples",
          found: try stream.peek() < 0 ? "no data" : "raw samples without a size")
      }
      guard size.width <= Image.maxSide, size.height <= Image.maxSide,
        size.width * size.height <= Image.maxPixels
      else {
        throw SwiftletError(
          .imageTooLarge, place: stream.place,
          expected: "1 to \(Image.maxSide) pixels a side, at most \(Image.maxPixels) in all",
          found: "\(size.width) x \(size.height)")
      }
    }
    width = size.width
    height = size.height
    self.isRaw = isRaw
    loops = options.loops && isFile
    pacer = Pacer(rate)
    frameBytes = format.bytes(width: size.width, height: size.height)
    self.format = format
    matrix = ColorMatrix(isBT709: options.isBT709, isFullRange: isFullRange)
    self.stream = stream
  }

  /// The next frame; false at the end. Throws SYS002, or IMG006, IMG008 if a frame is cut short.
  public func next(into image: inout Image) throws(SwiftletError) -> Bool {
    if try stream.peek() < 0 {
      guard loops, framesSinceStart > 0, stream.rewind() else { return false }
      framesSinceStart = 0
      if !isRaw, try !Y4MHeader.passLine(&stream) { return false }
    }
    let due = pacer.wait()
    if !isRaw { try passFrameLine() }
    try image.reserve(format, matrix, width: width, height: height, place: "video frame")
    let got = try stream.take(frameBytes, image.memory)
    guard got == frameBytes else {
      throw SwiftletError(
        .videoCutShort, place: "\(stream.place), frame \(sequence)",
        expected: "\(frameBytes) bytes", found: "\(got)")
    }
    image.time = due ?? shim_monotonic()
    image.sequence = sequence
    sequence += 1
    framesSinceStart += 1
    return true
  }

  /// "FRAME", perhaps parameters, line end.
  private func passFrameLine() throws(SwiftletError) {
    let isMarked = try stream.starts(with: "FRAME")
    if isMarked, try Y4MHeader.passLine(&stream) { return }
    throw SwiftletError(
      .videoHeader, place: "\(stream.place), frame \(sequence)",
      expected: "a line that begins with FRAME", found: "other bytes")
  }
}
