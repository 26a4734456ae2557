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
  /// Both passes look at the same pixels: they are copied, not made again.
  private let sharesPixels: Bool

  /// A pass before `full`.
  ///
  /// Throws MDL024 if one of them is no classifier, or their classes differ in number.
  public init(_ session: consuming Session, before full: borrowing Session) throws(SwiftletError) {
    let name = session.contents.fileName
    let found = Confidence(session)
    let (one, two) = (session.outputShape(0), full.outputShape(0))
    guard let found, Confidence(full) != nil, one.channels == two.channels else {
      throw SwiftletError(
        .notACascade, place: name, expected: "a classifier with the \(two.channels) classes of "
          + full.contents.fileName, found: "\(one.channels)")
    }
    confidence = found
    sharesPixels =
      session.writer.rule == full.writer.rule && session.input.width == full.input.width
      && session.input.height == full.input.height && session.input.isBGR == full.input.isBGR
    self.session = session
  }

  /// Runs the cheap pass on what was written into it: whether its answer stands.
  public mutating func isSure() -> Bool {
    session.run()
    return lastMargin >= margin
  }

  /// The margin of the last pass.
  public var lastMargin: Float { confidence.margin(fourBits: session.bits == .four) }

  /// Brings the picture into `full` too, for the pass that follows.
  public mutating func pass(_ image: borrowing Image, to full: inout Session) {
    if sharesPixels {
      full.input.copyPixels(of: session.input)
    } else {
      full.write(image)
    }
  }
}

extension PixelTarget {
  /// The pixels of another target of the same size.
  func copyPixels(of other: PixelTarget) {
    for y in 0..<height {
      let (to, from) = (base + y * line, other.base + y * other.line)
      if xor == other.xor {
        to.copyMemory(from: from, byteCount: width * 4)
      } else {
        let flip = 0x0101_0101 &* UInt32(xor ^ other.xor)
        for x in 0..<width {
          let pixel = from.load(fromByteOffset: x * 4, as: UInt32.self)
          to.storeBytes(of: pixel ^ flip, toByteOffset: x * 4, as: UInt32.self)
        }
      }
    }
  }
}
