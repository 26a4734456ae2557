import CShims
import SwiftletPower

// Prints how long a decision of the scheduler takes with a full table, and how many allocations
// happen meanwhile; exits with 1 unless there are none. The number of decisions may be given.
// A program of its own because the counter replaces malloc of its process; without the counter,
// in a device build, it serves for counting instructions under emulation.
#if canImport(CAllocationCounter)
  import CAllocationCounter
#endif

/// Points that all lie on the front, and a Raspberry Pi 4B's model.
private func makeScheduler() -> Scheduler {
  var board = BoardProfile()
  var cluster = Cluster()
  cluster.count = 4
  var clock = 600.0
  while clock <= 1800 {
    cluster.steps.append(ClockStep(megahertz: clock, volts: clock > 1500 ? 0.9 : 0.86))
    clock += 100
  }
  board.clusters = [cluster]
  board.power.base = 1.75
  board.power.simdActivity = 0.58
  board.thermal.dieResistance = 4.44
  board.thermal.boardResistance = 5
  board.thermal.dieSeconds = 15
  board.thermal.boardSeconds = 300
  board.thermal.limit = 78
  let power = PowerModel(board)
  var points: [OperatingPoint] = []
  for i in 1...60 {
    var point = OperatingPoint()
    point.network = i
    point.clock = i % 2 == 0 ? 1500 : 1800
    point.threads = 2
    point.rate = 30
    point.accuracy = 0.5 + 0.005 * Double(i)
    point.coreSeconds = 0.002 * Double(i)
    point.latency = 0.0005 * Double(i)
    point.dynamicWatts = power.frameJoules(point) * point.rate
    points.append(point)
  }
  var goals = Goals()
  goals.maxWatts = 3.2
  return Scheduler(
    table: PointTable(points, wantedRate: 30), goals: goals, power: power, thermal: board.thermal)
}

private struct Loop {
  var scheduler = makeScheduler()
  private var decision = Decision()
  private var watts = 2.5
  private var time = 0.0

  mutating func decide(_ count: Int) {
    for i in 0..<count {
      var m = Measurement()
      m.time = time
      m.board.watts = watts + (i % 3 == 0 ? 0.01 : -0.005)
      m.board.celsius = 60
      m.board.otherCores = i % 100 < 50 ? 0.1 : 0.4
      m.board.onlineCores = 4
      m.board.clockLimit = 1800
      m.frames = 7
      m.latency = scheduler.table.points[decision.point].latency
      decision = scheduler.decide(m)
      // Watts that follow the decision, so that it keeps moving.
      watts = decision.watts
      time += 0.25
    }
  }
}

private func number(_ text: String) -> Int {
  var value = 0
  for byte in text.utf8 where byte >= 48 && byte <= 57 { value = value * 10 + Int(byte) - 48 }
  return value
}

private let count = CommandLine.arguments.count > 1 ? number(CommandLine.arguments[1]) : 20000
private var loop = Loop()
loop.decide(100)
#if canImport(CAllocationCounter)
  private let before = allocation_count()
#endif
private let start = shim_monotonic()
if shim_marks() != 0 { shim_mark(0) }
loop.decide(count)
if shim_marks() != 0 { shim_mark(1) }
private let nanoseconds = shim_monotonic() - start
#if canImport(CAllocationCounter)
  private let allocations = allocation_count() - before
  print(
    "\(loop.scheduler.table.points.count) points: \(nanoseconds / Int64(max(count, 1))) ns a decision,"
      + " \(allocations) allocations in \(count) decisions")
  if allocations != 0 { exit(1) }
#else
  print("\(count) decisions")
#endif
