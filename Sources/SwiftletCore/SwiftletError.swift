/// The one error of the product: a small value made where a fault is found and turned into text
/// once, by `message`, far from any loop.
public struct SwiftletError: Error, Sendable {
  /// What went wrong; its table holds the words and the cure.
  public let code: ErrorCode
  /// Where: a file, section, layer, flag or device.
  public let place: String
  /// What had to hold there.
  public let expected: String
  /// What was there instead.
  public let found: String

  /// Makes an error.
  public init(_ code: ErrorCode, place: String, expected: String = "", found: String = "") {
    self.code = code
    self.place = place
    self.expected = expected
    self.found = found
  }

  /// `error[MDL012]: summary: place: expected ..., found ...`, then a `help:` line.
  public var message: String {
    var text = "error[\(code.name)]: \(code.summary): \(place)"
    if !expected.isEmpty { text += ": expected \(expected)" }
    if !found.isEmpty { text += expected.isEmpty ? ": \(found)" : ", found \(found)" }
    return text + "\nhelp: \(code.help)"
  }
}
