import CShims

/// A whole file in memory, read-only, paged in as it is read; unmapped at the end of its life.
///
/// A file that another program shortens while it is mapped ends this program at the next read
/// (SIGBUS): replace model files by renaming (`AtomicFile`), never change them in place.
public struct MappedFile: ~Copyable {
  public let path: String
  public let bytes: UnsafeRawBufferPointer

  /// How the pages will be read.
  public enum Advice: Sendable {
    case normal
    /// From start to end, once.
    case sequential
    /// Soon: start loading now.
    case willNeed
  }

  /// Maps `path`, which has to be a regular file with at least one byte.
  public init(path: String) throws(SwiftletError) {
    var size: Int64 = 0
    var step: Int32 = 0
    let base = path.withCString { shim_map_file($0, &size, &step) }
    guard let base, let count = Int(exactly: size) else {
      throw Self.error(path: path, step: step, error: shim_errno())
    }
    self.path = path
    bytes = UnsafeRawBufferPointer(start: base, count: count)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }

  /// Tells the kernel how `range` of the bytes will be read. Only a hint.
  public func advise(_ advice: Advice, _ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let part = range.clamped(to: 0..<bytes.count)
    guard !part.isEmpty, page > 0, let base = bytes.baseAddress else { return }
    let start = part.lowerBound / page * page
    let value =
      switch advice {
      case .normal: MADV_NORMAL
      case .sequential: MADV_SEQUENTIAL
      case .willNeed: MADV_WILLNEED
      }
    madvise(UnsafeMutableRawPointer(mutating: base + start), part.upperBound - start, value)
  }

  private static func error(path: String, step: Int32, error: Int32) -> SwiftletError {
    switch Int(step) {
    case Int(shim_map_not_regular):
      SwiftletError(
        .notAFile, place: path, expected: "a regular file", found: "a folder, pipe or device")
    case Int(shim_map_empty):
      SwiftletError(.emptyFile, place: path, expected: "at least one byte", found: "0 bytes")
    case Int(shim_map_memory):
      SwiftletError(.cannotRead, place: path, found: "mmap: \(systemErrorName(error))")
    default:
      SwiftletError(.cannotOpen, place: path, found: systemErrorName(error))
    }
  }
}

/// ENOENT and so on.
package func systemErrorName(_ error: Int32) -> String {
  let name = String(cString: shim_errno_name(error))
  return name == "errno" ? "errno \(error)" : name
}
