import CShims
import SwiftletCore
import SwiftletVision

/// Opens a source on a thread: a silent pipe or camera may never answer, and a signal has to end
/// the program all the same.
final class SourceOpening {
  private let name: String
  private let options: SourceOptions
  private var source: FrameSource?
  private var error: SwiftletError?
  private let done: UnsafeMutablePointer<Int32>

  private init(_ name: String, _ options: SourceOptions) {
    self.name = name
    self.options = options
    done = .allocate(capacity: 1)
    done.initialize(to: 0)
  }

  deinit { done.deallocate() }

  /// The source; nil if the program was asked to end first.
  static func open(_ name: String, _ options: SourceOptions, _ stop: StopSignal)
    throws(SwiftletError) -> FrameSource?
  {
    let opening = SourceOpening(name, options)
    var thread = shim_thread()
    let status = shim_thread_start(
      &thread,
      { context in
        if let context { Unmanaged<SourceOpening>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, Unmanaged.passRetained(opening).toOpaque(), 1 << 20)
    if status != 0 {
      throw SwiftletError(
        .systemCall, place: "pthread_create", expected: "a thread for the camera",
        found: systemErrorName(status))
    }
    while shim_load(opening.done) == 0 {
      if stop.isSet { return nil }
      shim_futex_wait_for(opening.done, 0, 100_000_000)
    }
    if let error = opening.error { throw error }
    return opening.source
  }

  private func run() {
    do throws(SwiftletError) {
      source = try FrameSource.open(name, options)
    } catch {
      self.error = error
    }
    shim_increment(done)
    shim_futex_wake(done, 1)
  }
}
