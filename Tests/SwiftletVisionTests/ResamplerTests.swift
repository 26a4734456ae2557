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

/// One sample triple by the words of `ColorMatrix`, in scalar integers.
private func scalar(_ y: Int, _ u: Int, _ v: Int, _ isBT709: Bool, _ isFull: Bool) -> [UInt8] {
  let kr = isBT709 ? 0.2126 : 0.299
  let kb = isBT709 ? 0.0722 : 0.114
  let chroma = isFull ? 1 : 255.0 / 224
  func fixed(_ x: Double) -> Int { Int((x * 65536).rounded(.toNearestOrEven)) }
  let luma = fixed(isFull ? 1 : 255.0 / 219) * (y - (isFull ? 0 : 16)) + 32768
  let kg = 1 - kr - kb
  let red = luma + fixed(2 * (1 - kr) * chroma) * (v - 128)
  let green =
    luma - fixed(2 * (1 - kb) * kb / kg * chroma) * (u - 128)
    - fixed(2 * (1 - kr) * kr / kg * chroma) * (v - 128)
  let blue = luma + fixed(2 * (1 - kb) * chroma) * (u - 128)
  return [red, green, blue].map { UInt8(max(0, min(255, $0 >> 16))) }
}

/// Sample (x, y) of a frame without gaps.
private func sample(_ f: [UInt8], _ format: YUVFormat, _ w: Int, _ h: Int, _ x: Int, _ y: Int)
  -> (Int, Int, Int)
{
  let half = (w + 1) / 2
  let halfRows = (h + 1) / 2
  let luma = Int(f[format == .yuyv ? y * half * 4 + 2 * x : y * w + x])
  switch format {
  case .yuyv:
    let at = y * half * 4 + x / 2 * 4
    return (luma, Int(f[at + 1]), Int(f[at + 3]))
  case .nv12, .nv21:
    let at = w * h + y / 2 * half * 2 + x / 2 * 2
    let pair = (Int(f[at]), Int(f[at + 1]))
    return format == .nv12 ? (luma, pair.0, pair.1) : (luma, pair.1, pair.0)
  case .i420:
    let at = w * h + y / 2 * half + x / 2
    return (luma, Int(f[at]), Int(f[at + half * halfRows]))
  case .i422:
    let at = w * h + y * half + x / 2
    return (luma, Int(f[at]), Int(f[at + half * h]))
  case .i444: return (luma, Int(f[w * h + y * w + x]), Int(f[2 * w * h + y * w + x]))
  case .gray: return (luma, 128, 128)
  }
}

@Test(
  arguments: [YUVFormat.yuyv, .nv12, .nv21, .i420, .i422, .i444, .gray],
  [(640, 480), (37, 29), (16, 16), (1, 1), (2, 300), (5, 3), (130, 97)])
func resampler_cameraSamples_equalScalarConversionThenResize(
  _ format: YUVFormat, _ size: (width: Int, height: Int)
) throws {
  let (width, height) = size
  var random = SplitMix64(state: 5)
  let frame = (0..<format.bytes(width: width, height: height)).map { _ in
    UInt8(truncatingIfNeeded: random.next())
  }
  for kind in 0..<4 {
    let matrix = ColorMatrix(isBT709: kind & 1 != 0, isFullRange: kind & 2 != 0)
    let samples = try Image(samples: frame, format, width, height, matrix)
    let wanted = try Image(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        let (luma, u, v) = sample(frame, format, width, height, x, y)
        let rgb = scalar(luma, u, v, kind & 1 != 0, kind & 2 != 0)
        for c in 0..<3 { wanted.pixels[(y * width + x) * 3 + c] = rgb[c] }
      }
    }
    #expect(samples.bytes == wanted.bytes)
    for rule in [FitRule.squash, .crop(shortSide: 40)] {
      #expect(
        fit(samples, rule, 33, 33, xor: 128, isBGR: kind == 1)
          == fit(wanted, rule, 33, 33, xor: 128, isBGR: kind == 1))
    }
  }
}
