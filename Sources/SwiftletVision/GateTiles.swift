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
  /// Tiles of the first plane, which come first, and how many of them lie in a row.
  private(set) var firstPlane = 0
  private(set) var columns = 1

  init() { list = .allocate(capacity: 1) }

  init(width: Int, height: Int, format: YUVFormat?) {
    let across = (width + 31) / 32
    // No plane has more tiles than the first one.
    list = .allocate(capacity: 3 * across * ((height + 31) / 32))
    columns = across
    let half = (width + 1) / 2
    let halfHeight = (height + 1) / 2
    let plane = width * height
    switch format {
    case nil: add(at: 0, line: width * 3, height, tile: 96, 32)
    case .yuyv: add(at: 0, line: half * 4, height, tile: 64, 32)
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

  deinit { list.deallocate() }

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

/// Sums of differences over a tile, at most 6144 bytes of it.
struct TileDifference {
  let absolute: Int
  let signed: Int

  /// Up to 15 bytes behind a row are read, and left out.
  init(
    _ a: UnsafePointer<UInt8>, _ lineA: Int, _ b: UnsafePointer<UInt8>, _ lineB: Int, bytes: Int,
    rows: Int
  ) {
    // At most 6 vectors in each of 32 rows: 192 x 255 fits 16 bits.
    var up = SIMD16<UInt16>.zero
    var down = up
    let whole = bytes & ~15
    let rest = bytes - whole
    let lanes = SIMD16<UInt8>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    let kept = SIMD16<UInt8>.zero.replacing(
      with: 255, where: lanes .< SIMD16(repeating: UInt8(truncatingIfNeeded: rest)))
    var rowA = UnsafeRawPointer(a)
    var rowB = UnsafeRawPointer(b)
    for _ in 0..<rows {
      var x = 0
      while x < whole {
        Self.add(
          rowA.loadUnaligned(fromByteOffset: x, as: SIMD16<UInt8>.self),
          rowB.loadUnaligned(fromByteOffset: x, as: SIMD16<UInt8>.self), &up, &down)
        x += 16
      }
      if rest > 0 {
        Self.add(
          rowA.loadUnaligned(fromByteOffset: x, as: SIMD16<UInt8>.self) & kept,
          rowB.loadUnaligned(fromByteOffset: x, as: SIMD16<UInt8>.self) & kept, &up, &down)
      }
      rowA += lineA
      rowB += lineB
    }
    let above = Self.sum(up)
    let below = Self.sum(down)
    absolute = above + below
    signed = above - below
  }

  @inline(__always)
  private static func add(
    _ p: SIMD16<UInt8>, _ q: SIMD16<UInt8>, _ up: inout SIMD16<UInt16>,
    _ down: inout SIMD16<UInt16>
  ) {
    let most = p.replacing(with: q, where: p .< q)
    up &+= SIMD16<UInt16>(truncatingIfNeeded: most &- q)
    down &+= SIMD16<UInt16>(truncatingIfNeeded: most &- p)
  }

  private static func sum(_ v: SIMD16<UInt16>) -> Int {
    Int(SIMD16<UInt32>(truncatingIfNeeded: v).wrappedSum())
  }
}
