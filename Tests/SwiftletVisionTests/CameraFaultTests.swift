import CFakeCamera
import CShims
import Foundation
import SwiftletCore
import SwiftletVision
import Testing

/// Attempts until a frame comes; nil if none came within `seconds` of the fake's time.
private func firstFrame(_ source: V4L2Source, _ fake: FakeCamera, within seconds: Double)
  throws(SwiftletError) -> Double?
{
  var image = Image()
  let end = fake.seconds + seconds
  while fake.seconds < end {
    if try source.attempt(into: &image) { return Double(image.time) / 1e9 }
  }
  return nil
}

@Test(arguments: ["/dev/video0", "Fake Camera"])
func camera_thousandUnplugs_eachIsBackWithinTwoSeconds(_ name: String) throws {
  let fake = FakeCamera()
  var random = SplitMix64(state: 3)
  var slowest = 0.0
  do {
    let source = try fake.open(name)
    #expect(try firstFrame(source, fake, within: 1) != nil)
    for round in 1...1000 {
      let now = fake.state.pointee.now
      let away = Int64.random(in: 1_000_000...20_000_000_000, using: &random)
      fake.state.pointee.unplug_at = now + Int64.random(in: 1...200_000_000, using: &random)
      fake.state.pointee.replug_at = fake.state.pointee.unplug_at + away
      // A name finds the camera at another node, too.
      fake.state.pointee.replug_node = name.hasPrefix("/") ? 0 : Int32(round % 5)
      let replug = Double(fake.state.pointee.replug_at) / 1e9
      var image = Image()
      var downs = 0
      while source.reconnects < round || !source.isUp {
        _ = try source.attempt(into: &image)
        if !source.isUp { downs += 1 }
        if fake.seconds > replug + 10 { break }
      }
      #expect(downs > 0)
      slowest = max(slowest, fake.seconds - replug)
      #expect(fake.state.pointee.open_files == 1 && fake.state.pointee.open_maps == 4)
    }
    #expect(source.reconnects == 1000)
  }
  print("slowest return after a replug: \(slowest) s of simulated time")
  #expect(slowest <= 2)
  #expect(fake.isClean && fake.state.pointee.violations == 0)
}

@Test func camera_silent_isTakenForUnplugged() throws {
  let fake = FakeCamera()
  let source = try fake.open()
  #expect(try firstFrame(source, fake, within: 1) != nil)
  fake.state.pointee.is_silent = 1
  let start = fake.seconds
  var image = Image()
  while source.isUp && fake.seconds < start + 20 { _ = try source.attempt(into: &image) }
  #expect(abs(fake.seconds - start - 3.2) < 0.5)
  fake.state.pointee.is_silent = 0
  #expect(try firstFrame(source, fake, within: 6) != nil)
  #expect(source.isUp && source.reconnects == 1)
}

private let faults = [ENODEV, EIO, EBUSY, ENOMEM, EINVAL, EACCES, EINTR, EAGAIN, ENOTTY]

@Test(arguments: faults, [false, true])
func camera_everyCallOfOpenFails_isATypedErrorOrACamera(_ errno: Int32, _ always: Bool) throws {
  let probe = FakeCamera()
  do { _ = try probe.open("fake") }
  let calls = Int(probe.state.pointee.calls)
  #expect(calls > 30)
  for name in ["/dev/video0", "fake"] {
    for n in 1...calls {
      let fake = FakeCamera()
      fake.state.pointee.fail_at = Int32(n)
      fake.state.pointee.fail_error = errno
      fake.state.pointee.fail_always = always ? 1 : 0
      switch attempt({ () throws(SwiftletError) in try fake.open(name) }) {
      case .success(let source):
        fake.state.pointee.fail_at = 0
        #expect(try firstFrame(source, fake, within: 10) != nil, "call \(n)")
      case .failure(let error):
        #expect(error.code.name.hasPrefix("CAM"), "call \(n)")
        #expect(!error.message.isEmpty)
        #expect(fake.isClean, "call \(n)")
      }
      #expect(fake.isClean, "call \(n)")
      if errno == EINTR && !always { #expect(fake.state.pointee.violations == 0) }
    }
  }
}

@Test(arguments: faults)
func camera_everyCallOfStreamingFails_recovers(_ errno: Int32) throws {
  // Three frames, an unplug, the way back, three frames: each call of it fails once.
  func run(_ failing: Int?) throws -> Int {
    let fake = FakeCamera()
    var calls = 0
    do {
      let source = try fake.open("fake")
      let before = Int(fake.state.pointee.calls)
      if let failing {
        fake.state.pointee.fail_at = Int32(before + failing)
        fake.state.pointee.fail_error = errno
      }
      for _ in 0..<3 { #expect(try firstFrame(source, fake, within: 20) != nil) }
      fake.state.pointee.unplug_at = fake.state.pointee.now + 10_000_000
      fake.state.pointee.replug_at = fake.state.pointee.now + 2_000_000_000
      fake.state.pointee.replug_node = 3
      for _ in 0..<3 { #expect(try firstFrame(source, fake, within: 20) != nil, "\(failing ?? 0)") }
      // The last call may have been the one: then the camera is away, and all given back.
      #expect(fake.state.pointee.open_files == (source.isUp ? 1 : 0))
      #expect(fake.state.pointee.open_maps == (source.isUp ? 4 : 0))
      calls = Int(fake.state.pointee.calls) - before
    }
    #expect(fake.isClean)
    return calls
  }
  let calls = try run(nil)
  #expect(calls >= 60)
  for n in 1...calls { _ = try run(n) }
}

@Test func camera_randomAnswers_neverTrapNorReadBeyondTheMap() throws {
  var opened = 0
  var refused = 0
  var frames = 0
  var image = Image()
  let bytes = UnsafeMutableRawPointer.allocate(byteCount: 32 * 32 * 4, alignment: 64)
  defer { bytes.deallocate() }
  let target = PixelTarget(
    base: bytes, line: 32 * 4, width: 32, height: 32, xor: 128, isBGR: false)
  var writer = InputWriter(rule: .squash, target: target)
  let letters = ["YUYV", "NV12", "NV21", "YU12", "MJPG", "GREY"]
  for seed in 1...3000 {
    let fake = FakeCamera(letters[seed % 6])
    fake.state.pointee.random = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    fake.offer(sizes: seed % 5 == 0 ? [] : [(64, 48), (32, 32)])
    fake.state.pointee.padding = UInt32(seed % 3 * 8)
    do throws(SwiftletError) {
      let source = try fake.open("/dev/video0") {
        $0.minimumWidth = 32
        $0.minimumHeight = 32
        $0.framerate = seed % 4 == 0 ? 5 : nil
      }
      opened += 1
      for _ in 0..<40 where try source.attempt(into: &image) {
        frames += 1
        writer.write(image)
      }
    } catch {
      refused += 1
      #expect(error.code.name.hasPrefix("CAM") || error.code == .imageMemory, "\(error.message)")
    }
    #expect(fake.isClean, "seed \(seed)")
  }
  print("random drivers: \(opened) opened, \(refused) refused, \(frames) frames")
  #expect(opened > 300 && refused > 300 && frames > 3000)
}
