import SwiftletDevice
import SwiftletPower
import SwiftletSimulator

/// What `swiftlet simulate` prints: all it assumes, and what came of it.
struct SimulationReport {
  let simulation: Simulation
  let networks: [SimulatedNetwork]
  let power: PowerModel

  private var profile: BoardProfile { simulation.profile }
  private var table: PointTable { simulation.table }

  /// One line about board and goals.
  var title: String {
    var text = profile.title
    let goals = simulation.goals
    if let watts = goals.maxWatts { text += ", at most \(fixed(watts, 2)) W" }
    if let rate = goals.minRate { text += ", at least \(fixed(rate, 1)) frames/s" }
    if let energy = goals.batteryWattHours, let hours = goals.batteryHours {
      text += ", \(fixed(energy, 1)) Wh for \(fixed(hours, 2)) h"
    }
    return text
  }

  // MARK: text

  private func assumptions() -> TextBuffer {
    var text = TextBuffer(capacity: 8192)
    text.append("\(title): simulated on a virtual clock, every figure is modelled\n\nassumptions\n")
    let cluster = profile.clusters[0]
    line(&text, "base", "\(fixed(profile.power.base, 2)) W, cores idle, without camera")
    line(&text, "camera", "\(fixed(simulation.cameraWatts, 2)) W while it streams, counted in")
    line(
      &text, "C",
      "\(fixed(power.activity, 3)) W / (GHz V^2) of a core in SIMD kernels, spread "
        + "\(fixed(100 * power.spread, 0)) %")
    line(
      &text, "leakage", "\(fixed(power.leak, 2)) W at 45 C, e-fold \(fixed(power.leakFold, 0)) K")
    line(&text, "memory", "\(fixed(power.joulesPerByte * 1e9, 3)) nJ/byte")
    var steps = ""
    for step in cluster.steps {
      steps += "\(steps.isEmpty ? "" : ", ")\(fixed(step.megahertz, 0)): \(fixed(step.volts, 3))"
    }
    line(&text, "cores", "\(cluster.count) x \(cluster.core)")
    line(&text, "MHz: volts", steps)
    let thermal = profile.thermal
    line(
      &text, "heat",
      "\(fixed(thermal.dieResistance, 2)) + \(fixed(thermal.boardResistance, 2)) "
        + "K/W, \(fixed(thermal.dieSeconds, 0)) + \(fixed(thermal.boardSeconds, 0)) s, air "
        + "\(fixed(simulation.scenario.truth.ambient ?? thermal.ambient, 1)) C, limit "
        + "\(fixed(simulation.limit, 1)) C")
    line(
      &text, "sensor",
      simulation.scenario.truth.hasSensor
        ? "of the whole board, noise \(fixed(100 * simulation.scenario.truth.sensorNoise, 1)) %"
        : "none")
    line(
      &text, "frames",
      "camera \(fixed(simulation.cameraRate, 1)) a second, wanted "
        + "\(fixed(table.wantedRate, 1))")
    text.append("\nnetworks (ms and core-ms at \(fixed(power.topClock, 0)) MHz, modelled)\n")
    for (number, network) in networks.enumerated() {
      let one = network.facts.times.last { $0.threads == 1 }
      let all = network.facts.times.last
      text.append("  \(number): \(network.file) \(network.bits) bits")
      if network.facts.prune > 0 { text.append(", prune \(fixed(network.facts.prune, 2))") }
      text.append(": ")
      text.append("\(fixed(1e3 * (one?.latency ?? 0), 2)) ms on 1 core, ")
      text.append("\(fixed(1e3 * (all?.latency ?? 0), 2)) on \(all?.threads ?? 0), ")
      text.append("\(fixed(1e3 * (one?.coreSeconds ?? 0), 2)) core-ms, ")
      text.append("\(fixed(network.facts.bytes * 1e-6, 2)) MB; accuracy ")
      text.append("\(fixed(100 * network.facts.accuracy, 2)) % (\(network.accuracySource))\n")
    }
    text.append("  \(table.points.count) useful points of network, bits, threads, clock, rate\n")
    text.append("  given up in this order: ")
    for concession in Concession.allCases where concession != .none {
      text.append("\(concession == .rate ? "" : ", ")\(concession)")
    }
    text.append("\n")
    return text
  }

  private func line(_ text: inout TextBuffer, _ name: String, _ value: String) {
    text.append("  ")
    text.append(column: name, 12)
    text.append(value + "\n")
  }

  func text(_ run: RunReport) -> TextBuffer {
    var text = assumptions()
    text.append("\nresult of \(fixed(run.seconds, 0)) s, seed \(simulation.seed)\n")
    line(
      &text, "frames",
      "\(fixed(run.framesPerSecond, 2)) a second (modelled), "
        + "\(run.frames) with a result, \(run.skipped) left out")
    line(
      &text, "watts",
      "\(fixed(run.meanWatts, 3)) mean, \(fixed(run.maxWatts, 3)) in the "
        + "worst second (modelled, camera included)")
    line(
      &text, "over cap",
      "\(fixed(100 * run.overCapShare, 3)) % of time (means of 1 s), longest "
        + "\(fixed(max(run.longestHealthyRun, run.longestFaultyRun), 2)) s"
        + (run.longestFaultyRun > 0
          ? " (\(fixed(run.longestHealthyRun, 2)) s without a fault)" : ""))
    line(&text, "die", "\(fixed(run.maxCelsius, 1)) C at most")
    line(
      &text, "decisions",
      "\(run.decisions), \(run.switches) switches "
        + "(\(fixed(run.switchesPerMinute, 1)) a minute), \(run.clockWrites) clock limits, "
        + "\(run.refusals) refused, \(run.missedRestores) restores missed")
    line(
      &text, "utility",
      "\(fixed(run.utility, 4)); knowing board and future "
        + "\(fixed(run.oracleUtility, 4)): \(fixed(100 * run.regret, 2)) % lost")
    if let worst = run.history.map(\.concession).max(), worst == .infeasible {
      let share =
        Double(run.history.count { $0.concession == .infeasible }) / Double(run.history.count)
      line(&text, "infeasible", "\(fixed(100 * share, 1)) % of time the goals could not be met")
    }
    text.append("\n  from s  network  bits  threads   MHz  frames/s  watts    cap  why\n")
    for entry in changes(run) {
      let point = table.points[entry.point]
      text.append(column: fixed(entry.time, 2), 8, right: true)
      text.append(column: "\(point.network)", 9, right: true)
      text.append(column: "\(point.bits)", 6, right: true)
      text.append(column: "\(point.threads)", 9, right: true)
      text.append(column: point.clock > 0 ? fixed(point.clock, 0) : "max", 6, right: true)
      text.append(column: fixed(entry.rate, 2), 10, right: true)
      text.append(column: fixed(entry.watts, 3), 7, right: true)
      text.append(column: entry.cap.map { fixed($0, 3) } ?? "-", 7, right: true)
      text.append("  \(entry.reason)")
      if entry.concession != .none { text.append(", given up: \(entry.concession)") }
      if entry.source == .modelled { text.append(", watts modelled") }
      text.append("\n")
    }
    return text
  }

  /// The first and each that runs something else.
  private func changes(_ run: RunReport) -> [RunReport.Entry] {
    var changes: [RunReport.Entry] = []
    for entry in run.history
    where changes.last.map({ $0.point != entry.point || $0.rate != entry.rate }) ?? true {
      changes.append(entry)
    }
    return changes
  }

  func text(_ rows: [PolicyRow], count: Int) -> TextBuffer {
    var text = assumptions()
    text.append("\n\(count) random scenarios of 600 s, seeds \(simulation.seed) to ")
    text.append("\(simulation.seed &+ UInt64(count) &- 1)\n")
    text.append("                      lost to oracle          over cap, 1-s means      max")
    text.append("  switches  restores\n")
    text.append("  policy              mean %   p95 %    time %   longest s  fault s    C ")
    text.append("   a minute    missed\n")
    for row in rows {
      text.append("  ")
      text.append(column: row.policy.title, 18)
      text.append(column: fixed(100 * row.meanRegret, 2), 8, right: true)
      text.append(column: fixed(100 * row.p95Regret, 2), 8, right: true)
      text.append(column: fixed(100 * row.overCapShare, 3), 10, right: true)
      text.append(column: fixed(row.longestHealthyRun, 2), 12, right: true)
      text.append(column: fixed(row.longestFaultyRun, 2), 9, right: true)
      text.append(column: fixed(row.maxCelsius, 1), 7, right: true)
      text.append(column: fixed(row.switchesPerMinute, 1), 10, right: true)
      text.append(column: "\(row.missedRestores)", 10, right: true)
      text.append("\n")
    }
    text.append("  who breaks the cap may lose less than nothing to an oracle that holds it\n")
    return text
  }

  // MARK: JSON

  private func begin() -> JSONWriter {
    var json = JSONWriter(schema: "swiftlet.simulate/1", capacity: 65536)
    json.member("board", profile.name)
    json.member("source", "modelled")
    json.beginObject("assumptions")
    json.member("base_w", profile.power.base, decimals: 4)
    json.member("camera_w", simulation.cameraWatts, decimals: 4)
    json.member("activity", power.activity, decimals: 4)
    json.member("leak_w", power.leak, decimals: 4)
    json.member("joules_per_byte", power.joulesPerByte, decimals: 15)
    json.member("core", profile.clusters[0].core)
    json.member("cores", profile.clusters[0].count)
    json.beginArray("clocks_hz")
    for step in power.steps { json.element(step.megahertz * 1e6, decimals: 0) }
    json.endArray()
    json.beginArray("clocks_v")
    for step in power.steps { json.element(step.volts, decimals: 4) }
    json.endArray()
    json.member("limit_c", simulation.limit, decimals: 1)
    json.member("camera_hz", simulation.cameraRate, decimals: 2)
    json.member("wanted_hz", table.wantedRate, decimals: 2)
    json.member("has_sensor", simulation.scenario.truth.hasSensor)
    json.endObject()
    json.beginArray("networks")
    for network in networks {
      let one = network.facts.times.last { $0.threads == 1 }
      json.beginObject()
      json.member("file", network.file)
      json.member("bits", network.bits)
      json.member("prune", network.facts.prune, decimals: 3)
      json.member("latency_s", one?.latency, decimals: 6)
      json.member("core_s", one?.coreSeconds, decimals: 6)
      json.member("bytes", network.facts.bytes, decimals: 0)
      json.member("accuracy_ratio", network.facts.accuracy, decimals: 4)
      json.member("accuracy_source", network.accuracySource)
      json.endObject()
    }
    json.endArray()
    json.member("points", table.points.count)
    json.member("seed", Int(truncatingIfNeeded: simulation.seed))
    return json
  }

  func json(_ run: RunReport) -> TextBuffer {
    var json = begin()
    json.member("seconds_s", run.seconds, decimals: 3)
    json.member("fps", run.framesPerSecond, decimals: 3)
    json.member("frames", run.frames)
    json.member("mean_w", run.meanWatts, decimals: 4)
    json.member("max_w", run.maxWatts, decimals: 4)
    json.member("cap_w", simulation.goals.maxWatts, decimals: 4)
    json.member("over_cap_ratio", run.overCapShare, decimals: 6)
    json.member("longest_over_cap_s", run.longestHealthyRun, decimals: 3)
    json.member("longest_over_cap_in_fault_s", run.longestFaultyRun, decimals: 3)
    json.member("max_c", run.maxCelsius, decimals: 2)
    json.member("decisions", run.decisions)
    json.member("switches", run.switches)
    json.member("restores_missed", run.missedRestores)
    json.member("utility_ratio", run.utility, decimals: 6)
    json.member("oracle_utility_ratio", run.oracleUtility, decimals: 6)
    json.member("regret_ratio", run.regret, decimals: 6)
    json.beginArray("history")
    for entry in changes(run) {
      let point = table.points[entry.point]
      json.beginObject()
      json.member("time_s", entry.time, decimals: 3)
      json.member("network", point.network)
      json.member("bits", point.bits)
      json.member("threads", point.threads)
      json.member("clock_hz", point.clock > 0 ? point.clock * 1e6 : nil, decimals: 0)
      json.member("rate_hz", entry.rate, decimals: 3)
      json.member("watts_w", entry.watts, decimals: 4)
      json.member("cap_w", entry.cap, decimals: 4)
      json.member("reason", "\(entry.reason)")
      json.member("given_up", "\(entry.concession)")
      json.member("source", "\(entry.source)")
      json.endObject()
    }
    json.endArray()
    json.endLine()
    return json.text
  }

  func json(_ rows: [PolicyRow]) -> TextBuffer {
    var json = begin()
    json.beginArray("policies")
    for row in rows {
      json.beginObject()
      json.member("policy", row.policy.title)
      json.member("mean_regret_ratio", row.meanRegret, decimals: 6)
      json.member("p95_regret_ratio", row.p95Regret, decimals: 6)
      json.member("over_cap_ratio", row.overCapShare, decimals: 6)
      json.member("longest_over_cap_s", row.longestHealthyRun, decimals: 3)
      json.member("longest_over_cap_in_fault_s", row.longestFaultyRun, decimals: 3)
      json.member("max_c", row.maxCelsius, decimals: 2)
      json.member("switches_per_minute", row.switchesPerMinute, decimals: 3)
      json.member("restores_missed", row.missedRestores)
      json.member("mean_w", row.meanWatts, decimals: 4)
      json.member("fps", row.framesPerSecond, decimals: 3)
      json.endObject()
    }
    json.endArray()
    json.endLine()
    return json.text
  }
}
