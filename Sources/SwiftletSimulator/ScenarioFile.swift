import Foundation
import SwiftletCore

/// Reads a scenario: `name = value` lines about the board's truth, then what happens when.
///
///     seconds = 600          # how long the run is
///     activity = 0.65        # W / (GHz V^2) of a busy core; base = W; ambient = C
///     leak = 1.2             # factor; sensor_noise, frame_noise: relative; sensor = yes or no
///     at 60 cap 2.8          # W
///     at 120 slowdown 1.4    # factor on frame time
///     at 130 ambient 45      # C; other W, hidden W
///     at 200 sensor lost     # healthy, frozen, lying 1.2
///     at 220 governor refuses  # or obeys
///     at 300 cores 2         # online; throttle MHz, 0: none
public enum ScenarioFile {
  /// Bytes that a scenario may have.
  public static let limit = 65536

  public static func read(_ path: String) throws(SwiftletError) -> Scenario {
    let file = try MappedFile(path: path)
    guard file.bytes.count <= limit, Text.isUTF8(file.bytes) else {
      throw SwiftletError(
        .settingsFile, place: path, expected: "UTF-8, at most \(limit) bytes",
        found: "\(file.bytes.count) bytes")
    }
    return try parse(String(decoding: file.bytes, as: UTF8.self), file: path)
  }

  public static func parse(_ text: String, file: String) throws(SwiftletError) -> Scenario {
    var scenario = Scenario()
    var seen: Set<String> = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let place = "\(file):\(number + 1)"
      let content = line.prefix { $0 != "#" }
      let words = content.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
      guard !words.isEmpty else { continue }
      if words[0] == "at" {
        scenario.events.append(try event(words, place))
        continue
      }
      guard words.count == 3, words[1] == "=" else {
        throw SwiftletError(
          .settingsSyntax, place: place, expected: "name = value, or at SECONDS CHANGE VALUE",
          found: words.joined(separator: " "))
      }
      guard seen.insert(words[0]).inserted else {
        throw SwiftletError(.settingsTwice, place: "\(place): \(words[0])")
      }
      try set(words[0], words[2], &scenario, place)
    }
    scenario.sort()
    return scenario
  }

  private static let names = [
    "seconds", "activity", "base", "ambient", "leak", "sensor_noise", "frame_noise", "sensor",
  ]

  private static func set(
    _ name: String, _ value: String, _ scenario: inout Scenario, _ place: String
  ) throws(SwiftletError) {
    let at = "\(place): \(name)"
    switch name {
    case "seconds": scenario.seconds = try number(value, 1...86400, at)
    case "activity": scenario.truth.activity = try number(value, 0.01...100, at)
    case "base": scenario.truth.base = try number(value, 0...1000, at)
    case "ambient": scenario.truth.ambient = try number(value, -40...100, at)
    case "leak": scenario.truth.leak = try number(value, 0...100, at)
    case "sensor_noise": scenario.truth.sensorNoise = try number(value, 0...0.5, at)
    case "frame_noise": scenario.truth.frameNoise = try number(value, 0...0.15, at)
    case "sensor":
      guard value == "yes" || value == "no" else { throw wrong(at, "yes or no", value) }
      scenario.truth.hasSensor = value == "yes"
    default:
      throw SwiftletError(
        .settingsKey, place: place, expected: names.joined(separator: ", "), found: name)
    }
  }

  private static let changes = [
    "cap", "slowdown", "ambient", "other", "hidden", "sensor", "governor", "cores", "throttle",
  ]

  private static func event(
    _ words: [String], _ place: String
  ) throws(SwiftletError) -> Scenario.Event {
    guard words.count >= 4 else {
      throw SwiftletError(
        .settingsSyntax, place: place, expected: "at SECONDS CHANGE VALUE",
        found: words.joined(separator: " "))
    }
    let time = try number(words[1], 0...86400, "\(place): at")
    let value = words[3]
    let at = "\(place): \(words[2])"
    guard words.count == 4 || words.count == 5 && value == "lying" else {
      throw SwiftletError(
        .settingsSyntax, place: at, expected: "one value", found: words[3...].joined(separator: " ")
      )
    }
    let change: Scenario.Change
    switch words[2] {
    case "cap": change = .cap(try number(value, 0.01...1000, at))
    case "slowdown": change = .slowdown(try number(value, 0.1...100, at))
    case "ambient": change = .ambient(try number(value, -40...100, at))
    case "other": change = .other(try number(value, 0...100, at))
    case "hidden": change = .hidden(try number(value, 0...100, at))
    case "cores": change = .cores(Int(try number(value, 1...1024, at)))
    case "throttle": change = .throttle(try number(value, 0...10000, at))
    case "governor":
      guard value == "refuses" || value == "obeys" else {
        throw wrong(at, "refuses or obeys", value)
      }
      change = .refusesClock(value == "refuses")
    case "sensor":
      switch value {
      case "healthy": change = .sensor(.healthy)
      case "lost": change = .sensor(.lost)
      case "frozen": change = .sensor(.frozen)
      case "lying":
        guard words.count == 5 else { throw wrong(at, "lying FACTOR", value) }
        change = .sensor(.lying(try number(words[4], 0.01...100, at)))
      default: throw wrong(at, "healthy, lost, frozen or lying FACTOR", value)
      }
    default:
      throw SwiftletError(
        .settingsKey, place: place, expected: changes.joined(separator: ", "), found: words[2])
    }
    return Scenario.Event(time, change)
  }

  private static func number(
    _ text: String, _ range: ClosedRange<Double>, _ place: String
  ) throws(SwiftletError) -> Double {
    guard let value = Double(text), value.isFinite, range.contains(value) else {
      throw wrong(place, "a number from \(range.lowerBound) to \(range.upperBound)", text)
    }
    return value
  }

  private static func wrong(_ place: String, _ expected: String, _ found: String) -> SwiftletError {
    SwiftletError(.settingsValue, place: place, expected: expected, found: found)
  }
}
