import CShims

/// Measures a camera's noise while frames come, on some of their tiles.
///
/// Noise does not grow with time, movement does: a frame counts only if it is about as far from
/// the frame before the last one as from the last one, and what little it is farther is taken off.
/// So neither a pan from the first frame on nor an object that fills the picture passes for
/// noise. Of the frames that count the quietest of the last second or two is believed.
struct NoiseMeter: ~Copyable {
  /// Rows of a tile that are looked at: every fourth one.
  private static var rows: Int { 8 }
  /// Room for a row of a tile.
  private static var line: Int { 96 + 16 }
  /// Most tiles that are looked at.
  private static var most: Int { 64 }

  /// [most] number of the tile.
  private let chosen: UnsafeMutablePointer<Int32>
  private var count = 0
  /// [count][rows][line] of the last frame and of the one before.
  private var last: UnsafeMutablePointer<UInt8>
  private var older: UnsafeMutablePointer<UInt8>
  /// [2][most] mean differences from both, in 1/256 grey levels.
  private let means: UnsafeMutablePointer<Int32>
  private var floor = NoiseFloor()
  /// Frames kept, up to 2.
  private var kept = 0

  init() {
    chosen = .allocate(capacity: 1)
    last = .allocate(capacity: 1)
    older = .allocate(capacity: 1)
    means = .allocate(capacity: 1)
  }

  init(_ tiles: borrowing GateTiles) {
    chosen = .allocate(capacity: Self.most)
    means = .allocate(capacity: 2 * Self.most)
    // Diagonals: all columns and rows take part.
    let every = max(1, tiles.firstPlane / (Self.most * 3 / 4))
    for i in 0..<tiles.firstPlane where count < Self.most {
      if (i / tiles.columns + i % tiles.columns) % every != 0 { continue }
      chosen[count] = Int32(i)
      count += 1
    }
    let bytes = max(count, 1) * Self.rows * Self.line
    last = .allocate(capacity: bytes)
    older = .allocate(capacity: bytes)
    last.initialize(repeating: 0, count: bytes)
    older.initialize(repeating: 0, count: bytes)
  }

  deinit {
    chosen.deallocate()
    means.deallocate()
    last.deallocate()
    older.deallocate()
  }

  /// Mean absolute difference of two frames of a still scene, in 1/256 grey levels; nil before
  /// it is known.
  var level: Int? { floor.level }

  /// Looks at the next frame.
  mutating func measure(_ seen: UnsafePointer<UInt8>, _ tiles: borrowing GateTiles) {
    if kept > 0 {
      // A camera that repeats a frame says nothing.
      if compare(seen, tiles, last, means) == 0 { return }
      if kept > 1 {
        _ = compare(seen, tiles, older, means + Self.most)
        add(median(means), median(means + Self.most))
      }
    }
    (last, older) = (older, last)
    kept = min(kept + 1, 2)
    for i in 0..<count {
      let tile = tiles.list[Int(chosen[i])]
      for y in 0..<Self.rowsOf(tile) {
        memcpy(
          last + (i * Self.rows + y) * Self.line, seen + Int(tile.offset) + 4 * y * Int(tile.line),
          Int(tile.bytes))
      }
    }
  }

  private static func rowsOf(_ tile: GateTile) -> Int { (Int(tile.rows) + 3) / 4 }

  /// Means of all tiles; returns the sum of all differences.
  private func compare(
    _ seen: UnsafePointer<UInt8>, _ tiles: borrowing GateTiles, _ other: UnsafePointer<UInt8>,
    _ means: UnsafeMutablePointer<Int32>
  ) -> Int {
    var all = 0
    for i in 0..<count {
      let tile = tiles.list[Int(chosen[i])]
      let rows = Self.rowsOf(tile)
      var sums = TileSums()
      for y in 0..<rows {
        sums.add(
          seen + Int(tile.offset) + 4 * y * Int(tile.line),
          other + (i * Self.rows + y) * Self.line, bytes: Int(tile.bytes))
      }
      let found = sums.difference
      let values = Int(tile.bytes) * rows
      // Of mixed bytes the luma: chroma has less noise.
      means[i] = Int32(
        tiles.isMixed ? found.even * 512 / values : (found.even + found.odd) * 256 / values)
      all += found.even + found.odd
    }
    return all
  }

  /// Medians of the differences from the last frame and from the one before.
  private mutating func add(_ near: Int, _ far: Int) {
    if abs(far - near) > min(far, near) / 4 + 16 { return }
    let level = far > near ? max(0, 2 * near - far) : near
    if level <= Int(FrameGate.longest * 256) { floor.add(level) }
  }

  /// The middle value, by bisection: nothing is sorted.
  private func median(_ values: UnsafeMutablePointer<Int32>) -> Int {
    var low = 0
    var high = 256 * 256
    while low < high {
      let middle = (low + high) / 2
      var below = 0
      for i in 0..<count where Int(values[i]) <= middle { below += 1 }
      if below * 2 >= count { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// The quietest of the last frames: movement can only add to noise.
struct NoiseFloor {
  /// Frames that are looked back on; about a second.
  static var window: Int { 32 }
  /// Least of the running window and of the one before.
  private var running = Int.max
  private var before = Int.max
  private var count = 0

  /// nil before a few frames were seen.
  var level: Int? {
    if count < 4 && before == .max { return nil }
    return min(running, before)
  }

  mutating func add(_ value: Int) {
    running = min(running, value)
    count += 1
    if count == Self.window { (before, running, count) = (running, .max, 0) }
  }
}
