// Prints, for each model file given, how many allocations happened during runs of a session:
// one thread, two threads, switching bits and threads between runs, frames of camera size. Exits with 1 unless
// all are 0.
// A program of its own because it replaces malloc of its process.
import CAllocationCounter
import Foundation
import Swiftlet
import SwiftletCore

/// Allocations during 20 runs.
func allocations(_ path: String, threads: Int) throws(SwiftletError) -> Int {
  let model = try Model(mapping: path)
  var session = try Session(model, SessionOptions(threads: threads))
  session.run()
  try session.setBits(.four)
  try session.setBits(.eight)  // the second plane's checksum is verified here, once
  let before = allocation_count()
  for i in 0..<20 {
    try session.setBits(i % 2 == 0 ? .four : .eight)
    session.setThreads(1 + i % threads)
    session.setGates(shift: i % 3 == 0 ? nil : 0)
    session.run()
  }
  let runs = allocation_count() - before
  let frames = try frameAllocations(&session)
  print("\(path) threads \(threads): \(runs) allocations in 20 runs, \(frames) in 20 frames")
  return runs + frames
}

/// Allocations during 20 frames of one size with their five best classes, after the first frame.
func frameAllocations(_ session: inout Session) throws(SwiftletError) -> Int {
  var pixels = InlineArray<5760, UInt8>(repeating: 90)
  var before = 0
  for i in 0...20 {
    pixels[i * 7] = UInt8(i)
    let output = session.run(on: try Frame(rgb888: pixels.span, width: 48, height: 40))
    if output.top(5).count == 0 { return 1 }
    if i == 0 { before = allocation_count() }
  }
  return allocation_count() - before
}

/// Allocations during 20 frames through a first pass, its margin and, for half of them, the full
/// one; 0 for a network that cannot have one.
func passAllocations(_ path: String) throws(SwiftletError) -> Int {
  let model = try Model(mapping: path)
  var full = try Session(model, threads: 1)
  guard Confidence(full) != nil else { return 0 }
  let side = full.input.height * 3 / 4
  let session: Session
  do throws(SwiftletError) {
    session = try Session(model, SessionOptions(bits: .four, resolution: side))
  } catch {
    if error.code == .modelNotResizable { return 0 }
    throw error
  }
  var pass = try FirstPass(session, before: full)
  var before = 0
  var sure = 0
  for i in 0...20 {
    pass.margin = i % 2 == 0 ? 0 : .infinity
    pass.take(from: full)
    if pass.isSure() { sure += 1 } else { full.run() }
    if i == 0 { before = allocation_count() }
  }
  let count = allocation_count() - before
  print("\(path) first pass of \(side) pixels: \(count) allocations in 20 frames, \(sure) sure")
  return sure == 11 ? count : 1
}

var failed = false

// A counter that cannot count would pass anything.
let probe = allocation_count()
let kept = UnsafeMutablePointer<UInt8>.allocate(capacity: 1000)
if allocation_count() == probe {
  print("the counter does not see allocations")
  failed = true
}
kept.deallocate()

for path in CommandLine.arguments.dropFirst() {
  do throws(SwiftletError) {
    if try allocations(path, threads: 1) + allocations(path, threads: 2) != 0 { failed = true }
    if try passAllocations(path) != 0 { failed = true }
  } catch {
    print(error.message)
    failed = true
  }
}
exit(failed ? 1 : 0)
