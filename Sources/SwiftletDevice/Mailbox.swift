import CShims
import Synchronization

/// A place for the newest frame between one writer and one reader, without a lock: three slots,
/// of which the writer owns one, the reader one, and the third waits in between. A frame that
/// was not taken before the next came is dropped and counted.
public struct Mailbox: ~Copyable {
  /// Number of the slot in between, plus `fresh` if its frame was not taken yet.
  private let between = Atomic<Int>(1)
  private let droppedCount = Atomic<Int>(0)
  private let isClosedFlag = Atomic<Bool>(false)
  /// Counts changes for those who sleep.
  private let changes: UnsafeMutablePointer<Int32>

  private static var fresh: Int { 4 }
  private static var slotMask: Int { 3 }

  /// The slot that the writer owns at first.
  public static let writersFirst = 0
  /// The slot that the reader owns at first.
  public static let readersFirst = 2

  /// An empty mailbox.
  public init() {
    changes = .allocate(capacity: 1)
    changes.initialize(to: 0)
  }

  deinit { changes.deallocate() }

  /// Frames that were replaced before they were taken.
  public var dropped: Int { droppedCount.load(ordering: .relaxed) }

  /// Whether no more frames will come.
  public var isClosed: Bool { isClosedFlag.load(ordering: .acquiring) }

  /// Whether the last frame still waits.
  public var isFull: Bool { between.load(ordering: .acquiring) & Self.fresh != 0 }

  /// Writer: hands over its slot and gets another one to write.
  public func put(_ slot: Int) -> Int {
    let old = between.exchange(slot | Self.fresh, ordering: .acquiringAndReleasing)
    if old & Self.fresh != 0 { droppedCount.add(1, ordering: .relaxed) }
    notify()
    return old & Self.slotMask
  }

  /// Writer: no more frames will come.
  public func close() {
    isClosedFlag.store(true, ordering: .releasing)
    notify()
  }

  /// Reader: swaps its slot for the newest frame; nil if none came since.
  public func take(returning slot: Int) -> Int? {
    if !isFull { return nil }
    let old = between.exchange(slot, ordering: .acquiringAndReleasing)
    notify()
    return old & Self.slotMask
  }

  /// Sleeps until something changed since `seen`, at most `nanoseconds`.
  ///
  /// Take `ticket` first, then look, then wait: no change is missed.
  public func wait(since seen: Int32, atMost nanoseconds: Int64) {
    shim_futex_wait_for(changes, seen, nanoseconds)
  }

  /// What `wait` compares with.
  public var ticket: Int32 { shim_load(changes) }

  private func notify() {
    shim_increment(changes)
    shim_futex_wake(changes, 2)
  }
}
