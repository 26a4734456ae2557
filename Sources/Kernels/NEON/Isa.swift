#if ARM_KERNELS && arch(arm64)
  internal import _Builtin_intrinsics.arm.neon

  // NEON of armv8.0: a vector is 4 channels; s8 activations (q - 128).
  typealias Bytes = int8x16_t
  typealias Ints = int32x4_t
  typealias Floats = float32x4_t
  /// Stored bytes of one pixel and 16 channels.
  typealias Block = int8x16_t
  /// Activations of one pixel and 16 k.
  typealias Pixel = int32x4_t

  /// Channels of an accumulator vector.
  @inline(__always) var width: Int { 4 }
  /// Pixels of 16 channels in a vector of bytes.
  @inline(__always) var lanes: Int { 1 }

  @inline(__always) func zeroBytes() -> Bytes { Bytes(repeating: 0) }
  @inline(__always) func zeroInts() -> Ints { Ints(repeating: 0) }
  @inline(__always) func zeroFloats() -> Floats { Floats(repeating: 0) }
  @inline(__always) func load(_ p: UnsafeRawPointer) -> Bytes { p.loadUnaligned(as: Bytes.self) }
  @inline(__always) func loadInts(_ p: UnsafeRawPointer) -> Ints { p.loadUnaligned(as: Ints.self) }
  @inline(__always) func loadFloats(_ p: UnsafeRawPointer) -> Floats {
    p.loadUnaligned(as: Floats.self)
  }
  @inline(__always) func splatFloat(_ x: Float) -> Floats { Floats(repeating: x) }

  // Activations.
  @inline(__always) func pixel(_ p: UnsafeRawPointer) -> Pixel { p.loadUnaligned(as: Pixel.self) }
  @inline(__always) func halfPixel(_ p: UnsafeRawPointer) -> Pixel {
    let x = p.loadUnaligned(as: SIMD2<Int32>.self)
    return Pixel(lowHalf: x, highHalf: x)
  }
  @inline(__always) func quad(_ x: Pixel, _ index: Int) -> Bytes {
    vreinterpretq_s8_s32(Ints(repeating: x[index]))
  }

  // Dot products of four: products in 16 bits, pairs of them added into 32. Each channel has two
  // partial sums, those of channels 0-1 in `a` and of 2-3 in `b`.
  struct Acc {
    var a: int32x4_t
    var b: int32x4_t
  }
  @inline(__always) func zeroAcc() -> Acc {
    Acc(a: int32x4_t(repeating: 0), b: int32x4_t(repeating: 0))
  }
  @inline(__always) func start(_ p: UnsafeRawPointer) -> Acc {
    let x = vreinterpretq_u32_s32(p.loadUnaligned(as: int32x4_t.self))
    return Acc(
      a: vreinterpretq_s32_u64(vmovl_u32(vget_low_u32(x))),
      b: vreinterpretq_s32_u64(vmovl_high_u32(x)))
  }
  @inline(__always) func toFloats(_ acc: Acc) -> Floats {
    vcvtq_f32_s32(vpaddq_s32(acc.a, acc.b))
  }
  @inline(__always) func dot4(_ acc: Acc, _ x: Bytes, _ w: Bytes) -> Acc {
    Acc(
      a: vpadalq_s16(acc.a, vmull_s8(vget_low_s8(w), vget_low_s8(x))),
      b: vpadalq_s16(acc.b, vmull_high_s8(w, x)))
  }
  /// Weights within 127: two products fit 16 bits, 2 * 128 * 127 < 32768.
  enum FullDot: Dot {
    @inline(__always) static var isSigned: Bool { true }
    @inline(__always) static var takesSixteen: Bool { true }
    @inline(__always) static func operand(_ x: Pixel, _ half: Int) -> (Bytes, Bytes) {
      (quad(x, half * 2), quad(x, half * 2 + 1))
    }
    @inline(__always)
    static func dot8(_ acc: Acc, _ x: (Bytes, Bytes), _ even: Bytes, _ odd: Bytes) -> Acc {
      let low = vmull_s8(vget_low_s8(even), vget_low_s8(x.0))
      let high = vmull_high_s8(even, x.0)
      return Acc(
        a: vpadalq_s16(acc.a, vmlal_s8(low, vget_low_s8(odd), vget_low_s8(x.1))),
        b: vpadalq_s16(acc.b, vmlal_high_s8(high, odd, x.1)))
    }
  }
  /// Weights within 63: four products fit 16 bits, 4 * 128 * 63 < 32768.
  enum SmallDot: Dot {
    @inline(__always) static var isSigned: Bool { true }
    @inline(__always) static var takesSixteen: Bool { true }
    @inline(__always) static func operand(_ x: Pixel, _ half: Int) -> (Bytes, Bytes) {
      FullDot.operand(x, half)
    }
    @inline(__always)
    static func dot8(_ acc: Acc, _ x: (Bytes, Bytes), _ even: Bytes, _ odd: Bytes) -> Acc {
      FullDot.dot8(acc, x, even, odd)
    }
    @inline(__always)
    static func dot16(
      _ acc: Acc, _ low: (Bytes, Bytes), _ high: (Bytes, Bytes), _ first: (Bytes, Bytes),
      _ second: (Bytes, Bytes)
    ) -> Acc {
      var a = vmull_s8(vget_low_s8(first.0), vget_low_s8(low.0))
      var b = vmull_high_s8(first.0, low.0)
      a = vmlal_s8(a, vget_low_s8(first.1), vget_low_s8(low.1))
      b = vmlal_high_s8(b, first.1, low.1)
      a = vmlal_s8(a, vget_low_s8(second.0), vget_low_s8(high.0))
      b = vmlal_high_s8(b, second.0, high.0)
      a = vmlal_s8(a, vget_low_s8(second.1), vget_low_s8(high.1))
      b = vmlal_high_s8(b, second.1, high.1)
      return Acc(a: vpadalq_s16(acc.a, a), b: vpadalq_s16(acc.b, b))
    }
  }

  // Codes.
  @inline(__always) func lowCodes(_ b: Bytes) -> Bytes { b & 15 }
  @inline(__always) func highCodes(_ b: Bytes) -> Bytes {
    vreinterpretq_s8_u8(vreinterpretq_u8_s8(b) &>> 4)
  }
  @inline(__always) func lookup(_ table: Bytes, _ codes: Bytes) -> Bytes {
    vqtbl1q_s8(table, vreinterpretq_u8_s8(codes))
  }
  @inline(__always) func add8(_ a: Bytes, _ b: Bytes) -> Bytes { a &+ b }

  // Epilogues.
  /// The q of `width` channels from channel `vector * width` of the pixel at p.
  @inline(__always) func residualFloats(_ p: UnsafeRawPointer, _ vector: Int) -> Floats {
    let q = vreinterpretq_u8_s8(load(p) ^ -128)
    let half = vector < 2 ? vmovl_u8(vget_low_u8(q)) : vmovl_high_u8(q)
    return vcvtq_f32_u32(
      vector % 2 == 0 ? vmovl_u16(vget_low_u16(half)) : vmovl_high_u16(half))
  }
  /// min(max(x, 0), 6).
  @inline(__always) func clampToSix(_ x: Floats) -> Floats {
    vminq_f32(vmaxq_f32(x, Floats(repeating: 0)), Floats(repeating: 6))
  }
  @inline(__always) func multiply(_ a: Floats, _ b: Floats) -> Floats { vmulq_f32(a, b) }
  @inline(__always) func add(_ a: Floats, _ b: Floats) -> Floats { vaddq_f32(a, b) }
  @inline(__always) func add(_ a: Ints, _ b: Ints) -> Ints { vaddq_s32(a, b) }
  @inline(__always) func rounded(_ x: Floats) -> Ints { vcvtnq_s32_f32(x) }
  /// Saturated bytes of the 16 channels of a pixel as stored.
  @inline(__always) func narrow(_ a: Ints, _ b: Ints, _ c: Ints, _ d: Ints) -> Bytes {
    let low = vqmovn_high_s32(vqmovn_s32(a), b), high = vqmovn_high_s32(vqmovn_s32(c), d)
    return vreinterpretq_s8_u8(vqmovun_high_s16(vqmovun_s16(low), high)) ^ -128
  }
  @inline(__always) func block(_ x: Bytes, _ index: Int) -> Block { x }
#endif
