import Swiftlet
import SwiftletCore
import SwiftletVision

/// How far a network may leave work out: what `--prune` says.
package enum PruneDial {
  /// Nothing but frames that are equal bit for bit.
  case off
  /// 0...1.
  case fixed(Double)
  /// The scheduler chooses.
  case auto

  /// `--prune` and `--first`: a first file without a dial means `auto` where there is a budget,
  /// else 0.2, which keeps 99 % of the answers.
  package init(_ arguments: Arguments) throws(SwiftletError) {
    guard let text = arguments.text(.prune) else {
      self =
        arguments.has(.first)
        ? (arguments.hasBudget || arguments.isOn(.front) ? .auto : .fixed(0.2)) : .off
      return
    }
    if isSame(text, "auto") {
      guard arguments.hasBudget || arguments.isOn(.front) || arguments.command == .simulate else {
        throw SwiftletError(
          .missingArgument, place: Flag.prune.written + " auto",
          expected: "a budget such as --max-watts, which it serves")
      }
      self = .auto
      return
    }
    guard let value = Values.decimal(text), value >= 0, value <= 1 else {
      throw SwiftletError(
        .badValue, place: Flag.prune.written, expected: "auto, or a number 0 to 1", found: text)
    }
    self = value == 0 ? .off : .fixed(value)
  }

  /// Whether rows of the file are wanted.
  package var isOn: Bool {
    if case .off = self { return false }
    return true
  }
}

/// What became of a frame, for its result line.
package struct PruneOutcome {
  /// Which pass answered: 0 the first, 1 the full one; nil without a first pass.
  package var exitLevel: Int?
  /// Share of the network's multiply-adds that gates left alive; nil without gates.
  package var liveShare: Double?
  /// The held result of an earlier frame.
  package var isHeld = false

  package init() {}

  init(exitLevel: Int?, liveShare: Double?) {
    self.exitLevel = exitLevel
    self.liveShare = liveShare
  }
}

extension ModelContents {
  /// The rows that serve a file, by rising dial: those for the first file of that checksum, or of
  /// the file's own gates, or of a pass of its own. Throws MDL023 if it was not calibrated.
  func rows(first: UInt32?) throws(SwiftletError) -> [PruneRow] {
    var rows: [PruneRow] = []
    if let first {
      rows = pruneRows(.otherFile, partner: first)
    } else {
      rows = pruneRows(.gates)
      if rows.isEmpty { rows = pruneRows(.ownPass) }
    }
    guard rows.isEmpty else { return rows }
    throw SwiftletError(
      .noPruneRows, place: fileName,
      expected: first == nil
        ? "steps of the pruning dial" : "steps of the dial for this first file",
      found: "\(pruneRows.count) other rows")
  }
}

/// The row for a dial of 0...1: the last one at or below it; nil if there is none, since smaller
/// steps save nothing with this file.
package func row(of rows: [PruneRow], dial: Double) -> Int? {
  var found: Int?
  for i in 0..<rows.count where Double(rows[i].dial) <= dial * 1000 + 0.5 { found = i }
  return found
}
