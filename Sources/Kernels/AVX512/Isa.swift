#if X86_KERNELS && arch(x86_64)
  internal import _Builtin_intrinsics.intel

  // AVX-512 with VNNI: a vector is 16 channels; u8 activations times s8 weights.
  typealias Bytes = __m512i
  typealias Acc = __m512i
  typealias Ints = __m512i
  typealias Floats = __m512
  /// Stored bytes of one pixel and 16 channels.
  typealias Block = __m128i
  /// Activations of one pixel; broadcasts read them straight from memory.
  typealias Pixel = UnsafeRawPointer

  /// Channels of an accumulator vector.
  @inline(__always) var width: Int { 16 }
  /// Pixels of 16 channels in a vector of bytes.
  @inline(__always) var lanes: Int { 4 }

  @inline(__always) func zeroBytes() -> Bytes { _mm512_setzero_si512() }
  @inline(__always) func zeroAcc() -> Acc { _mm512_setzero_si512() }
  @inline(__always) func zeroInts() -> Ints { _mm512_setzero_si512() }
  @inline(__always) func zeroFloats() -> Floats { _mm512_setzero_ps() }
  @inline(__always) func load(_ p: UnsafeRawPointer) -> Bytes { p.loadUnaligned(as: Bytes.self) }
  @inline(__always) func start(_ p: UnsafeRawPointer) -> Acc { p.loadUnaligned(as: Acc.self) }
  @inline(__always) func loadInts(_ p: UnsafeRawPointer) -> Ints { p.loadUnaligned(as: Ints.self) }
  @inline(__always) func loadFloats(_ p: UnsafeRawPointer) -> Floats {
    p.loadUnaligned(as: Floats.self)
  }
  @inline(__always) func splatFloat(_ x: Float) -> Floats { _mm512_set1_ps(x) }

  // Activations.
  @inline(__always) func pixel(_ p: UnsafeRawPointer) -> Pixel { p }
  @inline(__always) func halfPixel(_ p: UnsafeRawPointer) -> Pixel { p }
  @inline(__always) func quad(_ x: Pixel, _ index: Int) -> Bytes {
    _mm512_set1_epi32(x.loadUnaligned(fromByteOffset: index * 4, as: Int32.self))
  }

  // Dot products of four.
  @inline(__always) func dot4(_ acc: Acc, _ x: Bytes, _ w: Bytes) -> Acc {
    _mm512_dpbusd_epi32(acc, x, w)
  }
  /// Any int8 weights.
  enum FullDot: Dot {
    @inline(__always) static var isSigned: Bool { false }
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
  @inline(__always) func lowCodes(_ b: Bytes) -> Bytes {
    _mm512_and_si512(b, _mm512_set1_epi8(15))
  }
  @inline(__always) func highCodes(_ b: Bytes) -> Bytes {
    _mm512_and_si512(_mm512_srli_epi16(b, 4), _mm512_set1_epi8(15))
  }
  @inline(__always) func lookup(_ table: Bytes, _ codes: Bytes) -> Bytes {
    _mm512_shuffle_epi8(table, codes)
  }
  @inline(__always) func add8(_ a: Bytes, _ b: Bytes) -> Bytes { _mm512_add_epi8(a, b) }

  // Epilogues.
  @inline(__always) func toFloats(_ acc: Acc) -> Floats { _mm512_cvtepi32_ps(acc) }
  /// The q of `width` channels from channel `vector * width` of the pixel at p.
  @inline(__always) func residualFloats(_ p: UnsafeRawPointer, _ vector: Int) -> Floats {
    _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(p.loadUnaligned(as: __m128i.self)))
  }
  /// min(max(x, 0), 6).
  @inline(__always) func clampToSix(_ x: Floats) -> Floats {
    _mm512_min_ps(_mm512_max_ps(x, _mm512_setzero_ps()), _mm512_set1_ps(6))
  }
  @inline(__always) func multiply(_ a: Floats, _ b: Floats) -> Floats { _mm512_mul_ps(a, b) }
  @inline(__always) func add(_ a: Floats, _ b: Floats) -> Floats { _mm512_add_ps(a, b) }
  @inline(__always) func add(_ a: Ints, _ b: Ints) -> Ints { _mm512_add_epi32(a, b) }
  @inline(__always) func rounded(_ x: Floats) -> Ints { _mm512_cvtps_epi32(x) }
  /// Saturated bytes of four pixels, 16 channels each, as stored.
  @inline(__always) func narrow(_ a: Ints, _ b: Ints, _ c: Ints, _ d: Ints) -> Bytes {
    // Lane i of the packed vector holds channels 4i to 4i+3 of the four pixels.
    let packed = _mm512_packus_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d))
    let order = unsafeBitCast(
      SIMD16<Int32>(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), to: Ints.self)
    return _mm512_permutexvar_epi32(order, packed)
  }
  @inline(__always) func block(_ x: Bytes, _ index: Int) -> Block {
    let half = index < 2 ? x.lowHalf : x.highHalf
    return index % 2 == 0 ? half.lowHalf : half.highHalf
  }
#endif
