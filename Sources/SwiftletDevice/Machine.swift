import CShims
import SwiftletCore

/// The machine and the clock.
public enum Machine {
  /// CPUs that this process may use.
  public static var cpuCount: Int { Int(shim_cpu_count()) }

  /// Bytes of physical memory in use; nil if the system does not tell.
  public static var residentBytes: Int? {
    let bytes = Int(shim_resident_bytes())
    return bytes > 0 ? bytes : nil
  }

  /// The name of the CPU; nil if the system does not tell.
  public static var cpuName: String? { field("model name") ?? field("Model") ?? field("Hardware") }

  /// Instruction set extensions as the kernel lists them.
  public static var cpuFeatures: String { field("flags") ?? field("Features") ?? "" }

  /// "x86_64" or "arm64".
  public static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "other"
    #endif
  }

  private static func field(_ key: String) -> String? {
    var out = [CChar](repeating: 0, count: 4096)
    let capacity = out.count
    let length = key.withCString { key in
      out.withUnsafeMutableBufferPointer { shim_cpu_field(key, $0.baseAddress, capacity) }
    }
    if length == 0 { return nil }
    return String(decoding: out[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether one of the words of `list` is `word`.
  static func contains(_ list: String, _ word: String) -> Bool {
    let wanted = Array(word.utf8)
    for part in list.utf8.split(separator: UInt8(ascii: " ")) where part.elementsEqual(wanted) {
      return true
    }
    return false
  }

  /// Adds the wall clock in RFC 3339 form, UTC with milliseconds, to a JSON line.
  ///
  /// Days to date: the proleptic Gregorian calendar counted from 1 March, where leap days end
  /// their year; 146 097 days are 400 years.
  static func appendWallClock(to text: inout TextBuffer) {
    var nanoseconds: Int32 = 0
    let seconds = Int(shim_wall_clock(&nanoseconds))
    let (day, second) = seconds.quotientAndRemainder(dividingBy: 86400)
    let shifted = max(0, day) + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let date = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    text.append(yearOfEra + era * 400 + (month <= 2 ? 1 : 0))
    two("-", month, &text)
    two("-", date, &text)
    two("T", second / 3600, &text)
    two(":", second / 60 % 60, &text)
    two(":", second % 60, &text)
    text.append(".")
    text.append(byte: UInt8(ascii: "0") + UInt8(nanoseconds / 100_000_000))
    text.append(byte: UInt8(ascii: "0") + UInt8(nanoseconds / 10_000_000 % 10))
    text.append(byte: UInt8(ascii: "0") + UInt8(nanoseconds / 1_000_000 % 10))
    text.append("Z")
  }

  private static func two(_ mark: String, _ number: Int, _ text: inout TextBuffer) {
    text.append(mark)
    text.append(byte: UInt8(ascii: "0") + UInt8(number / 10 % 10))
    text.append(byte: UInt8(ascii: "0") + UInt8(number % 10))
  }
}
