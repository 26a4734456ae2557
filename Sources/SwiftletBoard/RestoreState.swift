/// A file of the kernel and the number it held before this program changed it.
package struct RestoreRecord: Equatable {
  /// The kernel's path, without the root folder of a test.
  package var path: String
  package var value: Int64

  package init(path: String, value: Int64) {
    self.path = path
    self.value = value
  }
}

/// The text of the state file: `swiftlet-restore 1 BOOT`, then a line `path value` for each
/// changed file. BOOT is the kernel's boot id: a new boot has its own values.
package enum RestoreState {
  /// More is no file of ours.
  package static let limit = 16_384
  package static let maximumCount = 32

  package static func text(_ records: [RestoreRecord], boot: String) -> String {
    var text = "swiftlet-restore 1 \(boot)\n"
    for record in records { text += "\(record.path) \(record.value)\n" }
    return text
  }

  /// The records of a state file. Any bytes are accepted; what is not a line of this form, or
  /// names a file that this program never changes, is left out.
  package static func records(_ bytes: [UInt8], boot: String) -> [RestoreRecord] {
    var found: [RestoreRecord] = []
    let head = "swiftlet-restore 1 \(boot)\n"
    guard bytes.starts(with: head.utf8) else { return [] }
    var start = head.utf8.count
    while start < bytes.count, found.count < maximumCount {
      var end = start
      var space = -1
      while end < bytes.count, bytes[end] != 10 {
        if bytes[end] == 32 { space = end }
        end += 1
      }
      // A line without its end was cut: its number may be as well.
      if end < bytes.count, space > start, let value = number(bytes[(space + 1)..<end]) {
        let path = bytes[start..<space]
        if isAllowed(path) {
          found.append(RestoreRecord(path: String(decoding: path, as: UTF8.self), value: value))
        }
      }
      start = end + 1
    }
    return found
  }

  /// Whether this program may write the file: a CPU's clock limit or a GPU's.
  package static func isAllowed(_ path: ArraySlice<UInt8>) -> Bool {
    if let name = middle(path, "/sys/devices/system/cpu/cpufreq/policy", "/scaling_max_freq") {
      for byte in name where byte &- 48 > 9 { return false }
      return name.count <= 4
    }
    if let name = middle(path, "/sys/class/devfreq/", "/max_freq") {
      for byte in name {
        let isPlain =
          byte &- 48 <= 9 || (byte | 32) &- 97 < 26 || byte == UInt8(ascii: ".")
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":")
        if !isPlain { return false }
      }
      return name.count <= 64 && name.first != UInt8(ascii: ".")
    }
    return false
  }

  /// What stands between a beginning and an end; nil unless both are there and it is not empty.
  private static func middle(
    _ path: ArraySlice<UInt8>, _ begin: StaticString, _ end: StaticString
  ) -> ArraySlice<UInt8>? {
    let first = path.startIndex + begin.utf8CodeUnitCount
    let last = path.endIndex - end.utf8CodeUnitCount
    guard first < last else { return nil }
    let matches =
      begin.withUTF8Buffer { path[..<first].elementsEqual($0) }
      && end.withUTF8Buffer { path[last...].elementsEqual($0) }
    return matches ? path[first..<last] : nil
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.count >= 1, digits.count <= 15 else { return nil }
    var value: Int64 = 0
    for byte in digits {
      guard byte &- 48 <= 9 else { return nil }
      value = value * 10 + Int64(byte &- 48)
    }
    return value
  }
}
