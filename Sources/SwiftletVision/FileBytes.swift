import CShims
import SwiftletCore

/// The bytes of a file, in memory that is used again for the next one.
///
/// Read, not mapped: a photo that shrinks while it is decoded must not end the program.
struct FileBytes: ~Copyable {
  /// No photo is larger: 64 million pixels of 4 bytes.
  static var limit: Int { 256 << 20 }

  private(set) var base = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 16)
  private(set) var count = 0
  private var capacity = 1

  deinit { base.deallocate() }

  /// Reads the whole file; throws SYS, or IMG003 if it is larger than 256 MiB.
  mutating func read(_ path: String) throws(SwiftletError) {
    count = 0
    let file = shim_open(path)
    if file < 0 {
      throw SwiftletError(
        .cannotOpen, place: path, found: String(cString: shim_errno_name(shim_errno())))
    }
    defer { close(file) }
    var status = stat()
    if fstat(file, &status) == 0, status.st_size > 0 {
      try grow(to: Int(status.st_size) + 1, path)
    }
    while true {
      if count == capacity { try grow(to: max(65536, capacity * 2), path) }
      let got = CShims.read(file, base + count, capacity - count)
      if got == 0 { return }
      if got < 0 {
        if shim_errno() == EINTR { continue }
        throw SwiftletError(
          .cannotRead, place: path, found: String(cString: shim_errno_name(shim_errno())))
      }
      count += got
    }
  }

  private mutating func grow(to size: Int, _ path: String) throws(SwiftletError) {
    if size <= capacity { return }
    guard size <= Self.limit + 1 else {
      throw SwiftletError(
        .imageTooLarge, place: path, expected: "a file of at most \(Self.limit) bytes",
        found: "more")
    }
    let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    larger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = larger
    capacity = size
  }
}
