#if ARM_KERNELS && arch(arm64)
  internal import _Builtin_intrinsics.arm.neon

  // NEON with dot products: a vector is 4 channels; s8 activations (q - 128).
  typealias Acc = int32x4_t
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

  // Dot products of four.
  @inline(__always) func zeroAcc() -> Acc { Acc(repeating: 0) }
  @inline(__always) func start(_ p: UnsafeRawPointer) -> Acc { p.loadUnaligned(as: Acc.self) }
  @inline(__always) func toFloats(_ acc: Acc) -> Floats { vcvtq_f32_s32(acc) }
  @inline(__always) func dot4(_ acc: Acc, _ x: Bytes, _ w: Bytes) -> Acc { vdotq_s32(acc, w, x) }
  /// Any int8 weights.
  enum FullDot: Dot {
    @inline(__always) static var isSigned: Bool { true }
    @inline(__always) static func operand(_ x: Pixel, _ half: Int) -> (Bytes, Bytes) {
      (quad(x, half * 2), quad(x, half * 2 + 1))
    }
    @inline(__always)
    static func dot8(_ acc: Acc, _ x: (Bytes, Bytes), _ even: Bytes, _ odd: Bytes) -> Acc {
      dot4(dot4(acc, x.0, even), x.1, odd)
    }
  }
  /// Nothing is gained by small weights here.
  typealias SmallDot = FullDot

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
