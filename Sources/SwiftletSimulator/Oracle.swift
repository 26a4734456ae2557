import SwiftletPower

/// What a scheduler could earn that knows the board's own parameters and the future: backward
/// dynamic programming over the board's temperature in blocks of 2.5 s.
///
/// The die follows within a block. Inside a block the lowest cap and the worst disturbance hold,
/// so what is lost to reaction within a block does not count as loss.
public struct Oracle: Sendable {
  /// Mean utility of a second.
  public let utility: Double

  private static let block = 2.5
  private static let kelvins = 0.5

  /// A way to spend a block: watts without leakage, and utility a second.
  private struct Level {
    var watts: Double
    var utility: Double
  }

  /// What holds in a block.
  private struct Conditions: Equatable {
    var cap = Double.infinity
    var slowdown = 0.0
    var other = 0.0
    var air = -Double.infinity
    var cores = Int.max
    var throttle = Double.infinity
  }

  public init(_ simulation: Simulation) {
    let board = simulation.board()
    let blocks = Self.conditions(simulation, board)
    let limit = simulation.limit
    let facts = board.thermal.facts
    let coolest = (blocks.map(\.air).min() ?? 25) - 2
    let hottest = limit < 1e3 ? limit : 150
    let count = max(Int(((hottest - coolest) / Self.kelvins).rounded(.up)), 1) + 1
    let leak = (0...400).map { board.power.leakage(at: Double($0) * 0.5 - 40) }
    func leakage(_ celsius: Double) -> Double {
      leak[min(max(Int((celsius + 40) * 2), 0), 400)]
    }
    let slow = exponential(-Self.block / facts.boardSeconds)
    var value = [Double](repeating: 0, count: count)
    var next = value
    var levels: [Level] = []
    var known = Conditions()
    for conditions in blocks.reversed() {
      if conditions != known {
        levels = Self.front(simulation, board, conditions)
        known = conditions
      }
      for place in 0..<count {
        let celsius = coolest + Double(place) * Self.kelvins
        var best = -1.0
        for (number, level) in levels.enumerated() {
          let die = celsius + facts.dieResistance * level.watts
          let watts = level.watts + leakage(die)
          let isAllowed =
            watts <= conditions.cap && celsius + facts.dieResistance * watts <= limit
          // Whatever happens, something has to run.
          guard isAllowed || number == 0 else { break }
          let end = conditions.air + facts.boardResistance * watts
          let after = end + (celsius - end) * slow
          let position = min(max((after - coolest) / Self.kelvins, 0), Double(count - 1))
          let low = min(Int(position), max(count - 2, 0))
          let share = position - Double(low)
          let rest = next[low] * (1 - share) + next[min(low + 1, count - 1)] * share
          best = max(best, level.utility * Self.block + rest)
        }
        value[place] = best
      }
      swap(&value, &next)
    }
    let position = min(max((board.thermal.board - coolest) / Self.kelvins, 0), Double(count - 1))
    utility = next[Int(position)] / simulation.scenario.seconds
  }

  private static func conditions(
    _ simulation: Simulation, _ board: SimulatedBoard
  ) -> [Conditions] {
    let scenario = simulation.scenario
    let count = Int((scenario.seconds / block).rounded(.up))
    var cap = simulation.goals.maxWatts ?? .infinity
    if let wattHours = simulation.goals.batteryWattHours,
      let hours = simulation.goals.batteryHours
    {
      cap = min(cap, wattHours * BatteryBudget.converterShare / hours)
    }
    var now = Conditions(
      cap: cap, slowdown: 1, other: 0, air: board.thermal.air,
      cores: simulation.profile.clusters.first?.count ?? 1)
    var visible = 0.0
    var hidden = 0.0
    var event = 0
    var blocks: [Conditions] = []
    for i in 0..<count {
      var worst = now
      // What begins at the very start of a block replaces what was.
      let start = Double(i) * block
      while event < scenario.events.count, scenario.events[event].time < start + block {
        let change = scenario.events[event]
        switch change.change {
        case .cap(let watts): now.cap = watts
        case .slowdown(let factor): now.slowdown = factor
        case .ambient(let celsius): now.air = celsius
        case .other(let watts): visible = watts
        case .hidden(let watts): hidden = watts
        case .cores(let cores): now.cores = cores
        case .throttle(let clock): now.throttle = clock > 0 ? clock : .infinity
        case .sensor, .refusesClock: break
        }
        now.other = visible + hidden
        if change.time <= start {
          worst = now
        } else {
          worst.cap = min(worst.cap, now.cap)
          worst.slowdown = max(worst.slowdown, now.slowdown)
          worst.other = max(worst.other, now.other)
          worst.air = max(worst.air, now.air)
          worst.cores = min(worst.cores, now.cores)
          worst.throttle = min(worst.throttle, now.throttle)
        }
        event += 1
      }
      blocks.append(worst)
    }
    return blocks
  }

  /// Useful levels by rising watts; every point at every rate up to its own.
  private static func front(
    _ simulation: Simulation, _ board: SimulatedBoard, _ conditions: Conditions
  ) -> [Level] {
    let wanted =
      simulation.goals.wantedRate ?? simulation.goals.minRate ?? simulation.table.wantedRate
    var levels: [Level] = []
    let fixed = board.power.base + conditions.other
    for point in simulation.table.points {
      let own = point.clock > 0 ? point.clock : board.power.topClock
      let clock = min(own, conditions.throttle)
      var latency = point.latency * conditions.slowdown * own / clock
      if conditions.cores < point.threads {
        latency *= Double(point.threads) / Double(conditions.cores)
      }
      let fastest = min(point.rate, 1 / latency, wanted)
      let joules =
        point.coreSeconds * own / clock * board.power.coreWatts(at: clock) * conditions.slowdown
        + point.bytes * board.power.joulesPerByte
      for step in 1...levelsPerPoint {
        let rate = fastest * Double(step) / Double(levelsPerPoint)
        guard rate >= simulation.table.lowestRate * 0.999 || step == levelsPerPoint else {
          continue
        }
        levels.append(
          Level(watts: fixed + joules * rate, utility: point.accuracy * min(1, rate / wanted)))
      }
    }
    levels.sort { ($0.watts, -$0.utility) < ($1.watts, -$1.utility) }
    var front: [Level] = []
    for level in levels where level.utility > (front.last?.utility ?? -1) {
      // Steps below a milliwatt are one.
      if let last = front.last, level.watts - last.watts < 2e-3, front.count > 1 {
        front[front.count - 1] = Level(watts: level.watts, utility: level.utility)
      } else {
        front.append(level)
      }
    }
    return front
  }

  private static let levelsPerPoint = 40
}

extension RunReport {
  /// Adds what could have been earned.
  public mutating func compare(to oracle: Oracle) { oracleUtility = oracle.utility }
}
