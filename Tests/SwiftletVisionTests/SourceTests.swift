import Foundation
import SwiftletCore
import SwiftletVision
import Testing

/// Frames' checksums of a source, at most `most`.
private func frames(_ source: FrameSource, most: Int = 100) throws(SwiftletError) -> [UInt32] {
  var image = Image()
  var sums: [UInt32] = []
  var last: Int64 = 0
  while sums.count < most, try source.next(into: &image) {
    #expect(image.sequence == sums.count)
    #expect(image.time >= last)
    last = image.time
    sums.append(crc32(image.bytes))
  }
  return sums
}

private func unpaced(loops: Bool = false) -> SourceOptions {
  var options = SourceOptions()
  options.framerate = 0
  options.loops = loops
  return options
}

/// Opens a file of `bytes` as a source and reads it to its end.
private func read(_ bytes: [UInt8], _ options: SourceOptions = unpaced(), most: Int = 100)
  throws -> [UInt32]
{
  let folder = try Package.temporaryFolder()
  defer { try? FileManager.default.removeItem(at: folder) }
  let file = folder.appending(path: "clip.y4m")
  try Data(bytes).write(to: file)
  let source = try FrameSource.open(file.path, options)
  return try frames(source, most: most)
}

private func clip(_ header: String, frames: [[UInt8]]) -> [UInt8] {
  Array("YUV4MPEG2 \(header)\n".utf8) + frames.flatMap { Array("FRAME\n".utf8) + $0 }
}

@Test func folder_photos_comeInTheOrderOfNamesAndLoop() throws {
  let folder = try Package.temporaryFolder()
  defer { try? FileManager.default.removeItem(at: folder) }
  for (name, fixture) in [
    ("b.png", "rgb.png"), ("a.JPG", "gray.jpg"), ("c.jpeg", "cmyk.jpg"), (".d.png", "rgb.png"),
  ] {
    try Data(Package.fixture(fixture)).write(to: folder.appending(path: name))
  }
  try Data("x".utf8).write(to: folder.appending(path: "notes.txt"))
  let wanted = ["gray.jpg", "rgb.png", "cmyk.jpg"].map { name in
    expectedFiles.first { $0.name == name }!.crc
  }
  let source = try FrameSource.open(folder.path, unpaced())
  #expect(source.width == 37 && source.height == 29)
  #expect(try frames(source) == wanted)
  let looped = try FrameSource.open(folder.path + "/", unpaced(loops: true))
  #expect(try frames(looped, most: 7) == wanted + wanted + [wanted[0]])
}

@Test func folder_damagedPhoto_isAnErrorAndTheNextFollows() throws {
  let folder = try Package.temporaryFolder()
  defer { try? FileManager.default.removeItem(at: folder) }
  try Data(Package.fixture("rgb.png")).write(to: folder.appending(path: "1.png"))
  try Data(Package.fixture("rgb.png").prefix(99)).write(to: folder.appending(path: "2.png"))
  try Data(Package.fixture("gray.jpg")).write(to: folder.appending(path: "3.jpg"))
  let source = try FrameSource.open(folder.path, unpaced())
  var image = Image()
  #expect(try source.next(into: &image))
  let error = errorOf { () throws(SwiftletError) in _ = try source.next(into: &image) }
  #expect(error?.code == .imageDamaged)
  #expect(error?.place.hasSuffix("2.png") == true)
  #expect(try source.next(into: &image))
  #expect(image.sequence == 2)
  #expect(try !source.next(into: &image))
}

@Test func folder_withoutPhotos_isAnError() throws {
  let folder = try Package.temporaryFolder()
  defer { try? FileManager.default.removeItem(at: folder) }
  let error = errorOf { () throws(SwiftletError) in _ = try FrameSource.open(folder.path) }
  #expect(error?.code == .sourceEmpty)
}

@Test(arguments: ["", "webcam", "/dev/null", "pan"])
func open_unknownName_namesTheForms(_ name: String) {
  let error = errorOf { () throws(SwiftletError) in _ = try FrameSource.open(name) }
  #expect(error?.code == .sourceUnknown)
  #expect(error?.expected.contains("pan:PHOTO") == true)
}

@Test(arguments: [
  ("C420jpeg", 3 * 4 + 2 * 2 * 2), ("C420mpeg2 Ip", 20), ("C422", 28), ("C444", 36), ("Cmono", 12),
  ("", 20),
])
func y4m_everyFormat_givesAllFrames(_ format: String, _ bytes: Int) throws {
  let one = (0..<bytes).map { UInt8($0 * 7 & 255) }
  let two = one.reversed().map { $0 }
  let file = clip("W3 H4 F30:1 \(format)", frames: [one, two, one])
  let sums = try read(file)
  #expect(sums.count == 3)
  #expect(sums[0] == sums[2] && sums[0] != sums[1])
  #expect(try read(file, unpaced(loops: true), most: 5) == sums + sums.prefix(2))
}

@Test func y4m_frameParametersAndRange_areRead() throws {
  let frame = [UInt8](repeating: 128, count: 4)
  let plain = clip("W2 H2 Cmono", frames: [frame])
  let full = clip("W2 H2 Cmono XCOLORRANGE=FULL", frames: [frame])
  let marked = Array("YUV4MPEG2 W2 H2 Cmono\nFRAME Ixyz Xabc\n".utf8) + frame
  #expect(try read(marked) == read(plain))
  #expect(try read(full) == [crc32([UInt8](repeating: 128, count: 12))])
  #expect(try read(full) != read(plain))
}

@Test(arguments: [
  ("H4", ErrorCode.videoHeader), ("W0 H4", .videoHeader), ("W-3 H4", .videoHeader),
  ("Wx H4", .videoHeader), ("W99999999999999999999 H4", .videoHeader),
  ("W16385 H4", .imageTooLarge), ("W16384 H16384", .imageTooLarge), ("W4 H4 F30", .videoHeader),
  ("W4 H4 F30:0", .videoHeader), ("W4 H4 C420p10", .videoFormat), ("W4 H4 C411", .videoFormat),
])
func y4m_badHeader_isATypedError(_ header: String, _ code: ErrorCode) throws {
  let error = #expect(throws: SwiftletError.self) { try read(clip(header, frames: [])) }
  #expect(error?.code == code)
}

@Test func y4m_cutAtAnyByte_isAnErrorOrWholeFrames() throws {
  let file = clip("W4 H2 F25:1 C420", frames: [[UInt8](0..<12), [UInt8](0..<12)])
  let headerBytes = "YUV4MPEG2 W4 H2 F25:1 C420\n".utf8.count
  for count in 0..<file.count {
    let rest = count - headerBytes
    if rest >= 0 && rest % 18 == 0 {
      #expect(try read(Array(file[..<count])).count == rest / 18)
    } else {
      let error = #expect(throws: SwiftletError.self) { try read(Array(file[..<count])) }
      let codes: [ErrorCode] = [.videoHeader, .videoCutShort, .notAnImage]
      #expect(error.map { codes.contains($0.code) } == true, "\(count)")
    }
  }
}

@Test func y4m_endlessHeaderLine_isRefused() throws {
  let file = Array("YUV4MPEG2 W4 H4 X".utf8) + [UInt8](repeating: 65, count: 5000)
  let error = #expect(throws: SwiftletError.self) { try read(file) }
  #expect(error?.code == .videoHeader)
}

@Test func pan_frames_dependOnPhotoSizeAndNumberAlone() throws {
  let path = Package.fixtures.appending(path: "rgb.png").path
  var options = unpaced()
  options.width = 48
  options.height = 32
  let first = try frames(try FrameSource.open("pan:" + path, options), most: 20)
  let second = try frames(try FrameSource.open("pan:" + path, options), most: 20)
  #expect(first == second)
  #expect(Set(first).count == 20)
  let other = try FrameSource.open("pan:" + path, unpaced())
  #expect(other.width == 640 && other.height == 480)
}

@Test func pan_frame_looksLikeThePhoto() throws {
  // A grey photo: every frame is that grey with noise of mean 0 and deviation 2.2.
  let folder = try Package.temporaryFolder()
  defer { try? FileManager.default.removeItem(at: folder) }
  let luma = [UInt8](repeating: 100, count: 16)
  let clipFile = folder.appending(path: "gray.y4m")
  try Data(clip("W4 H4 Cmono XCOLORRANGE=FULL", frames: [luma])).write(to: clipFile)
  var image = Image()
  #expect(try FrameSource.open(clipFile.path, unpaced()).next(into: &image))
  #expect(image.bytes.allSatisfy { $0 == 100 })

  let path = Package.fixtures.appending(path: "gray.jpg").path
  var options = unpaced()
  options.width = 64
  options.height = 64
  let source = try FrameSource.open("pan:" + path, options)
  #expect(try source.next(into: &image))
  let mean = image.bytes.reduce(0.0) { $0 + Double($1) } / Double(64 * 64 * 3)
  let photo = try Image(path: path)
  let wanted = photo.bytes.reduce(0.0) { $0 + Double($1) } / Double(photo.bytes.count)
  #expect(abs(mean - wanted) < 12)
}

@Test func open_pipeWithoutSize_asksForIt() throws {
  let folder = try Package.temporaryFolder()
  defer { try? FileManager.default.removeItem(at: folder) }
  let path = folder.appending(path: "pipe").path
  #expect(mkfifo(path, 0o600) == 0)
  // Opened for reading and writing, a pipe does not wait for a partner.
  let keeper = Glibc.open(path, O_RDWR)
  defer { close(keeper) }
  _ = [UInt8](repeating: 1, count: 30).withUnsafeBytes { write(keeper, $0.baseAddress, 30) }
  let error = errorOf { () throws(SwiftletError) in _ = try FrameSource.open(path) }
  #expect(error?.code == .sourceSize)

  var options = unpaced()
  options.width = 4
  options.height = 5
  options.format = .i420
  _ = [UInt8](repeating: 7, count: 64).withUnsafeBytes { write(keeper, $0.baseAddress, 64) }
  let source = try FrameSource.open(path, options)
  var image = Image()
  #expect(try source.next(into: &image))
  #expect(try source.next(into: &image))
  #expect(image.width == 4 && image.height == 5)
}

@Test func sources_framesAfterTheFirst_allocateNothing() throws {
  let folder = try Package.temporaryFolder()
  defer { try? FileManager.default.removeItem(at: folder) }
  let file = folder.appending(path: "clip.y4m")
  let frame = [UInt8](repeating: 90, count: 320 * 240 * 3 / 2)
  try Data(clip("W320 H240 F30:1 C420", frames: [frame, frame, frame])).write(to: file)
  let photo = Package.fixtures.appending(path: "baseline420.jpg").path
  let text = try output(
    try builtProgram("FrameAllocationCheck"),
    [file.path, "pan:" + photo, "camera:YUYV", "camera:NV12", "camera:YU12", "camera:GREY"])
  #expect(text?.split(separator: "\n").count == 6)
}
