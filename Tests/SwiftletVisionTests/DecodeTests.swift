import Foundation
import SwiftletCore
import SwiftletVision
import Testing

@Test(arguments: expectedFiles)
func decode_everyKindOfPhoto_givesPillowsPixels(
  _ file: (name: String, width: Int, height: Int, crc: UInt32)
) throws {
  var image = Image()
  try image.decode(Package.fixture(file.name))
  #expect(image.width == file.width)
  #expect(image.height == file.height)
  #expect(crc32(image.bytes) == file.crc)
}

@Test(arguments: [
  "baseline420.jpg", "progressive.jpg", "restart.jpg", "turned6.jpg", "cmyk.jpg", "rgb.png",
  "palette.png", "interlaced.png", "deep.png",
])
func decode_photoCutAtAnyByte_isAnError(_ name: String) throws {
  let whole = Package.fixture(name)
  var image = Image()
  for count in 0..<whole.count {
    let error = errorOf { () throws(SwiftletError) in try image.decode(Array(whole[..<count])) }
    let found = try #require(error, "\(count) of \(whole.count) bytes")
    #expect(found.code == .imageDamaged || found.code == .notAnImage)
    #expect(found.code.name.hasPrefix("IMG"))
    #expect(image.width == 0)
  }
}

@Test(arguments: expectedFiles.map(\.name))
func decode_randomDamage_isPixelsOrAnImageError(_ name: String) {
  let whole = Package.fixture(name)
  var random = SplitMix64(state: 17)
  var image = Image()
  var refused = 0
  for _ in 0..<600 {
    var bytes = whole
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
        in: 0...255, using: &random)
    }
    if let error = errorOf({ () throws(SwiftletError) in try image.decode(bytes) }) {
      refused += 1
      #expect(error.code.name.hasPrefix("IMG"))
      #expect(!error.message.isEmpty)
    } else {
      #expect(image.width > 0 && image.width * image.height <= Image.maxPixels)
    }
  }
  #expect(refused > 0)
}

@Test func decode_hugeJPEG_isRefusedBeforeMemoryIsTaken() throws {
  var bytes = Package.fixture("baseline444.jpg")
  // The frame header: FF C0, length, precision, height, width.
  let at = try #require((0..<bytes.count - 9).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
  for (offset, side) in [(5, UInt8(0xFF)), (7, 0xFF)] {
    bytes[at + offset] = side
    bytes[at + offset + 1] = 0xDC
  }
  var image = Image()
  let error = errorOf { () throws(SwiftletError) in try image.decode(bytes) }
  #expect(error?.code == .imageTooLarge)
  #expect(error?.found == "65500 x 65500")
}

@Test func decode_hugePNG_isRefusedBeforeMemoryIsTaken() {
  var bytes = Package.fixture("rgb.png")
  bytes.replaceSubrange(16..<24, with: [0, 0, 0x40, 1, 0, 0, 0, 1])
  let crc = crc32(bytes[12..<29])
  bytes.replaceSubrange(29..<33, with: (0..<4).map { UInt8(crc >> (24 - 8 * $0) & 255) })
  var image = Image()
  let error = errorOf { () throws(SwiftletError) in try image.decode(bytes) }
  #expect(error?.code == .imageTooLarge)
  #expect(error?.found == "16385 x 1")
}

@Test func decode_twelveBitJPEG_isUnsupported() throws {
  var bytes = Package.fixture("baseline444.jpg")
  let at = try #require((0..<bytes.count - 9).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
  bytes[at + 4] = 12
  var image = Image()
  #expect(
    errorOf { () throws(SwiftletError) in try image.decode(bytes) }?.code == .imageUnsupported)
}

@Test func decode_otherBytes_namesThem() {
  var image = Image()
  let error = errorOf { () throws(SwiftletError) in try image.decode(Array("GIF89a...".utf8)) }
  #expect(error?.code == .notAnImage)
  #expect(error?.found == "bytes 47 49 46 38 39 61 2e 2e")
}

@Test func image_absentFile_isAnErrorWithItsName() {
  let error = errorOf { () throws(SwiftletError) in _ = try Image(path: "/nowhere/photo.jpg") }
  #expect(error?.code == .cannotOpen)
  #expect(error?.place == "/nowhere/photo.jpg")
  #expect(error?.found == "ENOENT")
}

@Test func image_nextPhotoAfterAnError_isWhole() throws {
  var image = Image()
  try image.decode(Package.fixture("rgb.png"))
  let first = image.bytes
  let half = Array(Package.fixture("baseline444.jpg").prefix(700))
  #expect(errorOf { () throws(SwiftletError) in try image.decode(half) } != nil)
  try image.decode(Package.fixture("rgb.png"))
  #expect(image.bytes == first)
}
