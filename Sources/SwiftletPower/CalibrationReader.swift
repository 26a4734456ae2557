import SwiftletCore

/// Reads the file that `swiftlet calibrate` writes (docs/boards.md). Total: any bytes give a
/// calibration or one error.
public enum CalibrationReader {
  /// The calibration in `bytes`; throws CFG errors that name line and key.
  public static func read(_ bytes: [UInt8], file: String) throws(SwiftletError) -> BoardCalibration
  {
    guard bytes.count <= ProfileReader.limit else {
      throw SwiftletError(
        .settingsFile, place: file, expected: "at most \(ProfileReader.limit) bytes",
        found: "\(bytes.count)")
    }
    var scanner = TOMLScanner(bytes)
    var result = BoardCalibration()
    var table = ""
    while let statement = scanner.next() {
      let place = "\(file):\(scanner.line)"
      switch statement {
      case .fault(let expected, let found):
        throw SwiftletError(.settingsSyntax, place: place, expected: expected, found: found)
      case .table(let name, let isList):
        table = name
        let isTime = same(name, "time")
        guard isTime == isList, isTime || same(name, "power") else {
          throw SwiftletError(
            .settingsKey, place: place, expected: "[power] or [[time]]", found: name)
        }
        if isTime {
          guard result.entries.count < 1024 else {
            throw SwiftletError(.settingsFile, place: place, expected: "at most 1024 of [[time]]")
          }
          result.entries.append(BoardCalibration.Entry())
        }
      case .pair(let key, let value):
        try take(key, value, table, place, &result)
      }
    }
    try check(result, file)
    return result
  }

  private static func take(
    _ key: String, _ value: TOMLValue, _ table: String, _ place: String,
    _ result: inout BoardCalibration
  ) throws(SwiftletError) {
    func text() throws(SwiftletError) -> String {
      if value.kind == .text { return value.text }
      throw SwiftletError(.settingsKind, place: "\(place): \(key)", expected: "a text")
    }
    func number(_ range: ClosedRange<Double>) throws(SwiftletError) -> Double {
      guard value.kind == .integer || value.kind == .float else {
        throw SwiftletError(.settingsKind, place: "\(place): \(key)", expected: "a number")
      }
      if range.contains(value.number) { return value.number }
      throw SwiftletError(
        .settingsValue, place: "\(place): \(key)",
        expected:
          "\(ProfileReader.text(range.lowerBound)) to \(ProfileReader.text(range.upperBound))",
        found: ProfileReader.text(value.number))
    }
    if table.utf8.isEmpty {
      if same(key, "board") { return result.board = try text() }
      if same(key, "date") { return result.date = try text() }
      if same(key, "sensor") { return result.sensor = try text() }
    } else if same(table, "power") {
      if same(key, "base_w") { return result.base = try number(0...200) }
      if same(key, "simd_activity") { return result.activity = try number(0.001...50) }
      if same(key, "residual") { return result.residual = try number(0...10) }
    } else {
      let i = result.entries.count - 1
      if same(key, "network") { return result.entries[i].hash = try text() }
      if same(key, "name") { return result.entries[i].name = try text() }
      if same(key, "bits") { return result.entries[i].bits = Int(try number(4...8)) }
      if same(key, "threads") { return result.entries[i].threads = Int(try number(1...64)) }
      if same(key, "latency") { return result.entries[i].latency = try number(0.001...1000) }
      if same(key, "core_time") { return result.entries[i].coreSeconds = try number(0.001...1000) }
    }
    throw SwiftletError(
      .settingsKey, place: place, expected: "a key that swiftlet calibrate writes", found: key)
  }

  private static func check(_ result: BoardCalibration, _ file: String) throws(SwiftletError) {
    if result.board.utf8.isEmpty {
      throw SwiftletError(.settingsMissing, place: file, expected: "board")
    }
    for entry in result.entries where entry.hash.utf8.isEmpty {
      throw SwiftletError(.settingsMissing, place: file, expected: "network in each [[time]]")
    }
  }
}
