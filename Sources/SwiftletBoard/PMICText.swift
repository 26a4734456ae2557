/// What the firmware of the Raspberry Pi 5 answers to `pmic_read_adc`: lines such as
/// ` VDD_CORE_A current(7)=0.39A` and ` VDD_CORE_V volt(15)=0.72V`.
package enum PMICText {
  /// The sum of volts x amperes over all rails that tell both, W; nil if there is none.
  ///
  /// The 5 V rail tells volts only, so this is less than the board draws.
  package static func watts(_ bytes: UnsafeRawBufferPointer) -> Double? {
    var sum = 0.0
    var rails = 0
    var line = 0
    while line < bytes.count {
      if let volts = entry(bytes, line, suffix: UInt8(ascii: "V")) {
        var other = 0
        while other < bytes.count {
          if let amperes = entry(bytes, other, suffix: UInt8(ascii: "A")),
            isSame(bytes, volts.start, amperes.start, volts.count, amperes.count)
          {
            sum += volts.value * amperes.value
            rails += 1
            break
          }
          other = next(bytes, other)
        }
      }
      line = next(bytes, line)
    }
    return rails > 0 && sum < 100 ? sum : nil
  }

  private static func next(_ bytes: UnsafeRawBufferPointer, _ from: Int) -> Int {
    var i = from
    while i < bytes.count, bytes[i] != 10 { i += 1 }
    return i + 1
  }

  private static func isSame(
    _ bytes: UnsafeRawBufferPointer, _ a: Int, _ b: Int, _ countA: Int, _ countB: Int
  ) -> Bool {
    guard countA == countB else { return false }
    for i in 0..<countA where bytes[a + i] != bytes[b + i] { return false }
    return true
  }

  /// The name without `_V` or `_A` and the number behind `=` of the line that begins at `from`.
  private static func entry(
    _ bytes: UnsafeRawBufferPointer, _ from: Int, suffix: UInt8
  ) -> (start: Int, count: Int, value: Double)? {
    var i = from
    while i < bytes.count, bytes[i] == 32 { i += 1 }
    let start = i
    while i < bytes.count, bytes[i] > 32 { i += 1 }
    let count = i - start - 2
    guard count > 0, bytes[i - 1] == suffix, bytes[i - 2] == UInt8(ascii: "_") else { return nil }
    while i < bytes.count, bytes[i] != 10, bytes[i] != UInt8(ascii: "=") { i += 1 }
    guard i < bytes.count, bytes[i] != 10 else { return nil }
    i += 1
    var value = 0.0
    var unit = 0.0
    var digits = 0
    while i < bytes.count, digits < 16 {
      let digit = bytes[i] &- 48
      if digit <= 9 {
        digits += 1
        if unit == 0 {
          value = value * 10 + Double(digit)
        } else {
          value += Double(digit) * unit
          unit *= 0.1
        }
      } else if bytes[i] == UInt8(ascii: "."), unit == 0 {
        unit = 0.1
      } else {
        break
      }
      i += 1
    }
    return digits > 0 && value < 1000 ? (start, count, value) : nil
  }
}
