import CShims
import SwiftletBoard
import SwiftletCore

/// The GPIO lines of a camera loop: an input that wakes it, an output that follows its answers.
struct CameraLines: ~Copyable {
  private var wake: WakeInput?
  private var signal: SignalOutput?
  /// Classes that the output follows, by name or number.
  private let labels: [String]
  private let awake: Int64
  private var awakeUntil: Int64 = 0
  private var lastFrame: Int64 = 0
  private let isJSON: Bool

  /// Takes the lines of `--wake` and `--signal`; throws PWR2xx.
  init(_ arguments: Arguments) throws(SwiftletError) {
    isJSON = arguments.isOn(.json)
    awake = Int64(arguments.count(.awake) ?? 10_000_000_000)
    var wake: WakeInput?
    var signal: SignalOutput?
    var labels: [String] = []
    if let text = arguments.text(.wake) {
      var input = try WakeInput(
        GPIOArgument(text, flag: Flag.wake.written, takesLabels: false))
      input.forget()
      wake = consume input
    }
    if let text = arguments.text(.signal) {
      let argument = try GPIOArgument(text, flag: Flag.signal.written, takesLabels: true)
      labels = argument.labels
      if labels.isEmpty {
        throw SwiftletError(
          .gpioArgument, place: Flag.signal.written, expected: "gpio:LINE=LABEL,...", found: text)
      }
      signal = try SignalOutput(argument)
    }
    self.wake = wake
    self.signal = signal
    self.labels = labels
  }

  /// That the network has the labels; throws PWR201 for one it does not know.
  borrowing func check(_ answers: borrowing Answers) throws(SwiftletError) {
    if signal == nil { return }
    for label in labels where !answers.knows(label) {
      throw SwiftletError(
        .gpioArgument, place: Flag.signal.written, expected: "labels of the network, or numbers",
        found: label)
    }
  }

  /// Whether an input decides when to watch.
  var hasWake: Bool { wake != nil }

  /// Whether to watch now; a new edge begins the time again.
  mutating func isAwake(_ now: Int64) -> Bool {
    takeEdge(now, seconds: 0)
    return now < awakeUntil
  }

  /// Waits for an edge, half a second at most, so that signals are seen.
  mutating func rest(_ now: Int64) { takeEdge(now, seconds: 0.5) }

  private mutating func takeEdge(_ now: Int64, seconds: Double) {
    do throws(SwiftletError) {
      if try wake?.wait(seconds: seconds) != nil { awakeUntil = shim_monotonic() + awake }
    } catch {
      // Without its line a watcher must not sleep for ever: it stays awake.
      _ = Console.report(error, asJSON: isJSON)
      wake = nil
    }
  }

  /// After a result.
  mutating func follow(_ answers: borrowing Answers, _ now: Int64) {
    lastFrame = now
    if signal == nil { return }
    var isSeen = false
    for label in labels where answers.isFirst(label) { isSeen = true }
    set(isSeen, now)
  }

  /// While no frame comes: what was seen is not seen any more.
  mutating func idle(_ now: Int64) {
    if signal != nil && now - lastFrame > 1_000_000_000 { set(false, now) }
  }

  private mutating func set(_ isSeen: Bool, _ now: Int64) {
    do throws(SwiftletError) {
      try signal?.follow(isSeen, at: Double(now) * 1e-9)
    } catch {
      _ = Console.report(error, asJSON: isJSON)
      signal = nil
    }
  }
}
