import SwiftletCore

/// Where the pixels of a network's input go: four bytes a pixel, three colours and zero, each
/// stored with `xor`.
public struct PixelTarget: @unchecked Sendable {
  /// The first pixel of the first row.
  public var base: UnsafeMutableRawPointer
  /// Bytes from row to row.
  public var line: Int
  public var width: Int
  public var height: Int
  /// What a kernel set stores a byte with, 0 or 128 (docs/architecture.md).
  public var xor: UInt8
  /// Blue first instead of red.
  public var isBGR: Bool

  /// A target of `height` rows of `width` pixels.
  public init(
    base: UnsafeMutableRawPointer, line: Int, width: Int, height: Int, xor: UInt8, isBGR: Bool
  ) {
    self.base = base
    self.line = line
    self.width = width
    self.height = height
    self.xor = xor
    self.isBGR = isBGR
  }
}

/// How a photo is made to fit the network's input.
public enum FitRule: Equatable, Sendable {
  /// The whole photo, squashed.
  case squash
  /// The short side to `shortSide` with the proportions kept, then the centre.
  case crop(shortSide: Int)

  /// The rule of a model file.
  public init(_ record: PreprocessingRecord) {
    switch record.resize {
    case .squash: self = .squash
    case .crop: self = .crop(shortSide: record.shortSide)
    }
  }
}

/// One direction of a fit: `size` source pixels become `full`, of which `first ..< first + count`
/// are kept.
struct FitSpan: Equatable {
  var size: Int
  var full: Int
  var first: Int
  var count: Int

  /// The horizontal and vertical span of `rule`.
  ///
  /// crop: as torchvision's Resize(shortSide) and CenterCrop: the long side is rounded down, the
  /// margin to even. A short side below the target is raised to it.
  static func make(
    _ rule: FitRule, width: Int, height: Int, toWidth: Int, toHeight: Int
  ) -> (x: FitSpan, y: FitSpan) {
    var fullWidth = toWidth
    var fullHeight = toHeight
    if case .crop(let wanted) = rule {
      let short = max(wanted, max(toWidth, toHeight))
      if width <= height {
        fullWidth = short
        fullHeight = Int(Double(short * height) / Double(width))
      } else {
        fullHeight = short
        fullWidth = Int(Double(short * width) / Double(height))
      }
    }
    return (
      FitSpan(
        size: width, full: fullWidth, first: margin(fullWidth - toWidth), count: toWidth),
      FitSpan(
        size: height, full: fullHeight, first: margin(fullHeight - toHeight), count: toHeight)
    )
  }

  private static func margin(_ rest: Int) -> Int {
    // rest / 2, halves to even.
    rest & 3 == 3 ? rest / 2 + 1 : rest / 2
  }
}
