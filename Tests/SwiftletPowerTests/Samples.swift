import SwiftletPower

/// A small board and family whose figures a test can work out by hand.
enum Samples {
  /// 1 W base, 1 W for a core at 1000 MHz and 1 V, no leakage.
  static var board: BoardProfile {
    var board = BoardProfile()
    var cluster = Cluster()
    cluster.core = "cortex-a72"
    cluster.count = 4
    cluster.steps = [
      ClockStep(megahertz: 500, volts: 1), ClockStep(megahertz: 1000, volts: 1),
      ClockStep(megahertz: 2000, volts: 1.2),
    ]
    board.clusters = [cluster]
    board.power.base = 1
    board.power.simdActivity = 1
    board.power.leak = 0
    board.power.spread = 0.1
    board.knobs = .clock
    return board
  }

  /// A network of so many core-seconds at 1000 MHz, on 1, 2 and 4 threads.
  static func network(
    _ number: Int, accuracy: Double, coreSeconds: Double, resolution: Int = 0, prune: Double = 0
  ) -> NetworkFacts {
    var facts = NetworkFacts()
    facts.network = number
    facts.accuracy = accuracy
    facts.resolution = resolution
    facts.prune = prune
    for threads in [1, 2, 4] {
      for clock in [500.0, 1000, 2000] {
        let work = coreSeconds * 1000 / clock * (1 + 0.05 * Double(threads - 1))
        facts.times.append(
          TimeFacts(
            threads: threads, clock: clock, latency: work / Double(threads), coreSeconds: work))
      }
    }
    return facts
  }

  static func table(_ networks: [NetworkFacts], wanted: Double = 30) -> PointTable {
    let builder = PointBuilder(power: PowerModel(board), wantedRate: wanted)
    return PointTable(builder.points(networks), wantedRate: wanted)
  }

  static var family: PointTable {
    table([
      network(0, accuracy: 0.6, coreSeconds: 0.01), network(1, accuracy: 0.7, coreSeconds: 0.03),
      network(2, accuracy: 0.8, coreSeconds: 0.1),
    ])
  }

  static func scheduler(
    _ table: PointTable, _ change: (inout Goals) -> Void = { _ in }
  ) -> Scheduler {
    var goals = Goals()
    change(&goals)
    return Scheduler(
      table: table, goals: goals, power: PowerModel(board), thermal: board.thermal)
  }

  /// What a board says that draws what its decision expects, with a little noise.
  static func measurement(
    _ time: Double, watts: Double?, latency: Double? = nil, frames: Int = 5
  ) -> Measurement {
    var m = Measurement()
    m.time = time
    m.board.watts = watts
    m.board.onlineCores = 4
    m.latency = latency
    m.frames = latency == nil ? 0 : frames
    return m
  }

  /// Lets a scheduler decide every 250 ms on a board that draws what the model says plus `extra`;
  /// the last decision.
  static func settle(
    _ scheduler: inout Scheduler, from start: Double = 0, seconds: Double, extra: Double = 0,
    hasSensor: Bool = true, noise: Double = 0.002
  ) -> Decision {
    var decision = scheduler.decide(measurement(start, watts: nil))
    for step in 1...max(1, Int(seconds * 4)) {
      let point = scheduler.table.points[decision.point]
      let share = point.rate > 0 ? decision.rate / point.rate : 0
      let wobble = step % 2 == 0 ? noise : -noise
      let watts = 1 + point.dynamicWatts * share + extra + wobble
      decision = scheduler.decide(
        measurement(
          start + Double(step) / 4, watts: hasSensor ? watts : nil, latency: point.latency))
    }
    return decision
  }
}
