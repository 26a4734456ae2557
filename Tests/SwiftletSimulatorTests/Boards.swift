import SwiftletPower
import SwiftletSimulator

/// A Raspberry Pi 4B as docs/scheduler.md describes it, and a family of networks.
enum Boards {
  /// 0.58 W / (GHz V^2) and 1.75 W are the middle of the rigs that were published.
  static var raspberryPi4: BoardProfile {
    var board = BoardProfile()
    board.name = "raspberry-pi-4b"
    var cluster = Cluster()
    cluster.core = "cortex-a72"
    cluster.count = 4
    for clock in stride(from: 600.0, through: 1500, by: 100) {
      cluster.steps.append(ClockStep(megahertz: clock, volts: 0.860))
    }
    cluster.steps.append(ClockStep(megahertz: 1600, volts: 0.882))
    cluster.steps.append(ClockStep(megahertz: 1700, volts: 0.904))
    cluster.steps.append(ClockStep(megahertz: 1800, volts: 0.926))
    board.clusters = [cluster]
    board.power.base = 1.75
    board.power.integerActivity = 0.48
    board.power.simdActivity = 0.58
    board.power.leak = 0.1
    board.power.leakFold = 30
    board.power.joulesPerByte = 0.12e-9
    board.power.spread = 0.3
    board.thermal.dieResistance = 4.44
    board.thermal.boardResistance = 5.0
    board.thermal.dieSeconds = 15
    board.thermal.boardSeconds = 300
    board.thermal.ambient = 25
    board.thermal.limit = 78
    board.thermal.throttle = 80
    board.knobs = .clock
    board.cameraWatts = 0.5
    return board
  }

  /// Modelled facts of a network of so many core-seconds at 1.5 GHz.
  static func network(
    _ number: Int, bits: Int = 4, accuracy: Double, coreSeconds: Double, bytes: Double,
    clocks: [Double] = [1000, 1500, 1800], threads: [Int] = [1, 2, 4]
  ) -> NetworkFacts {
    var facts = NetworkFacts()
    facts.network = number
    facts.bits = bits
    facts.accuracy = accuracy
    facts.bytes = bytes
    for threads in threads {
      for clock in clocks {
        let cores = coreSeconds * 1500 / clock
        // 96 % of the work is parallel, and each thread more costs 2 %.
        let work = cores * (1 + 0.02 * Double(threads - 1))
        let latency = work * (0.04 + 0.96 / Double(threads))
        facts.times.append(
          TimeFacts(threads: threads, clock: clock, latency: latency, coreSeconds: work))
      }
    }
    return facts
  }

  /// Five sizes, two of them with 8 bits too.
  static var family: [NetworkFacts] {
    [
      network(0, accuracy: 0.640, coreSeconds: 0.008, bytes: 5e6),
      network(1, accuracy: 0.735, coreSeconds: 0.025, bytes: 9e6),
      network(1, bits: 8, accuracy: 0.748, coreSeconds: 0.028, bytes: 14e6),
      network(2, accuracy: 0.765, coreSeconds: 0.055, bytes: 16e6),
      network(3, accuracy: 0.785, coreSeconds: 0.095, bytes: 30e6),
      network(3, bits: 8, accuracy: 0.792, coreSeconds: 0.105, bytes: 45e6),
    ]
  }

  static func table(_ networks: [NetworkFacts], wanted: Double, camera: Double = 0) -> PointTable {
    let power = PowerModel(raspberryPi4)
    let builder = PointBuilder(power: power, wantedRate: wanted, cameraRate: camera)
    return PointTable(builder.points(networks), wantedRate: wanted)
  }

  /// The scenario of `seed` on the Raspberry Pi.
  static func simulation(_ table: PointTable, seed: UInt64, camera: Double = 0) -> Simulation {
    var goals = Goals()
    goals.wantedRate = table.wantedRate
    return Simulation(
      profile: raspberryPi4, table: table, goals: goals, cameraWatts: 0,
      cameraRate: camera,
      scenario: .random(seed: seed, power: raspberryPi4.power, ambient: 25), seed: seed)
  }
}
