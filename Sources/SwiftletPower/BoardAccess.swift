/// A board as the governor sees it: sensors, clock limit and time. Implemented by Linux (through
/// files below a root folder, which a test may imitate) and by the simulator on a virtual clock.
///
/// Nothing here throws: a governor cannot stop because a file vanished. What cannot be read is
/// nil, what is refused is told, and the scheduler deals with both.
public protocol BoardAccess: ~Copyable {
  /// Seconds of a clock that only moves forward.
  var now: Double { get }
  /// Reads all sensors once; allocates nothing.
  mutating func read() -> BoardReading
  /// Asks for a clock limit of the CPU and reads it back; nil if it was refused.
  mutating func setClockLimit(_ megahertz: Double) -> Double?
  /// Puts everything back that was changed; may be called again.
  mutating func restore()
}

/// What a board told at one moment.
public struct BoardReading: Sendable {
  /// Watts of the whole board; nil without a sensor or when it fails.
  public var watts: Double?
  /// The hottest die zone, C.
  public var celsius: Double?
  /// Clock limit in force, MHz.
  public var clockLimit: Double?
  /// Clock now, MHz.
  public var clock: Double?
  public var throttle: Throttle = []
  /// Cores kept busy by other processes since the last reading, 0 to the number of cores.
  public var otherCores: Double?
  /// CPUs online; 0: not known.
  public var onlineCores = 0

  public init() {}
}

/// Why a board slowed itself down; bits 0-3 of the Raspberry Pi firmware's `get_throttled`.
public struct Throttle: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let underVoltage = Throttle(rawValue: 1)
  public static let clockCapped = Throttle(rawValue: 2)
  public static let throttled = Throttle(rawValue: 4)
  public static let softLimit = Throttle(rawValue: 8)
}
