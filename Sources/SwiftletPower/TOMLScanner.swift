import SwiftletCore

/// A value of a settings file.
public struct TOMLValue: Sendable {
  /// What it is.
  public enum Kind: UInt8, Sendable {
    case text, integer, float, boolean, list
  }

  public var kind = Kind.text
  public var text = ""
  /// An integer, float, or 0 and 1 for a boolean.
  public var number = 0.0
  /// Elements of a list: no lists, all of one kind, where integers and floats are one.
  public var items: [TOMLValue] = []

  public init() {}
}

/// Reads the part of TOML 1.0 that settings use, statement by statement: comments, `[table]`,
/// `[table.part]`, `[[list of tables]]`, `key = value` with strings on one line, decimal integers
/// and floats, booleans, and lists of those on one or several lines.
///
/// Total: any bytes end in statements and faults. After a fault it goes on at the next line.
public struct TOMLScanner {
  /// One statement, or why a line is none.
  public enum Statement {
    case table(String, isList: Bool)
    case pair(String, TOMLValue)
    case fault(expected: String, found: String)
  }

  private struct Fault: Error {
    let expected: StaticString
  }

  private let bytes: [UInt8]
  private var at = 0
  /// Line of the statement that was read last, from 1.
  public private(set) var line = 1
  private var lineNow = 1

  /// A scanner over UTF-8 bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next statement; nil at the end.
  public mutating func next() -> Statement? {
    while true {
      skipBlanks()
      if peek == UInt8(ascii: "#") { skipComment() }
      if !newline() { break }
    }
    line = lineNow
    if at == bytes.count { return nil }
    do throws(Fault) {
      let statement = try peek == UInt8(ascii: "[") ? header() : pair()
      try endOfLine()
      return statement
    } catch {
      let found = rest()
      while at < bytes.count, peek != UInt8(ascii: "\n") { at += 1 }
      return .fault(expected: "\(error.expected)", found: found)
    }
  }

  // MARK: statements

  private mutating func header() throws(Fault) -> Statement {
    at += 1
    let isList = take(UInt8(ascii: "["))
    skipBlanks()
    var name = try key()
    skipBlanks()
    if take(UInt8(ascii: ".")) {
      skipBlanks()
      name += "."
      name += try key()
      skipBlanks()
    }
    guard take(UInt8(ascii: "]")), !isList || take(UInt8(ascii: "]")) else {
      throw Fault(expected: "] after the name of a table")
    }
    return .table(name, isList: isList)
  }

  private mutating func pair() throws(Fault) -> Statement {
    let name = try key()
    skipBlanks()
    guard take(UInt8(ascii: "=")) else { throw Fault(expected: "= after a key") }
    skipBlanks()
    return .pair(name, try value(inList: false))
  }

  private mutating func key() throws(Fault) -> String {
    let start = at
    while isWord(peek) || peek == UInt8(ascii: "-") { at += 1 }
    if at == start { throw Fault(expected: "a key of letters, digits, _ and -") }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func endOfLine() throws(Fault) {
    skipBlanks()
    if peek == UInt8(ascii: "#") { skipComment() }
    if at < bytes.count && !newline() { throw Fault(expected: "the end of the line") }
  }

  // MARK: values

  private mutating func value(inList: Bool) throws(Fault) -> TOMLValue {
    var value = TOMLValue()
    switch peek {
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      value.text = try text()
    case UInt8(ascii: "["):
      if inList { throw Fault(expected: "no list inside a list") }
      value.kind = .list
      value.items = try list()
    case UInt8(ascii: "t"), UInt8(ascii: "f"):
      value.kind = .boolean
      value.number = peek == UInt8(ascii: "t") ? 1 : 0
      let start = at
      while isWord(peek) { at += 1 }
      let word: StaticString = value.number == 1 ? "true" : "false"
      guard bytes[start..<at].elementsEqual(Self.bytes(word)) else {
        at = start
        throw Fault(expected: "a value: text in quotes, a number, true, false or a list")
      }
    default:
      guard let number = number(&value) else {
        throw Fault(expected: "a value: text in quotes, a decimal number, true, false or a list")
      }
      value.number = number
    }
    return value
  }

  private mutating func list() throws(Fault) -> [TOMLValue] {
    var items: [TOMLValue] = []
    at += 1
    while true {
      try skipLines()
      if take(UInt8(ascii: "]")) { return items }
      let item = try value(inList: true)
      if let first = items.first, Self.family(first) != Self.family(item) {
        throw Fault(expected: "values of one kind in a list")
      }
      items.append(item)
      try skipLines()
      if take(UInt8(ascii: ",")) { continue }
      guard peek == UInt8(ascii: "]") else { throw Fault(expected: ", or ] in a list") }
    }
  }

  private static func family(_ value: TOMLValue) -> UInt8 {
    value.kind == .float ? TOMLValue.Kind.integer.rawValue : value.kind.rawValue
  }

  private mutating func text() throws(Fault) -> String {
    let quote = bytes[at]
    at += 1
    var out: [UInt8] = []
    while at < bytes.count {
      let byte = bytes[at]
      if byte == quote {
        at += 1
        return String(decoding: out, as: UTF8.self)
      }
      if (byte < 0x20 && byte != UInt8(ascii: "\t")) || byte == 0x7F { break }
      at += 1
      guard byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") else {
        out.append(byte)
        continue
      }
      switch peek {
      case UInt8(ascii: "n"): out.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "t"): out.append(UInt8(ascii: "\t"))
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(bytes[at])
      default: throw Fault(expected: "one of \\n \\t \\\" \\\\ after a backslash")
      }
      at += 1
    }
    throw Fault(expected: "a closing quote on the same line")
  }

  /// A decimal number of at most 15 digits: sign, digits with single `_` between, fraction,
  /// exponent. One division or product of exact doubles, so the nearest double, as any parser has.
  private mutating func number(_ value: inout TOMLValue) -> Double? {
    let start = at
    var sign = 1.0
    if peek == UInt8(ascii: "-") { sign = -1 }
    if peek == UInt8(ascii: "-") || peek == UInt8(ascii: "+") { at += 1 }
    var mantissa = 0.0
    var total = 0
    let isZero = peek == UInt8(ascii: "0")
    let whole = digits(&mantissa, &total)
    var isGood = whole > 0 && !(isZero && whole > 1)
    value.kind = .integer
    var power = 0
    if take(UInt8(ascii: ".")) {
      value.kind = .float
      let count = digits(&mantissa, &total)
      power = -count
      if count == 0 { isGood = false }
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      value.kind = .float
      at += 1
      let isNegative = peek == UInt8(ascii: "-")
      if isNegative || peek == UInt8(ascii: "+") { at += 1 }
      var exponent = 0.0
      var count = 0
      if digits(&exponent, &count) == 0 || count > 3 { isGood = false }
      // At most 10^15 here: three digits are checked above, the rest is only read over.
      let bounded = Int(min(exponent, 1000))
      power += isNegative ? -bounded : bounded
    }
    guard isGood, total <= 15, power >= -22, power <= 22 else {
      at = start
      return nil
    }
    var scale = 1.0
    for _ in 0..<power.magnitude { scale *= 10 }
    return sign * (power < 0 ? mantissa / scale : mantissa * scale)
  }

  /// Digits into `sum`; how many, 0 if an underscore stands wrong.
  private mutating func digits(_ sum: inout Double, _ total: inout Int) -> Int {
    var count = 0
    var wasUnderscore = false
    while true {
      if peek == UInt8(ascii: "_"), count > 0, !wasUnderscore {
        wasUnderscore = true
      } else if let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        wasUnderscore = false
        if total < 15 { sum = sum * 10 + Double(byte - UInt8(ascii: "0")) }
        count += 1
        total += 1
      } else {
        return wasUnderscore ? 0 : count
      }
      at += 1
    }
  }

  // MARK: bytes

  private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  private func isWord(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      return true
    default: return false
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    if peek != byte { return false }
    at += 1
    return true
  }

  private mutating func skipBlanks() {
    while peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") { at += 1 }
  }

  /// Up to the end of the line; stops at a control character, which no comment may hold.
  private mutating func skipComment() {
    while let byte = peek, byte >= 0x20 || byte == UInt8(ascii: "\t"), byte != 0x7F { at += 1 }
  }

  private mutating func newline() -> Bool {
    if peek == UInt8(ascii: "\r"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "\n") {
      at += 1
    }
    if !take(UInt8(ascii: "\n")) { return false }
    lineNow += 1
    return true
  }

  private mutating func skipLines() throws(Fault) {
    while true {
      skipBlanks()
      if peek == UInt8(ascii: "#") { skipComment() }
      if at == bytes.count { throw Fault(expected: "] at the end of a list") }
      if !newline() { return }
    }
  }

  /// Some of what stands here, for a message.
  private func rest() -> String {
    var end = at
    while end < bytes.count, end < at + 40, bytes[end] >= 0x20 { end += 1 }
    return end == at ? "nothing" : String(decoding: bytes[at..<end], as: UTF8.self)
  }

  private static func bytes(_ text: StaticString) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }
}
