import CShims
import SwiftletCore
import SwiftletVision

/// One frame on its way from source to network.
struct CameraFrame: ~Copyable {
  /// The picture, the time it was taken and its number.
  var image = Image()
  /// When its pixels were there, on the monotonic clock.
  var decoded: Int64 = 0
}

/// A thread that fetches frames and puts them into a mailbox.
///
/// It lives until the program ends: a read from a silent stdin cannot be called off.
final class Feeder {
  let mailbox = Mailbox()
  /// Three frames; which one belongs to whom is the mailbox's business.
  let frames: UnsafeMutablePointer<CameraFrame>
  /// Why the source ended; to be read after the mailbox was closed. Nil at its regular end.
  private(set) var error: SwiftletError?
  let source: FrameSource
  private let waitsForTaker: Bool
  private let stop: StopSignal
  /// Odd while no frame is fetched.
  private let pauses: UnsafeMutablePointer<Int32>

  /// Frames of `source`; nothing moves before `start`. With `waitsForTaker` a frame is fetched
  /// only when the last one was taken, and none is dropped.
  init(_ source: FrameSource, waitsForTaker: Bool, _ stop: StopSignal) {
    self.source = source
    self.waitsForTaker = waitsForTaker
    self.stop = stop
    pauses = .allocate(capacity: 1)
    pauses.initialize(to: 0)
    frames = .allocate(capacity: 3)
    for i in 0..<3 { (frames + i).initialize(to: CameraFrame()) }
  }

  /// What a camera counts; nil for other sources.
  var counts: SourceCounts? {
    guard case .camera(let camera) = source else { return nil }
    return SourceCounts(
      captured: camera.captured, lost: camera.lost, damaged: camera.errors,
      reconnects: camera.reconnects, isUp: camera.isUp)
  }

  /// Frames that nobody looked at, here or given back to a camera's driver.
  var dropped: Int {
    if case .camera(let camera) = source { return mailbox.dropped + camera.dropped }
    return mailbox.dropped
  }

  /// Fetches nothing, or goes on; the frame that is being fetched still comes.
  var isPaused: Bool {
    get { shim_load(pauses) & 1 == 1 }
    set {
      if newValue == isPaused { return }
      shim_increment(pauses)
      shim_futex_wake(pauses, 1)
    }
  }

  /// Starts the thread.
  func start() throws(SwiftletError) {
    var thread = shim_thread()
    let status = shim_thread_start(
      &thread,
      { context in
        if let context { Unmanaged<Feeder>.fromOpaque(context).takeUnretainedValue().loop() }
        return nil
      }, Unmanaged.passRetained(self).toOpaque(), 1 << 20)
    if status != 0 {
      throw SwiftletError(
        .systemCall, place: "pthread_create", expected: "a thread for the camera",
        found: systemErrorName(status))
    }
  }

  private func loop() {
    var slot = Mailbox.writersFirst
    do throws(SwiftletError) {
      while !stop.isSet {
        if waitsForTaker { waitUntilTaken() }
        let pause = shim_load(pauses)
        if pause & 1 == 1 {
          // Wakes to see signals.
          shim_futex_wait_for(pauses, pause, 100_000_000)
          continue
        }
        guard try source.next(into: &frames[slot].image) else { break }
        frames[slot].decoded = shim_monotonic()
        slot = mailbox.put(slot)
      }
    } catch {
      self.error = error
    }
    mailbox.close()
  }

  private func waitUntilTaken() {
    while !stop.isSet {
      let ticket = mailbox.ticket
      if !mailbox.isFull { return }
      // Wakes to see signals.
      mailbox.wait(since: ticket, atMost: 100_000_000)
    }
  }
}
