/// One way to run: everything that can change between two frames, and what it costs.
///
/// Made once for a board and a family of files, from measurement (`swiftlet calibrate`) or from
/// the models of time and power; the scheduler walks the useful ones.
public struct OperatingPoint: Sendable {
  /// Number of the file in its family, 0 first.
  public var network = 0
  /// Bits of the weights in use, 4 or 8.
  public var bits = 8
  /// Input side in pixels; 0: the file's own.
  public var resolution = 0
  /// The prune dial, 0...1.
  public var prune = 0.0
  public var threads = 1
  /// Clock limit, MHz; 0: not limited.
  public var clock = 0.0
  /// Frames looked at in a second.
  public var rate = 0.0

  /// Top-1 or another accuracy of the point, 0...1.
  public var accuracy = 1.0
  /// Seconds from pixels to result at this clock, undisturbed, in the mean.
  public var latency = 0.0
  /// The same for the longest frames; 0: as `latency`.
  public var worstLatency = 0.0
  /// Core-seconds of one frame at this clock.
  public var coreSeconds = 0.0
  /// Bytes from and to memory of one frame.
  public var bytes = 0.0
  /// Watts above the board's base, without leakage, at this rate.
  public var dynamicWatts = 0.0

  public init() {}

  /// What a user gets: accuracy times the share of wanted frames, 0...1.
  public func utility(wantedRate: Double) -> Double {
    wantedRate > 0 ? accuracy * min(1, rate / wantedRate) : accuracy
  }
}

/// Where the figures of a table come from; every printed watt carries it.
public enum FigureSource: UInt8, Sendable {
  case modelled
  case measured

  /// The word for people and JSON.
  public var word: StaticString {
    switch self {
    case .modelled: "modelled"
    case .measured: "measured"
    }
  }
}
