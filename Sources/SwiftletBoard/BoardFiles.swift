import CShims

/// A small file of the kernel that is kept open and read again and again.
struct OpenFile {
  private(set) var descriptor: Int32 = -1
  /// The errno of the last opening or reading; 0: it worked.
  private(set) var error: Int32 = ENOENT

  init() {}

  init(_ path: String) {
    descriptor = path.withCString { shim_call_open($0, Int32(shim_read_only)) }
    error = descriptor < 0 ? shim_errno() : 0
  }

  /// The number at its start; nil and `error` if it cannot be read now.
  mutating func number() -> Int64? {
    guard descriptor >= 0 else { return nil }
    var value: Int64 = 0
    error = shim_read_number(descriptor, &value)
    return error == 0 ? value : nil
  }

  /// The bytes at its start; nil and `error` if it cannot be read now.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard descriptor >= 0 else { return nil }
    let count = shim_call_pread(descriptor, buffer.baseAddress, buffer.count)
    error = count < 0 ? shim_errno() : 0
    return count < 0 ? nil : UnsafeRawBufferPointer(rebasing: buffer[0..<Int(count)])
  }

  mutating func close() {
    if descriptor >= 0 { _ = shim_call_close(descriptor) }
    descriptor = -1
  }

  /// Whether the thing behind the file is gone, so that looking for it again may help.
  var isGone: Bool { error == ENODEV || error == ENOENT || error == ENXIO || error == EBADF }
}

enum Files {
  /// The names in a folder that begin with `start`; none if it cannot be read.
  static func names(in folder: String, start: String = "") -> [String] {
    guard let handle = folder.withCString({ shim_call_opendir($0) }) else { return [] }
    defer { shim_folder_close(handle) }
    var found: [String] = []
    while let name = shim_folder_next(handle) {
      let text = String(cString: name)
      if text.utf8.first != UInt8(ascii: "."), text.begins(with: start) { found.append(text) }
    }
    return found
  }

  /// A short text file without what follows its first line; nil if it cannot be read.
  static func line(_ path: String) -> String? {
    guard let bytes = bytes(path, limit: 512) else { return nil }
    var count = 0
    while count < bytes.count, bytes[count] != 10, bytes[count] != 0 { count += 1 }
    return String(decoding: bytes[0..<count], as: UTF8.self)
  }

  /// The bytes of a file, at most `limit`; nil and errno if it cannot be read.
  static func bytes(_ path: String, limit: Int) -> [UInt8]? {
    let descriptor = path.withCString { shim_call_open($0, Int32(shim_read_only)) }
    guard descriptor >= 0 else { return nil }
    defer { _ = shim_call_close(descriptor) }
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      let read = shim_call_pread(descriptor, buffer.baseAddress, limit)
      failed = read < 0
      count = max(0, Int(read))
    }
    return failed ? nil : bytes
  }

  /// The number at the start of a file; nil if there is none.
  static func number(_ path: String) -> Int64? {
    var file = OpenFile(path)
    defer { file.close() }
    return file.number()
  }

  /// Writes a number and a line end into a file of the kernel; 0 or the errno.
  static func write(_ number: Int64, to path: String) -> Int32 {
    let descriptor = path.withCString { shim_call_open($0, Int32(shim_write_only)) }
    guard descriptor >= 0 else { return shim_errno() }
    let text = "\(number)\n"
    let count = text.withCString { shim_call_write(descriptor, $0, text.utf8.count) }
    let error = count == text.utf8.count ? 0 : count < 0 ? shim_errno() : EIO
    _ = shim_call_close(descriptor)
    return error
  }
}

extension String {
  func begins(with start: String) -> Bool { utf8.starts(with: start.utf8) }

  /// Whether `part`, in small letters, occurs in any case; ASCII.
  func mentions(_ part: StaticString) -> Bool {
    part.withUTF8Buffer { part in
      var matched = 0
      for byte in utf8 {
        let small = byte &- 65 < 26 ? byte | 32 : byte
        // Good enough for the words asked for: none begins twice with the same letter.
        matched = small == part[matched] ? matched + 1 : small == part[0] ? 1 : 0
        if matched == part.count { return true }
      }
      return false
    }
  }
}

/// Numbers read one after another from text of the kernel; any bytes are accepted.
struct NumberScanner {
  let bytes: UnsafeRawBufferPointer
  var index = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Moves behind the next occurrence of a byte; false at the end.
  mutating func skip(past byte: UInt8) -> Bool {
    while index < bytes.count {
      index += 1
      if bytes[index - 1] == byte { return true }
    }
    return false
  }

  /// The next whole number of this line; nil if the line or the text ends before.
  mutating func next() -> Int64? {
    while index < bytes.count, bytes[index] != 10, bytes[index] &- 48 > 9 { index += 1 }
    guard index < bytes.count, bytes[index] != 10 else { return nil }
    var value: Int64 = 0
    while index < bytes.count, bytes[index] &- 48 <= 9 {
      let (product, over) = value.multipliedReportingOverflow(by: 10)
      if over || product > Int64.max - 9 { return nil }
      value = product + Int64(bytes[index] &- 48)
      index += 1
    }
    return value
  }
}

/// The whole numbers on the first line of a text such as `600000 1500000`.
func numbers(in text: String) -> [Int64] {
  var found: [Int64] = []
  var text = text
  text.withUTF8 { bytes in
    var scanner = NumberScanner(UnsafeRawBufferPointer(bytes))
    while found.count < 256, let value = scanner.next() { found.append(value) }
  }
  return found
}
