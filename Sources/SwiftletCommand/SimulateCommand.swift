import Foundation
import Swiftlet
import SwiftletCore
import SwiftletDevice
import SwiftletPower
import SwiftletSimulator

/// A network of a simulated family.
struct SimulatedNetwork {
  var file: String
  var bits: Int
  var facts: NetworkFacts
  /// Where its accuracy comes from.
  var accuracySource: String
}

/// `swiftlet simulate`: the scheduler on a virtual clock, with a modelled board and its networks.
func simulateCommand(_ arguments: Arguments) throws(SwiftletError) {
  let name = try arguments.required(.board)
  let profile = try BoardChoice.of(arguments).profile
  guard let model = TimeModel(profile) else {
    throw SwiftletError(
      .settingsValue, place: name, expected: CoreRates.nameList,
      found: profile.clusters.first?.core ?? "no cluster")
  }
  let networks = try simulatedNetworks(arguments, profile, model)
  var goals = try arguments.goals()
  let cameraRate = arguments.number(.framerate) ?? 60
  guard cameraRate > 0, cameraRate <= 1000 else {
    throw SwiftletError(
      .badValue, place: Flag.framerate.written, expected: "frames a second up to 1000",
      found: fixed(cameraRate, 2))
  }
  // Only a floor was given: more frames than that earn nothing.
  let wanted =
    arguments.has(.framerate) ? cameraRate : min(goals.minRate ?? cameraRate, cameraRate)
  goals.wantedRate = wanted
  let cameraWatts = arguments.number(.cameraWatts) ?? profile.cameraWatts
  let power = PowerModel(profile, cameraWatts: cameraWatts)
  let builder = PointBuilder(power: power, wantedRate: wanted, cameraRate: cameraRate)
  let table = PointTable(builder.points(networks.map(\.facts)), wantedRate: wanted)
  let seed = UInt64(arguments.count(.seed) ?? 1)
  var scenario = Scenario()
  scenario.truth.hasSensor = !profile.sensors.isEmpty
  if let path = arguments.text(.scenario) { scenario = try ScenarioFile.read(path) }
  if let time = arguments.count(.time) { scenario.seconds = Double(time) * 1e-9 }
  guard scenario.seconds >= 1, scenario.seconds <= 86400 else {
    throw SwiftletError(
      .badValue, place: Flag.time.written, expected: "from 1s to 24h",
      found: "\(fixed(scenario.seconds, 3)) s")
  }
  let simulation = Simulation(
    profile: profile, table: table, goals: goals, cameraWatts: cameraWatts,
    cameraRate: cameraRate, scenario: scenario, seed: seed)
  let report = SimulationReport(simulation: simulation, networks: networks, power: power)
  if let count = arguments.count(.scenarios) {
    if arguments.has(.scenario) || arguments.has(.plot) {
      throw SwiftletError(
        .badValue, place: Flag.scenarios.written, expected: "neither --scenario nor --plot with it",
        found: "\(count)")
    }
    let rows = PolicyRow.all(simulation, count: count, seed: seed)
    try Console.result(
      arguments.isOn(.json) ? report.json(rows) : report.text(rows, count: count))
    return
  }
  var run = simulation.run()
  run.compare(to: Oracle(simulation))
  if let path = arguments.text(.plot) {
    let svg = RunPlot.svg(run, table: table, limit: simulation.limit, title: report.title)
    let copy = AlignedBytes(Array(svg.utf8))
    try AtomicFile.write(copy.bytes, to: path)
  }
  try Console.result(arguments.isOn(.json) ? report.json(run) : report.text(run))
}

/// Every file at all bits that it has, with modelled times.
private func simulatedNetworks(
  _ arguments: Arguments, _ profile: BoardProfile, _ model: TimeModel
) throws(SwiftletError) -> [SimulatedNetwork] {
  let given = arguments.numbers(.accuracy)
  if let given, given.count != arguments.words.count || given.contains(where: { $0 > 100 }) {
    throw SwiftletError(
      .badValue, place: Flag.accuracy.written,
      expected: "a percentage for each of \(arguments.words.count) files",
      found: given.map { fixed($0, 2) }.joined(separator: ","))
  }
  let wish = try PruneWish(arguments)
  let floor = try arguments.goals().minAccuracy
  var networks: [SimulatedNetwork] = []
  for (number, path) in arguments.words.enumerated() {
    let contents = try Model(mapping: path)
    var session = try Session(contents, arguments.sessionOptions)
    var choices = [session.bits]
    if session.bits == .eight && !arguments.has(.bits) { choices.append(.four) }
    for bits in choices {
      try session.setBits(bits)
      var facts = NetworkFacts(modelled: layerWork(session), model: model, board: profile)
      facts.network = number
      facts.bits = bits.rawValue
      let record = contents.contents.agreement(bits: bits.rawValue)
      var source = "assumed"
      facts.accuracy = 1
      if let record {
        facts.accuracy = Double(record.share)
        source = "the file: agreement with the float network"
      }
      if let given {
        // One figure for a file: at fewer bits it loses what the file says, or nothing.
        let best = contents.contents.agreement(bits: choices[0].rawValue)
        let share = Double(record?.share ?? 1) / Double(max(best?.share ?? 1, 0.01))
        facts.accuracy = given[number] / 100 * (best == nil ? 1 : min(share, 1))
        source = "--accuracy"
      }
      let forms = try prunedForms(
        bits == choices[0] ? wish : PruneWish(), of: path, arguments.sessionOptions, facts, floor,
        profile, model)
      for facts in forms {
        networks.append(
          SimulatedNetwork(file: path, bits: bits.rawValue, facts: facts, accuracySource: source))
      }
    }
  }
  return networks
}

/// The form itself, and its forms under the rows of its dial.
private func prunedForms(
  _ wish: PruneWish, of path: String, _ options: SessionOptions, _ facts: NetworkFacts,
  _ floor: Double?, _ profile: BoardProfile, _ model: TimeModel
) throws(SwiftletError) -> [NetworkFacts] {
  guard wish.dial.isOn else { return [facts] }
  let network = try LoadedNetwork(path: path, options, top: 1, prune: wish)
  return OperatingTable.pruned(
    facts, network.rows, wish.dial, floor,
    first: OperatingTable.firstForm(network, model, profile, nil))
}
