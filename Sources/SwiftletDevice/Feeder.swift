import CShims
import SwiftletCore
import SwiftletVision

/// One frame on its way from source to network.
struct CameraFrame: ~Copyable {
  var image = Image()
  /// When it came into being, on the monotonic clock: the start of its age.
  var captured: Int64 = 0
  /// When its pixels were there.
  var decoded: Int64 = 0
  /// Counts frames of the source, dropped ones too.
  var sequence = 0
}

/// How the frames of a source are timed.
enum Pace {
  /// As they come: the source is a live one.
  case live
  /// One per so many nanoseconds, like a camera.
  case period(Int64)
  /// As soon as the last one was taken: none is dropped.
  case onDemand
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
  /// Frames that a camera would have delivered while this thread was busy.
  private(set) var missed = 0
  private var source: FrameSource
  private let pace: Pace
  private let stop: StopSignal

  /// Frames of `source`; nothing moves before `start`.
  init(_ source: consuming FrameSource, _ pace: Pace, _ stop: StopSignal) {
    self.source = source
    self.pace = pace
    self.stop = stop
    frames = .allocate(capacity: 3)
    for i in 0..<3 { (frames + i).initialize(to: CameraFrame()) }
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
    var due = shim_monotonic()
    var sequence = 0
    do throws(SwiftletError) {
      while !stop.isSet {
        waitForTurn(&due, &sequence)
        if stop.isSet { break }
        guard try source.next(into: &frames[slot].image) else { break }
        let now = shim_monotonic()
        frames[slot].decoded = now
        frames[slot].captured =
          if case .live = pace { now } else { due }
        frames[slot].sequence = sequence
        sequence += 1
        slot = mailbox.put(slot)
      }
    } catch {
      self.error = error
    }
    mailbox.close()
  }

  /// Waits until the next frame is due; `due` becomes its time.
  private func waitForTurn(_ due: inout Int64, _ sequence: inout Int) {
    switch pace {
    case .live: break
    case .period(let period):
      let now = shim_monotonic()
      if sequence > 0 { due += period }
      if due > now {
        while shim_monotonic() < due && !stop.isSet { shim_sleep_until(due) }
      } else if period > 0 {
        // A camera does not wait: frames that are over went by unseen.
        let late = Int((now - due) / period)
        missed += late
        sequence += late
        due += Int64(late) * period
      }
    case .onDemand:
      while !stop.isSet {
        let ticket = mailbox.ticket
        if !mailbox.isFull { break }
        mailbox.wait(since: ticket, atMost: 100_000_000)
      }
      due = shim_monotonic()
    }
  }
}
