#if X86_KERNELS && arch(x86_64)
  internal import _Builtin_intrinsics.intel

  // AVX2: a vector is 8 channels.
  typealias Bytes = __m256i
  typealias Acc = __m256i
  typealias Ints = __m256i
  typealias Floats = __m256
  /// Stored bytes of one pixel and 16 channels.
  typealias Block = __m128i
  /// Activations of one pixel; broadcasts read them straight from memory.
  typealias Pixel = UnsafeRawPointer

  /// Channels of an accumulator vector.
  @inline(__always) var width: Int { 8 }
  /// Pixels of 16 channels in a vector of bytes.
  @inline(__always) var lanes: Int { 2 }

  @inline(__always) func zeroBytes() -> Bytes { _mm256_setzero_si256() }
  @inline(__always) func zeroAcc() -> Acc { _mm256_setzero_si256() }
  @inline(__always) func zeroInts() -> Ints { _mm256_setzero_si256() }
  @inline(__always) func zeroFloats() -> Floats { _mm256_setzero_ps() }
  @inline(__always) func load(_ p: UnsafeRawPointer) -> Bytes { p.loadUnaligned(as: Bytes.self) }
  @inline(__always) func start(_ p: UnsafeRawPointer) -> Acc { p.loadUnaligned(as: Acc.self) }
  @inline(__always) func loadInts(_ p: UnsafeRawPointer) -> Ints { p.loadUnaligned(as: Ints.self) }
  @inline(__always) func loadFloats(_ p: UnsafeRawPointer) -> Floats {
    p.loadUnaligned(as: Floats.self)
  }
  @inline(__always) func splatFloat(_ x: Float) -> Floats { _mm256_set1_ps(x) }

  // Activations.
  @inline(__always) func pixel(_ p: UnsafeRawPointer) -> Pixel { p }
  @inline(__always) func halfPixel(_ p: UnsafeRawPointer) -> Pixel { p }
  @inline(__always) func quad(_ x: Pixel, _ index: Int) -> Bytes {
    _mm256_set1_epi32(x.loadUnaligned(fromByteOffset: index * 4, as: Int32.self))
  }
  /// q to q - 128.
  @inline(__always) func flip(_ x: Bytes) -> Bytes { _mm256_xor_si256(x, _mm256_set1_epi8(-128)) }

  // Dot products of four.
  @inline(__always) private func addPairs(_ acc: Acc, _ pairs: Bytes) -> Acc {
    _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
  }
  /// u8 times s8; exact for weights within 63, as 2 * 255 * 63 < 32768.
  @inline(__always) func dot4(_ acc: Acc, _ x: Bytes, _ w: Bytes) -> Acc {
    addPairs(acc, _mm256_maddubs_epi16(x, w))
  }
  /// s8 times s8 as |x| * (w with the sign of x); exact for weights within 127.
  @inline(__always) func dot4Signed(_ acc: Acc, _ x: Bytes, _ w: Bytes) -> Acc {
    addPairs(acc, _mm256_maddubs_epi16(_mm256_abs_epi8(x), _mm256_sign_epi8(w, x)))
  }
  /// Weights within 127: activations become q - 128.
  enum FullDot: Dot {
    @inline(__always) static var isSigned: Bool { true }
    @inline(__always) static func operand(_ x: Pixel, _ half: Int) -> (Bytes, Bytes) {
      (flip(quad(x, half * 2)), flip(quad(x, half * 2 + 1)))
    }
    @inline(__always)
    static func dot8(_ acc: Acc, _ x: (Bytes, Bytes), _ even: Bytes, _ odd: Bytes) -> Acc {
      dot4Signed(dot4Signed(acc, x.0, even), x.1, odd)
    }
  }
  /// Weights within 63.
  enum SmallDot: Dot {
    @inline(__always) static var isSigned: Bool { false }
    @inline(__always) static func operand(_ x: Pixel, _ half: Int) -> (Bytes, Bytes) {
      (quad(x, half * 2), quad(x, half * 2 + 1))
    }
    @inline(__always)
    static func dot8(_ acc: Acc, _ x: (Bytes, Bytes), _ even: Bytes, _ odd: Bytes) -> Acc {
      dot4(dot4(acc, x.0, even), x.1, odd)
    }
  }

  // Codes.
  @inline(__always) func lowCodes(_ b: Bytes) -> Bytes {
    _mm256_and_si256(b, _mm256_set1_epi8(15))
  }
  @inline(__always) func highCodes(_ b: Bytes) -> Bytes {
    _mm256_and_si256(_mm256_srli_epi16(b, 4), _mm256_set1_epi8(15))
  }
  @inline(__always) func lookup(_ table: Bytes, _ codes: Bytes) -> Bytes {
    _mm256_shuffle_epi8(table, codes)
  }
  @inline(__always) func add8(_ a: Bytes, _ b: Bytes) -> Bytes { _mm256_add_epi8(a, b) }

  // Epilogues.
  @inline(__always) func toFloats(_ acc: Acc) -> Floats { _mm256_cvtepi32_ps(acc) }
  /// The q of `width` channels from channel `vector * width` of the pixel at p.
  @inline(__always) func residualFloats(_ p: UnsafeRawPointer, _ vector: Int) -> Floats {
    let q = __m128i((p + vector * 8).loadUnaligned(as: Int64.self), 0)
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(q))
  }
  /// min(max(x, 0), 6).
  @inline(__always) func clampToSix(_ x: Floats) -> Floats {
    _mm256_min_ps(_mm256_max_ps(x, _mm256_setzero_ps()), _mm256_set1_ps(6))
  }
  @inline(__always) func multiply(_ a: Floats, _ b: Floats) -> Floats { _mm256_mul_ps(a, b) }
  @inline(__always) func add(_ a: Floats, _ b: Floats) -> Floats { _mm256_add_ps(a, b) }
  @inline(__always) func add(_ a: Ints, _ b: Ints) -> Ints { _mm256_add_epi32(a, b) }
  @inline(__always) func rounded(_ x: Floats) -> Ints { _mm256_cvtps_epi32(x) }
  /// Saturated bytes of two pixels as stored: a and b are the channels of the first, c and d
  /// those of the second.
  @inline(__always) func narrow(_ a: Ints, _ b: Ints, _ c: Ints, _ d: Ints) -> Bytes {
    let packed = _mm256_packus_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d))
    let order = unsafeBitCast(SIMD8<Int32>(0, 4, 1, 5, 2, 6, 3, 7), to: Ints.self)
    return _mm256_permutevar8x32_epi32(packed, order)
  }
  @inline(__always) func block(_ x: Bytes, _ index: Int) -> Block {
    index == 0 ? x.lowHalf : x.highHalf
  }
#endif
