import SwiftletCore
import SwiftletVision
import Testing

/// A picture of random pixels, as in tools/vision-fixtures.py.
private func noise(_ width: Int, _ height: Int) throws -> Image {
  let image = try Image(width: width, height: height)
  var random = SplitMix64(state: 1)
  for i in 0..<width * height * 3 { image.pixels[i] = UInt8(truncatingIfNeeded: random.next()) }
  return image
}

/// The target's bytes after a fit, and the bytes around it, which must stay 0xA5.
private func fit(
  _ image: borrowing Image, _ rule: FitRule, _ width: Int, _ height: Int, xor: UInt8 = 0,
  isBGR: Bool = false, gap: Int = 12
) -> [UInt8] {
  let line = width * 4 + gap
  var bytes = [UInt8](repeating: 0xA5, count: height * line)
  bytes.withUnsafeMutableBytes { raw in
    let target = PixelTarget(
      base: raw.baseAddress!, line: line, width: width, height: height, xor: xor, isBGR: isBGR)
    var writer = InputWriter(rule: rule, target: target)
    writer.write(image)
  }
  for y in 0..<height {
    #expect(bytes[(y * line + width * 4)..<((y + 1) * line)].allSatisfy { $0 == 0xA5 })
  }
  return (0..<height).flatMap { bytes[($0 * line)..<($0 * line + width * 4)] }
}

@Test(arguments: expectedSizes)
func resampler_everySize_equalsPillowBitForBit(
  _ c: (width: Int, height: Int, toWidth: Int, toHeight: Int, shortSide: Int, crc: UInt32)
) throws {
  let image = try noise(c.width, c.height)
  let rule = c.shortSide == 0 ? FitRule.squash : .crop(shortSide: c.shortSide)
  let bytes = fit(image, rule, c.toWidth, c.toHeight)
  let rgb = bytes.indices.filter { $0 & 3 < 3 }.map { bytes[$0] }
  #expect(crc32(rgb) == c.crc)
  #expect(stride(from: 3, to: bytes.count, by: 4).allSatisfy { bytes[$0] == 0 })
}

@Test func resampler_orderAndXor_changeBytesAlone() throws {
  let image = try noise(53, 41)
  let plain = fit(image, .squash, 17, 19)
  let other = fit(image, .squash, 17, 19, xor: 128, isBGR: true)
  for i in stride(from: 0, to: plain.count, by: 4) {
    #expect(other[i] == plain[i + 2] ^ 128)
    #expect(other[i + 1] == plain[i + 1] ^ 128)
    #expect(other[i + 2] == plain[i] ^ 128)
    #expect(other[i + 3] == 128)
  }
}

@Test func resampler_sameSize_isTheSamePicture() throws {
  let image = try noise(31, 7)
  let bytes = fit(image, .squash, 31, 7)
  #expect(bytes.indices.filter { $0 & 3 < 3 }.map { bytes[$0] } == image.bytes)
}

@Test func writer_sizesInTurn_equalFreshWriters() throws {
  var bytes = [UInt8](repeating: 0, count: 24 * 24 * 4)
  try bytes.withUnsafeMutableBytes { raw in
    let target = PixelTarget(
      base: raw.baseAddress!, line: 96, width: 24, height: 24, xor: 0, isBGR: false)
    var writer = InputWriter(rule: .crop(shortSide: 26), target: target)
    for (width, height) in [(40, 30), (30, 40), (5, 5), (40, 30)] {
      let image = try noise(width, height)
      writer.write(image)
      #expect(Array(raw) == fit(image, .crop(shortSide: 26), 24, 24, gap: 0))
    }
    let before = Array(raw)
    writer.write(Image())
    #expect(Array(raw) == before)
  }
}

@Test func rule_ofModelRecord_isTheSame() {
  var record = PreprocessingRecord()
  #expect(FitRule(record) == .squash)
  record.resize = .crop
  record.shortSide = 256
  #expect(FitRule(record) == .crop(shortSide: 256))
}
