/// A tile of a frame in memory: `rows` rows of `bytes` bytes, `line` bytes apart.
struct GateTile {
  var offset: Int32
  var line: Int32
  var bytes: UInt16
  var rows: UInt16
}

/// The tiles of a frame, plane by plane: 32 x 32 pixels, of a chroma plane as many as lie under
/// them. Of frames higher than 960 rows only every second row is looked at, and so on.
struct GateTiles: ~Copyable {
  let list: UnsafeMutablePointer<GateTile>
  private(set) var count = 0
  /// Tiles of the first plane, which come first, and how many of them lie in a row,
  /// in every plane as many.
  private(set) var firstPlane = 0
  private(set) var columns = 1
  /// [columns] for a row of tiles at work.
  let sums: UnsafeMutablePointer<TileSums>
  /// Even bytes of a row are luma and odd ones chroma.
  private(set) var isMixed = false

  init() {
    list = .allocate(capacity: 1)
    sums = .allocate(capacity: 1)
  }

  init(width: Int, height: Int, format: YUVFormat?) {
    let across = (width + 31) / 32
    // No plane has more tiles than the first one.
    list = .allocate(capacity: 3 * across * ((height + 31) / 32))
    columns = across
    sums = .allocate(capacity: across)
    let half = (width + 1) / 2
    let halfHeight = (height + 1) / 2
    let plane = width * height
    switch format {
    case nil: add(at: 0, line: width * 3, height, tile: 96, 32)
    case .yuyv:
      isMixed = true
      add(at: 0, line: half * 4, height, tile: 64, 32)
    case .gray: add(at: 0, line: width, height, tile: 32, 32)
    case .nv12, .nv21:
      add(at: 0, line: width, height, tile: 32, 32)
      add(at: plane, line: half * 2, halfHeight, tile: 32, 16)
    case .i420:
      add(at: 0, line: width, height, tile: 32, 32)
      add(at: plane, line: half, halfHeight, tile: 16, 16)
      add(at: plane + half * halfHeight, line: half, halfHeight, tile: 16, 16)
    case .i422:
      add(at: 0, line: width, height, tile: 32, 32)
      add(at: plane, line: half, height, tile: 16, 32)
      add(at: plane + half * height, line: half, height, tile: 16, 32)
    case .i444:
      for i in 0..<3 { add(at: i * plane, line: width, height, tile: 32, 32) }
    }
  }

  deinit {
    list.deallocate()
    sums.deallocate()
  }

  /// Cuts a plane of `height` rows of `line` bytes.
  private mutating func add(at first: Int, line: Int, _ height: Int, tile: Int, _ rows: Int) {
    let step = max(1, height / 480)
    for y in stride(from: 0, to: height, by: rows * step) {
      let here = min(rows, (height - y + step - 1) / step)
      for x in stride(from: 0, to: line, by: tile) {
        list[count] = GateTile(
          offset: Int32(first + y * line + x), line: Int32(line * step),
          bytes: UInt16(min(tile, line - x)), rows: UInt16(here))
        count += 1
      }
    }
    if first == 0 { firstPlane = count }
  }
}

/// Sums of differences over a tile of at most 32 rows of 96 bytes, even bytes of a row apart from
/// odd ones: luma and chroma of Y Cb Y Cr.
struct TileSums {
  // At most 6 vectors in each of 32 rows: 192 x 255 fits 16 bits. Differences up and down apart.
  private var evenUp = SIMD8<UInt16>.zero
  private var evenDown = SIMD8<UInt16>.zero
  private var oddUp = SIMD8<UInt16>.zero
  private var oddDown = SIMD8<UInt16>.zero

  /// Adds a row of `bytes`; up to 15 behind it are read, and left out.
  @inline(__always)
  mutating func add(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, bytes: Int) {
    var x = 0
    while x &+ 16 <= bytes {
      add(
        (a + x).loadUnaligned(as: SIMD16<UInt8>.self),
        (b + x).loadUnaligned(as: SIMD16<UInt8>.self))
      x &+= 16
    }
    if x == bytes { return }
    var p = (a + x).loadUnaligned(as: SIMD16<UInt8>.self)
    var q = (b + x).loadUnaligned(as: SIMD16<UInt8>.self)
    for i in bytes &- x..<16 { (p[i], q[i]) = (0, 0) }
    add(p, q)
  }

  @inline(__always)
  private mutating func add(_ p: SIMD16<UInt8>, _ q: SIMD16<UInt8>) {
    // Differences cut off at 0, an instruction of every CPU.
    let most = p.replacing(with: q, where: p .< q)
    let up = unsafeBitCast(most &- q, to: SIMD8<UInt16>.self)
    let down = unsafeBitCast(most &- p, to: SIMD8<UInt16>.self)
    evenUp &+= up & 255
    oddUp &+= up &>> 8
    evenDown &+= down & 255
    oddDown &+= down &>> 8
  }

  /// What the sums come to.
  var difference: TileDifference {
    let up = (Self.sum(evenUp), Self.sum(oddUp))
    let down = (Self.sum(evenDown), Self.sum(oddDown))
    return TileDifference(
      even: up.0 + down.0, odd: up.1 + down.1, evenSigned: up.0 - down.0,
      oddSigned: up.1 - down.1)
  }

  private static func sum(_ v: SIMD8<UInt16>) -> Int {
    Int(SIMD8<UInt32>(truncatingIfNeeded: v).wrappedSum())
  }
}

/// Sums over a tile, of absolute differences and with sign.
struct TileDifference {
  let even: Int
  let odd: Int
  let evenSigned: Int
  let oddSigned: Int

  /// Whether a tile of `values` bytes passes a limit, in 1/256 grey levels. Luma and chroma that
  /// are mixed count apart, else a change of one would be halved by the other.
  func passes(mean: Int, drift: Int, values: Int, isMixed: Bool) -> Bool {
    if isMixed {
      return max(even, odd) * 512 > mean * values
        || max(abs(evenSigned), abs(oddSigned)) * 512 > drift * values
    }
    return (even + odd) * 256 > mean * values || abs(evenSigned + oddSigned) * 256 > drift * values
  }
}
