import CShims
import Swiftlet
import SwiftletCore
import SwiftletVision

extension LoadedNetwork {
  /// The rows that tell when less is enough: those for the first file, or the file's own; none for
  /// a network that does not classify, of which only frames can be left out.
  static func rows(
    _ model: borrowing Model, _ session: borrowing Session, _ prune: PruneWish
  ) throws(SwiftletError) -> [PruneRow] {
    // Rows compare with all bits.
    if model.contents.hasRefinement && session.bits == .four {
      throw SwiftletError(
        .noPruneRows, place: model.contents.fileName,
        expected: "all bits of the file, without --bits 4",
        found: "4 bits")
    }
    guard let path = prune.first else {
      if Confidence(session) == nil { return [] }
      return try model.contents.rows(first: nil)
    }
    let small = try Model(mapping: path)
    return try model.contents.rows(first: small.checksum)
  }

  /// The pass that goes first; nil for gates.
  static func firstPass(
    _ model: borrowing Model, _ session: borrowing Session, _ options: SessionOptions,
    _ row: PruneRow, _ prune: PruneWish
  ) throws(SwiftletError) -> FirstPass? {
    if row.way == .gates { return nil }
    var options = options
    options.bits = row.bits == 4 ? .four : .eight
    options.resolution = row.resolution == 0 ? nil : row.resolution
    if let path = prune.first {
      return try FirstPass(try Session(try Model(mapping: path), options), before: session)
    }
    return try FirstPass(try Session(model, options), before: session)
  }

  /// Takes up the row of a fixed dial. A file whose smallest step is above it runs in full, and
  /// this is told.
  package mutating func start(_ wish: PruneWish) {
    guard case .fixed(let dial) = wish.dial else { return }
    let found = SwiftletDevice.row(of: rows, dial: dial)
    select(row: found)
    if found == nil, let least = rows.first {
      Console.note(
        "--prune below \(fixed(Double(least.dial) / 1000, 2)) saves nothing with \(name): "
          + "it runs in full")
    }
  }

  /// Takes up a row, or none, from the next frame on. Allocates nothing.
  package mutating func select(row new: Int?) {
    row = new
    guard let new else {
      session.setGates(shift: nil)
      return
    }
    switch rows[new].way {
    case .gates: session.setGates(shift: rows[new].shift)
    case .ownPass, .otherFile:
      first?.margin = rows[new].margin
    }
  }

  /// One picture through as much of the network as it needs; the answers are then in `answers`.
  package mutating func look(at image: borrowing Image, _ times: inout FrameTimes) {
    let goesFirst = row.map { rows[$0].way != .gates } ?? false
    let triesFirst = goesFirst && cascadeGuard.wantsFirst
    session.write(image)
    if triesFirst { first?.take(from: session) }
    times.converted = shim_monotonic()
    var level: Int?
    if triesFirst {
      let isSure = first?.isSure() ?? false
      cascadeGuard.add(isSure: isSure)
      level = isSure ? 0 : 1
    } else if goesFirst {
      level = 1
      cascadeGuard.rest()
    }
    if level != 0 { session.run() }
    times.inferred = shim_monotonic()
    if level == 0 { lookFirst() } else { answers.look(at: session) }
    outcome = PruneOutcome(
      exitLevel: level, liveShare: session.gateCount > 0 ? session.liveShare : nil)
    times.outcome = outcome
  }

  /// The checksum of the outputs that the last answer came from.
  func outputHash() -> String {
    switch first {
    case .some(let pass) where outcome.exitLevel == 0: pass.session.outputHash()
    default: session.outputHash()
    }
  }

  private mutating func lookFirst() {
    switch first {
    case .some(let pass): answers.look(at: pass.session)
    case .none: break
    }
  }
}
