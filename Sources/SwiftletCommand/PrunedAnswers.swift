import CShims
import Swiftlet
import SwiftletCore
import SwiftletDevice
import SwiftletVision

/// What pruning changed on a set of photos.
struct PruneReport {
  var photos = 0
  /// Photos with the first answer of the full pass.
  var agreeing = 0
  /// Photos that took the full pass; nil without a first pass.
  var full: Int?
  /// Mean share of multiply-adds that gates left alive; nil without gates.
  var liveShare: Double?
  /// Nanoseconds of each photo, network alone.
  var times: [Int64] = []
  var fullTimes: [Int64] = []

  /// Mean time as a share of the full pass's.
  var timeRatio: Double { mean(times) / max(mean(fullTimes), 1) }
  /// The longest frames as a share of the full pass's middle one: 19 of 20 are below.
  var worstRatio: Double {
    times.isEmpty
      ? 0 : Double(times.sorted()[times.count * 19 / 20]) / max(median(fullTimes), 1)
  }
  var agreement: Double { Double(agreeing) / Double(max(photos, 1)) }
}

/// Runs photos under the dial, and each in full beside it: both see the same pixels in the same
/// minute.
struct PrunedAnswers: ~Copyable {
  var network: LoadedNetwork
  private var whole: Session
  private(set) var report = PruneReport()

  init(_ path: String, _ options: SessionOptions, _ wish: PruneWish) throws(SwiftletError) {
    var loaded = try LoadedNetwork(path: path, options, top: 5, prune: wish)
    let session = try Session(try Model(mapping: path), options)
    loaded.start(wish)
    loaded.cascadeGuard.isOn = false
    network = loaded
    whole = session
  }

  /// Another step of the dial; the report begins anew.
  mutating func select(row: Int?) {
    network.select(row: row)
    report = PruneReport()
  }

  /// The classes of a photo, best first, at most five, with the first one's probability.
  mutating func look(at image: borrowing Image) -> (classes: [Int], score: Float) {
    var times = FrameTimes()
    whole.write(image)
    // The best of three, in turns: what else the machine does is not the network's time.
    var (best, bestFull) = (Int64.max, Int64.max)
    for _ in 0..<3 {
      let start = shim_monotonic()
      whole.run()
      bestFull = min(bestFull, shim_monotonic() - start)
      network.look(at: image, &times)
      best = min(best, times.inferred - times.converted)
    }
    report.fullTimes.append(bestFull)
    report.times.append(best)
    let classes = (0..<network.answers.count).map { network.answers[$0].classIndex }
    report.photos += 1
    if classes.first == whole.output.firstClass { report.agreeing += 1 }
    if let level = times.outcome.exitLevel { report.full = (report.full ?? 0) + level }
    if let share = times.outcome.liveShare {
      let before = report.liveShare ?? 0
      report.liveShare = before + (share - before) / Double(report.photos)
    }
    return (classes, network.answers.count > 0 ? network.answers[0].probability : 0)
  }
}

extension PruneReport {
  /// Lines for people.
  var text: String {
    var text = "pruned: \(fixed(agreement * 100, 2)) % have the full pass's answer, mean time "
    text += "\(fixed(timeRatio, 3)) of it, 19 of 20 within \(fixed(worstRatio, 2))"
    if let full {
      text += ", \(fixed(100 * Double(full) / Double(max(photos, 1)), 1)) % took the full pass"
    }
    if let liveShare { text += ", live \(fixed(liveShare * 100, 1)) %" }
    return text + "\n"
  }
}

extension JSONWriter {
  /// The member `prune`.
  mutating func write(_ report: PruneReport) {
    beginObject("prune")
    member("agreement_ratio", report.agreement, decimals: 6)
    member("time_ratio", report.timeRatio, decimals: 4)
    member("p95_time_ratio", report.worstRatio, decimals: 4)
    member("mean_s", mean(report.times) * 1e-9, decimals: 9)
    member("full_mean_s", mean(report.fullTimes) * 1e-9, decimals: 9)
    let photos = Double(max(report.photos, 1))
    member("full_pass_ratio", report.full.map { Double($0) / photos }, decimals: 4)
    member("live_share", report.liveShare, decimals: 4)
    endObject()
  }
}
