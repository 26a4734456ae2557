import SwiftletPower
import SwiftletSimulator

/// A policy over many random scenarios.
struct PolicyRow {
  var policy: Policy
  var meanRegret = 0.0
  var p95Regret = 0.0
  var overCapShare = 0.0
  var longestHealthyRun = 0.0
  var longestFaultyRun = 0.0
  var maxCelsius = 0.0
  var switchesPerMinute = 0.0
  var missedRestores = 0
  var meanWatts = 0.0
  var framesPerSecond = 0.0

  /// Every policy on the same scenarios: `seed`, `seed + 1`, ...
  static func all(_ simulation: Simulation, count: Int, seed: UInt64) -> [PolicyRow] {
    var rows = Policy.allCases.map { PolicyRow(policy: $0) }
    var regrets = [[Double]](repeating: [], count: rows.count)
    let share = 1 / Double(count)
    for number in 0..<UInt64(count) {
      var one = simulation
      one.seed = seed &+ number
      one.scenario = .random(
        seed: one.seed, power: simulation.profile.power,
        ambient: simulation.profile.thermal.ambient, cameraWatts: simulation.cameraWatts)
      let oracle = Oracle(one)
      for i in rows.indices {
        var report = one.run(rows[i].policy)
        report.compare(to: oracle)
        regrets[i].append(report.regret)
        rows[i].meanRegret += report.regret * share
        rows[i].overCapShare += report.overCapShare * share
        rows[i].longestHealthyRun = max(rows[i].longestHealthyRun, report.longestHealthyRun)
        rows[i].longestFaultyRun = max(rows[i].longestFaultyRun, report.longestFaultyRun)
        rows[i].maxCelsius = max(rows[i].maxCelsius, report.maxCelsius)
        rows[i].switchesPerMinute += report.switchesPerMinute * share
        rows[i].missedRestores += report.missedRestores
        rows[i].meanWatts += report.meanWatts * share
        rows[i].framesPerSecond += report.framesPerSecond * share
      }
    }
    for i in rows.indices {
      let sorted = regrets[i].sorted()
      rows[i].p95Regret = sorted[min(sorted.count - 1, Int(0.95 * Double(sorted.count)))]
    }
    return rows
  }
}
