import CShims
import SwiftletCore

/// Small files of the machine below a root folder, which a test may imitate.
struct MachineTree {
  /// Empty for the machine itself, else a folder without a slash at its end.
  let root: String
  /// Paths that are taken as refused: tests that run with all rights cannot be refused.
  let refused: [String]

  /// The first 4 KiB of a file; nil if it cannot be read.
  func bytes(_ path: String) -> [UInt8]? {
    let file = shim_open(root + path)
    if file < 0 { return nil }
    defer { close(file) }
    var out = [UInt8](repeating: 0, count: 4096)
    var count = 0
    while count < out.count {
      let room = out.count - count
      let at = count
      let got = out.withUnsafeMutableBytes { CShims.read(file, $0.baseAddress! + at, room) }
      if got < 0 && shim_errno() == EINTR { continue }
      if got <= 0 { break }
      count += got
    }
    return Array(out[..<count])
  }

  /// The first line of a file; nil if it cannot be read or is empty.
  func line(_ path: String) -> String? {
    guard let bytes = bytes(path) else { return nil }
    let line = bytes.prefix { $0 >= UInt8(ascii: " ") }
    return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
  }

  /// The whole number a file begins with.
  func number(_ path: String) -> Int? { line(path).flatMap(Values.whole) }

  /// Names in a folder that begin with `start`, in the order of their bytes.
  func names(_ path: String, _ start: String) -> [String] {
    guard let folder = shim_folder_open(root + path) else { return [] }
    defer { shim_folder_close(folder) }
    var names: [String] = []
    while let entry = shim_folder_next(folder) {
      let name = String(cString: entry)
      guard hasPrefix(name, start), names.count < 256 else { continue }
      var at = names.count
      while at > 0, name.utf8.lexicographicallyPrecedes(names[at - 1].utf8) { at -= 1 }
      names.insert(name, at: at)
    }
    return names
  }

  /// Whether something lies there.
  func has(_ path: String) -> Bool { shim_path_kind(root + path) != Int32(shim_path_none) }

  /// Whether it may be read, or read and written.
  func mayUse(_ path: String, write: Bool) -> Bool {
    for other in refused where isSame(other, path) { return false }
    return shim_access(root + path, write ? 1 : 0) == 0
  }
}
