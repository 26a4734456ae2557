/// What the governor tells the scheduler each period.
public struct Measurement: Sendable {
  /// Seconds on the board's clock.
  public var time = 0.0
  public var board = BoardReading()
  /// Frames finished since the last measurement.
  public var frames = 0
  /// Their median seconds from pixels to result; nil without a frame.
  public var latency: Double?
  /// Seconds since the last measurement in which a frame was computed, the unfinished one
  /// included; nil: not known.
  public var busySeconds: Double?
  /// Whether the last wish for a clock limit was refused.
  public var isClockRefused = false

  public init() {}
}

/// What the scheduler wants until the next measurement.
public struct Decision: Sendable {
  /// Number of the point in the table.
  public var point = 0
  /// Frames a second to look at: the point's rate, or less where the cap lies between two points.
  public var rate = 0.0
  /// The clock limit to ask for, MHz, 0: none; nil: leave it, it was refused a moment ago.
  public var clock: Double?
  /// Watts expected of it, whole board.
  public var watts = 0.0
  /// Standard deviation of that expectation.
  public var deviation = 0.0
  /// The cap in force: that of the user or of the battery.
  public var cap: Double?
  /// Whether the watts come from a sensor that is trusted now.
  public var source = FigureSource.modelled
  /// How far goals were given up.
  public var concession = Concession.none
  /// Why this point.
  public var reason = Reason.best

  public init() {}
}

/// What is given up, in this fixed and printed order, when the goals cannot all be met.
public enum Concession: UInt8, CaseIterable, Sendable {
  case none
  /// Frame rate down to the floor.
  case rate
  case resolution
  case pruning
  /// Another network or fewer bits, above the accuracy floor.
  case network
  /// Below the accuracy floor.
  case accuracy
  /// Nothing fits: the point of least watts runs, and is called infeasible.
  case infeasible
}

/// Why a decision fell.
public enum Reason: UInt8, CaseIterable, Sendable {
  /// The best that fits.
  case best
  /// A better one waits for its second.
  case holding
  /// Over the cap or about to be.
  case watts
  case temperature
  case latency
  /// The clock limit was refused.
  case refusal
  /// At a lower rate than the point's own: frames are left out so that the cap just holds.
  case dither
}
