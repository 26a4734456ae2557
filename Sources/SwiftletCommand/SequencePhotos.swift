import SwiftletCore
import SwiftletVision

/// A photo as a scene that a camera looks at: RGB888, a third wider and higher than the camera's
/// view, so that there is room to pan.
struct SequenceScene: Sendable {
  let width: Int
  let height: Int
  /// [height][width][3].
  let pixels: [UInt8]

  /// The photo at `path` for views of `viewWidth` x `viewHeight`. Throws SYS or IMG.
  init(photo path: String, viewWidth: Int, viewHeight: Int) throws(SwiftletError) {
    let photo = try Image(path: path)
    let wide = viewWidth + viewWidth / 3
    let high = viewHeight + viewHeight / 3
    // The shape of the photo is kept; it covers the scene.
    let scale = max(
      Double(wide) / Double(photo.width), Double(high) / Double(photo.height))
    width = max(wide, Int(Double(photo.width) * scale))
    height = max(high, Int(Double(photo.height) * scale))
    let line = width * 4
    let memory = UnsafeMutableRawPointer.allocate(byteCount: line * height + 64, alignment: 64)
    defer { memory.deallocate() }
    let target = PixelTarget(
      base: memory, line: line, width: width, height: height, xor: 0, isBGR: false)
    var writer = InputWriter(rule: .squash, target: target)
    writer.write(photo)
    var bytes = [UInt8](repeating: 0, count: width * height * 3)
    for i in 0..<width * height {
      for c in 0..<3 { bytes[i * 3 + c] = memory.load(fromByteOffset: i * 4 + c, as: UInt8.self) }
    }
    pixels = bytes
  }
}
