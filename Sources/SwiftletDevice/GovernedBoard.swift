import SwiftletBoard
import SwiftletCore
import SwiftletPower

/// The board of a camera loop with a budget, before its networks are known.
final class GovernedBoard {
  private let choice: BoardChoice
  private var board: LinuxBoard?
  private let goals: Goals

  /// Takes the board's knobs; nil without a budget. Where they cannot be had this is told, and
  /// the loop is governed by what lies in its own hands.
  static func of(_ arguments: Arguments) throws(SwiftletError) -> GovernedBoard? {
    guard arguments.hasBudget else { return nil }
    return try GovernedBoard(arguments)
  }

  private init(_ arguments: Arguments) throws(SwiftletError) {
    goals = try arguments.goals()
    choice = try BoardChoice.of(arguments)
    var board = LinuxBoard(profile: choice.profile)
    do throws(SwiftletError) {
      try board.takeKnobs()
      if board.healed > 0 {
        Console.note("clock limits that a killed run had left were restored")
      }
    } catch {
      _ = Console.report(error, asJSON: arguments.isOn(.json))
    }
    self.board = consume board
  }

  /// Cores that networks may use.
  var cores: Int { max(1, min(Machine.cpuCount, choice.profile.clusters.first?.count ?? 1)) }

  /// The governor for these networks; once.
  func control(
    _ arguments: Arguments, _ family: borrowing NetworkFamily, cameraRate: Double
  ) throws(SwiftletError) -> PowerControl? {
    guard let board = board.take() else { return nil }
    let table = try OperatingTable(
      choice.profile, family, try BoardCalibration.of(arguments, choice.profile),
      accuracies: try arguments.accuracies(of: family.count), dial: try PruneDial(arguments),
      minAccuracy: goals.minAccuracy,
      threads: arguments.count(.threads) ?? cores, wantedRate: cameraRate, cameraRate: cameraRate,
      cameraWatts: arguments.number(.cameraWatts))
    if !arguments.isOn(.quiet) { tell(table) }
    return PowerControl(board, table, goals)
  }

  /// What the governor starts from, in a line on stderr.
  private func tell(_ table: OperatingTable) {
    var text = TextBuffer(capacity: 256)
    text.append("budget on ")
    text.append(choice.profile.title)
    text.append(" (")
    text.append(choice.reason)
    text.append("): ")
    text.append(table.points.points.count)
    text.append(" operating points, times ")
    text.append("\(table.source.word)")
    text.append(", base ")
    text.append(table.power.base, decimals: 2)
    text.append(" W with the camera")
    if table.assumesAccuracy { text.append(", accuracy assumed") }
    text.append("\n")
    text.write(to: 2)
  }
}

extension PowerControl {
  /// Adds the members `budget` and `energy` of a summary.
  func write(to json: inout JSONWriter, frames: Int, skipped: Int) {
    json.beginObject("budget")
    json.member("board", table.board.name)
    json.member("cap_w", governorCap, decimals: 3)
    json.member("decisions", account.decisions)
    json.member("sensor_readings", account.readings)
    json.member("modelled_decisions", account.modelled)
    json.member("switches", account.switches)
    json.member("over_cap_s", account.secondsOver, decimals: 2)
    json.member("infeasible", account.infeasible)
    json.member("clock_refusals", account.clockRefusals)
    json.member("skipped", skipped)
    json.endObject()
    json.beginObject("energy")
    let isMeasured = account.decisions > 0 && account.modelled == 0
    json.member("j_per_frame", frames > 0 ? meter.joules / Double(frames) : nil, decimals: 6)
    json.member("avg_w", meter.averageWatts, decimals: 4)
    json.member("source", isMeasured ? "rail" : account.readings > 0 ? "rail and model" : "model")
    json.endObject()
  }

  /// Adds lines for people.
  func appendSummary(to text: inout TextBuffer, frames: Int, skipped: Int) {
    guard let watts = meter.averageWatts else { return }
    text.append("power            ")
    text.append(watts, decimals: 2)
    text.append(account.modelled == 0 ? " W measured, " : " W modelled, ")
    text.append(frames > 0 ? meter.joules / Double(frames) : 0, decimals: 3)
    text.append(" J a frame, ")
    text.append(account.switches)
    text.append(" switches, ")
    text.append(skipped)
    text.append(" frames left out")
    if account.infeasible > 0 { text.append(", budget infeasible at times") }
    text.append("\n")
  }
}
