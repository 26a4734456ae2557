import CShims
import SwiftletCore
import SwiftletVision

/// A cheap pass that goes before a session's full one: the same file at a lower resolution or
/// with fewer bits, or a smaller file. Where its margin is large enough its answer stands;
/// otherwise the full pass follows. Mean time falls, the worst grows by the cheap pass.
///
/// Only for classifiers: others have no margin.
public struct FirstPass: ~Copyable {
  /// The cheap pass.
  public var session: Session
  private let confidence: Confidence
  /// The margin below which the full pass follows; 0: never, infinity: always.
  public var margin = Float.infinity
  /// Makes the full pass's pixels fit; nil where both have one size.
  private let resampler: Resampler?

  /// A pass before `full`.
  ///
  /// Throws MDL024 if one of them is no classifier, or their classes differ in number.
  public init(_ session: consuming Session, before full: borrowing Session) throws(SwiftletError) {
    let name = session.contents.fileName
    let found = Confidence(session)
    let (one, two) = (session.outputShape(0), full.outputShape(0))
    guard let found, Confidence(full) != nil, one.channels == two.channels else {
      throw SwiftletError(
        .notACascade, place: name,
        expected: "a classifier with the \(two.channels) classes of "
          + full.contents.fileName, found: "\(one.channels)")
    }
    confidence = found
    let (from, to) = (full.input, session.input)
    resampler =
      from.width == to.width && from.height == to.height
      ? nil : Resampler(width: from.width, height: from.height, rule: .squash, target: to)
    self.session = session
  }

  /// Runs the cheap pass on what was taken or written into it: whether its answer stands.
  public mutating func isSure() -> Bool {
    session.run()
    return lastMargin >= margin
  }

  /// The margin of the last pass.
  public var lastMargin: Float { confidence.margin(fourBits: session.bits == .four) }

  /// Takes over what was written into `full`: both look at one picture, converted once.
  public mutating func take(from full: borrowing Session) {
    switch resampler {
    case .some(let resampler): resampler.resample(full.input)
    case .none: session.input.copyPixels(of: full.input)
    }
  }
}

extension PixelTarget {
  /// The pixels of another target of the same size.
  func copyPixels(of other: PixelTarget) {
    for y in 0..<height {
      let (to, from) = (base + y * line, other.base + y * other.line)
      if xor == other.xor && isBGR == other.isBGR {
        memcpy(to, from, width * 4)
        continue
      }
      let flip = SIMD4<UInt8>(repeating: xor ^ other.xor)
      for x in 0..<width {
        let bytes = from.load(fromByteOffset: x * 4, as: UInt32.self)
        let p = unsafeBitCast(bytes, to: SIMD4<UInt8>.self) ^ flip
        let pixel = isBGR == other.isBGR ? p : SIMD4(p.z, p.y, p.x, p.w)
        to.storeBytes(
          of: unsafeBitCast(pixel, to: UInt32.self), toByteOffset: x * 4, as: UInt32.self)
      }
    }
  }
}
