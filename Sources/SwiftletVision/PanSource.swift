import CShims
import SwiftletCore

/// A simulated camera: it pans and zooms over a photo, with sensor noise. Frame n depends on the
/// photo, the size and n alone, so that runs can be compared.
public final class PanSource {
  public let width: Int
  public let height: Int
  private let photo: Image
  private var pacer: Pacer
  private var sequence = 0
  /// [256] noise of a random byte, -6...6: the sum of its four 2-bit parts less 6, so the
  /// deviation is sqrt(4 * 1.25) = 2.2 levels, as of a small sensor in room light.
  private let noise: UnsafeMutablePointer<Int16>
  /// [width] source byte offset of the left pixel and weight of the right one, 0...256.
  private let columns: UnsafeMutablePointer<SIMD2<Int32>>

  /// The narrowest view, as a part of the widest.
  static var narrowest: Double { 0.75 }
  /// Frames of a pan from side to side, of one from top to bottom, and of a zoom: no common
  /// period before 200 s at 30 frames a second.
  private static var periods: (x: Int, y: Int, zoom: Int) { (150, 110, 190) }

  /// Loads the photo; frames are as large as the options say, else 640 x 480. Throws SYS or IMG.
  init(photo path: String, _ options: SourceOptions) throws(SwiftletError) {
    let frameWidth = options.width > 0 ? options.width : 640
    let frameHeight = options.height > 0 ? options.height : 480
    photo = try Self.prepared(try Image(path: path), frameWidth, frameHeight)
    width = frameWidth
    height = frameHeight
    pacer = Pacer(options.framerate ?? 30)
    noise = .allocate(capacity: 256)
    for i in 0..<256 {
      noise[i] = Int16((i & 3) + (i >> 2 & 3) + (i >> 4 & 3) + (i >> 6) - 6)
    }
    columns = .allocate(capacity: frameWidth)
    columns.initialize(repeating: .zero, count: frameWidth)
    // The size of frames is checked here, once.
    _ = try Image(width: frameWidth, height: frameHeight)
  }

  deinit {
    noise.deallocate()
    columns.deallocate()
  }

  /// The next frame; a simulated camera never ends.
  public func next(into image: inout Image) throws(SwiftletError) -> Bool {
    let due = pacer.wait()
    try image.reserve(width: width, height: height, place: "frame")
    image.time = due ?? shim_monotonic()
    image.sequence = sequence
    render(sequence, image.pixels)
    sequence += 1
    return true
  }

  /// A photo much larger than a frame is shrunk first, so that looking up two neighbours does
  /// not skip pixels.
  private static func prepared(_ photo: consuming Image, _ width: Int, _ height: Int)
    throws(SwiftletError) -> Image
  {
    // The widest view has the frame's proportions and touches two sides of the photo.
    let scale =
      max(
        Double(width) / Double(photo.width), Double(height) / Double(photo.height)) / narrowest
    if scale >= 1 { return photo }
    let toWidth = max(1, Int(Double(photo.width) * scale))
    let toHeight = max(1, Int(Double(photo.height) * scale))
    let small = try Image(width: toWidth, height: toHeight)
    let line = toWidth * 4
    let pixels = UnsafeMutableRawPointer.allocate(byteCount: line * toHeight, alignment: 16)
    defer { pixels.deallocate() }
    let target = PixelTarget(
      base: pixels, line: line, width: toWidth, height: toHeight, xor: 0, isBGR: false)
    Resampler(width: photo.width, height: photo.height, rule: .squash, target: target)
      .resample(photo)
    for i in 0..<toWidth * toHeight {
      for c in 0..<3 {
        small.pixels[i * 3 + c] = pixels.load(fromByteOffset: i * 4 + c, as: UInt8.self)
      }
    }
    return small
  }

  /// 0...1 and back over `period` frames, smooth at both ends: t^2 (3 - 2t) of a triangle wave.
  static func wave(_ frame: Int, _ period: Int) -> Double {
    let phase = Double(frame % period) / Double(period)
    let t = phase < 0.5 ? 2 * phase : 2 - 2 * phase
    return t * t * (3 - 2 * t)
  }

  /// Frame `n` into `out`, [height][width][3]: bilinear in 8 fractional bits, plus noise.
  private func render(_ n: Int, _ out: UnsafeMutablePointer<UInt8>) {
    let aspect = Double(width) / Double(height)
    let widest = min(Double(photo.width), Double(photo.height) * aspect)
    let view = widest * (1 - (1 - Self.narrowest) * Self.wave(n, Self.periods.zoom))
    let left = (Double(photo.width) - view) * Self.wave(n, Self.periods.x)
    let top = (Double(photo.height) - view / aspect) * Self.wave(n, Self.periods.y)
    let step = view / Double(width)
    for x in 0..<width {
      let (at, weight) = Self.position(left + (Double(x) + 0.5) * step, photo.width)
      columns[x] = SIMD2(Int32(at * 3), weight)
    }
    var random = UInt64(truncatingIfNeeded: n) &* 0x9E37_79B9_7F4A_7C15 | 1
    let line = photo.width * 3
    let right = photo.width > 1 ? 3 : 0
    let down = photo.height > 1 ? line : 0
    var to = out
    for y in 0..<height {
      let (row, below) = Self.position(top + (Double(y) + 0.5) * step, photo.height)
      let upper = photo.pixels + row * line
      let lower = upper + down
      for x in 0..<width {
        let at = Int(columns[x].x)
        let weight = columns[x].y
        // xorshift64 (Marsaglia, 2003): one draw gives the bytes of three channels.
        random ^= random &<< 13
        random ^= random &>> 7
        random ^= random &<< 17
        for c in 0..<3 {
          let a = Int32(upper[at + c]) &* (256 &- weight) &+ Int32(upper[at + right + c]) &* weight
          let b = Int32(lower[at + c]) &* (256 &- weight) &+ Int32(lower[at + right + c]) &* weight
          let value = (a &* (256 &- below) &+ b &* below &+ 32768) &>> 16
          let noisy = value &+ Int32(noise[Int(random &>> UInt64(16 + 8 * c) & 255)])
          to[c] = UInt8(truncatingIfNeeded: max(0, min(255, noisy)))
        }
        to += 3
      }
    }
  }

  /// The left neighbour of `center` among `count` pixels, whose centres are at 0.5, 1.5, ..., and
  /// the weight of its right neighbour, 0...256.
  private static func position(_ center: Double, _ count: Int) -> (Int, Int32) {
    let place = max(0, min(Double(count - 1), center - 0.5))
    let index = max(0, min(Int(place), count - 2))
    return (index, Int32((place - Double(index)) * 256 + 0.5))
  }
}
