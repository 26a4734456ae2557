import CShims
import SwiftletCore

/// What a command line asks for.
public enum Request {
  /// A command with its arguments.
  case command(Arguments)
  /// Help about a command, or about the program.
  case help(Command?)
  /// The version.
  case version
}

/// The one parser of both programs: the tables of `Command` and `Flag` say what is allowed.
///
/// `--flag value`, `--flag=value`, `--x` and `--no-x`, letters alone or together (`-vj4`), `--`
/// ends flags, `-` is a word. Nothing is ever ignored.
public struct FlagParser {
  private let words: [String]
  private var at = 0
  private let hasHostCommands: Bool

  /// Parses `words` (without the program's name). `environment` looks up `SWIFTLET_*` variables,
  /// which stand in for flags that are absent.
  public static func parse(
    _ words: [String], hasHostCommands: Bool, environment: (String) -> String? = variable
  ) throws(SwiftletError) -> Request {
    var parser = FlagParser(words, hasHostCommands)
    return try parser.request(environment)
  }

  /// An environment variable; nil if it is unset or empty.
  public static func variable(_ name: String) -> String? {
    guard let text = name.withCString({ getenv($0) }), text.pointee != 0 else { return nil }
    return String(cString: text)
  }

  private init(_ words: [String], _ hasHostCommands: Bool) {
    self.words = words
    self.hasHostCommands = hasHostCommands
  }

  private mutating func request(_ environment: (String) -> String?) throws(SwiftletError) -> Request
  {
    guard let first = words.first else { return .help(nil) }
    if isSame(first, "--help") || isSame(first, "-h") { return .help(nil) }
    if isSame(first, "--version") || isSame(first, "-V") { return .version }
    if isSame(first, "help") {
      return words.count > 1 ? .help(try command(words[1])) : .help(nil)
    }
    var arguments = Arguments(try command(first))
    at = 1
    while at < words.count {
      let word = words[at]
      at += 1
      if isSame(word, "--") {
        arguments.words += words[at...]
        break
      }
      if hasPrefix(word, "--") {
        try long(word, &arguments)
      } else if hasPrefix(word, "-"), word.utf8.count > 1 {
        try short(word, &arguments)
      } else {
        arguments.words.append(word)
      }
    }
    if arguments.has(.help) { return .help(arguments.command) }
    try complete(&arguments, environment)
    return .command(arguments)
  }

  private func command(_ name: String) throws(SwiftletError) -> Command {
    if let command = Command(named: name) {
      if hasHostCommands || !command.isHostOnly { return command }
      throw SwiftletError(
        .unknownCommand, place: name, found: "a command of the host program, not of this one")
    }
    if hasPrefix(name, "-") {
      throw SwiftletError(
        .missingArgument, place: name, expected: "a command first, as in swiftlet run \(name)")
    }
    var names: [String] = []
    for command in Command.allCases where hasHostCommands || !command.isHostOnly {
      names.append(command.row.name)
    }
    throw SwiftletError(
      .unknownCommand, place: name, expected: Values.nearest(name, names) ?? "")
  }

  /// `--name`, `--name=value`, `--name value` or `--no-name`.
  private mutating func long(_ word: String, _ arguments: inout Arguments) throws(SwiftletError) {
    let bytes = Array(word.utf8.dropFirst(2))
    var name = word
    var attached: String?
    if let equals = bytes.firstIndex(of: UInt8(ascii: "=")) {
      name = "--" + String(decoding: bytes[..<equals], as: UTF8.self)
      attached = String(decoding: bytes[(equals + 1)...], as: UTF8.self)
    }
    for flag in arguments.command.row.flags {
      let row = flag.row
      if isSame(name, flag.written) {
        return try take(flag, name, attached, &arguments)
      }
      if case .toggle = row.kind, isSame(name, "--no-" + row.long) {
        if let attached { throw needless(name, attached) }
        arguments.values[flag.rawValue] = .count(0)
        return
      }
    }
    throw unknown(name, arguments.command)
  }

  /// `-j4`, `-j 4`, `-q`, or several letters of which the last may take a value.
  private mutating func short(_ word: String, _ arguments: inout Arguments) throws(SwiftletError) {
    let letters = Array(word.utf8.dropFirst())
    // `-threads` is a long flag that lacks a hyphen, not `-t hreads`.
    let name = letters.prefix { $0 != UInt8(ascii: "=") }
    for flag in arguments.command.row.flags
    where name.count > 1 && name.elementsEqual(flag.row.long.utf8) {
      throw unknown(word, arguments.command)
    }
    for i in letters.indices {
      let name = "-" + String(decoding: [letters[i]], as: UTF8.self)
      var found: Flag?
      for flag in arguments.command.row.flags
      where flag.row.short != 0 && flag.row.short == letters[i] { found = flag }
      guard let flag = found else { throw unknown(i == 0 ? word : name, arguments.command) }
      guard flag.row.kind.takesValue else {
        try take(flag, name, nil, &arguments)
        continue
      }
      var rest = letters[(i + 1)...]
      if rest.first == UInt8(ascii: "=") { rest = rest.dropFirst() }
      let attached = i + 1 < letters.count ? String(decoding: rest, as: UTF8.self) : nil
      return try take(flag, name, attached, &arguments)
    }
  }

  private mutating func take(
    _ flag: Flag, _ name: String, _ attached: String?, _ arguments: inout Arguments
  ) throws(SwiftletError) {
    guard flag.row.kind.takesValue else {
      if let attached { throw needless(name, attached) }
      let before = arguments.count(flag) ?? 0
      if case .repeated = flag.row.kind {
        arguments.values[flag.rawValue] = .count(before + 1)
      } else {
        arguments.values[flag.rawValue] = .count(1)
      }
      return
    }
    if let attached { return try arguments.set(flag, attached, from: name) }
    // A flag is no value: `--output --json` lacks one. `--output=--json` says it is meant.
    guard at < words.count, !hasPrefix(words[at], "--") else {
      throw SwiftletError(
        .missingValue, place: name, expected: flag.row.placeholder,
        found: at < words.count ? words[at] : "the end of the line")
    }
    at += 1
    try arguments.set(flag, words[at - 1], from: name)
  }

  /// Environment, `--model` and the number of words.
  private func complete(_ arguments: inout Arguments, _ environment: (String) -> String?)
    throws(SwiftletError)
  {
    let row = arguments.command.row
    for flag in row.flags where !arguments.has(flag) && !flag.row.environment.isEmpty {
      if let text = environment(flag.row.environment) {
        try arguments.set(flag, text, from: flag.row.environment)
        arguments.fromEnvironment.append(flag)
      }
    }
    if let model = arguments.text(.model) { arguments.words.insert(model, at: 0) }
    let place = "swiftlet " + row.name
    // Lists need no network.
    let isList = arguments.isOn(.listCameras) || arguments.isOn(.listFormats)
    if !isList && arguments.words.count < row.words.lowerBound {
      throw SwiftletError(.missingArgument, place: place, expected: row.synopsis)
    }
    if arguments.words.count > row.words.upperBound {
      throw SwiftletError(
        .extraArgument, place: place,
        expected: row.words.upperBound == 0 ? "no words" : row.synopsis,
        found: arguments.words[row.words.upperBound])
    }
  }

  private func needless(_ name: String, _ value: String) -> SwiftletError {
    SwiftletError(.badValue, place: name, expected: "no value", found: value)
  }

  private func unknown(_ name: String, _ command: Command) -> SwiftletError {
    var names: [String] = []
    for flag in command.row.flags {
      names.append(flag.written)
      if case .toggle = flag.row.kind { names.append("--no-" + flag.row.long) }
    }
    // "-threads" means "--threads".
    let word = hasPrefix(name, "--") ? name : "-" + name
    return SwiftletError(
      .unknownFlag, place: name, expected: Values.nearest(word, names) ?? "",
      found: "swiftlet " + command.row.name)
  }
}
