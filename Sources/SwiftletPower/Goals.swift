/// What a user asked for. Nil: not asked.
public struct Goals: Sendable {
  /// Watts of the whole board, camera included: a hard cap.
  public var maxWatts: Double?
  /// Frames a second: more than this earns nothing, less costs utility.
  public var wantedRate: Double?
  /// Frames a second: the floor that other wishes give way to.
  public var minRate: Double?
  /// Seconds from a frame's stamp to its result.
  public var maxLatency: Double?
  /// Die temperature, C.
  public var maxCelsius: Double?
  /// Accuracy of the operating point, 0...1.
  public var minAccuracy: Double?
  /// Watt hours left in a battery, and the hours they have to last.
  public var batteryWattHours: Double?
  public var batteryHours: Double?

  public init() {}
}
