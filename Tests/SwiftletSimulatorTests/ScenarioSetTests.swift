import SwiftletPower
import SwiftletSimulator
import Testing

/// Forty random ten-minute scenarios on a Raspberry Pi 4B, with the bars of docs/scheduler.md.
struct ScenarioSetTests {
  struct Family: Sendable, CustomTestStringConvertible {
    var name: String
    var networks: [NetworkFacts]
    var wanted: Double
    var testDescription: String { name }
  }

  static let families = [
    // Utility in proportion to the rate: nothing hides a watt that is not used.
    Family(name: "one network", networks: [Boards.family[1]], wanted: 120),
    Family(name: "family", networks: Boards.family, wanted: 30),
  ]
  static let seeds = UInt64(4001)..<4041

  @Test(arguments: families)
  func scheduler_randomScenarios_keepsTheBars(_ family: Family) {
    let table = Boards.table(family.networks, wanted: family.wanted)
    var regrets: [Double] = []
    var overCap = 0.0
    for seed in Self.seeds {
      let simulation = Boards.simulation(table, seed: seed, camera: family.wanted)
      var report = simulation.run()
      report.compare(to: Oracle(simulation))
      regrets.append(report.regret)
      overCap += report.overCapShare / Double(Self.seeds.count)
      #expect(report.longestHealthyRun <= 1, "seed \(seed)")
      #expect(report.maxCelsius <= simulation.limit, "seed \(seed)")
      #expect(report.switchesPerMinute <= 12, "seed \(seed)")
      #expect(report.missedRestores == 0, "seed \(seed)")
      #expect(report.decisions == 2400)
    }
    regrets.sort()
    let mean = regrets.reduce(0, +) / Double(regrets.count)
    print("\(family.name): lost to the oracle \(mean), p95 \(regrets[37]), over cap \(overCap)")
    #expect(mean <= 0.03)
    #expect(regrets[37] <= 0.08)
    #expect(overCap <= 0.002)
    #expect(mean > -0.002, "an oracle that is beaten is none")
  }

  @Test func otherPolicies_sameScenarios_breakTheCapOrEarnLess() {
    let table = Boards.table([Boards.family[1]], wanted: 120)
    var overCap = [Policy: Double]()
    var utility = [Policy: Double]()
    for seed in Self.seeds.prefix(10) {
      let simulation = Boards.simulation(table, seed: seed)
      for policy in Policy.allCases {
        let report = simulation.run(policy)
        overCap[policy, default: 0] += report.overCapShare / 10
        utility[policy, default: 0] += report.utility / 10
        #expect(report.missedRestores == 0)
      }
    }
    #expect(overCap[.proportional]! > 10 * overCap[.scheduler]!)
    #expect(overCap[.maximum]! > 0.3)
    #expect(overCap[.safePoint] == 0)
    #expect(utility[.safePoint]! < 0.5 * utility[.scheduler]!)
  }

  @Test func run_sameSeed_isIdentical() {
    let table = Boards.table(Boards.family, wanted: 30)
    for seed in Self.seeds.prefix(3) {
      let a = Boards.simulation(table, seed: seed).run()
      let b = Boards.simulation(table, seed: seed).run()
      #expect(a.history == b.history && a.trace.watts == b.trace.watts)
      let c = Boards.simulation(table, seed: seed + 1).run()
      #expect(a.history != c.history)
    }
  }

  @Test func run_lowerCap_neverEarnsMore() {
    let table = Boards.table([Boards.family[1]], wanted: 120)
    for seed in Self.seeds.prefix(4) {
      var last = -1.0
      for cap in stride(from: 2.4, through: 5, by: 0.2) {
        var simulation = Boards.simulation(table, seed: seed)
        simulation.goals.maxWatts = cap
        simulation.scenario.events.removeAll { if case .cap = $0.change { true } else { false } }
        let utility = simulation.run().utility
        // Each decision obeys strictly (SchedulerTests); moments of waiting differ a little.
        #expect(utility >= last * 0.998, "cap \(cap), seed \(seed)")
        last = max(last, utility)
      }
    }
  }
}
