import SwiftletPower
import Testing

/// A board that does as it is told and notes the order.
private struct ScriptedBoard: BoardAccess {
  var now = 0.0
  var watts: Double?
  var limit = 2000.0
  var refuses = false
  var asked: [Double] = []
  var log = Log()
  var restored = 0

  mutating func read() -> BoardReading {
    var reading = BoardReading()
    reading.watts = watts
    reading.clockLimit = limit
    reading.onlineCores = 4
    return reading
  }

  mutating func setClockLimit(_ megahertz: Double) -> Double? {
    asked.append(now)
    log.lines.append("clock")
    if refuses { return nil }
    limit = megahertz
    return megahertz
  }

  mutating func restore() { restored += 1 }
}

private final class Log {
  var lines: [String] = []
}

struct GovernorTests {
  /// One network: the clock is what changes.
  private func governor(cap: Double) -> Governor<ScriptedBoard> {
    var facts = NetworkFacts()
    facts.accuracy = 0.8
    for clock in [500.0, 1000, 2000] {
      let seconds = 0.06 * 1000 / clock
      facts.times.append(
        TimeFacts(threads: 1, clock: clock, latency: seconds, coreSeconds: seconds))
    }
    let scheduler = Samples.scheduler(Samples.table([facts])) { $0.maxWatts = cap }
    return Governor(board: ScriptedBoard(), scheduler: scheduler)
  }

  private func step(_ governor: inout Governor<ScriptedBoard>, at time: Double) -> Decision {
    let log = governor.board.log
    log.lines.removeAll()
    governor.board.now = time
    return governor.step(frames: 0, latency: nil) { _ in log.lines.append("apply") }
  }

  @Test func step_downward_appliesFirstAndUpwardSetsTheClockFirst() {
    var governor = governor(cap: 8)
    var decision = step(&governor, at: 0)
    #expect(governor.scheduler.table.points[decision.point].clock == 2000)
    governor.scheduler.goals.maxWatts = 1.7
    decision = step(&governor, at: 0.25)
    #expect(governor.board.limit < 2000)
    #expect(governor.board.log.lines == ["apply", "clock"])

    governor.scheduler.goals.maxWatts = 8
    var upward: [String] = []
    for quarter in 2...40 {
      _ = step(&governor, at: Double(quarter) / 4)
      if governor.board.log.lines.contains("clock") { upward = governor.board.log.lines }
    }
    #expect(governor.board.limit == 2000)
    #expect(upward == ["clock", "apply"])
  }

  @Test func step_refusedUpward_staysAtTheClockInForceAndAsksEveryFiveSeconds() {
    var governor = governor(cap: 8)
    governor.board.limit = 500
    governor.board.refuses = true
    for quarter in 0...80 {
      let decision = step(&governor, at: Double(quarter) / 4)
      let lines = governor.board.log.lines
      #expect(lines == ["apply"] || lines == ["clock", "apply"])
      // 0.12 s for a frame at 500 MHz.
      #expect(decision.rate <= 0.95 / 0.12 + 1e-9)
    }
    #expect(governor.board.asked.count >= 3)
    for (a, b) in zip(governor.board.asked, governor.board.asked.dropFirst()) {
      #expect(b - a >= Scheduler.refusalPause - 1e-9)
    }
  }

  @Test func restore_isTheBoards() {
    var governor = governor(cap: 8)
    governor.restore()
    #expect(governor.board.restored == 1)
  }
}
