// A process of its own for what tests of boards do to one: kill it, count its allocations and
// descriptors, let its n-th system call fail. `BoardFaults MODE ROOT PROFILE [NUMBER...]`.
import CAllocationCounter
import CFakeKernel
import Foundation
import SwiftletBoard
import SwiftletCore
import SwiftletPower

let arguments = CommandLine.arguments
let mode = arguments[1]
let root = arguments[2]
let profile = try BoardProfiles.named(arguments[3])
let number = arguments.count > 4 ? Int64(arguments[4])! : 0
fake_kernel_install()

func descriptors() -> Int {
  (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? -1
}

/// What a run does with its clocks, in short. Ends with changed ones unless `restores`.
func operate(_ board: inout LinuxBoard, restores: Bool) -> Int {
  var refused = 0
  if board.setClockLimit(1000) == nil { refused += 1 }
  if board.setGraphicsLimit(400) == nil { refused += 1 }
  board.skew += 10
  if board.setClockLimit(700) == nil { refused += 1 }
  board.restore()
  board.skew += 10
  if board.setClockLimit(1200) == nil { refused += 1 }
  if restores { board.restore() }
  return refused
}

switch mode {
case "allocations":
  let probe = allocation_count()
  UnsafeMutablePointer<UInt8>.allocate(capacity: 1000).deallocate()
  if allocation_count() == probe { fatalError("the counter does not see allocations") }
  var board = LinuxBoard(root: root, profile: profile)
  var watts = board.read().watts ?? -1
  let before = allocation_count()
  for _ in 0..<100 { watts += board.read().watts ?? -1 }
  let found = allocation_count() - before
  print("allocations \(found) in 100 readings of \(watts / 101) W")

case "hold":
  var board = LinuxBoard(root: root, profile: profile)
  do throws(SwiftletError) { try board.takeKnobs() } catch { print("refused \(error.code.name)") }
  let limit = board.setClockLimit(Double(number))
  _ = board.setGraphicsLimit(400)
  print("holds \(limit ?? -1) healed \(board.healed) \(board.refusal?.code.name ?? "-")")
  fflush(nil)
  // Used once more, or its life would end before the loop.
  while board.now > 0 { pause() }

case "kill":
  // The n-th call kills this process, guardian left alone.
  var board = LinuxBoard(root: root, profile: profile)
  fake_fault(number, 2, 0)
  _ = operate(&board, restores: false)
  fake_fault(0, 0, 0)
  print("survived")

case "fail":
  // The n-th call fails; with "later" all after it as well.
  let isSticky = arguments[5] == "later"
  let error = Int32(arguments[6])!
  let before = descriptors()
  var refused = 0
  do {
    var board = LinuxBoard(root: root, profile: profile)
    fake_fault(number, isSticky ? 1 : 0, error)
    refused = operate(&board, restores: true)
    let calls = fake_calls()
    if !isSticky { fake_fault(0, 0, 0) }
    _ = consume board
    print("calls \(calls) refused \(refused)")
  }
  fake_fault(0, 0, 0)
  print("leaked \(descriptors() - before)")

case "scan":
  // Every call of opening and reading fails once, and from there on.
  var clean = LinuxBoard(root: root, profile: profile).reading()
  var runs = 0
  var wrong = 0
  var leaked = 0
  var denied = 0
  var told = 0
  for mode: Int32 in [0, 1] {
    var n: Int64 = 1
    while true {
      let before = descriptors()
      fake_fault(n, mode, mode == 0 ? EACCES : EIO)
      var isDone = false
      do {
        var board = LinuxBoard(root: root, profile: profile)
        let reading = board.read()
        isDone = fake_calls() < n
        if mode == 0 { fake_fault(0, 0, 0) }
        // A value is right or missing.
        if let watts = reading.watts, abs(watts - clean.watts!) > 1e-9 { wrong += 1 }
        if let celsius = reading.celsius, celsius > clean.celsius! { wrong += 1 }
        if reading.watts == nil { told += 1 }
        for finding in board.survey() where finding.state == .denied { denied += 1 }
        board.restore()
      }
      fake_fault(0, 0, 0)
      leaked += descriptors() - before
      runs += 1
      n += 1
      if isDone { break }
    }
  }
  clean.watts = nil
  print("runs \(runs) wrong \(wrong) leaked \(leaked) denied \(denied > 0) nil \(told > 0)")

case "nobody":
  // Without rights, and told so.
  if getuid() == 0 {
    setgid(65534)
    setuid(65534)
  }
  var board = LinuxBoard(root: root, profile: profile)
  let limit = board.setClockLimit(1000)
  print("limit \(limit ?? -1) \(board.refusal?.code.name ?? "-")")
  for finding in board.survey() where finding.state == .denied {
    print("denied \(finding.subject) \(finding.place) \(finding.detail)")
  }

case "held":
  // What the guardian of a process keeps open.
  var board = LinuxBoard(root: root, profile: profile)
  try board.takeKnobs()
  print("ready")
  fflush(nil)
  // Used once more, or its life would end before the loop.
  while board.now > 0 { pause() }

default:
  fatalError("unknown mode")
}

extension LinuxBoard {
  consuming func reading() -> BoardReading {
    var board = self
    return board.read()
  }
}
