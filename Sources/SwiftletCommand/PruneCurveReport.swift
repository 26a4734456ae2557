import SwiftletCore
import SwiftletDevice

extension PruneCurve {
  private func percent(_ share: Double?, _ decimals: Int = 1) -> String {
    share.map { fixed($0 * 100, decimals) + " %" } ?? "-"
  }

  /// Tables for people.
  func text() -> TextBuffer {
    var text = TextBuffer(capacity: 8192)
    let photos = photoPoints.first?.report.photos ?? 0
    text.append("\(model)\(first.map { ", first " + $0 } ?? "")\n")
    text.append("joules are modelled for a \(board.title), one thread, not measured\n\n")
    text.append("\(photos) photos, network alone\n")
    text.append("prune  agreement    time  worst       ms  full pass    live       mJ  way\n")
    for point in photoPoints {
      let report = point.report
      text.append(column: fixed(point.dial, 2), 5, right: true)
      text.append(column: percent(report.agreement), 11, right: true)
      text.append(column: fixed(report.timeRatio, 3), 8, right: true)
      text.append(column: fixed(report.worstRatio, 2), 7, right: true)
      text.append(column: fixed(report.meanTime / 1e6, 3), 9, right: true)
      text.append(column: percent(report.fullShare), 11, right: true)
      text.append(column: percent(report.liveShare), 8, right: true)
      text.append(column: fixed(point.joules * 1e3, 2), 9, right: true)
      text.append("  \(point.way)")
      if point.isRefused { text.append(", refused: slower than 0 here") }
      text.append("\n")
    }
    let frames = sequences.first?.frames ?? 0
    text.append("\nsequences, \(frames) frames of each kind, 640 x 480 with noise of ")
    text.append("\(fixed(SequenceRunner.sigma, 0)) levels, with gate and conversion\n")
    text.append("sequence  prune  agreement    held  wrong  full pass    time       ms")
    text.append("       mJ  fewer J\n")
    var last = ""
    for point in sequences {
      text.append(column: isSame(last, point.sequence) ? "" : point.sequence, 8)
      last = point.sequence
      text.append(column: fixed(point.dial, 2), 7, right: true)
      text.append(column: percent(point.agreement), 11, right: true)
      text.append(column: percent(point.share(point.held)), 8, right: true)
      text.append(column: "\(point.wrongHolds)", 7, right: true)
      text.append(column: percent(point.share(point.fullRuns)), 11, right: true)
      text.append(column: fixed(point.timeRatio, 3), 8, right: true)
      text.append(column: fixed(point.time / 1e6, 3), 9, right: true)
      text.append(column: fixed(point.joules * 1e3, 2), 9, right: true)
      text.append(column: fixed(point.fullJoules / point.joules, 1) + " x", 9, right: true)
      if point.isSlower { text.append("  slower than 0") }
      text.append("\n")
    }
    text.append("\ntime: as a share of the full pass on each photo, or on each frame without")
    text.append(" any gate\n")
    return text
  }

  /// `swiftlet.prune-curve/1`.
  package func json() -> TextBuffer {
    var json = JSONWriter(schema: "swiftlet.prune-curve/1", capacity: 8192)
    json.member("model", model)
    json.member("model_hash", hash)
    json.member("first", first)
    json.member("board", board.name)
    json.member("energy_source", "modelled")
    json.member("images", photoPoints.first?.report.photos ?? 0)
    json.beginArray("photos")
    for point in photoPoints {
      json.beginObject()
      json.member("prune", point.dial, decimals: 3)
      json.member("way", point.way)
      json.member("agreement_ratio", point.report.agreement, decimals: 6)
      json.member("time_ratio", point.report.timeRatio, decimals: 4)
      json.member("p95_time_ratio", point.report.worstRatio, decimals: 4)
      json.member("mean_s", point.report.meanTime * 1e-9, decimals: 9)
      json.member("full_pass_ratio", point.report.fullShare, decimals: 4)
      json.member("live_share", point.report.liveShare, decimals: 4)
      json.member("j_per_frame", point.joules, decimals: 6)
      json.member("refused", point.isRefused)
      json.endObject()
    }
    json.endArray()
    json.beginArray("sequences")
    for point in sequences {
      json.beginObject()
      json.member("sequence", point.sequence)
      json.member("prune", point.dial, decimals: 3)
      json.member("frames", point.frames)
      json.member("agreement_ratio", point.agreement, decimals: 6)
      json.member("held_ratio", point.share(point.held), decimals: 4)
      json.member("wrong_holds", point.wrongHolds)
      json.member("first_pass_ratio", point.share(point.firstRuns), decimals: 4)
      json.member("full_pass_ratio", point.share(point.fullRuns), decimals: 4)
      json.member("time_ratio", point.timeRatio, decimals: 4)
      json.member("mean_s", point.time * 1e-9, decimals: 9)
      json.member("j_per_frame", point.joules, decimals: 6)
      json.member("full_j_per_frame", point.fullJoules, decimals: 6)
      json.member("slower", point.isSlower)
      json.endObject()
    }
    json.endArray()
    json.endLine()
    return json.text
  }
}
