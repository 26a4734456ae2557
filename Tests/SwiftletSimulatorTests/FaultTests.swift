import SwiftletPower
import SwiftletSimulator
import Testing

/// Each fault that docs/scheduler.md names, beginning at every step of a run.
struct FaultTests {
  /// What begins, what ends it, and whether the cap must hold meanwhile.
  static let faults: [(change: Scenario.Change, back: Scenario.Change, holdsCap: Bool)] = [
    (.sensor(.lost), .sensor(.healthy), true),
    (.sensor(.frozen), .sensor(.healthy), true),
    (.sensor(.lying(1.2)), .sensor(.healthy), true),
    (.sensor(.lying(0.8)), .sensor(.healthy), true),
    (.refusesClock(true), .refusesClock(false), true),
    (.cores(1), .cores(4), true),
    (.throttle(600), .throttle(0), true),
    (.other(0.4), .other(0), true),
    (.hidden(0.4), .hidden(0), true),
    (.ambient(50), .ambient(25), true),
    (.slowdown(1.6), .slowdown(1), true),
    (.cap(2.6), .cap(3.2), true),
  ]

  @Test(arguments: faults.indices)
  func fault_atEveryStep_holdsTheCapAndComesBack(_ number: Int) {
    let fault = Self.faults[number]
    let table = Boards.table([Boards.family[0], Boards.family[1]], wanted: 60)
    var goals = Goals()
    goals.wantedRate = 60
    goals.maxWatts = 3.2
    var calm = Scenario()
    calm.seconds = 30
    let undisturbed = Simulation(
      profile: Boards.raspberryPi4, table: table, goals: goals, cameraWatts: 0.5, cameraRate: 60,
      scenario: calm, seed: 1
    ).run()
    let usual = lastSeconds(undisturbed)
    // A sensor that lies from the beginning cannot be told from another board.
    var first = 0
    if case .sensor(.lying) = fault.change { first = 12 }
    for step in first..<80 {
      var scenario = calm
      scenario.add(fault.change, then: fault.back, at: Double(step) * 0.25, for: 5)
      scenario.sort()
      let simulation = Simulation(
        profile: Boards.raspberryPi4, table: table, goals: goals, cameraWatts: 0.5,
        cameraRate: 60, scenario: scenario, seed: UInt64(step))
      let report = simulation.run()
      let place = "\(fault.change) at step \(step)"
      #expect(report.longestHealthyRun <= 1, "\(place)")
      if fault.holdsCap { #expect(report.longestFaultyRun <= 1.5, "\(place)") }
      #expect(report.maxCelsius <= simulation.limit, "\(place)")
      #expect(report.missedRestores == 0, "\(place)")
      #expect(report.history.allSatisfy { $0.point < table.points.count && $0.rate >= 0 })
      #expect(report.history.allSatisfy { $0.watts.isFinite && $0.rate.isFinite }, "\(place)")
      // Five seconds after the end it earns what it did.
      #expect(lastSeconds(report) > 0.93 * usual, "\(place)")
    }
  }

  /// Utility of the last five seconds.
  private func lastSeconds(_ report: RunReport) -> Double {
    var sum = 0.0
    for value in report.trace.earned.suffix(100) { sum += Double(value) }
    return sum
  }

  @Test func refusal_whileItLasts_isAskedForAtMostEveryFiveSeconds() {
    var scenario = Scenario()
    scenario.seconds = 60
    scenario.events = [Scenario.Event(0, .refusesClock(true))]
    var goals = Goals()
    goals.maxWatts = 3
    let table = Boards.table(Boards.family, wanted: 30)
    let report = Simulation(
      profile: Boards.raspberryPi4, table: table, goals: goals, cameraWatts: 0,
      scenario: scenario, seed: 1
    ).run()
    #expect(report.refusals <= 12 && report.clockWrites == 0)
    #expect(report.longestHealthyRun + report.longestFaultyRun <= 1)
  }

  @Test func battery_itsHours_lastAndAreUsed() {
    var goals = Goals()
    goals.wantedRate = 120
    goals.batteryHours = 0.5
    goals.batteryWattHours = 1.7
    var scenario = Scenario()
    scenario.seconds = 1800
    scenario.add(.other(0.3), then: .other(0), at: 600, for: 300)
    scenario.sort()
    let table = Boards.table([Boards.family[1]], wanted: 120)
    let report = Simulation(
      profile: Boards.raspberryPi4, table: table, goals: goals, cameraWatts: 0.5,
      scenario: scenario, seed: 5
    ).run()
    let used = report.meanWatts * 0.5 / 0.88
    #expect(used <= 1.7, "it lasts")
    #expect(used > 1.7 * 0.97, "and little is left")
  }

  @Test func temperature_hotDay_staysBelowTheLimit() {
    var goals = Goals()
    goals.wantedRate = 120
    goals.maxCelsius = 65
    var scenario = Scenario()
    scenario.events = [Scenario.Event(100, .ambient(38))]
    let table = Boards.table([Boards.family[1]], wanted: 120)
    let simulation = Simulation(
      profile: Boards.raspberryPi4, table: table, goals: goals, cameraWatts: 0.5,
      scenario: scenario, seed: 9)
    var report = simulation.run()
    #expect(report.maxCelsius <= 65 && report.maxCelsius > 63)
    report.compare(to: Oracle(simulation))
    #expect(report.regret < 0.12, "a kelvin is kept free")
    #expect(report.history.contains { $0.reason == .temperature })
  }
}
