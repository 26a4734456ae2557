import CShims

/// Writes a file so that a reader, or a power cut, meets the old file or the new one, never a
/// part: temporary file beside it, fsync, rename, fsync of the folder.
public enum AtomicFile {
  /// Writes `bytes` to `path`, replacing a file of that name. Mode 0444: a model file that may be
  /// mapped somewhere is never changed in place.
  public static func write(
    _ bytes: UnsafeRawBufferPointer, to path: String, mode: Int32 = 0o444
  ) throws(SwiftletError) {
    let temporary = "\(path).\(getpid()).tmp"
    let fd = temporary.withCString { shim_create($0, mode) }
    guard fd >= 0 else { throw failed("create", temporary) }
    var problem: SwiftletError?
    var done = 0
    while done < bytes.count {
      let count = CShims.write(fd, bytes.baseAddress! + done, bytes.count - done)
      if count > 0 {
        done += count
      } else if count < 0 && shim_errno() != EINTR {
        problem = failed("write", path)
        break
      }
    }
    if problem == nil && fsync(fd) != 0 { problem = failed("fsync", path) }
    if close(fd) != 0 && problem == nil { problem = failed("close", path) }
    if problem == nil {
      let renamed = temporary.withCString { from in path.withCString { to in rename(from, to) } }
      if renamed != 0 { problem = failed("rename", path) }
    }
    if let problem {
      _ = temporary.withCString { unlink($0) }
      throw problem
    }
    try syncFolder(of: path)
  }

  private static func syncFolder(of path: String) throws(SwiftletError) {
    var folder = "."
    let text = path.utf8
    if let slash = text.lastIndex(of: UInt8(ascii: "/")) {
      folder = slash == text.startIndex ? "/" : String(decoding: text[..<slash], as: UTF8.self)
    }
    let fd = folder.withCString { shim_open_folder($0) }
    guard fd >= 0 else { throw failed("open the folder of", path) }
    let synced = fsync(fd)
    let error = shim_errno()
    close(fd)
    // Some file systems cannot sync a folder; the file itself is safe by then.
    if synced != 0 && error != EINVAL { throw failed("fsync the folder of", path) }
  }

  private static func failed(_ step: String, _ path: String) -> SwiftletError {
    let name = systemErrorName(shim_errno())
    return SwiftletError(.cannotWrite, place: path, found: "\(step): \(name)")
  }
}
