import CShims
import SwiftletCore

/// The system calls under a file of results. Tests let the n-th one fail; each one that fails
/// sets errno.
package struct OutputCalls {
  /// See `shim_output_open`.
  package var open:
    (UnsafePointer<CChar>, UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Int64>) -> Int32 = {
      shim_output_open($0, $1, $2)
    }
  package var write: (Int32, UnsafeRawPointer, Int) -> Int = { CShims.write($0, $1, $2) }
  package var truncate: (Int32, Int64) -> Int32 = { ftruncate($0, off_t($1)) }
  package var rename: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32 = {
    CShims.rename($0, $1)
  }
  package var close: (Int32) -> Int32 = { CShims.close($0) }

  package init() {}
}

/// A bounded ring of JSON Lines on disk: FILE, FILE.1, FILE.2 and FILE.3, newest first.
///
/// A line is written whole or not at all: what was cut by a full disk, or by the end of power in
/// an earlier life, is truncated away before the next line. After a fault lines are dropped until
/// the back-off (0.25 s, doubled up to 5 s) is over; then the file is opened anew.
package struct OutputFile: ~Copyable {
  private static var pieces: Int { 4 }
  private static var leastWait: Int64 { 250_000_000 }
  private static var mostWait: Int64 { 5_000_000_000 }

  /// The smallest ring: a line, 64 KiB at most, has to fit into one of the files.
  package static var leastBytes: Int { pieces << 16 }

  private let calls: OutputCalls
  /// FILE, then the older ones.
  private let names: [String]
  /// Bytes of one file; 0: no limit.
  private let limit: Int64
  private var descriptor: Int32 = -1
  /// Bytes in the open file; -1 for a device.
  private var size: Int64 = 0
  private var wait: Int64 = 0
  private var retryTime: Int64 = 0
  /// errno of the last fault; 0 after a line was written.
  package private(set) var fault: Int32 = 0

  /// A ring at `path` of at most `most` bytes in all; 0: one file without limit, for others to
  /// rotate. Nothing is opened yet.
  package init(path: String, most: Int, calls: OutputCalls = OutputCalls()) {
    self.calls = calls
    var names = [path]
    for i in 1..<Self.pieces { names.append("\(path).\(i)") }
    self.names = names
    limit = Int64(most / Self.pieces)
  }

  deinit { if descriptor >= 0 { _ = calls.close(descriptor) } }

  /// The path of the newest lines.
  package var path: String { names[0] }

  /// Opens the file before the first line; the error of what more time will not mend. A full or
  /// read-only disk is no reason not to start.
  package mutating func openFirst() throws(SwiftletError) {
    if open() { return }
    switch fault {
    case ENOSPC, EROFS, EIO, EDQUOT: return
    case EMEDIUMTYPE:
      throw SwiftletError(
        .cannotWrite, place: path, expected: "a new file, or JSON Lines to add to",
        found: "something else")
    default: throw SwiftletError(.cannotWrite, place: path, found: systemErrorName(fault))
    }
  }

  /// Lets go of the file; the next line opens it by its name, at once.
  package mutating func reopen() {
    close()
    wait = 0
    retryTime = 0
  }

  /// Adds a line, which ends in a newline; false if it was dropped. `now` is the monotonic clock.
  package mutating func write(_ line: UnsafeRawBufferPointer, now: Int64) -> Bool {
    if now < retryTime { return false }
    if attempt(line) {
      wait = 0
      fault = 0
      return true
    }
    close()
    wait = min(max(2 * wait, Self.leastWait), Self.mostWait)
    retryTime = now + wait
    return false
  }

  private mutating func attempt(_ line: UnsafeRawBufferPointer) -> Bool {
    if descriptor < 0 && !open() { return false }
    let count = Int64(line.count)
    if limit > 0 && size > 0 && size + count > limit && !rotate() { return false }
    if limit > 0 && count > limit { return fail(EFBIG) }
    var done = 0
    while done < line.count {
      let wrote = calls.write(descriptor, line.baseAddress! + done, line.count - done)
      if wrote > 0 {
        done += wrote
        continue
      }
      let error = wrote < 0 ? shim_errno() : ENOSPC
      if error == EINTR { continue }
      // If this fails too, the next open cuts the rest of the line off.
      if done > 0 && size >= 0 { _ = calls.truncate(descriptor, size) }
      return fail(error)
    }
    if size >= 0 { size += count }
    return true
  }

  private mutating func open() -> Bool {
    var whole: Int64 = 0
    descriptor = names[0].withCString { calls.open($0, &size, &whole) }
    if descriptor < 0 { return fail(shim_errno()) }
    if whole == size { return true }
    if calls.truncate(descriptor, whole) == 0 {
      size = whole
      return true
    }
    let error = shim_errno()
    close()
    return fail(error)
  }

  /// Each file becomes the next older one, the oldest is lost. Begun again after a fault it
  /// goes on where it stopped: only the files before the first gap move.
  private mutating func rotate() -> Bool {
    close()
    var gap = 1
    while gap < Self.pieces - 1 && shim_exists(names[gap]) != 0 { gap += 1 }
    while gap > 0 {
      let status = names[gap - 1].withCString { from in
        names[gap].withCString { to in calls.rename(from, to) }
      }
      if status != 0 && shim_errno() != ENOENT { return fail(shim_errno()) }
      gap -= 1
    }
    return open()
  }

  private mutating func close() {
    if descriptor >= 0 { _ = calls.close(descriptor) }
    descriptor = -1
  }

  private mutating func fail(_ error: Int32) -> Bool {
    fault = error
    return false
  }
}
