import CShims
import SwiftletCore

/// Where results, messages and progress go: results to stdout, all else to stderr.
public enum Console {
  /// Writes to stdout; throws SYS003 if it takes no more, for example a full disk.
  public static func result(_ text: TextBuffer) throws(SwiftletError) {
    if !text.write(to: 1) {
      throw SwiftletError(.cannotWrite, place: "stdout", found: systemErrorName(shim_errno()))
    }
  }

  /// The same for a string.
  public static func result(_ text: String) throws(SwiftletError) {
    var buffer = TextBuffer(capacity: text.utf8.count)
    buffer.append(text)
    try result(buffer)
  }

  /// Writes a line to stderr.
  public static func note(_ text: String) {
    var buffer = TextBuffer(capacity: text.utf8.count + 1)
    buffer.append(text)
    buffer.append(byte: UInt8(ascii: "\n"))
    buffer.write(to: 2)
  }

  /// Columns of the terminal on stderr; 0 if it is no terminal.
  public static var columns: Int { Int(shim_terminal_columns(2)) }

  /// Whether stderr may be coloured: a terminal, and NO_COLOR is unset or empty.
  public static var isColoured: Bool {
    columns > 0 && FlagParser.variable("NO_COLOR") == nil
      && !isSame(FlagParser.variable("TERM") ?? "", "dumb")
  }

  /// Tells an error on stderr, as text or as a `swiftlet.error/1` object; its exit code.
  public static func report(_ error: SwiftletError, asJSON: Bool) -> Int32 {
    let advice = help(error)
    let exit = exitCode(error)
    if asJSON {
      var json = JSONWriter(schema: "swiftlet.error/1")
      json.member("code", error.code.name)
      json.member("message", error.code.summary)
      json.member("place", error.place)
      json.member("expected", error.expected.isEmpty ? nil : error.expected)
      json.member("found", error.found.isEmpty ? nil : error.found)
      json.member("help", advice)
      json.member("exit_code", Int(exit))
      json.endLine()
      json.text.write(to: 2)
      return exit
    }
    var text = TextBuffer(capacity: 256)
    text.append("swiftlet: ")
    let head = "error[\(error.code.name)]"
    text.append(isColoured ? "\u{1B}[1;31m\(head)\u{1B}[0m" : head)
    text.append(": \(error.code.summary): \(error.place)")
    if isSuggestion(error) {
      if !error.found.isEmpty { text.append(" (\(error.found))") }
    } else if !error.expected.isEmpty {
      text.append(": expected \(error.expected)")
      if !error.found.isEmpty { text.append(", found \(error.found)") }
    } else if !error.found.isEmpty {
      text.append(": \(error.found)")
    }
    text.append("\nhelp: \(advice)\n")
    text.write(to: 2)
    return exit
  }

  /// The code of the table, or 77 where the system says that a right is missing.
  private static func exitCode(_ error: SwiftletError) -> Int32 {
    let isRefused = isSame(error.found, "EACCES") || isSame(error.found, "EPERM")
    return isRefused ? 77 : error.code.exitCode
  }

  /// What an unknown word expected is the nearest known one: advice, not a demand.
  private static func isSuggestion(_ error: SwiftletError) -> Bool {
    error.code == .unknownFlag || error.code == .unknownCommand || error.code == .settingsKey
  }

  private static func help(_ error: SwiftletError) -> String {
    switch error.code {
    case .unknownFlag:
      let more = "\(error.found) --help lists the flags"
      return error.expected.isEmpty ? more : "did you mean \(error.expected)? \(more)"
    case .unknownCommand where !error.expected.isEmpty, .settingsKey where !error.expected.isEmpty:
      return "did you mean \(error.expected)? \(error.code.help)"
    case .missingArgument where hasPrefix(error.place, "swiftlet "),
      .extraArgument where hasPrefix(error.place, "swiftlet "):
      return "\(error.place) --help shows examples"
    default: return error.code.help
    }
  }
}
