import CFakeCamera
import CShims
import Foundation
import SwiftletCore
import SwiftletVision
import Testing

/// Bytes of the fake's raw frame `sequence`: luma and chroma as the driver lays them out.
private func frameBytes(_ sequence: UInt32, _ count: Int) -> [UInt8] {
  (0..<count).map { fake_byte(sequence, UInt64($0)) }
}

/// The frame without the gaps behind its rows.
private func packed(
  _ sequence: UInt32, _ format: YUVFormat, _ width: Int, _ height: Int, _ padding: Int
) -> [UInt8] {
  let row = format == .yuyv ? 2 * width : width
  let line = row + padding
  let all = frameBytes(sequence, line * height * 2)
  func plane(_ at: Int, _ line: Int, _ row: Int, _ rows: Int) -> [UInt8] {
    (0..<rows).flatMap { all[(at + $0 * line)..<(at + $0 * line + row)] }
  }
  switch format {
  case .nv12, .nv21: return plane(0, line, row, height * 3 / 2)
  case .i420:
    return plane(0, line, row, height) + plane(line * height, line / 2, row / 2, height)
  default: return plane(0, line, row, height)
  }
}

@Test(
  arguments: [
    ("YUYV", YUVFormat.yuyv), ("NV12", .nv12), ("NV21", .nv21), ("YU12", .i420), ("GREY", .gray),
  ], [0, 64])
func camera_everyFormat_givesTheDriversPixels(
  _ format: (letters: String, samples: YUVFormat), _ padding: Int
) throws {
  let fake = FakeCamera(format.letters)
  fake.state.pointee.padding = UInt32(padding)
  do {
    let source = FrameSource.camera(try fake.open())
    #expect(source.width == 320 && source.height == 240)
    var image = Image()
    for number in 0..<5 {
      #expect(try source.next(into: &image))
      #expect(image.sequence == number)
      #expect(image.format == format.samples)
      let wanted = try Image(
        samples: packed(UInt32(number), format.samples, 320, 240, padding), format.samples, 320,
        240, ColorMatrix(isFullRange: format.samples == .gray))
      #expect(image.bytes == wanted.bytes)
      // The stamp is in microseconds, a frame behind now.
      #expect(image.time <= fake.state.pointee.now && image.time % 1000 == 0)
      #expect(fake.state.pointee.now - image.time < 5_000_000)
    }
  }
  #expect(fake.isClean && fake.state.pointee.violations == 0)
}

@Test func camera_slowReader_getsTheNewestFrame() throws {
  let fake = FakeCamera()
  let source = try fake.open()
  var image = Image()
  #expect(try source.next(into: &image))
  // Ten periods pass: three buffers are full, the driver lost the rest.
  fake.state.pointee.now += 333_000_000
  #expect(try source.next(into: &image))
  #expect(source.dropped == 3)
  let wanted = try Image(
    samples: packed(4, .yuyv, 320, 240, 0), .yuyv, 320, 240, ColorMatrix())
  #expect(image.bytes == wanted.bytes)
  #expect(source.captured == 5 && source.lost == 0)
  #expect(try source.next(into: &image))
  #expect(source.lost >= 5)
  #expect(image.sequence == source.captured + source.lost - 1)
}

@Test func camera_damagedFrames_areCountedAndPassedOver() throws {
  let fake = FakeCamera()
  fake.state.pointee.error_every = 4
  fake.state.pointee.short_every = 7
  fake.state.pointee.lose_every = 10
  let source = try fake.open()
  var image = Image()
  for _ in 0..<100 {
    #expect(try source.next(into: &image))
    let number = UInt32(image.sequence)
    #expect(number % 4 != 0 && number % 7 != 1)
    #expect(
      image.bytes
        == (try Image(
          samples: packed(number, .yuyv, 320, 240, 0), .yuyv, 320, 240, ColorMatrix())).bytes)
  }
  #expect(source.errors > 40 && source.lost > 8 && source.isUp && source.reconnects == 0)
  #expect(source.captured == 100 + source.errors)
}

@Test func camera_otherClock_isTheTimeOfArrival() throws {
  let fake = FakeCamera()
  fake.state.pointee.no_monotonic = 1
  let source = try fake.open()
  var image = Image()
  #expect(try source.next(into: &image))
  #expect(fake.state.pointee.now - image.time < 100_000)
}

@Test(arguments: [true, false])
func camera_lowerRate_isKeptByDriverOrBySkipping(_ setsRate: Bool) throws {
  let fake = FakeCamera()
  fake.state.pointee.sets_rate = setsRate ? 1 : 0
  let source = try fake.open { $0.framerate = 7 }
  #expect(source.agreement.contains("asked any format at least 224x224 7 Hz"))
  #expect(source.agreement.contains("got YUYV 320x240 \(setsRate ? 7 : 30) Hz"))
  var image = Image()
  #expect(try source.next(into: &image))
  let start = image.time
  for _ in 0..<70 { #expect(try source.next(into: &image)) }
  // 70 periods of a seventh of a second.
  #expect(abs(Double(image.time - start) / 1e9 - 10) < 0.1)
  #expect(setsRate == (source.dropped == 0))
}

@Test func camera_sizes_smallestThatReachesTheInputOrAsAsked() throws {
  let sizes = [(1280, 720), (640, 480), (160, 120), (320, 240), (800, 600)]
  func size(_ change: (inout SourceOptions) -> Void) throws -> [Int] {
    let fake = FakeCamera()
    fake.offer(sizes: sizes)
    let source = try fake.open("/dev/video0", change)
    return [source.width, source.height]
  }
  #expect(try size { _ in } == [320, 240])
  #expect(try size { $0.minimumHeight = 300 } == [640, 480])
  #expect(try size { $0.minimumWidth = 2000 } == [1280, 720])
  #expect(
    try size {
      $0.width = 800
      $0.height = 600
    } == [800, 600])
  // A driver without a list has what is asked for.
  let fake = FakeCamera()
  fake.offer(sizes: [])
  let source = try fake.open()
  #expect(source.width == 224 && source.height == 224)
}

@Test func camera_formats_preferColourWithoutDecoding() throws {
  func format(_ formats: [String], _ wish: V4L2Format? = nil) -> String? {
    let fake = FakeCamera()
    fake.offer(formats)
    let text = try? fake.open("/dev/video0") { $0.cameraFormat = wish }.agreement
    return text?.components(separatedBy: "got ").last.map { String($0.prefix(4)) }
  }
  #expect(format(["GREY", "MJPG", "YUYV"]) == "YUYV")
  #expect(format(["H264", "GREY", "MJPG"]) == "MJPG")
  #expect(format(["GREY", "H264"]) == "GREY")
  #expect(format(["YUYV", "GREY"], .grey) == "GREY")
}

@Test func camera_mjpg_isDecodedAtTheSizeNeeded() throws {
  let photo = Package.fixture("baseline420.jpg")
  var whole = Image()
  try whole.decode(photo)
  var image = Image()
  try photo.withUnsafeBufferPointer { bytes in
    func open(_ minimum: Int) throws -> (FakeCamera, V4L2Source) {
      let fake = FakeCamera("MJPG")
      fake.state.pointee.content = bytes.baseAddress
      fake.state.pointee.content_size = UInt32(bytes.count)
      let source = try fake.open {
        $0.minimumWidth = minimum
        $0.minimumHeight = minimum
      }
      return (fake, source)
    }
    let (_, small) = try open(1)
    #expect(try small.next(into: &image))
    #expect(image.width == (whole.width + 7) / 8 && image.height == (whole.height + 7) / 8)
    let (fake, full) = try open(4000)
    #expect(try full.next(into: &image))
    #expect(image.bytes == whole.bytes)
    // Cut short it is damaged, and the camera goes on.
    fake.state.pointee.content_size = UInt32(bytes.count / 2)
    for _ in 0..<10 { #expect(try !full.attempt(into: &image)) }
    #expect(full.errors == 10 && full.isUp)
    fake.state.pointee.content_size = UInt32(bytes.count)
    #expect(try full.next(into: &image))
    #expect(image.bytes == whole.bytes)
  }
}

@Test func camera_names_findTheOneThatFits() throws {
  let fake = FakeCamera()
  fake.state.pointee.node = 7
  for name in ["Fake Camera: HD", "fake", "camera: hd"] {
    let source = try fake.open(name)
    #expect(source.agreement.contains("/dev/video7"))
  }
  #expect(fake.isClean)
  let error = errorOf { () throws(SwiftletError) in _ = try fake.open("webcam") }
  #expect(error?.code == .cameraNotFound && error?.found == "/dev/video7 \"Fake Camera: HD\"")
  #expect(
    errorOf { () throws(SwiftletError) in _ = try fake.open("/dev/video0") }?.code
      == .cameraNotFound)
  let cameras = try V4L2Source.cameras(fake.calls)
  #expect(cameras.map(\.path) == ["/dev/video7"] && cameras[0].driver == "fake")
  let modes = try V4L2Source.modes(of: "fake", fake.calls)
  #expect(modes.map(\.width) == [640, 320] && modes.allSatisfy { $0.rate == 30 && $0.isReadable })
  fake.state.pointee.not_capture = 1
  #expect(try V4L2Source.cameras(fake.calls).isEmpty)
  #expect(
    errorOf { () throws(SwiftletError) in _ = try fake.open("/dev/video7") }?.code
      == .sourceUnknown)
  #expect(fake.isClean && fake.state.pointee.violations == 0)
}

@Test func camera_noUsableFormat_namesWhatIsOffered() {
  let fake = FakeCamera()
  fake.offer(["H264", "RGB3"])
  let error = errorOf { () throws(SwiftletError) in _ = try fake.open() }
  #expect(error?.code == .cameraFormat && error?.found == "H264, RGB3")
  let other = FakeCamera()
  let refused = errorOf { () throws(SwiftletError) in
    _ = try other.open { $0.cameraFormat = .nv12 }
  }
  #expect(refused?.code == .cameraFormat && refused?.expected == "NV12")
  #expect(fake.isClean && other.isClean)
}

@Test(arguments: [
  (EBUSY, ErrorCode.cameraBusy), (EACCES, .cameraPermission), (EIO, .cameraRefused),
])
func camera_refusedOpen_isATypedError(_ errno: Int32, _ code: ErrorCode) {
  let exit: Int32 = code == .cameraBusy ? 75 : code == .cameraPermission ? 77 : 69
  for name in ["/dev/video0", "fake"] {
    let fake = FakeCamera()
    fake.state.pointee.fail_at = 1
    fake.state.pointee.fail_error = errno
    fake.state.pointee.fail_always = 1
    let error = errorOf { () throws(SwiftletError) in _ = try fake.open(name) }
    if name == "/dev/video0" || errno == EACCES {
      #expect(error?.code == code && error?.code.exitCode == exit)
    } else {
      #expect(error?.code == .cameraNotFound)
    }
    #expect(fake.isClean)
  }
  #expect(ErrorCode.cameraPermission.help.contains("group video"))
}
