import Swiftlet
import SwiftletCore
import SwiftletPower

/// The operating points of a board for a family of networks, with the models they come from.
package struct OperatingTable {
  let board: BoardProfile
  let power: PowerModel
  let points: PointTable
  /// Every form, thread count and clock at the highest rate that it sustains.
  let all: [OperatingPoint]
  /// Each point in words, for results: made once, so that a result builds no text.
  let modes: [String]
  /// Where times come from.
  let source: FigureSource
  /// An accuracy was assumed because a file holds none.
  let assumesAccuracy: Bool

  /// The accuracy of a form of which a file says nothing, against its float network.
  static func assumedShare(_ bits: Bits) -> Double { bits == .four ? 0.97 : 0.995 }

  /// What `--prune auto` keeps of the full network's answers without `--min-accuracy`.
  package static let leastAgreement = 0.95

  /// - Parameters:
  ///   - accuracies: of the float networks, in the order of the family; empty: all alike.
  ///   - dial: what `--prune` allows; rows below `minAccuracy` are never among the points.
  ///   - wantedRate: frames a second that the user wants at most; `cameraRate`: that come.
  init(
    _ board: BoardProfile, _ family: borrowing NetworkFamily, _ calibration: BoardCalibration?,
    accuracies: [Double], dial: PruneDial, minAccuracy: Double?, threads: Int, wantedRate: Double,
    cameraRate: Double,
    cameraWatts: Double?
  ) throws(SwiftletError) {
    self.board = board
    var power = PowerModel(board, cameraWatts: cameraWatts)
    if let calibration {
      power.adopt(calibration, cameraWatts: cameraWatts ?? board.cameraWatts)
    }
    self.power = power
    guard let model = TimeModel(board) else {
      throw SwiftletError(
        .settingsValue, place: board.name, expected: CoreRates.nameList,
        found: board.clusters.first?.core ?? "no cluster")
    }
    var facts: [NetworkFacts] = []
    var assumes = false
    var isMeasured = calibration != nil
    for i in 0..<family.count {
      let member = family.member(i)
      for mode in member.pointee.modes {
        try member.pointee.session.setBits(mode.bits)
        let scale = calibration?.scale(of: member.pointee.hash, bits: mode.bits.rawValue)
        if scale == nil { isMeasured = false }
        var form = NetworkFacts(
          modelled: layerWork(member.pointee.session), model: model, board: board,
          atMost: threads, scale: scale)
        form.network = i
        form.bits = mode.bits.rawValue
        if mode.share == nil { assumes = true }
        form.accuracy = mode.share ?? Self.assumedShare(mode.bits)
        if i < accuracies.count { form.accuracy *= accuracies[i] }
        let isFull = mode.bits == member.pointee.modes[0].bits
        facts += Self.pruned(
          form, member.pointee.rows, isFull ? dial : .off, minAccuracy,
          first: Self.firstForm(member.pointee, model, board, threads))
      }
    }
    let builder = PointBuilder(power: power, wantedRate: wantedRate, cameraRate: cameraRate)
    points = PointTable(builder.points(facts), wantedRate: wantedRate)
    all = PointBuilder(power: power, wantedRate: 1e6).fastest(facts)
    source = isMeasured ? .measured : .modelled
    assumesAccuracy = assumes
    var modes: [String] = []
    for point in points.points { modes.append(Self.text(point, in: family)) }
    self.modes = modes
  }

  /// The form itself and its forms under the rows of the dial; under a fixed dial its row alone.
  package static func pruned(
    _ form: NetworkFacts, _ rows: [PruneRow], _ dial: PruneDial, _ minAccuracy: Double?,
    first: NetworkFacts?
  ) -> [NetworkFacts] {
    switch dial {
    case .off: return [form]
    case .fixed(let value):
      guard let found = row(of: rows, dial: value) else { return [form] }
      return [form.pruned(rows[found], first: first)]
    case .auto:
      var all = [form]
      for row in rows {
        let agreement = Double(row.agreement)
        let isAllowed =
          minAccuracy.map { form.accuracy * agreement >= $0 } ?? (agreement >= leastAgreement)
        if isAllowed { all.append(form.pruned(row, first: first)) }
      }
      return all
    }
  }

  /// Times of the pass that goes first; nil without one.
  package static func firstForm(
    _ network: borrowing LoadedNetwork, _ model: TimeModel, _ board: BoardProfile,
    _ threads: Int?
  ) -> NetworkFacts? {
    switch network.first {
    case .none: nil
    case .some(let pass):
      NetworkFacts(
        modelled: layerWork(pass.session), model: model, board: board, atMost: threads)
    }
  }

  /// `4 bits, 2 threads, 1500 MHz, 23.0/s`, with the network's name where there are several.
  private static func text(_ point: OperatingPoint, in family: borrowing NetworkFamily) -> String {
    var text = family.count > 1 ? family.member(point.network).pointee.name + ", " : ""
    text +=
      "\(point.bits) bits, \(point.threads)" + (point.threads == 1 ? " thread, " : " threads, ")
    if point.clock > 0 { text += fixed(point.clock, 0) + " MHz, " }
    if point.prune > 0 { text += "prune " + fixed(point.prune, 2) + ", " }
    return text + fixed(point.rate, 1) + "/s"
  }
}
