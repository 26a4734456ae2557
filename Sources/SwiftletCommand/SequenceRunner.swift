import CShims
import Swiftlet
import SwiftletCore
import SwiftletDevice
import SwiftletVision

/// A step of the dial on a sequence of frames.
struct SequencePoint {
  var sequence: String
  var dial: Double
  var frames: Int
  /// Frames whose result is that of an earlier one, and those of them that show another scene.
  var held = 0
  var wrongHolds = 0
  /// Frames that went through the first pass, and through the full one.
  var firstRuns = 0
  var fullRuns = 0
  /// Frames with the answer that the full pass gives for that very frame.
  var agreeing = 0
  /// Mean nanoseconds of a frame with gate and conversion, and those of a loop without any gate.
  var time = 0.0
  var fullTime = 0.0
  /// Modelled, with gate and conversion.
  var joules = 0.0
  var fullJoules = 0.0
  /// It takes longer than dial 0 here.
  var isSlower = false

  var agreement: Double { share(agreeing) }
  var timeRatio: Double { time / max(fullTime, 1) }
  func share(_ count: Int) -> Double { Double(count) / Double(max(frames, 1)) }
}

/// Runs sequences as the camera loop does, at several steps of the dial and in full.
struct SequenceRunner {
  let frames: Int
  let rounds: Int
  let energy: FrameEnergy
  /// One thread works on a frame: its time on the core is taken, which others cannot lengthen.
  let isAlone: Bool

  /// Each kind is made from so many pairs of photos, as if by so many cameras.
  static let cameras = 3
  /// Noise of a small sensor indoors, in grey levels.
  static let sigma = 2.0

  private var kinds: [(name: String, kind: SequenceKind)] {
    [
      ("still", .still), ("object", .object(side: 32)), ("pan", .pan(step: 4)),
      ("cut", .cut(at: frames / 2)), ("drift", .drift(step: 0.3)),
    ]
  }

  /// What a camera loop knows from frame to frame.
  private final class Camera {
    var gate = LoopGate()
    var cascadeGuard = CascadeGuard()
  }

  /// One of those that take turns.
  private final class Lane {
    var point: SequencePoint
    let row: Int?
    /// Without it each frame takes the full pass.
    let isGated: Bool
    /// One for each round; all do the same.
    var cameras: [Camera] = []
    /// The last answer, and the frame that it was computed from.
    var answer = -1
    var computed = 0
    /// The best time of each frame, nanoseconds.
    var best: [Int64]

    init(_ point: SequencePoint, row: Int?, isGated: Bool) {
      self.point = point
      self.row = row
      self.isGated = isGated
      best = Array(repeating: .max, count: point.frames)
    }

    /// A camera that was just plugged in.
    func restart(rounds: Int) {
      cameras = (0..<rounds).map { _ in Camera() }
      answer = -1
      computed = 0
    }
  }

  private func clock() -> Int64 { isAlone ? shim_process_time() : shim_monotonic() }

  /// Points of all sequences, made from photos evenly spread over the list.
  func run(
    _ network: inout LoadedNetwork, _ photos: [String], _ progress: (Double) -> Void
  ) throws(SwiftletError) -> [SequencePoint] {
    // Dial 0, two that users may take, and the last one.
    var rows: [Int?] = [nil]
    for dial in [0.2, 0.5, 1] {
      let found = row(of: network.rows, dial: dial)
      if !rows.contains(found) { rows.append(found) }
    }
    var points: [SequencePoint] = []
    for (number, entry) in kinds.enumerated() {
      let cameras = min(Self.cameras, photos.count)
      let lanes = self.lanes(entry.name, network, rows, frames: cameras * frames)
      var bytes = 0
      for camera in 0..<cameras {
        let photo = photos.count * camera / cameras
        let video = try SequenceVideo(
          entry.kind, photo: photos[photo], other: photos[(photo + 1) % photos.count],
          sigma: Self.sigma)
        bytes = video.width * video.height * 2
        for lane in lanes { lane.restart(rounds: rounds) }
        for i in 0..<frames {
          let image = try video.samples(i)
          let place = camera * frames + i
          for round in 0..<rounds {
            for lane in lanes { look(image, i, lane, &network, place: place, round: round) }
          }
          count(i, lanes, video)
          let done = Double(number) + Double(place + 1) / Double(cameras * frames)
          progress(done / Double(kinds.count))
        }
      }
      points += summary(lanes, network, bytes: bytes)
    }
    return points
  }

  /// The first lane takes each frame in full.
  private func lanes(
    _ name: String, _ network: borrowing LoadedNetwork, _ rows: [Int?], frames: Int
  ) -> [Lane] {
    var lanes = [
      Lane(SequencePoint(sequence: name, dial: 0, frames: frames), row: nil, isGated: false)
    ]
    for row in rows {
      let dial = row.map { Double(network.rows[$0].dial) / 1000 } ?? 0
      lanes.append(
        Lane(SequencePoint(sequence: name, dial: dial, frames: frames), row: row, isGated: true))
    }
    return lanes
  }

  /// What `CameraLoop` does with a frame.
  private func look(
    _ image: borrowing Image, _ i: Int, _ lane: Lane, _ network: inout LoadedNetwork, place: Int,
    round: Int
  ) {
    let camera = lane.cameras[round]
    network.cascadeGuard = camera.cascadeGuard
    network.select(row: lane.row)
    let wantsFirst = network.cascadeGuard.wantsFirst
    var times = FrameTimes()
    let start = clock()
    let isHeld = lane.isGated && camera.gate.holds(image, isPruned: lane.row != nil)
    if !isHeld { network.look(at: image, &times) }
    lane.best[place] = min(lane.best[place], clock() - start)
    camera.cascadeGuard = network.cascadeGuard
    if round > 0 { return }
    if isHeld {
      lane.point.held += 1
      return
    }
    lane.computed = i
    lane.answer = network.answers.count > 0 ? network.answers[0].classIndex : -1
    let level = times.outcome.exitLevel
    if level != nil && wantsFirst { lane.point.firstRuns += 1 }
    if level != 0 { lane.point.fullRuns += 1 }
  }

  /// Compares the answers for frame `i`: the first lane's are those of the full pass.
  private func count(_ i: Int, _ lanes: [Lane], _ video: SequenceVideo) {
    for lane in lanes {
      if lane.answer == lanes[0].answer { lane.point.agreeing += 1 }
      if lane.computed < i && video.differs(i, from: lane.computed) { lane.point.wrongHolds += 1 }
    }
  }

  private func summary(
    _ lanes: [Lane], _ network: borrowing LoadedNetwork, bytes: Int
  ) -> [SequencePoint] {
    let full = energy.run(layerWork(network.session))
    let first = energy.firstPass(network)
    let conversion = energy.conversion(of: bytes)
    func time(_ lane: Lane) -> Double {
      Double(lane.best.reduce(0, +)) / Double(max(lane.best.count, 1))
    }
    return lanes.dropFirst().map { lane in
      var point = lane.point
      point.time = time(lane)
      point.fullTime = time(lanes[0])
      point.isSlower = point.time > time(lanes[1]) * PruneCurve.tolerance
      let computed = Double(point.frames - point.held)
      // Each pass converts; where both look at the same pixels this is a bound from above.
      let conversions = Double(point.firstRuns + point.fullRuns)
      let sum =
        Double(point.held) * energy.hold(of: bytes) + computed * energy.remembering(of: bytes)
        + conversions * conversion + Double(point.firstRuns) * first
        + Double(point.fullRuns) * full
      point.joules = sum / Double(max(point.frames, 1))
      point.fullJoules = full + conversion
      return point
    }
  }
}
