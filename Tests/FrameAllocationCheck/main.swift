// Prints, for each camera source given, how many allocations 20 frames cost after the first,
// fitting into a network's input included. Exits with 1 unless all are 0. A program of its own
// because it replaces malloc of its process.
import CAllocationCounter
import Foundation
import SwiftletCore
import SwiftletVision

func allocations(_ name: String) throws(SwiftletError) -> Int {
  var options = SourceOptions()
  options.framerate = 0
  options.loops = true
  let source = try FrameSource.open(name, options)
  let bytes = UnsafeMutableRawPointer.allocate(byteCount: 224 * 224 * 4, alignment: 64)
  defer { bytes.deallocate() }
  let target = PixelTarget(
    base: bytes, line: 224 * 4, width: 224, height: 224, xor: 128, isBGR: false)
  var writer = InputWriter(rule: .crop(shortSide: 256), target: target)
  var image = Image()
  _ = try source.next(into: &image)
  writer.write(image)
  let before = allocation_count()
  for _ in 0..<20 {
    _ = try source.next(into: &image)
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
