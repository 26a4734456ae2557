/// How camera values (Y, Cb, Cr) become red, green and blue, in 16 fractional bits.
///
/// R = y(Y - offset) + rv(Cr - 128), G = y(Y - offset) - gu(Cb - 128) - gv(Cr - 128),
/// B = y(Y - offset) + bu(Cb - 128), rounded to nearest and cut to 0...255. Integers only, so
/// that every CPU gives the same pixels.
public struct ColorMatrix: Sendable {
  let offset: Int32
  let y: Int32
  let rv: Int32
  let gu: Int32
  let gv: Int32
  let bu: Int32

  /// ITU-R BT.601-7, 2.5.1 (Kr 0.299, Kb 0.114) or BT.709-6, 3.2 (Kr 0.2126, Kb 0.0722);
  /// limited range has Y in 16...235 and Cb, Cr in 16...240, full range 0...255.
  public init(isBT709: Bool = false, isFullRange: Bool = false) {
    let kr = isBT709 ? 0.2126 : 0.299
    let kb = isBT709 ? 0.0722 : 0.114
    let kg = 1 - kr - kb
    let luma = isFullRange ? 1.0 : 255.0 / 219
    let chroma = isFullRange ? 1.0 : 255.0 / 224
    func fixed(_ x: Double) -> Int32 { Int32((x * 65536).rounded(.toNearestOrEven)) }
    offset = isFullRange ? 0 : 16
    y = fixed(luma)
    rv = fixed(2 * (1 - kr) * chroma)
    gu = fixed(2 * (1 - kb) * kb / kg * chroma)
    gv = fixed(2 * (1 - kr) * kr / kg * chroma)
    bu = fixed(2 * (1 - kb) * chroma)
  }

  /// What Cb and Cr add to red, green and blue of the pixels that share them.
  @inline(__always)
  func shares(_ u: SIMD8<Int32>, _ v: SIMD8<Int32>) -> Shares {
    let cb = u &- 128
    let cr = v &- 128
    return Shares(red: cr &* rv, green: cb &* gu &+ cr &* gv, blue: cb &* bu)
  }

  /// Eight pixels, each as 0x00BBGGRR.
  @inline(__always)
  func rgb(_ y: SIMD8<Int32>, _ shares: Shares) -> SIMD8<Int32> {
    let half = SIMD8<Int32>(repeating: 1 << 15)
    let base = (y &- offset) &* self.y &+ half
    let red = byte(base &+ shares.red)
    let green = byte(base &- shares.green)
    let blue = byte(base &+ shares.blue)
    return red | green &<< 8 | blue &<< 16
  }

  @inline(__always)
  private func byte(_ sum: SIMD8<Int32>) -> SIMD8<Int32> {
    (sum &>> 16).clamped(lowerBound: .zero, upperBound: SIMD8(repeating: 255))
  }

  /// See `shares`.
  struct Shares {
    let red: SIMD8<Int32>
    let green: SIMD8<Int32>
    let blue: SIMD8<Int32>
  }
}
