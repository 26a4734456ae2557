import SwiftletCore

// Values of flags: text in, numbers out, never a trap.

/// A unit and what it is worth in the base unit.
struct Unit {
  let name: String
  let worth: Double
}

enum Values {
  static let durations = [
    Unit(name: "ns", worth: 1), Unit(name: "us", worth: 1e3), Unit(name: "ms", worth: 1e6),
    Unit(name: "s", worth: 1e9), Unit(name: "min", worth: 60e9), Unit(name: "h", worth: 3600e9),
  ]
  static let sizes = [
    Unit(name: "B", worth: 1), Unit(name: "KiB", worth: 1024),
    Unit(name: "MiB", worth: 1_048_576), Unit(name: "GiB", worth: 1_073_741_824),
  ]

  /// A whole number: digits only, no sign, no blank.
  static func whole(_ text: String) -> Int? {
    var value = 0
    var count = 0
    for byte in text.utf8 {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      let (tens, over) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      if over || carry { return nil }
      value = sum
      count += 1
    }
    return count > 0 ? value : nil
  }

  /// A decimal number: an optional sign, digits, an optional fraction; no exponent.
  static func decimal(_ text: String) -> Double? {
    var bytes = Array(text.utf8)[...]
    var sign = 1.0
    if bytes.first == UInt8(ascii: "-") {
      sign = -1
      bytes = bytes.dropFirst()
    }
    var digits = 0.0
    var scale = 1.0
    var count = 0
    var isFraction = false
    for byte in bytes {
      if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
        continue
      }
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), count < 15 else { return nil }
      digits = digits * 10 + Double(byte - UInt8(ascii: "0"))
      if isFraction { scale *= 10 }
      count += 1
    }
    // Both are exact below 10^15, so one rounding: the nearest double, as any parser gives it.
    return count > 0 ? sign * digits / scale : nil
  }

  static let watts = [Unit(name: "W", worth: 1), Unit(name: "mW", worth: 1e-3)]
  static let celsius = [Unit(name: "C", worth: 1)]
  static let wattHours = [Unit(name: "Wh", worth: 1), Unit(name: "mWh", worth: 1e-3)]
  static let shares = [Unit(name: "%", worth: 0.01)]

  /// A number directly followed by one of the units, as a whole number of the base unit; 0 needs
  /// no unit.
  static func quantity(_ text: String, _ units: [Unit]) -> Int? {
    guard let value = measure(text, units)?.rounded(), value < 9e18 else { return nil }
    return Int(value)
  }

  /// The same as any number.
  static func measure(_ text: String, _ units: [Unit]) -> Double? {
    let bytes = Array(text.utf8)
    var split = 0
    while split < bytes.count,
      bytes[split] == UInt8(ascii: ".")
        || (bytes[split] >= UInt8(ascii: "0") && bytes[split] <= UInt8(ascii: "9"))
    { split += 1 }
    guard let number = decimal(String(decoding: bytes[..<split], as: UTF8.self)) else { return nil }
    if split == bytes.count { return number == 0 ? 0 : nil }
    for unit in units where bytes[split...].elementsEqual(unit.name.utf8) {
      return number * unit.worth
    }
    return nil
  }

  /// One to four numbers between commas.
  static func numbers(_ text: String) -> [Double]? {
    var out: [Double] = []
    var start: [UInt8] = []
    for byte in Array(text.utf8) + [UInt8(ascii: ",")] {
      guard byte == UInt8(ascii: ",") else {
        start.append(byte)
        continue
      }
      guard let number = decimal(String(decoding: start, as: UTF8.self)), out.count < 4 else {
        return nil
      }
      out.append(number)
      start.removeAll()
    }
    return out
  }

  /// Edits between two words.
  static func distance(_ a: String, _ b: String) -> Int { Nearest.distance(a, b) }

  /// The nearest of `names` if it is near enough to be meant.
  static func nearest(_ word: String, _ names: [String]) -> String? { Nearest.word(word, names) }
}
