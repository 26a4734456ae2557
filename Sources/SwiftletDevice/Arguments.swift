import SwiftletCore

/// The words of a command line after parsing: every flag known, every value in range.
public struct Arguments {
  /// What a flag was given.
  enum Value {
    case count(Int)
    case text(String)
    case number(Double)
    case numbers([Double])
  }

  /// The command that was asked for.
  public let command: Command
  /// Words that are no flags, in order; the model, if the command takes one, comes first.
  public internal(set) var words: [String] = []
  var values: [Value?]
  /// Flags whose value came from the environment.
  var fromEnvironment: [Flag] = []

  init(_ command: Command) {
    self.command = command
    values = Array(repeating: nil, count: Flag.allCases.count)
  }

  /// Whether the flag was given at all.
  public func has(_ flag: Flag) -> Bool { values[flag.rawValue] != nil }

  /// Where a flag's value comes from: "flag", "environment" or "default".
  public func origin(_ flag: Flag) -> String {
    for other in fromEnvironment where other.rawValue == flag.rawValue { return "environment" }
    return has(flag) ? "flag" : "default"
  }

  /// Whether a toggle is on.
  public func isOn(_ flag: Flag) -> Bool { (count(flag) ?? 0) > 0 }

  /// A whole number, nanoseconds or bytes; for repeated flags how often.
  public func count(_ flag: Flag) -> Int? {
    if case .count(let value)? = values[flag.rawValue] { return value }
    return nil
  }

  /// A text or choice.
  public func text(_ flag: Flag) -> String? {
    if case .text(let value)? = values[flag.rawValue] { return value }
    return nil
  }

  /// A number.
  public func number(_ flag: Flag) -> Double? {
    if case .number(let value)? = values[flag.rawValue] { return value }
    return nil
  }

  /// Numbers between commas.
  public func numbers(_ flag: Flag) -> [Double]? {
    if case .numbers(let value)? = values[flag.rawValue] { return value }
    return nil
  }

  /// The text of a flag that the command cannot do without.
  public func required(_ flag: Flag) throws(SwiftletError) -> String {
    if let value = text(flag) { return value }
    throw SwiftletError(
      .missingArgument, place: "swiftlet " + command.row.name,
      expected: "\(flag.written) \(flag.row.placeholder)")
  }

  /// Stores a value after checking it against the table.
  mutating func set(_ flag: Flag, _ text: String, from place: String) throws(SwiftletError) {
    values[flag.rawValue] = try Self.value(flag, text, place)
  }

  private static func value(_ flag: Flag, _ text: String, _ place: String) throws(SwiftletError)
    -> Value
  {
    switch flag.row.kind {
    case .once, .toggle, .repeated: return .count(1)
    case .text:
      if !text.isEmpty { return .text(text) }
      throw wrong(place, flag.row.placeholder, text)
    case .choice(let words):
      for word in words where isSame(word, text) { return .text(word) }
      var list = ""
      for word in words { list += (list.isEmpty ? "" : ", ") + word }
      throw wrong(place, "one of " + list, text)
    case .count(let range):
      if let value = Values.whole(text), range.contains(value) { return .count(value) }
      let end = range.upperBound == Int.max ? "up" : "to \(range.upperBound)"
      throw wrong(place, "a whole number from \(range.lowerBound) \(end)", text)
    case .number:
      if let value = Values.decimal(text), value >= 0 { return .number(value) }
      throw wrong(place, "a number such as 30 or 7.5", text)
    case .numbers:
      if let value = Values.numbers(text) { return .numbers(value) }
      throw wrong(place, "one to four numbers between commas, such as 127.5,127.5,127.5", text)
    case .duration:
      if let value = Values.quantity(text, Values.durations) { return .count(value) }
      throw wrong(place, "a time with its unit, \(example(text, "s", "500ms, 2s or 10min"))", text)
    case .measure(let kind):
      if let value = Values.measure(text, kind.units), value >= 0 { return .number(value) }
      throw wrong(place, "\(kind.noun), \(example(text, kind.units[0].name, kind.example))", text)
    case .bytes:
      if let value = Values.quantity(text, Values.sizes) { return .count(value) }
      throw wrong(place, "a size with its unit, \(example(text, "MiB", "512KiB or 64MiB"))", text)
    }
  }

  /// "such as 30s" if the text is a bare number.
  private static func example(_ text: String, _ unit: String, _ others: String) -> String {
    Values.decimal(text) == nil ? "such as \(others)" : "such as \(text)\(unit)"
  }

  private static func wrong(_ place: String, _ expected: String, _ found: String) -> SwiftletError {
    SwiftletError(
      .badValue, place: place, expected: expected, found: found.isEmpty ? "nothing" : found)
  }
}
