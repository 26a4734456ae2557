import CShims
import SwiftletCore

/// When an output that follows detections is on: at once when something is seen, then at least
/// `minimumOn`, and until nothing was seen for `offDelay`. Seconds.
public struct SignalTiming: Sendable {
  public var minimumOn: Double
  public var offDelay: Double
  private var onSince = 0.0
  private var lastSeen = 0.0
  public private(set) var isOn = false

  public init(minimumOn: Double = 0.5, offDelay: Double = 0.5) {
    self.minimumOn = minimumOn
    self.offDelay = offDelay
  }

  /// The level at `now`, which never runs backwards.
  public mutating func update(_ isSeen: Bool, now: Double) -> Bool {
    if isSeen {
      if !isOn { onSince = now }
      lastSeen = now
      isOn = true
    } else if isOn && now >= offTime {
      isOn = false
    }
    return isOn
  }

  /// When it goes off if nothing more is seen; only while it is on.
  public var offTime: Double { max(onSince + minimumOn, lastSeen + offDelay) }
}

/// A line that shows detections: a lamp or a relay.
///
/// ```swift
/// let argument = try GPIOArgument("gpio:GPIO27=person,dog", flag: "--signal", takesLabels: true)
/// var signal = try SignalOutput(argument)
/// // after every frame, and when no frame came for a while:
/// try signal.follow(isSeen, at: now)
/// ```
///
/// The line is inactive from the first moment and at the end of its life. After SIGKILL the kernel
/// releases it and the chip decides: a relay that must fall off needs its own watchdog.
public struct SignalOutput: ~Copyable {
  public private(set) var timing: SignalTiming
  private let descriptor: Int32
  private let place: String
  private var level = false

  /// Takes the line as an output, inactive; its kernel user is then `swiftlet`.
  public init(
    _ argument: GPIOArgument, timing: SignalTiming = SignalTiming(), root: String = "/"
  ) throws(SwiftletError) {
    self.timing = timing
    place = "gpio:" + argument.line
    descriptor = try GPIOLines.take(argument, root: root == "/" ? "" : root) { chip, offset in
      shim_gpio_output(chip, offset, argument.isActiveLow ? 1 : 0, 0)
    }
  }

  deinit {
    _ = shim_gpio_set(descriptor, 0)
    _ = shim_call_close(descriptor)
  }

  /// Sets the line to what the timing says; a system call only if that changes. Allocates nothing.
  public mutating func follow(_ isSeen: Bool, at now: Double) throws(SwiftletError) {
    let wanted = timing.update(isSeen, now: now)
    if wanted == level { return }
    let error = shim_gpio_set(descriptor, wanted ? 1 : 0)
    if error != 0 { throw GPIOLines.failed(place, error) }
    level = wanted
  }
}
