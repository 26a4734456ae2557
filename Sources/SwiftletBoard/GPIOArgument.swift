import SwiftletCore

/// A line as flags name it: `gpio:NAME` or `gpio:CHIP:OFFSET`, then `=LABEL,...` for outputs,
/// then settings: `active-low`, `pull-up`, `pull-down`, `debounce=MILLISECONDS`.
public struct GPIOArgument: Sendable, Equatable {
  public enum Bias: UInt8, Sendable {
    case none, pullUp, pullDown
  }
  /// As the kernel names the line, for example `GPIO17`, or `gpiochip0:17`.
  public var line = ""
  /// Classes that an output follows; empty: any.
  public var labels: [String] = []
  public var isActiveLow = false
  public var bias = Bias.none
  /// An edge counts when the line has been quiet this long, ms; 0 to 1000.
  public var debounce = 20

  /// Reads the value of a flag.
  /// - Parameters:
  ///   - text: for example `gpio:GPIO17,active-low`.
  ///   - flag: for messages, for example `--wake`.
  ///   - takesLabels: whether `=LABEL,...` may follow.
  public init(_ text: String, flag: String, takesLabels: Bool) throws(SwiftletError) {
    func wrong(_ expected: String, _ found: String) -> SwiftletError {
      SwiftletError(.gpioArgument, place: flag, expected: expected, found: found)
    }
    let bytes = [UInt8](text.utf8)
    let start = 5
    guard text.begins(with: "gpio:"), bytes.count <= 1024 else { throw wrong("gpio:NAME", text) }
    var isFirst = true
    var from = start
    while from <= bytes.count {
      var to = from
      var equals = -1
      while to < bytes.count, bytes[to] != UInt8(ascii: ",") {
        if bytes[to] == UInt8(ascii: "="), equals < 0 { equals = to }
        to += 1
      }
      var item = String(decoding: bytes[from..<to], as: UTF8.self)
      if isFirst {
        let end = equals < 0 ? to : equals
        line = String(decoding: bytes[start..<end], as: UTF8.self)
        // The kernel's names have at most 31 bytes, behind a chip's name and a colon.
        guard end > start, end - start <= 63 else { throw wrong("gpio:NAME", text) }
        isFirst = false
        if equals >= 0 {
          item = String(decoding: bytes[(equals + 1)..<to], as: UTF8.self)
          guard takesLabels, !item.isEmpty else {
            throw wrong(takesLabels ? "a label behind =" : "no labels", text)
          }
          labels.append(item)
        }
      } else if item == "active-low" {
        isActiveLow = true
      } else if item == "pull-up" {
        bias = .pullUp
      } else if item == "pull-down" {
        bias = .pullDown
      } else if item.begins(with: "debounce=") {
        guard let value = Int(String(decoding: bytes[(equals + 1)..<to], as: UTF8.self)),
          value >= 0, value <= 1000
        else { throw wrong("debounce=0 to 1000", item) }
        debounce = value
      } else if takesLabels, !labels.isEmpty, !item.isEmpty {
        labels.append(item)
      } else {
        throw wrong("active-low, pull-up, pull-down or debounce=MS", item.isEmpty ? text : item)
      }
      from = to + 1
    }
  }

  /// The chip and offset of `CHIP:OFFSET`; nil for a name.
  var position: (chip: String, offset: UInt32)? {
    let bytes = [UInt8](line.utf8)
    var colon = bytes.count
    while colon > 0, bytes[colon - 1] != UInt8(ascii: ":") { colon -= 1 }
    guard colon > 1, let offset = UInt32(String(decoding: bytes[colon...], as: UTF8.self)) else {
      return nil
    }
    let chip = String(decoding: bytes[0..<(colon - 1)], as: UTF8.self)
    return (chip.begins(with: "gpiochip") ? chip : "gpiochip" + chip, offset)
  }
}
