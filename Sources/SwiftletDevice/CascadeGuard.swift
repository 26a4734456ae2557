/// Rests a first pass while it does not pay: in a scene whose frames need the full pass anyway.
///
/// Frames of a camera resemble the one before. After three frames in a row that the first pass was
/// not sure of, the full pass runs alone for a while, and after each failed trial for longer: what
/// trials cost falls below a hundredth. Only frames are counted, never time, so that a sequence
/// gives the same answers on every machine.
public struct CascadeGuard {
  /// Misses in a row before the first rest.
  public static let patience = 3
  /// Frames of the first and the longest rest; each is four times the one before.
  public static let rests = (least: 4, most: 256)

  /// Off: pictures that have nothing to do with each other are each judged alone.
  public var isOn = true

  private var misses = 0
  private var resting = 0
  private var nextRest = CascadeGuard.rests.least

  public init() {}

  /// Whether the next frame goes through the first pass.
  public var wantsFirst: Bool { resting == 0 }

  /// A frame went through the first pass, which was enough or not.
  public mutating func add(isSure: Bool) {
    guard isOn, !isSure else {
      misses = 0
      nextRest = Self.rests.least
      return
    }
    misses += 1
    guard misses >= Self.patience else { return }
    resting = nextRest
    nextRest = min(nextRest * 4, Self.rests.most)
  }

  /// A frame went through the full pass alone.
  public mutating func rest() { resting -= 1 }
}
