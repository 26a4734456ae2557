import CShims

/// A progress bar with the time left: on a terminal after one second, rewritten in place;
/// elsewhere a line per ten seconds. It writes to stderr.
public struct ProgressBar {
  private let isQuiet: Bool
  private let columns: Int
  private let start = shim_monotonic()
  private var stageStart = shim_monotonic()
  private var lastShown: Int64
  private var isOnScreen = false

  /// Shows nothing at all if `isQuiet`.
  public init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    columns = Console.columns
    lastShown = start
  }

  /// Tells that a new piece of work begins: the time left is reckoned from here.
  public mutating func begin() { stageStart = shim_monotonic() }

  /// Shows `done` (0...1) of the work called `title`, if it is time to.
  public mutating func show(_ title: String, _ done: Double) {
    if isQuiet { return }
    let now = shim_monotonic()
    let isTerminal = columns > 0
    let wait: Int64 = isTerminal ? (isOnScreen ? 100_000_000 : 1_000_000_000) : 10_000_000_000
    if now - lastShown < wait { return }
    lastShown = now
    let text = ProgressBar.line(
      title, done, elapsed: Double(now - stageStart) / 1e9, columns: isTerminal ? columns : 0)
    if isTerminal {
      var buffer = TextBuffer()
      buffer.append("\r" + text + "\u{1B}[K")
      buffer.write(to: 2)
      isOnScreen = true
    } else {
      Console.note(text)
    }
  }

  /// Takes the bar off the screen.
  public mutating func end() {
    if !isOnScreen { return }
    var buffer = TextBuffer()
    buffer.append("\r\u{1B}[K")
    buffer.write(to: 2)
    isOnScreen = false
  }

  /// `title  42 % [######........] 1 min 20 s left`; without the bar for 0 columns.
  package static func line(_ title: String, _ done: Double, elapsed: Double, columns: Int) -> String
  {
    let part = done.isFinite ? min(max(done, 0), 1) : 0
    var text = TextBuffer()
    text.append(title)
    text.append("  ")
    text.append(Int((part * 100).rounded(.down)))
    text.append(" %")
    var tail = ""
    if part > 0.005 { tail = " " + duration(elapsed * (1 - part) / part) + " left" }
    let room = min(40, columns - title.utf8.count - tail.utf8.count - 12)
    if room >= 8 {
      text.append(" [")
      let filled = Int(part * Double(room))
      for i in 0..<room { text.append(i < filled ? "#" : ".") }
      text.append("]")
    }
    text.append(tail)
    return text.string
  }

  /// `8 s`, `1 min 20 s`, `2 h 5 min`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "a long time" }
    let whole = Int(max(0, seconds).rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
