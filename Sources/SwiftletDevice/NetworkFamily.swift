import Swiftlet
import SwiftletCore
import SwiftletVision

/// What `--prune` and `--first` ask of a network.
package struct PruneWish {
  package var dial = PruneDial.off
  /// The file that goes first; nil: none.
  package var first: String?

  /// Nothing is left out.
  package init() {}

  /// The flags.
  package init(_ arguments: Arguments) throws(SwiftletError) {
    dial = try PruneDial(arguments)
    first = dial.isOn ? arguments.text(.first) : nil
  }
}

/// A network of a camera loop, ready to run.
package struct LoadedNetwork: ~Copyable {
  package var session: Session
  /// The pass that goes before; nil without one.
  package var first: FirstPass?
  /// Ways to leave work out, by rising dial; empty if none is wanted.
  package let rows: [PruneRow]
  /// Frames within the camera's noise of the last computed one are held even without a row.
  let holdsNoise: Bool
  /// The row in use.
  package var row: Int?
  package var cascadeGuard = CascadeGuard()
  /// What became of the last frame that was computed.
  var outcome = PruneOutcome()
  package var answers: Answers
  let path: String
  let name: String
  /// What stands for the file's bytes.
  let hash: String
  /// How pictures are made to fit.
  let fit: FitRule
  /// Widths of weights that the file runs at, and how often each gives the float network's answer
  /// (nil: not measured).
  let modes: [(bits: Bits, share: Double?)]

  package init(
    path: String, _ options: SessionOptions, top: Int, prune: PruneWish = PruneWish()
  ) throws(SwiftletError) {
    let model = try Model(mapping: path)
    let contents = model.contents
    let session = try Session(model, options)
    var first: FirstPass?
    var rows: [PruneRow] = []
    if prune.dial.isOn {
      rows = try Self.rows(model, session, prune)
      if let row = rows.first {
        first = try Self.firstPass(model, session, options, row, prune)
      }
    }
    self.rows = rows
    if case .fixed = prune.dial { holdsNoise = true } else { holdsNoise = false }
    self.first = consume first
    answers = Answers(contents, session, top: top)
    var isNested = false
    var hasCodes = false
    for op in contents.operators {
      if op.weightFormat == .nested8 { isNested = true }
      if op.weightFormat == .code4 { hasCodes = true }
    }
    func share(_ bits: Int) -> Double? { contents.agreement(bits: bits).map { Double($0.share) } }
    if isNested && options.bits == nil {
      modes = [(.eight, share(8)), (.four, share(4))]
    } else {
      let bits: Bits = isNested ? options.bits ?? .eight : hasCodes ? .four : .eight
      modes = [(bits, share(bits.rawValue))]
    }
    self.path = path
    name = contents.name
    hash = contents.hash
    fit = FitRule(contents.preprocessing)
    self.session = session
  }
}

/// The networks between which a camera loop may switch: all are loaded, one runs at a time.
struct NetworkFamily: ~Copyable {
  let count: Int
  private let members: UnsafeMutablePointer<LoadedNetwork>
  /// Number of the one that runs.
  private(set) var current = 0

  /// Loads the files, in the order given.
  init(
    _ paths: [String], _ options: SessionOptions, top: Int, prune: PruneWish = PruneWish()
  ) throws(SwiftletError) {
    let members = UnsafeMutablePointer<LoadedNetwork>.allocate(capacity: paths.count)
    for i in 0..<paths.count {
      do throws(SwiftletError) {
        (members + i).initialize(
          to: try LoadedNetwork(path: paths[i], options, top: top, prune: prune))
      } catch {
        members.deinitialize(count: i)
        members.deallocate()
        throw error
      }
    }
    self.members = members
    count = paths.count
  }

  deinit {
    members.deinitialize(count: count)
    members.deallocate()
  }

  /// A network of the family; valid as long as the family.
  func member(_ i: Int) -> UnsafeMutablePointer<LoadedNetwork> { members + i }

  /// The one that runs.
  var active: UnsafeMutablePointer<LoadedNetwork> { members + current }

  /// Takes up the row of a fixed dial.
  func start(_ wish: PruneWish) { for i in 0..<count { members[i].start(wish) } }

  /// Runs another one from the next frame on.
  mutating func select(_ i: Int) { current = i }

  /// Puts a newly loaded network in the place of one of the family.
  mutating func replace(_ i: Int, with network: consuming LoadedNetwork) {
    (members + i).pointee = network
  }
}
