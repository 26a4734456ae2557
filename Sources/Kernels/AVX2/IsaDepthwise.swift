#if X86_KERNELS && arch(x86_64)
  internal import _Builtin_intrinsics.intel
  import SwiftletKernels

  /// Sixteen-bit values; two of them hold the 16 channels of `lanes` pixels.
  typealias Halves = __m256i
  /// What `Lane.widen` subtracts.
  typealias Zero = __m256i

  /// Verbs on `lanes` pixels of 16 channels. A *quarter* is channels 4i ..< 4i + 4 of every
  /// pixel, 32 bits each.
  enum Lane {
    @inline(__always)
    static func bias(_ e: Epilogue) -> UnsafeRawPointer { e.biasS8 }
    @inline(__always)
    static func store(_ x: Bytes, _ p: UnsafeMutableRawPointer) {
      p.storeBytes(of: x, as: Bytes.self)
    }
    /// Stores the first `count` pixels, 1 ... lanes.
    @inline(__always)
    static func store(_ x: Bytes, _ p: UnsafeMutableRawPointer, _ count: Int) {
      if count == 2 { return store(x, p) }
      p.storeBytes(of: x.lowHalf, as: __m128i.self)
    }
    /// Loads `count` times 16 bytes and nothing behind them.
    @inline(__always)
    static func load(_ p: UnsafeRawPointer, _ count: Int) -> Bytes {
      if count == 2 { return p.loadUnaligned(as: Bytes.self) }
      return Bytes(lowHalf: p.loadUnaligned(as: __m128i.self), highHalf: __m128i(0, 0))
    }
    /// One pixel from each of p, p + step, ...
    @inline(__always)
    static func gather(_ p: UnsafeRawPointer, _ step: Int) -> Bytes {
      Bytes(
        lowHalf: p.loadUnaligned(as: __m128i.self),
        highHalf: (p + step).loadUnaligned(as: __m128i.self))
    }
    /// 16 bytes, repeated for every pixel.
    @inline(__always)
    static func spread(_ p: UnsafeRawPointer) -> Bytes {
      _mm256_broadcastsi128_si256(p.loadUnaligned(as: __m128i.self))
    }
    @inline(__always)
    static func spreadAcc(_ p: UnsafeRawPointer) -> Acc { spread(p) }
    @inline(__always)
    static func spreadInts(_ p: UnsafeRawPointer) -> Ints { spread(p) }
    @inline(__always)
    static func spreadFloats(_ p: UnsafeRawPointer) -> Floats {
      let x = p.loadUnaligned(as: __m128.self)
      return Floats(lowHalf: x, highHalf: x)
    }
    @inline(__always)
    static func splatInts(_ x: Int) -> Ints { _mm256_set1_epi32(Int32(truncatingIfNeeded: x)) }
    @inline(__always)
    static func splatHalves(_ x: Int) -> Halves { _mm256_set1_epi16(Int16(truncatingIfNeeded: x)) }

    /// Quarters whose 32 bits are the bytes of a, b, c, d.
    @inline(__always)
    static func zip(_ a: Bytes, _ b: Bytes, _ c: Bytes, _ d: Bytes) -> InlineArray<4, Bytes> {
      let s = _mm256_unpacklo_epi8(a, b), t = _mm256_unpackhi_epi8(a, b)
      let u = _mm256_unpacklo_epi8(c, d), v = _mm256_unpackhi_epi8(c, d)
      return [
        _mm256_unpacklo_epi16(s, u), _mm256_unpackhi_epi16(s, u),
        _mm256_unpacklo_epi16(t, v), _mm256_unpackhi_epi16(t, v),
      ]
    }
    /// Stored bytes as `dot` multiplies them.
    @inline(__always)
    static func adapt(_ x: Bytes) -> Bytes { flip(x) }
    @inline(__always)
    static func dot(_ acc: Acc, _ x: Bytes, _ w: Bytes) -> Acc { dot4Signed(acc, x, w) }
    /// Even and odd pixels of two vectors.
    @inline(__always)
    static func split(_ a: Bytes, _ b: Bytes) -> (Bytes, Bytes) {
      (Bytes(a[0], a[1], b[0], b[1]), Bytes(a[2], a[3], b[2], b[3]))
    }

    @inline(__always)
    static func floats(_ x: Ints) -> Floats { _mm256_cvtepi32_ps(x) }
    @inline(__always)
    static func pack(_ a: Ints, _ b: Ints) -> Halves { _mm256_packs_epi32(a, b) }
    @inline(__always)
    static func addSaturated(_ a: Halves, _ b: Halves) -> Halves { _mm256_adds_epi16(a, b) }
    /// Saturated to 0...255, as stored.
    @inline(__always)
    static func bytes(_ a: Halves, _ b: Halves) -> Bytes { _mm256_packus_epi16(a, b) }
    @inline(__always)
    static func zero(_ q: Int) -> Zero { splatInts(q) }
    /// q - zero of stored bytes, a vector for each quarter.
    @inline(__always)
    static func widen(_ x: Bytes, _ zero: Zero) -> InlineArray<4, Ints> {
      let z = _mm256_setzero_si256()
      let a = _mm256_unpacklo_epi8(x, z), b = _mm256_unpackhi_epi8(x, z)
      return [
        _mm256_sub_epi32(_mm256_unpacklo_epi16(a, z), zero),
        _mm256_sub_epi32(_mm256_unpackhi_epi16(a, z), zero),
        _mm256_sub_epi32(_mm256_unpacklo_epi16(b, z), zero),
        _mm256_sub_epi32(_mm256_unpackhi_epi16(b, z), zero),
      ]
    }

    // Pools.
    /// The stored byte of q = 0.
    @inline(__always)
    static var lowest: Bytes { _mm256_setzero_si256() }
    @inline(__always)
    static func maximum(_ a: Bytes, _ b: Bytes) -> Bytes { _mm256_max_epu8(a, b) }
    /// Sums in 16 bits take this many bytes without overflow.
    @inline(__always)
    static var sumLimit: Int { 257 }
    /// What a summed byte lacks of q.
    @inline(__always)
    static var sumShift: Int { 0 }
    @inline(__always)
    static func accumulate(_ low: inout Halves, _ high: inout Halves, _ x: Bytes) {
      let z = _mm256_setzero_si256()
      low = _mm256_add_epi16(low, _mm256_unpacklo_epi8(x, z))
      high = _mm256_add_epi16(high, _mm256_unpackhi_epi8(x, z))
    }
    @inline(__always)
    static func sums(_ low: Halves, _ high: Halves) -> InlineArray<4, Ints> {
      let z = _mm256_setzero_si256()
      return [
        _mm256_unpacklo_epi16(low, z), _mm256_unpackhi_epi16(low, z),
        _mm256_unpacklo_epi16(high, z), _mm256_unpackhi_epi16(high, z),
      ]
    }
    /// The sum of all pixels, in the first one.
    @inline(__always)
    static func joined(_ x: Ints) -> Ints {
      _mm256_broadcastsi128_si256(_mm_add_epi32(x.lowHalf, x.highHalf))
    }
  }

  /// A table of 256 bytes, 16 at a time.
  struct Table {
    var base: UnsafeRawPointer
    @inline(__always)
    init(_ p: UnsafeRawPointer) { base = p }
    /// A shuffle gives 0 for an index with its high bit set, and the saturating addition sets
    /// that bit for every index above 15: each of the 16 steps answers its own 16 indices.
    @inline(__always)
    func callAsFunction(_ x: Bytes) -> Bytes {
      var left = x
      var result = zeroBytes()
      for part in 0..<16 {
        let index = _mm256_adds_epu8(left, _mm256_set1_epi8(0x70))
        result = _mm256_or_si256(
          result, _mm256_shuffle_epi8(Lane.spread(base + part * 16), index))
        left = _mm256_sub_epi8(left, _mm256_set1_epi8(16))
      }
      return result
    }
  }
#endif
