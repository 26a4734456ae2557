import CShims
import SwiftletCore
import Synchronization

/// Takes lines from a loop that must not wait and writes them to a file on a thread of its own:
/// a write to an SD card may last seconds.
///
/// Between both lies a queue of 256 KiB, some hundred lines, taken once. A line that finds no
/// room is dropped and counted, as is one that the disk does not take.
package final class OutputWriter {
  private static var capacity: Int { 1 << 18 }
  private let queue = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
  /// Bytes that were ever put in and taken out; a line is its length in four bytes and its text.
  private let putBytes = Atomic<Int>(0)
  private let takenBytes = Atomic<Int>(0)
  private let writtenLines = Atomic<Int>(0)
  private let droppedLines = Atomic<Int>(0)
  private let isReopening = Atomic<Bool>(false)
  private let isClosing = Atomic<Bool>(false)
  /// Counts what the thread has to see, and whether it has ended.
  private let changes: UnsafeMutablePointer<Int32>
  private let ended: UnsafeMutablePointer<Int32>
  /// The thread's own.
  private var file: OutputFile
  private let reportsAsJSON: Bool
  private var warningTime = Int64.min

  /// Writes to `file`; faults are told on stderr.
  package init(_ file: consuming OutputFile, reportsAsJSON: Bool = false) {
    self.file = file
    self.reportsAsJSON = reportsAsJSON
    changes = .allocate(capacity: 2)
    changes.initialize(repeating: 0, count: 2)
    ended = changes + 1
  }

  deinit {
    queue.deallocate()
    changes.deallocate()
  }

  /// Lines that the file took.
  package var written: Int { writtenLines.load(ordering: .relaxed) }
  /// Lines that are lost: no room in the queue, or a fault of the disk.
  package var dropped: Int { droppedLines.load(ordering: .relaxed) }

  /// Opens the file and starts the thread.
  package func start() throws(SwiftletError) {
    try file.openFirst()
    var thread = shim_thread()
    let status = shim_thread_start(
      &thread,
      { context in
        if let context { Unmanaged<OutputWriter>.fromOpaque(context).takeUnretainedValue().loop() }
        return nil
      }, Unmanaged.passRetained(self).toOpaque(), 1 << 17)
    if status != 0 {
      throw SwiftletError(
        .systemCall, place: "pthread_create", expected: "a thread for the output",
        found: systemErrorName(status))
    }
  }

  /// Loop: hands over a line; never waits.
  package func put(_ line: UnsafeRawBufferPointer) {
    let put = putBytes.load(ordering: .relaxed)
    let room = Self.capacity - (put - takenBytes.load(ordering: .acquiring))
    if line.count + 4 > room {
      droppedLines.add(1, ordering: .relaxed)
      return
    }
    var count = UInt32(line.count)
    withUnsafeBytes(of: &count) { copy($0, to: put) }
    copy(line, to: put + 4)
    putBytes.store(put + 4 + line.count, ordering: .releasing)
    notify()
  }

  /// The same for a text.
  func put(_ line: TextBuffer) { line.bytes.withUnsafeBytes { put($0) } }

  /// The file was renamed by someone else: the next line goes to a new one.
  package func reopen() {
    isReopening.store(true, ordering: .releasing)
    notify()
  }

  /// Writes what is in the queue; gives up after `nanoseconds`. False if it gave up.
  @discardableResult
  package func finish(within nanoseconds: Int64) -> Bool {
    isClosing.store(true, ordering: .releasing)
    notify()
    let end = shim_monotonic() + nanoseconds
    while shim_load(ended) == 0 {
      let left = end - shim_monotonic()
      if left <= 0 { return false }
      shim_futex_wait_for(ended, 0, left)
    }
    return true
  }

  // MARK: the thread

  private func loop() {
    let line = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.capacity, alignment: 16)
    while true {
      let ticket = shim_load(changes)
      if isReopening.exchange(false, ordering: .acquiring) { file.reopen() }
      // The order matters: what was put before the end is still written.
      let isClosing = isClosing.load(ordering: .acquiring)
      let taken = takenBytes.load(ordering: .relaxed)
      if taken == putBytes.load(ordering: .acquiring) {
        if isClosing { break }
        shim_futex_wait_for(changes, ticket, 10_000_000_000)
        continue
      }
      var count: UInt32 = 0
      withUnsafeMutableBytes(of: &count) { copy(from: taken, to: $0) }
      let text = UnsafeMutableRawBufferPointer(rebasing: line[..<Int(count)])
      copy(from: taken + 4, to: text)
      takenBytes.store(taken + 4 + Int(count), ordering: .releasing)
      write(UnsafeRawBufferPointer(text))
    }
    line.deallocate()
    shim_increment(ended)
    shim_futex_wake(ended, 1)
  }

  private func write(_ line: UnsafeRawBufferPointer) {
    let now = shim_monotonic()
    let before = file.fault
    if file.write(line, now: now) {
      writtenLines.add(1, ordering: .relaxed)
      return
    }
    droppedLines.add(1, ordering: .relaxed)
    // Told once, and again at most every ten minutes should it come and go.
    if before == 0 && file.fault != 0 && (warningTime == Int64.min || now >= warningTime) {
      warningTime = now + 600_000_000_000
      _ = Console.report(
        SwiftletError(.cannotWrite, place: file.path, found: systemErrorName(file.fault)),
        asJSON: reportsAsJSON)
    }
  }

  // MARK: the ring of bytes

  private func notify() {
    shim_increment(changes)
    shim_futex_wake(changes, 1)
  }

  private func copy(_ bytes: UnsafeRawBufferPointer, to position: Int) {
    let at = position & (Self.capacity - 1)
    let first = min(bytes.count, Self.capacity - at)
    memcpy(queue + at, bytes.baseAddress!, first)
    memcpy(queue, bytes.baseAddress! + first, bytes.count - first)
  }

  private func copy(from position: Int, to bytes: UnsafeMutableRawBufferPointer) {
    let at = position & (Self.capacity - 1)
    let first = min(bytes.count, Self.capacity - at)
    memcpy(bytes.baseAddress!, queue + at, first)
    memcpy(bytes.baseAddress! + first, queue, bytes.count - first)
  }
}
