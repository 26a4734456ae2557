import SwiftletPower

/// A board, a table of points, goals and a scenario: runs them on a virtual clock.
public struct Simulation: Sendable {
  public var profile: BoardProfile
  public var table: PointTable
  public var goals: Goals
  public var cameraWatts: Double
  /// Frames a second of the camera; 0: one whenever it is wanted.
  public var cameraRate: Double
  public var scenario: Scenario
  public var seed: UInt64
  /// Seconds between two decisions.
  public static let period = 0.25

  public init(
    profile: BoardProfile, table: PointTable, goals: Goals, cameraWatts: Double,
    cameraRate: Double = 0, scenario: Scenario, seed: UInt64
  ) {
    self.profile = profile
    self.table = table
    self.goals = goals
    self.cameraWatts = cameraWatts
    self.cameraRate = cameraRate
    self.scenario = scenario
    self.seed = seed
  }

  /// The board of this run, at its start.
  public func board() -> SimulatedBoard {
    SimulatedBoard(
      profile: profile, cameraWatts: cameraWatts, cameraRate: cameraRate, scenario: scenario,
      seed: seed)
  }

  /// What the scheduler believes before it has seen the board.
  public var priors: PowerModel { PowerModel(profile, cameraWatts: cameraWatts) }

  /// Die temperature that must not be passed.
  public var limit: Double {
    let limit = profile.thermal.limit > 0 ? profile.thermal.limit : Double.infinity
    return min(goals.maxCelsius ?? .infinity, limit)
  }

  public func run(_ policy: Policy = .scheduler) -> RunReport {
    var report = RunReport()
    report.policy = policy
    report.seconds = scenario.seconds
    let board =
      policy == .scheduler ? govern(&report) : runFixed(policy, &report)
    report.frames = board.trace.frames
    report.skipped = max(0, Int(scenario.seconds * cameraRate) - report.frames)
    report.clockWrites = board.clockWrites
    report.refusals = board.refusals
    report.missedRestores = board.isRestored ? 0 : 1
    report.trace = board.trace
    summarize(&report)
    return report
  }

  private var steps: Int { Int((scenario.seconds / Self.period).rounded()) }

  private func govern(_ report: inout RunReport) -> SimulatedBoard {
    let scheduler = Scheduler(table: table, goals: goals, power: priors, thermal: profile.thermal)
    var governor = Governor(board: board(), scheduler: scheduler)
    var watch = CapWatch()
    report.history.reserveCapacity(steps)
    for _ in 0..<steps {
      if let cap = governor.board.state.cap { governor.scheduler.goals.maxWatts = cap }
      let last = governor.board.step
      var applied = Decision()
      let decision = governor.step(
        frames: last.frames, latency: last.latency, busySeconds: last.busySeconds
      ) { applied = $0 }
      governor.board.run(table.points[applied.point], rate: applied.rate)
      report.history.append(
        RunReport.Entry(
          time: governor.board.now, point: decision.point, rate: decision.rate,
          watts: decision.watts, cap: decision.cap, concession: decision.concession,
          reason: decision.reason, source: decision.source))
      governor.board.advance(Self.period)
      watch.add(governor.board, cap: decision.cap)
    }
    governor.restore()
    report.take(watch)
    return governor.board
  }

  private func runFixed(_ policy: Policy, _ report: inout RunReport) -> SimulatedBoard {
    var board = board()
    let ladder = Ladder(table)
    var controller = ProportionalPolicy(ladder)
    let fixed = policy == .maximum ? ladder.points[ladder.points.count - 1] : safePoint(ladder)
    var watch = CapWatch()
    var last = -1
    for _ in 0..<steps {
      let reading = board.read()
      let cap = board.state.cap ?? goals.maxWatts
      let point =
        policy == .proportional
        ? controller.decide(reading, cap: cap, seconds: Self.period) : fixed
      let index = ladder.points.firstIndex { $0.sameSetting(as: point) } ?? 0
      if index != last {
        if point.clock > 0 { _ = board.setClockLimit(point.clock) }
        board.run(point, rate: point.rate)
        report.history.append(
          RunReport.Entry(
            time: board.now, point: index, rate: point.rate, watts: 0, cap: cap,
            concession: .none, reason: .best, source: .modelled))
        last = index
      }
      report.decisions += 1
      board.advance(Self.period)
      watch.add(board, cap: cap)
    }
    board.restore()
    report.switches = max(report.history.count - 1, 0)
    report.take(watch)
    return board
  }

  /// Safe for the hungriest chip and rig, with every disturbance of a random scenario at once.
  private func safePoint(_ ladder: Ladder) -> OperatingPoint {
    let model = priors
    var least = goals.maxWatts ?? .infinity
    for event in scenario.events {
      if case .cap(let watts) = event.change { least = min(least, watts) }
    }
    if scenario.events.contains(where: { if case .cap = $0.change { true } else { false } }) {
      least = min(least, 2.6 + profile.power.base + cameraWatts - 1.75)
    }
    let fixed = model.base + 0.25 + 0.5 + 1.3 * model.leakage(at: limit)
    return ladder.points.last {
      fixed + $0.dynamicWatts * 1.6 * 0.80 / 0.58 <= least
    } ?? ladder.points[0]
  }

  private func summarize(_ report: inout RunReport) {
    let trace = report.trace
    let wanted = goals.wantedRate ?? goals.minRate ?? table.wantedRate
    var earned = 0.0
    var watts = 0.0
    for value in trace.earned { earned += Double(value) }
    report.utility = earned / max(wanted * scenario.seconds, 1e-9)
    let window = Int((1 / SimulatedBoard.tick).rounded())
    var second = 0.0
    for (i, value) in trace.watts.enumerated() {
      watts += Double(value)
      second += Double(value)
      if i >= window { second -= Double(trace.watts[i - window]) }
      if i >= window - 1 { report.maxWatts = max(report.maxWatts, second / Double(window)) }
      report.maxCelsius = max(report.maxCelsius, Double(trace.celsius[i]))
    }
    report.meanWatts = watts / Double(max(trace.watts.count, 1))
    guard report.policy == .scheduler else { return }
    report.decisions = report.history.count
    for (before, after) in zip(report.history, report.history.dropFirst())
    where before.point != after.point || before.rate != after.rate {
      report.switches += 1
    }
  }
}

extension RunReport {
  fileprivate mutating func take(_ watch: CapWatch) {
    overCapShare = Double(watch.over) / Double(max(watch.ticks, 1))
    longestHealthyRun = Double(watch.longestHealthy) * SimulatedBoard.tick
    longestFaultyRun = Double(watch.longestFaulty) * SimulatedBoard.tick
    longestQuarters = Double(watch.longestQuarters) * 0.25
  }
}

extension CapWatch {
  /// Takes the ticks that were added to the board's trace.
  fileprivate mutating func add(_ board: borrowing SimulatedBoard, cap: Double?) {
    let isFaulty = board.state.sensor != .healthy || board.state.refusesClock
    while ticks < board.trace.watts.count {
      add(watts: Double(board.trace.watts[ticks]), cap: cap, isFaulty: isFaulty)
    }
  }
}

extension OperatingPoint {
  /// Whether two points are the same way to run.
  func sameSetting(as other: OperatingPoint) -> Bool {
    network == other.network && bits == other.bits && resolution == other.resolution
      && prune == other.prune && threads == other.threads && clock == other.clock
      && rate == other.rate
  }
}
