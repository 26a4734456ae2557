import CShims
import SwiftletCore

/// Changes files of the kernel so that they are put back whatever happens.
///
/// Before a file is changed for the first time, its old value goes into a state file and to a
/// guardian: a process that does nothing but wait for the end of this one. `restore` puts all
/// back; after SIGKILL the guardian does; if that was killed too, the next start does (`healed`).
/// What cannot be put on record is not changed. A lock beside the state file keeps a second
/// program off the same files.
///
/// ```swift
/// var guardian = Guardian(root: "/", folder: Guardian.defaultFolder(root: "/"))
/// try guardian.take()  // early: the guardian shares this process's memory as it is now
/// if guardian.healed > 0 { note("clock limits of a killed run were restored") }
/// try guardian.set("/sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq", to: 1_000_000)
/// guardian.restore()
/// ```
public struct Guardian: ~Copyable {
  private let root: String
  private let folder: String
  private let boot: String
  private var lock: Int32 = -1
  private var link: Int32 = -1
  private var records: [RestoreRecord] = []
  /// Files that `take` put back for a run that was killed together with its guardian.
  public private(set) var healed = 0

  /// - Parameters:
  ///   - root: "/", or the folder of a test that holds `sys` and `proc`.
  ///   - folder: where the state file lies; made if it does not exist.
  public init(root: String, folder: String) {
    self.root = root == "/" ? "" : root
    self.folder = folder
    boot = Files.line(self.root + "/proc/sys/kernel/random/boot_id") ?? "-"
  }

  deinit {
    // What cannot be put back now the guardian tries once more.
    let isDone = records.isEmpty || (putBack() && forget())
    if link >= 0 {
      if isDone { _ = shim_guardian_clear(link) }
      shim_guardian_end(link)
    }
    if lock >= 0 { _ = shim_call_close(lock) }
  }

  /// The folder of the state file: what systemd made for this service, or `/run/swiftlet`.
  public static func defaultFolder(root: String) -> String {
    guard root == "/" || root.isEmpty else { return root + "/run/swiftlet" }
    for name in ["RUNTIME_DIRECTORY", "STATE_DIRECTORY"] {
      guard let value = name.withCString({ getenv($0) }) else { continue }
      // A list with colons if the unit names several.
      let text = String(cString: value).utf8
      let first = text.prefix(while: { $0 != UInt8(ascii: ":") })
      if first.first == UInt8(ascii: "/") { return String(decoding: first, as: UTF8.self) }
    }
    return "/run/swiftlet"
  }

  /// Whether this process may change files.
  public var isTaken: Bool { link >= 0 }
  /// Number of files that are changed now.
  public var changed: Int { records.count }

  private var statePath: String { folder + "/restore-state" }

  /// Locks out other programs, puts back what a killed run left, and starts the guardian.
  ///
  /// May be called again; throws `knobsTaken` while another program holds them.
  public mutating func take() throws(SwiftletError) {
    if isTaken { return }
    if folder.withCString({ shim_call_mkdir($0) }) != 0, shim_errno() == ENOENT {
      throw failed(.restoreState, folder)
    }
    let path = statePath + ".lock"
    let descriptor = path.withCString { shim_call_open($0, Int32(shim_read_write)) }
    guard descriptor >= 0 else { throw failed(.restoreState, path) }
    do throws(SwiftletError) {
      try takeLock(descriptor, path)
      try heal()
      link = statePath.withCString { shim_guardian_start($0, descriptor) }
      if link < 0 { throw failed(.systemCall, "guardian") }
    } catch {
      _ = shim_call_close(descriptor)
      throw error
    }
    lock = descriptor
  }

  private func takeLock(_ descriptor: Int32, _ path: String) throws(SwiftletError) {
    // The guardian of a killed run holds the lock for the moment it needs.
    var tries = 0
    while shim_call_lock(descriptor) != 0 {
      guard shim_errno() == EWOULDBLOCK || shim_errno() == EINTR else {
        throw failed(.restoreState, path)
      }
      tries += 1
      if tries == 12 {
        let owner = Files.number(path) ?? 0
        throw SwiftletError(.knobsTaken, place: path, found: "process \(owner) holds them")
      }
      shim_sleep(50_000_000)
    }
    let text = "\(shim_process_id())     \n"
    // Only for people: an error here changes nothing.
    _ = text.withCString { shim_call_write(descriptor, $0, text.utf8.count) }
  }

  /// Puts back what the state file of a killed run holds.
  private mutating func heal() throws(SwiftletError) {
    guard let bytes = Files.bytes(statePath, limit: RestoreState.limit) else {
      if shim_errno() == ENOENT { return }
      throw failed(.restoreState, statePath)
    }
    records = RestoreState.records(bytes, boot: boot)
    let count = records.count
    guard putBack() else {
      records.removeAll()
      throw SwiftletError(.notRestored, place: statePath, found: "\(count) files")
    }
    records.removeAll()
    guard forget() else { throw failed(.restoreState, statePath) }
    healed = count
  }

  /// Writes a number into a file of the kernel, having recorded its old one; 0, or the errno of
  /// a refusal by the kernel. `original` replaces the value that the file tells now.
  public mutating func set(
    _ path: String, to value: Int64, original: Int64? = nil
  ) throws(SwiftletError) -> Int32 {
    try take()
    if !isRecorded(path) {
      guard RestoreState.isAllowed([UInt8](path.utf8)[...]),
        records.count < RestoreState.maximumCount
      else { throw SwiftletError(.restoreState, place: path, found: "not a clock limit") }
      guard let old = original ?? Files.number(root + path) else { return shim_errno() }
      try record(RestoreRecord(path: path, value: old))
    }
    return Files.write(value, to: root + path)
  }

  func isRecorded(_ path: String) -> Bool {
    for record in records where record.path == path { return true }
    return false
  }

  private mutating func record(_ new: RestoreRecord) throws(SwiftletError) {
    records.append(new)
    guard save() else {
      let error = failed(.restoreState, statePath)
      records.removeLast()
      throw error
    }
    if tell(new) { return }
    // The guardian is gone, perhaps killed: another one learns everything anew.
    shim_guardian_end(link)
    link = statePath.withCString { shim_guardian_start($0, lock) }
    for record in records where link >= 0 && !tell(record) {
      shim_guardian_end(link)
      link = -1
    }
    if link >= 0 { return }
    let error = failed(.systemCall, "guardian")
    // Without a guardian nothing may stay changed. What cannot be put back is still named by the
    // file on disk: with the lock free, the next `take` puts it back.
    records.removeLast()
    restore()
    _ = shim_call_close(lock)
    lock = -1
    throw error
  }

  private func tell(_ record: RestoreRecord) -> Bool {
    let path = root + record.path
    let text = "\(record.value)\n"
    return path.withCString { path in text.withCString { shim_guardian_add(link, path, $0) } } == 0
  }

  /// Puts everything back; false if something could not be: then the guardian and the next start
  /// try again. May be called again.
  @discardableResult
  public mutating func restore() -> Bool {
    if records.isEmpty { return true }
    guard putBack(), forget() else { return false }
    if link >= 0 { _ = shim_guardian_clear(link) }
    records.removeAll()
    return true
  }

  private func putBack() -> Bool {
    var isDone = true
    for record in records {
      // A file that is gone (the CPUs were taken out) holds nothing to restore.
      let error = Files.write(record.value, to: root + record.path)
      if error != 0 && error != ENOENT { isDone = false }
    }
    return isDone
  }

  /// Removes the state file.
  private func forget() -> Bool {
    statePath.withCString { shim_call_unlink($0) } == 0 || shim_errno() == ENOENT
  }

  /// Writes the state file anew, so that it is the old or the new one, whole. The folder itself
  /// needs no fsync: what a power cut loses, it has also reset.
  private func save() -> Bool {
    let text = RestoreState.text(records, boot: boot)
    let temporary = statePath + ".new"
    let descriptor = temporary.withCString { shim_call_open($0, Int32(shim_new_file)) }
    guard descriptor >= 0 else { return false }
    let count = text.withCString { shim_call_write(descriptor, $0, text.utf8.count) }
    var isWritten = count == text.utf8.count && shim_call_fsync(descriptor) == 0
    if shim_call_close(descriptor) != 0 { isWritten = false }
    if isWritten {
      isWritten =
        temporary.withCString { from in
          statePath.withCString { shim_call_rename(from, $0) }
        } == 0
    }
    if !isWritten { _ = temporary.withCString { unlink($0) } }
    return isWritten
  }

  private func failed(_ code: ErrorCode, _ place: String) -> SwiftletError {
    SwiftletError(code, place: place, found: systemErrorName(shim_errno()))
  }
}
