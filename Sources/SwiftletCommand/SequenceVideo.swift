import Foundation
import SwiftletCore
import SwiftletVision

/// What happens in a sequence.
package enum SequenceKind: Sendable {
  /// Nothing moves.
  case still
  /// A square of another photo, `side` pixels, moves 4 pixels a frame to and fro.
  case object(side: Int)
  /// The camera pans `step` pixels a frame to and fro.
  case pan(step: Double)
  /// Another photo from frame `at` on.
  case cut(at: Int)
  /// The light grows by `step` grey levels a frame, up to 40 and back.
  case drift(step: Double)
  /// Mains light: `share` brighter and darker, once in `period` frames.
  case flicker(share: Double, period: Int)
}

/// A video made from photos. Frame n depends on the arguments and n alone, in any order.
package struct SequenceVideo: Sendable {
  package let kind: SequenceKind
  package let width: Int
  package let height: Int
  private let scene: SequenceScene
  private let other: SequenceScene
  private let noise: SequenceNoise
  private let seed: UInt64
  /// Rows of the object's upper edge.
  private let objectTop: Int
  /// Pixels that a moving object or camera moves in a frame.
  private static var speed: Double { 4 }

  /// Frames of `width` x `height` of `photo`; `other` is the object or what comes after a cut.
  /// `sigma` is the sensor's noise in grey levels. Throws SYS or IMG.
  package init(
    _ kind: SequenceKind, photo: String, other: String, sigma: Double = 0, width: Int = 640,
    height: Int = 480, seed: UInt64 = 1
  ) throws(SwiftletError) {
    self.kind = kind
    self.width = width
    self.height = height
    self.seed = seed
    scene = try SequenceScene(photo: photo, viewWidth: width, viewHeight: height)
    self.other = try SequenceScene(photo: other, viewWidth: width, viewHeight: height)
    noise = SequenceNoise(sigma: sigma)
    objectTop = height / 4 + Int(seed % UInt64(max(1, height / 3)))
  }

  /// Whether frames `i` and `j` show different scenes, noise apart. For a drift: whether more
  /// than one grey level lies between them; for flicker, more than two at full light.
  package func differs(_ i: Int, from j: Int) -> Bool {
    switch kind {
    case .still: return false
    case .object(let side): return objectLeft(i, side) != objectLeft(j, side)
    case .pan(let step): return offset(i, step) != offset(j, step)
    case .cut(let at): return (i < at) != (j < at)
    case .drift(let step): return abs(shift(i, step) - shift(j, step)) > 1
    case .flicker: return abs(light(i) - light(j)) * 255 > 2
    }
  }

  /// Frame `i` as RGB888, [height][width][3].
  package func frame(_ i: Int) -> [UInt8] {
    let levels = levels(i)
    return [UInt8](unsafeUninitializedCapacity: levels.count) { buffer, count in
      // SAFETY: a frame has pixels, so the buffer has memory.
      noise.write(levels, seed: seed &<< 32 &+ UInt64(i), to: buffer.baseAddress.unsafelyUnwrapped)
      count = levels.count
    }
  }

  /// Frame `i` as RGB888 in `image`. Throws IMG.
  package func render(_ i: Int, into image: inout Image) throws(SwiftletError) {
    if image.width != width || image.height != height || image.format != nil {
      image = try Image(width: width, height: height)
    }
    noise.write(levels(i), seed: seed &<< 32 &+ UInt64(i), to: image.pixels)
    image.sequence = i
  }

  /// Frame `i` as a camera delivers it: Y Cb Y Cr, full range, BT.601. Throws IMG.
  package func samples(_ i: Int) throws(SwiftletError) -> Image {
    let rgb = frame(i)
    let half = (width + 1) / 2
    var out = [UInt8](repeating: 128, count: half * 4 * height)
    for y in 0..<height {
      for x in 0..<width {
        let at = (y * width + x) * 3
        let (r, g, b) = (Int(rgb[at]), Int(rgb[at + 1]), Int(rgb[at + 2]))
        let to = (y * half + x / 2) * 4
        out[to + (x & 1) * 2] = UInt8((77 * r + 150 * g + 29 * b + 128) >> 8)
        // Chroma of the pair's left pixel.
        if x & 1 == 0 {
          out[to + 1] = UInt8(max(0, min(255, ((-43 * r - 85 * g + 128 * b + 128) >> 8) + 128)))
          out[to + 3] = UInt8(max(0, min(255, ((128 * r - 107 * g - 21 * b + 128) >> 8) + 128)))
        }
      }
    }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: out.count, alignment: 16)
    defer { bytes.deallocate() }
    bytes.copyBytes(from: out)
    return try Image(
      samples: UnsafeRawBufferPointer(bytes), format: .yuyv, width: width, height: height,
      matrix: ColorMatrix(isFullRange: true))
  }

  // MARK: the scene

  /// Frame `i` without noise, in 1/256 grey levels.
  private func levels(_ i: Int) -> [Int32] {
    var shown = scene
    var left = Double(scene.width - width) / 2
    var gain: Int32 = 256
    var lift: Int32 = 0
    switch kind {
    case .pan(let step): left = offset(i, step)
    case .cut(let at): if i >= at { shown = other; left = Double(other.width - width) / 2 }
    case .drift(let step): lift = Int32((shift(i, step) * 256).rounded())
    case .flicker: gain = Int32((light(i) * 256 * 64).rounded())
    case .still, .object: break
    }
    let top = (shown.height - height) / 2
    let whole = min(Int(left), shown.width - width - 1)
    // Between two pixels of the scene, in 1/256.
    let right = Int32(((left - Double(whole)) * 256).rounded())
    var out = [Int32](repeating: 0, count: width * height * 3)
    for y in 0..<height {
      let row = ((top + y) * shown.width + whole) * 3
      for x in 0..<width * 3 {
        let a = Int32(shown.pixels[row + x])
        let b = Int32(shown.pixels[row + x + 3])
        out[y * width * 3 + x] = a &* (256 &- right) &+ b &* right &+ lift
      }
    }
    if case .flicker = kind {
      for x in out.indices { out[x] = Int32((Int64(out[x]) * Int64(gain)) >> 14) }
    }
    if case .object(let side) = kind { paint(side, objectLeft(i, side), &out) }
    return out
  }

  private func paint(_ side: Int, _ left: Int, _ out: inout [Int32]) {
    let fromX = (other.width - side) / 2
    let fromY = (other.height - side) / 2
    for y in 0..<min(side, height - objectTop) {
      for x in 0..<side * 3 {
        let from = ((fromY + y) * other.width + fromX) * 3 + x
        out[((objectTop + y) * width + left) * 3 + x] = Int32(other.pixels[from]) * 256
      }
    }
  }

  /// 0...`room` and back, `step` a frame.
  private func swing(_ i: Int, _ step: Double, _ room: Double) -> Double {
    guard room > 0 else { return 0 }
    let way = (Double(i) * step).truncatingRemainder(dividingBy: 2 * room)
    return way <= room ? way : 2 * room - way
  }

  private func objectLeft(_ i: Int, _ side: Int) -> Int {
    let room = (width - side) / 4 * 4
    return Int(swing(i, Self.speed, Double(room)))
  }

  private func offset(_ i: Int, _ step: Double) -> Double {
    swing(i, step, Double(scene.width - width - 1))
  }

  private func shift(_ i: Int, _ step: Double) -> Double { swing(i, step, 40) }

  private func light(_ i: Int) -> Double {
    guard case .flicker(let share, let period) = kind else { return 1 }
    return 1 + share * sin(2 * Double.pi * Double(i % period) / Double(period))
  }
}
