/// Joules from watts that are read now and then (trapezoids between readings).
public struct EnergyMeter: Sendable {
  /// Joules of the time that readings cover.
  public private(set) var joules = 0.0
  /// Seconds that readings cover.
  public private(set) var seconds = 0.0
  /// Seconds for which no watts were known.
  public private(set) var missing = 0.0
  private var last: (time: Double, watts: Double?)?
  /// Readings further apart than this, in seconds, say nothing about the time between them.
  private let longest: Double

  public init(longest: Double = 2) { self.longest = longest }

  /// A reading at `time` in seconds; nil watts where the sensor did not answer.
  public mutating func add(time: Double, watts: Double?) {
    defer { last = (time, watts) }
    guard let last, time > last.time else { return }
    let span = time - last.time
    guard let before = last.watts, let watts, span <= longest else {
      missing += span
      return
    }
    joules += span * (before + watts) / 2
    seconds += span
  }

  /// Mean watts of the covered time; nil if nothing was covered.
  public var averageWatts: Double? { seconds > 0 ? joules / seconds : nil }
}
