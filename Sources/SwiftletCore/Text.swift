/// Checks of text that comes from a file.
package enum Text {
  /// Whether `bytes` are UTF-8: no overlong form, surrogate or value above U+10FFFF.
  package static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var i = 0
    while i < bytes.count {
      if bytes.count - i >= 8 {
        let eight = bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)
        if eight & 0x8080_8080_8080_8080 == 0 {
          i += 8
          continue
        }
      }
      let first = bytes[i]
      if first < 0x80 {
        i += 1
        continue
      }
      // Length of the sequence and the allowed range of its second byte.
      let length: Int
      var low: UInt8 = 0x80
      var high: UInt8 = 0xBF
      switch first {
      case 0xC2...0xDF: length = 2
      case 0xE0...0xEF:
        length = 3
        if first == 0xE0 { low = 0xA0 }
        if first == 0xED { high = 0x9F }
      case 0xF0...0xF4:
        length = 4
        if first == 0xF0 { low = 0x90 }
        if first == 0xF4 { high = 0x8F }
      default: return false
      }
      guard bytes.count - i >= length, bytes[i + 1] >= low, bytes[i + 1] <= high else {
        return false
      }
      for k in 2..<max(2, length) where bytes[i + k] & 0xC0 != 0x80 { return false }
      i += length
    }
    return true
  }
}
