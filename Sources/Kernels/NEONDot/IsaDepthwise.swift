#if ARM_KERNELS && arch(arm64)
  internal import _Builtin_intrinsics.arm.neon
  import SwiftletKernels

  /// Sixteen-bit values; two of them hold the 16 channels of a pixel.
  typealias Halves = int16x8_t
  /// 128 - zero: stored bytes are q - 128.
  typealias Zero = int16x8_t

  /// Verbs on a pixel of 16 channels. A *quarter* is channels 4i ..< 4i + 4, 32 bits each.
  enum Lane {
    @inline(__always)
    static func bias(_ e: Epilogue) -> UnsafeRawPointer { e.biasS8 }
    @inline(__always)
    static func store(_ x: Bytes, _ p: UnsafeMutableRawPointer) {
      p.storeBytes(of: x, as: Bytes.self)
    }
    @inline(__always)
    static func store(_ x: Bytes, _ p: UnsafeMutableRawPointer, _ count: Int) { store(x, p) }
    @inline(__always)
    static func load(_ p: UnsafeRawPointer, _ count: Int) -> Bytes {
      p.loadUnaligned(as: Bytes.self)
    }
    @inline(__always)
    static func gather(_ p: UnsafeRawPointer, _ step: Int) -> Bytes {
      p.loadUnaligned(as: Bytes.self)
    }
    @inline(__always)
    static func spread(_ p: UnsafeRawPointer) -> Bytes { p.loadUnaligned(as: Bytes.self) }
    @inline(__always)
    static func spreadAcc(_ p: UnsafeRawPointer) -> Acc { p.loadUnaligned(as: Acc.self) }
    @inline(__always)
    static func spreadInts(_ p: UnsafeRawPointer) -> Ints { p.loadUnaligned(as: Ints.self) }
    @inline(__always)
    static func spreadFloats(_ p: UnsafeRawPointer) -> Floats {
      p.loadUnaligned(as: Floats.self)
    }
    @inline(__always)
    static func splatInts(_ x: Int) -> Ints { Ints(repeating: Int32(truncatingIfNeeded: x)) }
    @inline(__always)
    static func splatHalves(_ x: Int) -> Halves { Halves(repeating: Int16(truncatingIfNeeded: x)) }

    /// Quarters whose 32 bits are the bytes of a, b, c, d.
    @inline(__always)
    static func zip(_ a: Bytes, _ b: Bytes, _ c: Bytes, _ d: Bytes) -> InlineArray<4, Bytes> {
      let s = vreinterpretq_s16_s8(vzip1q_s8(a, b)), t = vreinterpretq_s16_s8(vzip2q_s8(a, b))
      let u = vreinterpretq_s16_s8(vzip1q_s8(c, d)), v = vreinterpretq_s16_s8(vzip2q_s8(c, d))
      return [
        vreinterpretq_s8_s16(vzip1q_s16(s, u)), vreinterpretq_s8_s16(vzip2q_s16(s, u)),
        vreinterpretq_s8_s16(vzip1q_s16(t, v)), vreinterpretq_s8_s16(vzip2q_s16(t, v)),
      ]
    }
    /// Stored bytes as `dot` multiplies them.
    @inline(__always)
    static func adapt(_ x: Bytes) -> Bytes { x }
    @inline(__always)
    static func dot(_ acc: Acc, _ x: Bytes, _ w: Bytes) -> Acc { vdotq_s32(acc, w, x) }
    /// Even and odd pixels of two vectors.
    @inline(__always)
    static func split(_ a: Bytes, _ b: Bytes) -> (Bytes, Bytes) { (a, b) }

    @inline(__always)
    static func floats(_ x: Ints) -> Floats { vcvtq_f32_s32(x) }
    @inline(__always)
    static func pack(_ a: Ints, _ b: Ints) -> Halves {
      vcombine_s16(vqmovn_s32(a), vqmovn_s32(b))
    }
    @inline(__always)
    static func addSaturated(_ a: Halves, _ b: Halves) -> Halves { vqaddq_s16(a, b) }
    /// Saturated to 0...255, as stored.
    @inline(__always)
    static func bytes(_ a: Halves, _ b: Halves) -> Bytes {
      let q = vcombine_u8(vqmovun_s16(a), vqmovun_s16(b))
      return vreinterpretq_s8_u8(veorq_u8(q, uint8x16_t(repeating: 128)))
    }
    @inline(__always)
    static func zero(_ q: Int) -> Zero { splatHalves(128 - q) }
    /// q - zero of stored bytes, a vector for each quarter.
    @inline(__always)
    static func widen(_ x: Bytes, _ zero: Zero) -> InlineArray<4, Ints> {
      let a = vaddw_s8(zero, vget_low_s8(x)), b = vaddw_high_s8(zero, x)
      return [
        vmovl_s16(vget_low_s16(a)), vmovl_high_s16(a), vmovl_s16(vget_low_s16(b)),
        vmovl_high_s16(b),
      ]
    }

    // Pools.
    /// The stored byte of q = 0.
    @inline(__always)
    static var lowest: Bytes { Bytes(repeating: -128) }
    @inline(__always)
    static func maximum(_ a: Bytes, _ b: Bytes) -> Bytes { vmaxq_s8(a, b) }
    /// Sums in 16 bits take this many bytes without overflow.
    @inline(__always)
    static var sumLimit: Int { 256 }
    /// What a summed byte lacks of q.
    @inline(__always)
    static var sumShift: Int { 128 }
    @inline(__always)
    static func accumulate(_ low: inout Halves, _ high: inout Halves, _ x: Bytes) {
      low = vaddw_s8(low, vget_low_s8(x))
      high = vaddw_high_s8(high, x)
    }
    @inline(__always)
    static func sums(_ low: Halves, _ high: Halves) -> InlineArray<4, Ints> {
      [
        vmovl_s16(vget_low_s16(low)), vmovl_high_s16(low), vmovl_s16(vget_low_s16(high)),
        vmovl_high_s16(high),
      ]
    }
    /// The sum of all pixels, in the first one.
    @inline(__always)
    static func joined(_ x: Ints) -> Ints { x }
  }

  /// A table of 256 bytes in registers.
  struct Table {
    var a, b, c, d: uint8x16x4_t
    @inline(__always)
    init(_ p: UnsafeRawPointer) {
      a = Table.quarter(p)
      b = Table.quarter(p + 64)
      c = Table.quarter(p + 128)
      d = Table.quarter(p + 192)
    }
    @inline(__always)
    private static func quarter(_ p: UnsafeRawPointer) -> uint8x16x4_t {
      uint8x16x4_t(
        val: (
          p.loadUnaligned(as: uint8x16_t.self), (p + 16).loadUnaligned(as: uint8x16_t.self),
          (p + 32).loadUnaligned(as: uint8x16_t.self), (p + 48).loadUnaligned(as: uint8x16_t.self)
        ))
    }
    /// An index outside its 64 entries gives 0, or leaves what is there.
    @inline(__always)
    func callAsFunction(_ x: Bytes) -> Bytes {
      let i = vreinterpretq_u8_s8(x)
      var r = vqtbl4q_u8(a, i)
      r = vqtbx4q_u8(r, b, vsubq_u8(i, uint8x16_t(repeating: 64)))
      r = vqtbx4q_u8(r, c, vsubq_u8(i, uint8x16_t(repeating: 128)))
      r = vqtbx4q_u8(r, d, vsubq_u8(i, uint8x16_t(repeating: 192)))
      return vreinterpretq_s8_u8(r)
    }
  }
#endif
