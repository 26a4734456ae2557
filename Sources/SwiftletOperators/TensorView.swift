import SwiftletCore

/// Where a tensor lies in memory: blocks of 16 channels, rows, pixels (docs/architecture.md).
public struct TensorView {
  /// First byte of pixel (0, 0) of block 0; a halo lies before it.
  public var base: UnsafeMutableRawPointer
  /// Bytes from one block of 16 channels to the next.
  public var plane: Int
  /// Bytes from one row to the next.
  public var line: Int
  /// Bytes of one pixel: 16 (8-bit), 64 (float), 4 (image).
  public var pixel: Int
  /// Blocks of 16 channels.
  public var blocks: Int
  public var height: Int
  public var width: Int
  /// Border of the tensor in pixels that a producer fills with the zero point.
  public var halo: Halo

  /// Memberwise.
  public init(
    base: UnsafeMutableRawPointer, plane: Int, line: Int, pixel: Int, blocks: Int, height: Int,
    width: Int, halo: Halo
  ) {
    self.base = base
    self.plane = plane
    self.line = line
    self.pixel = pixel
    self.blocks = blocks
    self.height = height
    self.width = width
    self.halo = halo
  }

  /// Pixels of a block follow each other without a break.
  public var hasContiguousPixels: Bool { line == width * pixel }
  /// All bytes of the tensor follow each other without a break.
  public var isContiguous: Bool {
    hasContiguousPixels && (blocks == 1 || plane == height * line)
  }

  /// First byte of a pixel of a block.
  @inline(__always)
  public func address(_ block: Int, _ y: Int, _ x: Int) -> UnsafeMutableRawPointer {
    base + block * plane + y * line + x * pixel
  }
}

/// A border around each plane, in pixels.
public struct Halo: Equatable, Sendable {
  public var top = 0
  public var left = 0
  public var bottom = 0
  public var right = 0

  /// No border.
  public init() {}

  /// Memberwise.
  public init(top: Int, left: Int, bottom: Int, right: Int) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// The smallest border that serves both.
  public func union(_ other: Halo) -> Halo {
    Halo(
      top: max(top, other.top), left: max(left, other.left), bottom: max(bottom, other.bottom),
      right: max(right, other.right))
  }

  /// No border at all.
  public var isEmpty: Bool { self == Halo() }
}

extension TensorView {
  /// Fills the halo of every plane with one stored byte. Cost: the perimeter.
  public func fillHalo(with byte: UInt8) {
    if halo.isEmpty { return }
    let left = halo.left * pixel
    let side = (halo.left + halo.right) * pixel
    for block in 0..<blocks {
      let first = base + block * plane - left
      let whole = width * pixel + side
      for y in 0..<halo.top { set(first - (y + 1) * line, byte, whole) }
      for y in height..<height + halo.bottom { set(first + y * line, byte, whole) }
      guard side > 0 else { continue }
      for y in 0..<height {
        let row = first + y * line
        set(row, byte, left)
        set(row + left + width * pixel, byte, side - left)
      }
    }
  }

  @inline(__always)
  private func set(_ at: UnsafeMutableRawPointer, _ byte: UInt8, _ count: Int) {
    at.initializeMemory(as: UInt8.self, repeating: byte, count: count)
  }
}
