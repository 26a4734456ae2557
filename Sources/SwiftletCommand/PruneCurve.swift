import Swiftlet
import SwiftletCore
import SwiftletDevice
import SwiftletPower
import SwiftletVision

/// What each step of a file's pruning dial keeps and saves, on photos and on sequences.
package struct PruneCurve {
  /// A step of the dial on photos that have nothing to do with each other.
  struct PhotoPoint {
    /// 0: nothing is left out.
    var dial: Double
    var way: String
    var report: PruneReport
    /// Modelled, of the network alone.
    var joules: Double
    /// It takes longer than dial 0 here.
    var isRefused = false
  }

  let model: String
  let hash: String
  let first: String?
  let board: BoardProfile
  private(set) var photoPoints: [PhotoPoint] = []
  private(set) var sequences: [SequencePoint] = []

  /// What counts as slower: less may be the machine's doing.
  static let tolerance = 1.01

  /// - Parameters:
  ///   - photos: paths, at least one; some of them make the sequences.
  ///   - frames: of each sequence; each is run `rounds` times, a frame's best time counts.
  package init(
    _ path: String, first: String?, photos: [String], board: BoardProfile,
    options: SessionOptions = SessionOptions(), frames: Int = 150, rounds: Int = 2,
    progress: (StaticString, Double) -> Void = { _, _ in }
  ) throws(SwiftletError) {
    model = path
    hash = try Model(mapping: path).contents.hash
    self.first = first
    self.board = board
    let energy = try FrameEnergy(board)
    var wish = PruneWish()
    wish.dial = .fixed(1)
    wish.first = first
    var answers = try PrunedAnswers(path, options, wish)
    try measure(&answers, photos, energy) { progress("photos", $0) }
    let runner = SequenceRunner(
      frames: frames, rounds: rounds, energy: energy, isAlone: options.threads == 1)
    answers.network.cascadeGuard.isOn = true
    sequences = try runner.run(&answers.network, photos) { progress("sequences", $0) }
  }

  private mutating func measure(
    _ answers: inout PrunedAnswers, _ photos: [String], _ energy: FrameEnergy,
    _ progress: (Double) -> Void
  ) throws(SwiftletError) {
    var rows: [Int?] = [nil]
    for i in answers.network.rows.indices { rows.append(i) }
    var reports = rows.map { _ in PruneReport() }
    for (i, photo) in photos.enumerated() {
      answers.look(at: try Image(path: photo), rows: rows, into: &reports)
      progress(Double(i + 1) / Double(photos.count))
    }
    let full = energy.run(layerWork(answers.network.session))
    let small = energy.firstPass(answers.network)
    for (i, report) in reports.enumerated() {
      var point = PhotoPoint(dial: 0, way: "full pass", report: report, joules: full)
      if i > 0 {
        let row = answers.network.rows[i - 1]
        point.dial = Double(row.dial) / 1000
        point.way = "\(row.way.word)"
        point.joules =
          report.fullShare.map { small + $0 * full } ?? full * (report.liveShare ?? 1)
        point.isRefused = report.meanTime > reports[0].meanTime * Self.tolerance
      }
      photoPoints.append(point)
    }
  }
}

extension FrameEnergy {
  /// The first pass of a network; 0 without one.
  func firstPass(_ network: borrowing LoadedNetwork) -> Double {
    switch network.first {
    case .some(let pass): run(layerWork(pass.session))
    case .none: 0
    }
  }
}
