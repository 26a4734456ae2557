/// Rests a first pass while it does not pay: when so many frames of a scene need the full pass too
/// that both together cost more than the full one alone.
///
/// It counts frames, never time, so that a sequence of pictures gives the same answers on every
/// machine.
public struct CascadeGuard {
  /// Time of the first pass as a share of the full one.
  public var firstCost = 0.0
  /// Frames of a trial.
  public static let trial = 16
  /// Rests grow from the first to the second while trials fail.
  public static let rests = (least: 64, most: 2048)

  /// Off: pictures that have nothing to do with each other are each judged alone.
  public var isOn = true

  private var frames = 0
  private var full = 0
  private var resting = 0
  private var nextRest = CascadeGuard.rests.least

  public init() {}

  /// Whether the next frame goes through the first pass.
  public var wantsFirst: Bool { resting == 0 }

  /// A frame went through the first pass, which was enough or not.
  public mutating func add(isSure: Bool) {
    frames += 1
    if !isSure { full += 1 }
    guard frames == Self.trial && isOn else { return }
    let isDear = firstCost + Double(full) / Double(Self.trial) > 1
    resting = isDear ? nextRest : 0
    nextRest = isDear ? min(nextRest * 2, Self.rests.most) : Self.rests.least
    frames = 0
    full = 0
  }

  /// A frame went through the full pass alone.
  public mutating func rest() { resting -= 1 }
}
