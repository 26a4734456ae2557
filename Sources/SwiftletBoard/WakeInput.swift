import CShims
import SwiftletCore

/// A line whose edge to active wakes a sleeping program: a motion sensor or a button.
///
/// ```swift
/// let argument = try GPIOArgument("gpio:GPIO17,pull-down", flag: "--wake", takesLabels: false)
/// var wake = try WakeInput(argument)
/// wake.forget()  // edges from before it was wanted
/// while !isStopped {
///   if let time = try wake.wait(seconds: 60) { work(since: time) }  // nil: nothing, or a signal
/// }
/// ```
public struct WakeInput: ~Copyable {
  /// Readable (poll) when an edge waits.
  public let descriptor: Int32
  private let place: String

  /// Takes the line; its kernel user is then `swiftlet`.
  public init(_ argument: GPIOArgument, root: String = "/") throws(SwiftletError) {
    place = "gpio:" + argument.line
    descriptor = try GPIOLines.take(argument, root: root == "/" ? "" : root) { chip, offset in
      shim_gpio_input(
        chip, offset, argument.isActiveLow ? 1 : 0, Int32(argument.bias.rawValue),
        UInt32(argument.debounce) * 1000)
    }
  }

  deinit { _ = shim_call_close(descriptor) }

  /// Waits for an edge: its time on the monotonic clock in seconds, as the kernel stamped it; nil
  /// if none came, or a signal did. Edges queue up (16 of them), so one may have passed before.
  /// - Parameter seconds: at most this long; negative: without limit.
  public mutating func wait(seconds: Double) throws(SwiftletError) -> Double? {
    var time: Int64 = 0
    let milliseconds = seconds < 0 ? -1 : seconds < 2e6 ? Int32(seconds * 1000) : Int32.max
    let result = shim_gpio_wait(descriptor, milliseconds, &time)
    if result > 0 { return Double(time) * 1e-9 }
    if result < 0 && shim_errno() != EINTR { throw GPIOLines.failed(place, shim_errno()) }
    return nil
  }

  /// Drops the edges that wait.
  public mutating func forget() {
    var time: Int64 = 0
    var count = 0
    while count < 64, shim_gpio_wait(descriptor, 0, &time) > 0 { count += 1 }
  }

  /// Whether the line is active now; false if it cannot be read.
  public var isActive: Bool { shim_gpio_get(descriptor) == 1 }
}
