/// Which input position an output position of a resize reads; low four bits of `option`.
/// x is the output position, in and out the sizes.
public enum ResizeRule: Int, CaseIterable, Sendable {
  /// x * in / out
  case asymmetric = 0
  /// (x + 0.5) * in / out - 0.5
  case halfPixel = 1
  /// x * (in - 1) / (out - 1); 0 where out is 1
  case alignCorners = 2
}

/// How resizeNearest makes that position whole; bits 4-7 of `option` (zero for resizeLinear).
public enum NearestRounding: Int, CaseIterable, Sendable {
  case floor = 0
  /// To nearest, halves down.
  case halfDown = 1
  /// To nearest, halves up.
  case halfUp = 2
  case ceiling = 3
}

extension OperatorRecord {
  /// The coordinate rule of a resize. Verified.
  public var resizeRule: ResizeRule { ResizeRule(rawValue: option & 15) ?? .asymmetric }
  /// The rounding of resizeNearest. Verified.
  public var nearestRounding: NearestRounding { NearestRounding(rawValue: option >> 4) ?? .floor }
}
