#if X86_KERNELS && arch(x86_64)
  internal import _Builtin_intrinsics.intel
  import SwiftletKernels

  /// Sixteen-bit values; two of them hold the 16 channels of `lanes` pixels.
  typealias Halves = __m512i
  /// What `Lane.widen` subtracts.
  typealias Zero = __m512i

  /// Verbs on `lanes` pixels of 16 channels. A *quarter* is channels 4i ..< 4i + 4 of every
  /// pixel, 32 bits each.
  enum Lane {
    @inline(__always)
    static func bias(_ e: Epilogue) -> UnsafeRawPointer { e.biasU8 }
    @inline(__always)
    static func store(_ x: Bytes, _ p: UnsafeMutableRawPointer) {
      p.storeBytes(of: x, as: Bytes.self)
    }
    /// Stores the first `count` pixels, 1 ... lanes.
    @inline(__always)
    static func store(_ x: Bytes, _ p: UnsafeMutableRawPointer, _ count: Int) {
      _mm512_mask_storeu_epi64(p, __mmask8(truncatingIfNeeded: (1 << (2 * count)) - 1), x)
    }
    /// Loads `count` times 16 bytes and nothing behind them.
    @inline(__always)
    static func load(_ p: UnsafeRawPointer, _ count: Int) -> Bytes {
      _mm512_maskz_loadu_epi64(__mmask8(truncatingIfNeeded: (1 << (2 * count)) - 1), p)
    }
    /// One pixel from each of p, p + step, ...
    @inline(__always)
    static func gather(_ p: UnsafeRawPointer, _ step: Int) -> Bytes {
      let a = p.loadUnaligned(as: __m128i.self), b = (p + step).loadUnaligned(as: __m128i.self)
      let c = (p + 2 * step).loadUnaligned(as: __m128i.self)
      let d = (p + 3 * step).loadUnaligned(as: __m128i.self)
      return Bytes(
        lowHalf: __m256i(lowHalf: a, highHalf: b), highHalf: __m256i(lowHalf: c, highHalf: d))
    }
    /// 16 bytes, repeated for every pixel.
    @inline(__always)
    static func spread(_ p: UnsafeRawPointer) -> Bytes {
      _mm512_broadcast_i32x4(p.loadUnaligned(as: __m128i.self))
    }
    @inline(__always)
    static func spreadAcc(_ p: UnsafeRawPointer) -> Acc { spread(p) }
    @inline(__always)
    static func spreadInts(_ p: UnsafeRawPointer) -> Ints { spread(p) }
    @inline(__always)
    static func spreadFloats(_ p: UnsafeRawPointer) -> Floats {
      _mm512_broadcast_f32x4(p.loadUnaligned(as: __m128.self))
    }
    @inline(__always)
    static func splatInts(_ x: Int) -> Ints { _mm512_set1_epi32(Int32(truncatingIfNeeded: x)) }
    @inline(__always)
    static func splatHalves(_ x: Int) -> Halves { _mm512_set1_epi16(Int16(truncatingIfNeeded: x)) }

    /// Quarters whose 32 bits are the bytes of a, b, c, d.
    @inline(__always)
    static func zip(_ a: Bytes, _ b: Bytes, _ c: Bytes, _ d: Bytes) -> InlineArray<4, Bytes> {
      let s = _mm512_unpacklo_epi8(a, b), t = _mm512_unpackhi_epi8(a, b)
      let u = _mm512_unpacklo_epi8(c, d), v = _mm512_unpackhi_epi8(c, d)
      return [
        _mm512_unpacklo_epi16(s, u), _mm512_unpackhi_epi16(s, u),
        _mm512_unpacklo_epi16(t, v), _mm512_unpackhi_epi16(t, v),
      ]
    }
    /// Stored bytes as `dot` multiplies them.
    @inline(__always)
    static func adapt(_ x: Bytes) -> Bytes { x }
    @inline(__always)
    static func dot(_ acc: Acc, _ x: Bytes, _ w: Bytes) -> Acc { _mm512_dpbusd_epi32(acc, x, w) }
    /// Even and odd pixels of two vectors.
    @inline(__always)
    static func split(_ a: Bytes, _ b: Bytes) -> (Bytes, Bytes) {
      (
        _mm512_permutex2var_epi64(a, Bytes(0, 1, 4, 5, 8, 9, 12, 13), b),
        _mm512_permutex2var_epi64(a, Bytes(2, 3, 6, 7, 10, 11, 14, 15), b)
      )
    }

    @inline(__always)
    static func floats(_ x: Ints) -> Floats { _mm512_cvtepi32_ps(x) }
    @inline(__always)
    static func pack(_ a: Ints, _ b: Ints) -> Halves { _mm512_packs_epi32(a, b) }
    @inline(__always)
    static func addSaturated(_ a: Halves, _ b: Halves) -> Halves { _mm512_adds_epi16(a, b) }
    /// Saturated to 0...255, as stored.
    @inline(__always)
    static func bytes(_ a: Halves, _ b: Halves) -> Bytes { _mm512_packus_epi16(a, b) }
    @inline(__always)
    static func zero(_ q: Int) -> Zero { splatInts(q) }
    /// q - zero of stored bytes, a vector for each quarter.
    @inline(__always)
    static func widen(_ x: Bytes, _ zero: Zero) -> InlineArray<4, Ints> {
      let z = _mm512_setzero_si512()
      let a = _mm512_unpacklo_epi8(x, z), b = _mm512_unpackhi_epi8(x, z)
      return [
        _mm512_sub_epi32(_mm512_unpacklo_epi16(a, z), zero),
        _mm512_sub_epi32(_mm512_unpackhi_epi16(a, z), zero),
        _mm512_sub_epi32(_mm512_unpacklo_epi16(b, z), zero),
        _mm512_sub_epi32(_mm512_unpackhi_epi16(b, z), zero),
      ]
    }

    // Pools.
    /// The stored byte of q = 0.
    @inline(__always)
    static var lowest: Bytes { _mm512_setzero_si512() }
    @inline(__always)
    static func maximum(_ a: Bytes, _ b: Bytes) -> Bytes { _mm512_max_epu8(a, b) }
    /// Sums in 16 bits take this many bytes without overflow.
    @inline(__always)
    static var sumLimit: Int { 257 }
    /// What a summed byte lacks of q.
    @inline(__always)
    static var sumShift: Int { 0 }
    @inline(__always)
    static func accumulate(_ low: inout Halves, _ high: inout Halves, _ x: Bytes) {
      let z = _mm512_setzero_si512()
      low = _mm512_add_epi16(low, _mm512_unpacklo_epi8(x, z))
      high = _mm512_add_epi16(high, _mm512_unpackhi_epi8(x, z))
    }
    @inline(__always)
    static func sums(_ low: Halves, _ high: Halves) -> InlineArray<4, Ints> {
      let z = _mm512_setzero_si512()
      return [
        _mm512_unpacklo_epi16(low, z), _mm512_unpackhi_epi16(low, z),
        _mm512_unpacklo_epi16(high, z), _mm512_unpackhi_epi16(high, z),
      ]
    }
    /// The sum of all pixels, in the first one.
    @inline(__always)
    static func joined(_ x: Ints) -> Ints {
      let h = _mm256_add_epi32(x.lowHalf, x.highHalf)
      let q = _mm_add_epi32(h.lowHalf, h.highHalf)
      return _mm512_broadcast_i32x4(q)
    }
  }

  /// A table of 256 bytes in registers.
  struct Table {
    var parts: InlineArray<4, Bytes>
    @inline(__always)
    init(_ p: UnsafeRawPointer) {
      parts = [load(p), load(p + 64), load(p + 128), load(p + 192)]
    }
    @inline(__always)
    func callAsFunction(_ x: Bytes) -> Bytes {
      let byte = _mm512_set1_epi16(255)
      let low = words(_mm512_and_si512(x, byte)), high = words(_mm512_srli_epi16(x, 8))
      return _mm512_or_si512(_mm512_and_si512(low, byte), _mm512_slli_epi16(high, 8))
    }
    /// The entry of each 16-bit index, in the low byte: AVX-512BW permutes words, so a word of
    /// two entries is fetched and shifted.
    @inline(__always)
    private func words(_ x: Bytes) -> Bytes {
      let n = _mm512_srli_epi16(x, 1)
      let pair = _mm512_mask_blend_epi16(
        _mm512_movepi16_mask(_mm512_slli_epi16(x, 8)),
        _mm512_permutex2var_epi16(parts[0], n, parts[1]),
        _mm512_permutex2var_epi16(parts[2], n, parts[3]))
      return _mm512_srlv_epi16(
        pair, _mm512_slli_epi16(_mm512_and_si512(x, _mm512_set1_epi16(1)), 3))
    }
  }
#endif
