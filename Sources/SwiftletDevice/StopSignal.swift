import CShims

/// Set by SIGINT and SIGTERM: loops end after the frame at hand, and the program says goodbye.
struct StopSignal {
  private let word: UnsafeMutablePointer<Int32>

  /// Takes over both signals; once in a program's life. The word lives as long as the program.
  init() {
    word = .allocate(capacity: 1)
    word.initialize(to: 0)
    shim_stop_on_signals(word)
  }

  /// Whether the program was asked to end.
  var isSet: Bool { shim_load(word) != 0 }
}
