import CShims

/// SIGHUP and SIGUSR1, seen between frames.
struct ServiceSignals {
  private let words: UnsafeMutablePointer<Int32>
  private var reloads: Int32 = 0
  private var questions: Int32 = 0

  /// Takes over both; the words live as long as the program.
  init() {
    words = .allocate(capacity: 2)
    words.initialize(repeating: 0, count: 2)
    shim_count_signals(words, words + 1)
  }

  /// Whether SIGHUP came since the last call.
  mutating func wantsReload() -> Bool {
    let now = shim_load(words)
    defer { reloads = now }
    return now != reloads
  }

  /// Whether SIGUSR1 came since the last call.
  mutating func wantsStatistics() -> Bool {
    let now = shim_load(words + 1)
    defer { questions = now }
    return now != questions
  }
}

/// Tells systemd how the service is, if it asks (`Type=notify`, `WatchdogSec=`).
///
/// `WATCHDOG=1` is sent after results only, so that a camera that hangs, a stuck kernel or a loop
/// that no longer turns has the service started anew. Whoever lets the loop rest on purpose (a
/// wake gate, a slow operating point) calls `isAlive` from there: nothing hangs while it rests.
struct ServiceNotifier {
  private let isOn: Bool
  /// Nanoseconds between pings: a quarter of what systemd grants; 0: none.
  private let pingInterval: Int64
  private var pingTime: Int64 = 0
  private var isReady = false
  private var text = TextBuffer(capacity: 512)

  init() {
    isOn = shim_notify_open() != 0
    pingInterval = isOn ? shim_watchdog() * 1000 / 4 : 0
  }

  /// A result is out: the first one makes the service ready, each one feeds the watchdog.
  mutating func hasResult(_ now: Int64) {
    if !isOn { return }
    if !isReady {
      isReady = true
      send("READY=1")
    }
    isAlive(now)
  }

  /// Feeds the watchdog.
  mutating func isAlive(_ now: Int64) {
    if pingInterval == 0 || now < pingTime { return }
    pingTime = now + pingInterval
    send("WATCHDOG=1")
  }

  /// One line for `systemctl status`.
  mutating func status(_ line: TextBuffer) {
    if !isOn { return }
    text.clear()
    text.append("STATUS=")
    for byte in line.bytes where byte != UInt8(ascii: "\n") { text.append(byte: byte) }
    send()
  }

  /// A reload begins.
  mutating func isReloading() {
    // Before the first result there is nothing to come back to.
    if !isOn || !isReady { return }
    text.clear()
    text.append("RELOADING=1\nMONOTONIC_USEC=")
    text.append(Int(shim_monotonic() / 1000))
    send()
  }

  /// It is over.
  mutating func hasReloaded() { if isOn && isReady { send("READY=1") } }

  /// The program ends.
  mutating func isStopping() { if isOn { send("STOPPING=1") } }

  private mutating func send(_ message: StaticString) {
    shim_notify(message.utf8Start, message.utf8CodeUnitCount)
  }

  private mutating func send() {
    text.bytes.withUnsafeBytes { shim_notify($0.baseAddress!, $0.count) }
  }
}
