// Prints, for each camera source given, how many allocations 20 frames cost after the first,
// fitting into a network's input included. Exits with 1 unless all are 0. A program of its own
// because it replaces malloc of its process.
import CAllocationCounter
import CFakeCamera
import CShims
import Foundation
import SwiftletCore
import SwiftletVision

/// A source; `camera:YUYV` and so on is a simulated kernel's camera that loses, damages and cuts
/// frames.
func open(_ name: String) throws(SwiftletError) -> FrameSource {
  var options = SourceOptions()
  options.framerate = 0
  options.loops = true
  guard name.hasPrefix("camera:") else { return try FrameSource.open(name, options) }
  let camera = UnsafeMutablePointer<fake_camera>.allocate(capacity: 1)
  let calls = UnsafeMutablePointer<video_calls>.allocate(capacity: 1)
  fake_make(camera, calls)
  camera.pointee.formats.0 = fake_fourcc(String(name.dropFirst(7)))
  camera.pointee.lose_every = 5
  camera.pointee.error_every = 4
  camera.pointee.short_every = 7
  options.framerate = 20
  camera.pointee.sets_rate = 0
  return .camera(try V4L2Source("/dev/video0", options, calls: calls))
}

func allocations(_ name: String) throws(SwiftletError) -> Int {
  let source = try open(name)
  let bytes = UnsafeMutableRawPointer.allocate(byteCount: 224 * 224 * 4, alignment: 64)
  defer { bytes.deallocate() }
  let target = PixelTarget(
    base: bytes, line: 224 * 4, width: 224, height: 224, xor: 128, isBGR: false)
  var writer = InputWriter(rule: .crop(shortSide: 256), target: target)
  var image = Image()
  var gate = FrameGate(.measured)
  _ = try source.next(into: &image)
  if !gate.isUnchanged(image) { gate.remember(image) }
  writer.write(image)
  let before = allocation_count()
  for _ in 0..<20 {
    _ = try source.next(into: &image)
    if !gate.isUnchanged(image) { gate.remember(image) }
    writer.write(image)
  }
  return allocation_count() - before
}

var failed = false
// A counter that cannot count would pass anything.
let probe = allocation_count()
UnsafeMutablePointer<UInt8>.allocate(capacity: 1000).deallocate()
if allocation_count() == probe {
  print("the counter does not see allocations")
  failed = true
}
for name in CommandLine.arguments.dropFirst() {
  do throws(SwiftletError) {
    let found = try allocations(name)
    print("\(name): \(found) allocations in 20 frames")
    if found != 0 { failed = true }
  } catch {
    print(error.message)
    failed = true
  }
}
exit(failed ? 1 : 0)
