import Swiftlet
import SwiftletCore
import SwiftletPower

/// `swiftlet bench --front`: what a board can do with a family of files: frames a second against
/// watts against accuracy, each point at the highest rate that it sustains. Nothing runs: times
/// come from the time model, or from a calibration.
func frontCommand(_ arguments: Arguments) throws(SwiftletError) {
  let choice = try BoardChoice.of(arguments)
  let cores = max(1, choice.profile.clusters.first?.count ?? 1)
  let family = try NetworkFamily(
    arguments.words, SessionOptions(threads: arguments.count(.threads) ?? cores), top: 1,
    prune: try PruneWish(arguments))
  let table = try OperatingTable(
    choice.profile, family, try BoardCalibration.of(arguments, choice.profile),
    accuracies: try arguments.accuracies(of: family.count), dial: try PruneDial(arguments),
    minAccuracy: 0,
    threads: arguments.count(.threads) ?? cores, wantedRate: 1e4, cameraRate: 0,
    cameraWatts: arguments.number(.cameraWatts))
  let front = Front(table, family)
  if let path = arguments.text(.plot) {
    let bytes = AlignedBytes(Array(front.plot().string.utf8))
    try AtomicFile.write(bytes.bytes, to: path, mode: 0o644)
  }
  try Console.result(arguments.isOn(.json) ? front.json() : front.text())
}

extension Arguments {
  /// `--accuracy`, one for each file: needed as soon as networks are compared.
  func accuracies(of count: Int) throws(SwiftletError) -> [Double] {
    let list = numbers(.accuracy) ?? []
    guard list.count == count || (list.isEmpty && count == 1) else {
      throw SwiftletError(
        .missingArgument, place: "swiftlet " + command.row.name,
        expected: "--accuracy with a percentage for each of the \(count) files",
        found: "\(list.count)")
    }
    var shares: [Double] = []
    for percent in list {
      guard percent > 0, percent <= 100 else {
        throw SwiftletError(
          .badValue, place: Flag.accuracy.written, expected: "percentages above 0 to 100",
          found: fixed(percent, 2))
      }
      shares.append(percent / 100)
    }
    return shares
  }
}

extension BoardCalibration {
  /// The file of `--calibration`; nil without one. Throws CFG007 if it is of another board.
  static func of(_ arguments: Arguments, _ board: BoardProfile) throws(SwiftletError)
    -> BoardCalibration?
  {
    guard let path = arguments.text(.calibration) else { return nil }
    let file = try MappedFile(path: path)
    let bytes = Array(file.bytes.prefix(ProfileReader.limit + 1))
    let calibration = try CalibrationReader.read(bytes, file: path)
    guard isSame(calibration.board, board.name) else {
      throw SwiftletError(
        .settingsConflict, place: path, expected: "a calibration of " + board.name,
        found: calibration.board)
    }
    return calibration
  }
}

/// The points that no other beats in rate, watts and accuracy together.
private struct Front {
  private let table: OperatingTable
  /// Rising watts; `dynamicWatts` and `rate` are those of the highest rate.
  private var points: [OperatingPoint] = []
  private var names: [String] = []

  init(_ table: OperatingTable, _ family: borrowing NetworkFamily) {
    self.table = table
    for i in 0..<family.count { names.append(family.member(i).pointee.name) }
    var all: [OperatingPoint] = []
    for point in table.all { all.append(point) }
    for point in all {
      var isBeaten = false
      for other in all
      where other.rate >= point.rate && other.dynamicWatts <= point.dynamicWatts
        && other.accuracy >= point.accuracy
        && (other.rate > point.rate || other.dynamicWatts < point.dynamicWatts
          || other.accuracy > point.accuracy)
      {
        isBeaten = true
        break
      }
      if isBeaten { continue }
      var place = points.count
      while place > 0 && points[place - 1].dynamicWatts > point.dynamicWatts { place -= 1 }
      points.insert(point, at: place)
    }
  }

  /// Watts of the whole board at 45 C.
  private func watts(_ point: OperatingPoint) -> Double {
    table.power.base + point.dynamicWatts
  }

  func text() -> TextBuffer {
    var text = TextBuffer(capacity: 8192)
    text.append("\(table.board.title): times and watts ")
    text.append(table.source == .measured ? "calibrated" : "modelled, not measured")
    text.append(", base \(fixed(table.power.base, 2)) W with camera")
    if table.assumesAccuracy { text.append(", accuracy assumed where a file holds none") }
    text.append("\n frames/s       W   J/frame  accuracy  bits  prune  threads    MHz  network\n")
    for point in points {
      text.append(column: fixed(point.rate, 1), 9, right: true)
      text.append(column: fixed(watts(point), 2), 8, right: true)
      text.append(column: fixed(watts(point) / max(point.rate, 1e-9), 4), 10, right: true)
      text.append(column: fixed(point.accuracy * 100, 1) + " %", 10, right: true)
      text.append(column: "\(point.bits)", 6, right: true)
      text.append(
        column: point.prune > 0 ? fixed(point.prune, 2) : "-", 7, right: true)
      text.append(column: "\(point.threads)", 9, right: true)
      text.append(column: point.clock > 0 ? fixed(point.clock, 0) : "-", 7, right: true)
      text.append("  \(names[point.network])\n")
    }
    return text
  }

  func json() -> TextBuffer {
    var json = JSONWriter(schema: "swiftlet.front/1", capacity: 8192)
    json.member("board", table.board.name)
    json.member("source", table.source == .measured ? "measured" : "modelled")
    json.member("base_w", table.power.base, decimals: 4)
    json.member("assumes_accuracy", table.assumesAccuracy)
    json.beginArray("points")
    for point in points {
      json.beginObject()
      json.member("model", names[point.network])
      json.member("bits", point.bits)
      json.member("prune", point.prune, decimals: 3)
      json.member("threads", point.threads)
      json.member("clock_hz", point.clock > 0 ? point.clock * 1e6 : nil, decimals: 0)
      json.member("fps", point.rate, decimals: 3)
      json.member("avg_w", watts(point), decimals: 4)
      json.member("j_per_frame", watts(point) / max(point.rate, 1e-9), decimals: 6)
      json.member("accuracy_ratio", point.accuracy, decimals: 4)
      json.endObject()
    }
    json.endArray()
    json.endLine()
    return json.text
  }

  /// Watts to the right, frames a second upward, a colour for each file and width of weights.
  func plot() -> TextBuffer {
    var mostWatts = 0.5
    var mostRate = 1.0
    for point in points {
      mostWatts = max(mostWatts, watts(point))
      mostRate = max(mostRate, point.rate)
    }
    let chart = Chart(
      title: "\(table.board.title): frames a second and watts, "
        + (table.source == .measured ? "calibrated" : "modelled"),
      x: Axis(label: "W, whole board", most: mostWatts),
      y: Axis(label: "frames/s", most: mostRate))
    var svg = chart.begin()
    var series: [(network: Int, bits: Int, accuracy: Double)] = []
    for point in points {
      var number = series.count
      for i in 0..<series.count
      where series[i].network == point.network && series[i].bits == point.bits { number = i }
      if number == series.count { series.append((point.network, point.bits, point.accuracy)) }
      chart.dot(
        &svg, x: watts(point), y: point.rate, color: number, radius: 2 + point.threads,
        note: "\(point.bits) bits, \(point.threads) threads, \(fixed(point.clock, 0)) MHz: "
          + "\(fixed(point.rate, 1))/s, \(fixed(watts(point), 2)) W")
    }
    for i in 0..<series.count {
      chart.legend(&svg, row: 2 * i, color: i, names[series[i].network])
      chart.legend(
        &svg, row: 2 * i + 1, color: -1,
        "\(series[i].bits) bits, \(fixed(series[i].accuracy * 100, 1)) %")
    }
    chart.legend(&svg, row: 2 * series.count, color: -1, "larger dots: more threads")
    chart.end(&svg)
    return svg
  }
}
