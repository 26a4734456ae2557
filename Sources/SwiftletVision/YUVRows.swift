/// Turns rows of camera samples into pixels of four bytes, red first and zero last, while a
/// picture is fitted into the network's input: no RGB picture lies in between.
///
/// Sixteen pixels at a time, by loads, shifts and 32-bit arithmetic alone, so that every CPU gives
/// the same bytes. Chroma is repeated, not interpolated.
struct YUVRows {
  /// First sample of a picture without gaps between rows or planes; 64 bytes behind its last one
  /// may be read.
  let base: UnsafeRawPointer
  let width: Int
  let height: Int
  let format: YUVFormat
  let matrix: ColorMatrix

  /// Pixels that a call may write beyond those asked for.
  static var slack: Int { 16 }

  /// Writes the pixels `first ..< end` of `row` to their places in a line of pixels that begins
  /// at `line`; `first` is a multiple of 16. Up to `slack` pixels behind `end` are overwritten.
  @_optimize(speed)
  func convert(_ row: Int, _ first: Int, _ end: Int, _ line: UnsafeMutableRawPointer) {
    let half = (width + 1) / 2
    let plane = width * height
    let luma = base + row * width
    switch format {
    case .yuyv:
      let at = base + row * half * 4
      for x in stride(from: first, to: end, by: 16) {
        let words = (at + 2 * x).loadUnaligned(as: SIMD8<UInt32>.self)
        let pairs = SIMD8<Int32>(truncatingIfNeeded: words)
        let shares = matrix.shares(pairs &>> 8 & 255, SIMD8(truncatingIfNeeded: words &>> 24))
        store(pairs & 255, shares, pairs &>> 16 & 255, shares, line + 4 * x)
      }
    case .nv12, .nv21:
      let at = base + plane + row / 2 * half * 2
      let isSwapped = format == .nv21
      for x in stride(from: first, to: end, by: 16) {
        let chroma = Self.pairs(at + x)
        let low = chroma & 255
        let high = chroma &>> 8
        let shares = isSwapped ? matrix.shares(high, low) : matrix.shares(low, high)
        let y = Self.pairs(luma + x)
        store(y & 255, shares, y &>> 8, shares, line + 4 * x)
      }
    case .i420, .i422:
      let isHalved = format == .i420
      let cb = base + plane + (isHalved ? row / 2 : row) * half
      let cr = cb + half * (isHalved ? (height + 1) / 2 : height)
      for x in stride(from: first, to: end, by: 16) {
        let shares = matrix.shares(Self.eight(cb + x / 2), Self.eight(cr + x / 2))
        let y = Self.pairs(luma + x)
        store(y & 255, shares, y &>> 8, shares, line + 4 * x)
      }
    case .i444:
      for x in stride(from: first, to: end, by: 16) {
        let u = Self.pairs(luma + plane + x)
        let v = Self.pairs(luma + 2 * plane + x)
        let y = Self.pairs(luma + x)
        store(
          y & 255, matrix.shares(u & 255, v & 255), y &>> 8, matrix.shares(u &>> 8, v &>> 8),
          line + 4 * x)
      }
    case .gray:
      let none = SIMD8<Int32>(repeating: 128)
      let shares = matrix.shares(none, none)
      for x in stride(from: first, to: end, by: 16) {
        let y = Self.pairs(luma + x)
        store(y & 255, shares, y &>> 8, shares, line + 4 * x)
      }
    }
  }

  /// Eight left and eight right pixels, in turn.
  @inline(__always)
  private func store(
    _ left: SIMD8<Int32>, _ leftShares: ColorMatrix.Shares, _ right: SIMD8<Int32>,
    _ rightShares: ColorMatrix.Shares, _ to: UnsafeMutableRawPointer
  ) {
    let a = SIMD8<UInt64>(truncatingIfNeeded: matrix.rgb(left, leftShares))
    let b = SIMD8<UInt64>(truncatingIfNeeded: matrix.rgb(right, rightShares))
    // Little-endian: the left pixel is the low half.
    to.storeBytes(of: a | b &<< 32, as: SIMD8<UInt64>.self)
  }

  /// Sixteen bytes as eight pairs, the first of each in the low byte.
  @inline(__always)
  private static func pairs(_ at: UnsafeRawPointer) -> SIMD8<Int32> {
    SIMD8(truncatingIfNeeded: at.loadUnaligned(as: SIMD8<UInt16>.self))
  }

  @inline(__always)
  private static func eight(_ at: UnsafeRawPointer) -> SIMD8<Int32> {
    SIMD8(truncatingIfNeeded: at.loadUnaligned(as: SIMD8<UInt8>.self))
  }
}
