import SwiftletCore
import SwiftletVision

/// A picture in the caller's memory: RGB888, [height][width][3] bytes, red first, without gaps.
///
/// Only a view: nothing is copied, and the compiler holds it to the life of the pixels.
public struct Frame: ~Escapable {
  let pixels: Span<UInt8>
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int

  /// A view of `width` x `height` pixels.
  ///
  /// Throws IMG003 beyond the limits of `Image`, IMG009 unless there are exactly
  /// `width * height * 3` bytes.
  @_lifetime(copy pixels)
  public init(rgb888 pixels: Span<UInt8>, width: Int, height: Int) throws(SwiftletError) {
    let sides = 1...Image.maxSide
    guard sides.contains(width), sides.contains(height), width * height <= Image.maxPixels else {
      throw SwiftletError(
        .imageTooLarge, place: "frame",
        expected: "1 to \(Image.maxSide) pixels a side, at most \(Image.maxPixels) in all",
        found: "\(width) x \(height)")
    }
    guard pixels.count == width * height * 3 else {
      throw SwiftletError(
        .frameSize, place: "frame",
        expected: "\(width * height * 3) bytes for \(width) x \(height) pixels",
        found: "\(pixels.count) bytes")
    }
    self.pixels = pixels
    self.width = width
    self.height = height
  }
}

// MARK: running on pictures

extension Session {
  /// Fits the frame into the network's input by the model's rule and runs the network.
  ///
  /// Allocates only if the frame's size differs from the last one's.
  public mutating func run(on frame: borrowing Frame) -> Output {
    writer.write(frame.pixels, width: frame.width, height: frame.height)
    run()
    return output
  }

  /// Fits the picture into the network's input by the model's rule and runs the network; an
  /// empty picture leaves the input as it is.
  public mutating func run(on image: borrowing Image) -> Output {
    write(image)
    run()
    return output
  }

  /// Fits the picture into the network's input, for a `run` of its own: two parts that are timed
  /// apart.
  public mutating func write(_ image: borrowing Image) { writer.write(image) }

  /// The results of the last run.
  public var output: Output { Output(outputs) }
}
