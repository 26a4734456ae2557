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

  /// Mean nanoseconds of all: those that took both passes are the longest and count too.
  var meanTime: Double { Self.mean(times) }
  var meanFullTime: Double { Self.mean(fullTimes) }
  /// Mean time as a share of the full pass's.
  var timeRatio: Double { meanTime / max(meanFullTime, 1) }
  /// Share of photos that took the full pass; nil without a first pass.
  var fullShare: Double? { full.map { Double($0) / Double(max(photos, 1)) } }

  private static func mean(_ times: [Int64]) -> Double {
    Double(times.reduce(0, +)) / Double(max(times.count, 1))
  }

  /// One more photo.
  mutating func add(time: Int64, fullTime: Int64, agrees: Bool, _ outcome: PruneOutcome) {
    times.append(time)
    fullTimes.append(fullTime)
    photos += 1
    if agrees { agreeing += 1 }
    if let level = outcome.exitLevel { full = (full ?? 0) + level }
    if let share = outcome.liveShare {
      let before = liveShare ?? 0
      liveShare = before + (share - before) / Double(photos)
    }
  }

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
    // The best of three, in turns: what else the machine does is not the network's time. Each run
    // finds caches as a camera loop leaves them, by a conversion.
    var (best, bestFull) = (Int64.max, Int64.max)
    for _ in 0..<3 {
      whole.write(image)
      let start = shim_monotonic()
      whole.run()
      bestFull = min(bestFull, shim_monotonic() - start)
      network.look(at: image, &times)
      best = min(best, times.inferred - times.converted)
    }
    let classes = (0..<network.answers.count).map { network.answers[$0].classIndex }
    report.add(
      time: best, fullTime: bestFull, agrees: classes.first == whole.output.firstClass,
      times.outcome)
    return (classes, network.answers.count > 0 ? network.answers[0].probability : 0)
  }

  /// The same for several rows of the dial, nil for none, into a report each.
  ///
  /// All take turns, so that a busy machine is as busy for each, three times and then until each
  /// had a turn in which nobody took the core away, ten times at most.
  mutating func look(
    at image: borrowing Image, rows: [Int?], into reports: inout [PruneReport]
  ) {
    var best = [BestTime](repeating: BestTime(), count: rows.count)
    var bestFull = BestTime()
    var outcomes = [PruneOutcome](repeating: PruneOutcome(), count: rows.count)
    var agrees = [Bool](repeating: false, count: rows.count)
    for round in 0..<10 {
      if bestFull.isWanted(round) {
        whole.write(image)
        let (wall, processor) = (shim_monotonic(), shim_process_time())
        whole.run()
        let time = shim_monotonic() - wall
        bestFull.add(time, wall: time, processor: shim_process_time() - processor)
      }
      for (i, row) in rows.enumerated() where best[i].isWanted(round) {
        var times = FrameTimes()
        network.select(row: row)
        let (wall, processor) = (shim_monotonic(), shim_process_time())
        network.look(at: image, &times)
        best[i].add(
          times.inferred - times.converted, wall: shim_monotonic() - wall,
          processor: shim_process_time() - processor)
        outcomes[i] = times.outcome
        let first = network.answers.count > 0 ? network.answers[0].classIndex : -1
        agrees[i] = first == whole.output.firstClass
      }
    }
    for i in rows.indices {
      reports[i].add(
        time: best[i].time, fullTime: bestFull.time, agrees: agrees[i], outcomes[i])
    }
  }
}

/// The least time of some turns, nanoseconds.
private struct BestTime {
  private(set) var time = Int64.max
  /// Whether it had a turn in which the core was its own.
  private var isClean = false

  func isWanted(_ round: Int) -> Bool { round < 3 || !isClean }

  /// - Parameters:
  ///   - wall: of the whole turn, of which `new` is a part; `processor`: time on cores meanwhile.
  mutating func add(_ new: Int64, wall: Int64, processor: Int64) {
    time = min(time, new)
    if wall - processor <= max(wall / 32, 20_000) { isClean = true }
  }
}

extension PruneReport {
  /// Lines for people.
  var text: String {
    var text = "pruned: \(fixed(agreement * 100, 2)) % have the full pass's answer, mean time "
    text += "\(fixed(timeRatio, 3)) of it, 19 of 20 within \(fixed(worstRatio, 2))"
    if let fullShare {
      text += ", \(fixed(100 * fullShare, 1)) % took the full pass"
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
    member("mean_s", report.meanTime * 1e-9, decimals: 9)
    member("full_mean_s", report.meanFullTime * 1e-9, decimals: 9)
    member("full_pass_ratio", report.fullShare, decimals: 4)
    member("live_share", report.liveShare, decimals: 4)
    endObject()
  }
}
