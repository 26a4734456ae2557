import Foundation
import SwiftletCore
import SwiftletVision

/// The package's folder, and what the tests need from it.
enum Package {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let fixtures = root.appending(path: "Tests/SwiftletVisionTests/Fixtures")
  /// The folder of photos and networks that are not part of the package.
  static let data: URL = {
    let path = ProcessInfo.processInfo.environment["SWIFTLET_DATA"] ?? "../shared/data"
    return URL(filePath: path, relativeTo: root)
  }()

  static func fixture(_ name: String) -> [UInt8] {
    // A missing fixture makes every test that reads it fail.
    [UInt8]((try? Data(contentsOf: fixtures.appending(path: name))) ?? Data())
  }

  /// A file of `bytes` in a folder of its own that the caller removes.
  static func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }
}

/// CRC-32 of zlib, as Python's zlib.crc32.
func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
  var crc: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 != 0 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
  }
  return ~crc
}

/// SplitMix64 (Steele, Lea, Flood 2014), as in tools/vision-fixtures.py.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}

extension Image {
  /// The picture's bytes, [height][width][3].
  var bytes: [UInt8] {
    if format == nil { return Array(UnsafeBufferPointer(start: pixels, count: width * height * 3)) }
    var image = Image()
    try? rgb(into: &image)
    return image.bytes
  }

  init(
    samples: [UInt8], _ format: YUVFormat, _ width: Int, _ height: Int, _ matrix: ColorMatrix
  ) throws(SwiftletError) {
    // Exactly as large as it says, so that AddressSanitizer sees a read beyond it.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: samples.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: samples)
    try self.init(
      samples: UnsafeRawBufferPointer(copy), format: format, width: width, height: height,
      matrix: matrix)
  }

  mutating func decode(_ bytes: [UInt8]) throws(SwiftletError) {
    // Exactly as large as it says, so that AddressSanitizer sees a read beyond it.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    try decode(UnsafeRawBufferPointer(copy), place: "test")
  }
}

/// What `body` throws; nil if nothing.
func errorOf(_ body: () throws(SwiftletError) -> Void) -> SwiftletError? {
  do throws(SwiftletError) {
    try body()
    return nil
  } catch {
    return error
  }
}
