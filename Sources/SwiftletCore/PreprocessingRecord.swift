/// How a photo becomes the network's input. Mean and standard deviation are for the record: the
/// first layer holds them already.
public struct PreprocessingRecord: Sendable {
  public enum Resize: UInt8, CaseIterable, Sendable {
    /// The whole photo, squashed to the input size.
    case squash = 0
    /// Short side to `shortSide`, then the centre.
    case crop = 1
  }
  public var resize: Resize = .squash
  /// crop: at least the larger side of the input; squash: 0.
  public var shortSide: Int = 0
  public var isBGR: Bool = false
  /// How many of `mean` and `std` count, 0...4.
  public var channels: Int = 0
  /// In pixel units, in the network's channel order.
  public var mean: SIMD4<Float> = .zero
  public var std: SIMD4<Float> = .one

  public init() {}
}
