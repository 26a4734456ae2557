import CShims
import SwiftletCore
import SwiftletVision

/// Prints checksums of what SwiftletVision makes of the photos named, for comparison between the
/// host and the device file under emulation; 0, or 1 if a photo cannot be read.
@c(vision_check)
public func visionCheck(
  _ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
  do throws(SwiftletError) {
    for i in 1..<Int(max(count, 1)) {
      guard let word = words[i] else { continue }
      try checkPhoto(String(cString: word))
    }
    if count > 1, let word = words[1] { try checkPan(String(cString: word)) }
    try checkVideo()
    checkRanking()
    try checkGate()
    return 0
  } catch {
    print(error.message)
    return 1
  }
}

private func checksum(_ base: UnsafeRawPointer, _ count: Int) -> String {
  String(shim_crc32c(0, base, count), radix: 16)
}

private func checkPhoto(_ path: String) throws(SwiftletError) {
  let image = try Image(path: path)
  print(
    "decode \(image.width)x\(image.height) \(checksum(image.pixels, image.width * image.height * 3))"
  )
  for xor in [UInt8(0), 128] {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 224 * 224 * 4, alignment: 16)
    defer { bytes.deallocate() }
    let target = PixelTarget(
      base: bytes, line: 224 * 4, width: 224, height: 224, xor: xor, isBGR: xor != 0)
    var writer = InputWriter(rule: xor == 0 ? .squash : .crop(shortSide: 256), target: target)
    writer.write(image)
    print("resize \(checksum(bytes, 224 * 224 * 4))")
  }
}

private func checkPan(_ path: String) throws(SwiftletError) {
  var options = SourceOptions()
  options.framerate = 0
  options.width = 320
  options.height = 240
  let source = try FrameSource.open("pan:" + path, options)
  var image = Image()
  for _ in 0..<3 {
    _ = try source.next(into: &image)
    print("pan \(image.sequence) \(checksum(image.pixels, 320 * 240 * 3))")
  }
}

private func checkVideo() throws(SwiftletError) {
  let width = 45
  let height = 19
  var image = Image()
  for format in [YUVFormat.i420, .nv12, .yuyv, .i422, .i444, .gray, .nv21] {
    let count = format.bytes(width: width, height: height)
    let frame = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { frame.deallocate() }
    for i in 0..<count { frame[i] = UInt8(truncatingIfNeeded: i &* 37 &+ i >> 5) }
    for kind in 0..<4 {
      let matrix = ColorMatrix(isBT709: kind & 1 != 0, isFullRange: kind & 2 != 0)
      let samples = try Image(
        samples: UnsafeRawBufferPointer(frame), format: format, width: width, height: height,
        matrix: matrix)
      try samples.rgb(into: &image)
      print("video \(checksum(image.pixels, width * height * 3))")
      let bytes = UnsafeMutableRawPointer.allocate(byteCount: 32 * 32 * 4, alignment: 16)
      defer { bytes.deallocate() }
      let target = PixelTarget(
        base: bytes, line: 32 * 4, width: 32, height: 32, xor: 128, isBGR: false)
      var writer = InputWriter(rule: .squash, target: target)
      writer.write(samples)
      print("fit \(checksum(bytes, 32 * 32 * 4))")
    }
  }
}

private func checkRanking() {
  var values: [Float] = []
  for i in 0..<1000 { values.append(Float(i * 7919 % 1000) / 77 - 3) }
  values.withUnsafeBufferPointer { values in
    let ranking = Ranking(values, top: 5)
    for place in 0..<ranking.count {
      let entry = ranking[place]
      print("rank \(entry.classIndex) \(entry.probability.bitPattern)")
    }
  }
}

/// The gate's answers over noise, a jump and drift, and for an emulator that counts instructions
/// marks: 10 at the start of a held frame, 11 at its end, 12 after a frame that is computed, 13
/// after it was remembered, 14 after it was fitted into a network's input.
private func checkGate() throws(SwiftletError) {
  let width = 640
  let height = 480
  let count = YUVFormat.yuyv.bytes(width: width, height: height)
  let frame = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
  let bytes = UnsafeMutableRawPointer.allocate(byteCount: 224 * 224 * 4, alignment: 16)
  defer {
    frame.deallocate()
    bytes.deallocate()
  }
  let target = PixelTarget(
    base: bytes, line: 224 * 4, width: 224, height: 224, xor: 128, isBGR: false)
  var writer = InputWriter(rule: .crop(shortSide: 256), target: target)
  let marks = shim_marks() != 0
  var gate = FrameGate(.measured)
  var random: UInt64 = 77
  var line = "gate"
  for n in 0..<40 {
    let lift = n < 20 ? 60 : n < 21 ? 66 : 66 + (n - 21) / 4
    for i in 0..<count {
      random ^= random &<< 13
      random ^= random &>> 7
      random ^= random &<< 17
      // Two bytes of 0...7: deviation 3.2 levels.
      let noise = Int(random &>> 20 & 7) + Int(random &>> 30 & 7)
      frame[i] = UInt8(truncatingIfNeeded: lift + noise + i / 1280 / 8)
    }
    let image = try Image(
      samples: UnsafeRawBufferPointer(frame), format: .yuyv, width: width, height: height,
      matrix: ColorMatrix())
    if n < 2 { writer.write(image) }
    if marks { shim_mark(10) }
    let isHeld = gate.isUnchanged(image)
    if marks { shim_mark(isHeld ? 11 : 12) }
    if !isHeld {
      gate.remember(image)
      if marks { shim_mark(13) }
      writer.write(image)
      if marks { shim_mark(14) }
    }
    line += isHeld ? "." : "#"
  }
  print("\(line) \(Int(gate.noiseLevel * 256))")
}
